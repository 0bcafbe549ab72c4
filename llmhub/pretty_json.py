"""JSON over many lines, as `json.dumps(..., indent=2)` writes it, in a fifth of the time.

Python's json module indents in Python code, with nested generators; its C encoder writes a single line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from json.encoder import encode_basestring_ascii as quoted
from math import isfinite
from typing import Any

BETWEEN = ",\n    "
"""What stands between two elements of a list that an object has, whose lines are indented by as much."""

_WORDS = {None: "null", True: "true", False: "false"}


def pretty(document: object) -> str:
    """Return a document as ASCII text, indented by two spaces.

    Raises:
        ValueError: it holds a number that JSON cannot express.
        TypeError: it holds an object that JSON cannot express.
    """
    return _text(document, "\n")


def pretty_around(document: Mapping[str, object], name: str) -> tuple[str, str]:
    """Return the text of an object before and after the elements of the list that it has under a name.

    Args:
        document: the object; the list in it does not count.
        name: the list's name.

    Raises:
        ValueError: as `pretty`.
        TypeError: as `pretty`.
    """
    place = f"\n  {quoted(name)}: ["
    # A line break in a text is escaped: only a name of the object itself begins such a line.
    before, _, after = pretty({**document, name: []}).partition(f"{place}]")
    return f"{before}{place}{BETWEEN[1:]}", f"\n  ]{after}"


def _text(value: Any, line: str) -> str:
    kind = type(value)
    if kind is str:
        return quoted(value)
    if value is None or kind is bool:
        return _WORDS[value]
    if kind is int or (kind is float and isfinite(value)):
        return repr(value)
    if kind is dict:
        inner = f"{line}  "
        pairs = f",{inner}".join([f"{_key(name)}: {_text(each, inner)}" for name, each in value.items()])
        return f"{{{inner}{pairs}{line}}}" if pairs else "{}"
    if kind is list or kind is tuple:
        inner = f"{line}  "
        items = f",{inner}".join([_text(each, inner) for each in value])
        return f"[{inner}{items}{line}]" if items else "[]"
    # Subclasses of these types, and values that are refused.
    return json.dumps(value, indent=2, allow_nan=False).replace("\n", line)


def _key(name: Any) -> str:
    # The json module turns numbers into text.
    return quoted(name) if type(name) is str else json.dumps({name: 0}, allow_nan=False)[1:-4]
