"""Write plain values as YAML that every version of YAML reads alike. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# These would be a truth value or null in YAML 1.1.
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def yaml_text(document: Mapping[str, Any]) -> str:
    """Return a document of mappings, lists, texts, numbers and truth values as YAML."""
    return "".join(f"{line}\n" for line in _lines(document, 0))


def _lines(value: Any, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _with_head(f"{pad}{_key(key)}:", inner, depth + 1)
    else:
        for inner in value:
            lines = list(_lines(inner, depth + 1)) if _is_nested(inner) else [f"{pad}  {_scalar(inner)}"]
            yield f"{pad}- {lines[0].lstrip()}"
            yield from lines[1:]


def _with_head(head: str, value: Any, depth: int) -> Iterator[str]:
    if _is_nested(value):
        yield head
        yield from _lines(value, depth)
    else:
        yield f"{head} {_scalar(value)}"


def _is_nested(value: Any) -> bool:
    return bool(value) and (isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str)))


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) and key.lower() not in _WORDS else _quoted(key)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, float):
        text = repr(value)
        # YAML 1.1 takes 1e-06 for a text.
        return text.replace("e", ".0e") if "e" in text and "." not in text else text
    return json.dumps(value)


def _quoted(text: str) -> str:
    """Return a text in double quotes, whose escapes YAML shares with JSON; control characters stay escaped."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else _escaped(c) for c in quoted)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 -- what four digits hold
