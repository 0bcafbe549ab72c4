"""The last good copy of a web site's document, in a file of its own.

The file is one JSON object: facts about the document on the first line, then the document as received.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from llmhub.errors import CacheError, printable
from llmhub.files import read_regular, without_bom, write_own
from llmhub.web.document import MAX_BYTES

_log = logging.getLogger(__name__)

# The first bytes of every copy that llmhub writes; no other program's file starts like this.
_BEGINS = re.compile(rb'\{"address": "[^"]*", "etag": ')
_BEFORE_DOCUMENT = b',\n"document":'
_AFTER_DOCUMENT = b"}\n"
_MAX_HEAD_BYTES = 4096
_MAX_ADDRESS = 300


@dataclass(frozen=True, slots=True)
class Copy:
    """The last good document, with the address and ETag to ask for it again.

    `refused` measures a smaller document that was not accepted in its place, and says since when the site serves it.
    """

    body: bytes
    address: str
    etag: str | None
    fetched_at: datetime
    refused: tuple[Mapping[str, int], datetime] | None = None


def keep_copy(path: Path, copy: Copy, *, called: str) -> None:
    """Write the copy; if it cannot be written, only the next refresh suffers.

    Args:
        path: its file.
        copy: what to write.
        called: the source's name, for the warning.
    """
    head: dict[str, Any] = {
        "address": copy.address,
        "etag": copy.etag,
        "fetched_at": copy.fetched_at.isoformat(),
        "sha256": hashlib.sha256(copy.body).hexdigest(),
    }
    if copy.refused:
        measured, since = copy.refused
        head["refused"] = {"since": since.isoformat(), "measured": dict(measured)}
    data = json.dumps(head).encode().removesuffix(b"}") + _BEFORE_DOCUMENT + copy.body + _AFTER_DOCUMENT
    try:
        write_own(path, data, begins=_BEGINS)
    except CacheError as error:
        _log.warning("%s's document could not be saved for when the site is down: %s", called, error)


def read_copy(path: Path) -> Copy | None:
    """Return the copy; None if it cannot be used, with a logged warning unless the file does not exist."""
    try:
        data = without_bom(read_regular(path, MAX_BYTES + _MAX_HEAD_BYTES))
    except FileNotFoundError:
        return None
    except OSError as error:
        _log.warning("%s cannot be read (%s): it is ignored", path, error.strerror)
        return None
    head, _, rest = data.partition(_BEFORE_DOCUMENT)
    body = rest.removesuffix(_AFTER_DOCUMENT)
    try:
        known = json.loads(head + b"}")
        if known["sha256"] != hashlib.sha256(body).hexdigest():
            raise ValueError("the document is not the one that was written")  # noqa: TRY301 -- handled like the others
        fetched_at = datetime.fromisoformat(known["fetched_at"]).astimezone(UTC)
        etag = None if known["etag"] is None else str(known["etag"])
        address = printable(str(known["address"]), _MAX_ADDRESS)
        return Copy(body, address, etag, fetched_at, _refused(known.get("refused")))
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        _log.warning("%s is damaged (%s): it is ignored", path, type(error).__name__)
        return None


def _refused(known: Any) -> tuple[Mapping[str, int], datetime] | None:
    """Return what a copy's head says about the refused document; None if it says nothing.

    Raises:
        ValueError, KeyError, TypeError, OverflowError: the head is not as it was written.
    """
    if known is None:
        return None
    measured = {str(what): int(count) for what, count in dict(known["measured"]).items()}
    return measured, datetime.fromisoformat(known["since"]).astimezone(UTC)
