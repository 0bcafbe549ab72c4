"""The seal of catalog.json: the proof that this version of llmhub wrote the file, and that nobody changed it since.

A sealed document needs no validation: it was written from validated models. The seal is a digest of the document and
of the source code of its models, so that a file of another version, whose fields may differ, is validated as ever. It
protects against edits and against other versions, not against an attacker: anyone who can write the file can seal it.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

MODELS = (
    "catalog/schema.py",
    "catalog/arena_model.py",
    "catalog/stored/format.py",
    "offers/values.py",
    "catalog/matching/overrides.py",
    "offers/billing/own_prices.py",
)
"""The modules that define the version and the fields of a catalog, and those of the overrides that it was built with.

Below the package's folder; a test compares.
"""

_SEAL = re.compile(rb',"seal":"([0-9a-f]{64})"\}\s*\Z')
# The length of a seal and some white space behind it.
_TAIL = 200


def sealed(document: bytes) -> bytes:
    """Return a JSON object with its seal as a last field; unchanged where the models' source code cannot be read."""
    digest = _digest(document)
    return document if digest is None else b'%b,"seal":"%b"}' % (document[:-1], digest.encode())


def unsealed(data: bytes) -> bytes | None:
    """Return a sealed document without its seal; None if the seal is missing or broken."""
    found = _SEAL.search(data, max(0, len(data) - _TAIL))
    if found is None:
        return None
    document = data[: found.start()] + b"}"
    return document if _digest(document) == found[1].decode() else None


def _digest(document: bytes) -> str | None:
    sources = _sources(Path(__file__).parents[2])
    if sources is None:
        return None
    digest = hashlib.sha256(sources)
    digest.update(document)
    return digest.hexdigest()


@cache
def _sources(package: Path) -> bytes | None:
    """Return the source code of the models as it was when this process first asked; None if it cannot be read.

    A process that runs on while the program is upgraded thus seals nothing as written by the new code.
    """
    try:
        return b"".join((package / name).read_bytes() for name in MODELS)
    except OSError:
        # Installed without its sources, or in a zip file.
        return None
