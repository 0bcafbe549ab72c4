"""Names of pages for models, whatever the models are called; pure."""

from __future__ import annotations

import re
from hashlib import sha256

_PLAIN = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*", re.ASCII)
_OTHER = re.compile(r"[^a-z0-9]+", re.ASCII)
# Windows opens a device for these, whatever ending follows.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.ASCII)
_LONGEST = 80
_DIGITS = 12
_JOINT = "--"


def slug(name: str) -> str:
    """Return a name for a model's page, without the ending: safe in a path and in an address.

    A name of lower-case letters, digits and single hyphens or dots between them is used unchanged. From any other name
    the unsafe characters are removed, and a digest follows behind two hyphens, which no unchanged name contains: no two
    models share a page, even if the file system ignores case.

    Examples:
        >>> slug("gpt-4.1-mini"), slug("Yi/Large")
        ('gpt-4.1-mini', 'yi-large--ab0509eda962')
    """
    if len(name) <= _LONGEST and _PLAIN.fullmatch(name) and not _DEVICE.fullmatch(name):
        return name
    kept = _OTHER.sub("-", name.lower())[: _LONGEST - len(_JOINT) - _DIGITS].strip("-") or "x"
    return f"{kept}{_JOINT}{sha256(name.encode()).hexdigest()[:_DIGITS]}"
