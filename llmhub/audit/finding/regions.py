"""Tell which parts of a text count: its strings and values, and not its comments. Pure; texts are bytes in UTF-8.

Each lexer is one regular expression that knows only strings and comments. A text that is cut off, or is not what its
file's name says, gives wrong regions, but no error.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from llmhub.audit.finding.kinds import Kind

Role = Literal["string", "comment", "docstring", "bare"]


class Region(NamedTuple):
    """A part of a text, from `start` to before `end`, quotes included."""

    start: int
    end: int
    role: Role


_DOUBLE = rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'
_SINGLE = rb"'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'"
_BACKTICK = rb"`[^`\\]*+(?:\\.[^`\\]*+)*+`"
_TRIPLE_DOUBLE = rb'"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*+"""'
_TRIPLE_SINGLE = rb"'''[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*+'''"
# Rust's r#"..."#, and Ruby's %w[...] and <<~TEXT.
_HASHED = rb'(?<![A-Za-z0-9_])b?r(?P<hashes>#+)"(?s:.{0,100000}?)"(?P=hashes)'
_PERCENT = rb"%[wWiI](?:\[[^\]]*\]|\([^)]*\)|\{[^}]*\})"
_HEREDOC = rb"""<<[~-]?["']?(?P<end>[A-Z_]{2,})\b["']?[^\n]*\n(?s:.{0,20000}?)\n[ \t]*(?P=end)\b"""
_CHARACTER = rb"'(?:[^'\\\n]|\\[^\n]{1,8}?)'"
_SLASHES = rb"//[^\n]*|/\*.*?\*/"
_HASH = rb"(?:(?<=[\s;(\[{])|\A)#[^\n]*"


def _either(*patterns: bytes) -> bytes:
    return b"|".join(patterns)


_PYTHON = re.compile(
    rb"(?P<comment>#[^\n]*)|(?P<string>%s)|(?P<open>[(\[{])|(?P<close>[)\]}])"
    % _either(_TRIPLE_DOUBLE, _TRIPLE_SINGLE, _DOUBLE, _SINGLE),
    re.DOTALL,
)


def _lexer(comments: bytes, *strings: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?P<comment>%s)|(?P<string>%s)" % (comments, _either(*strings)), re.DOTALL)


_LEXERS: Mapping[Kind, re.Pattern[bytes]] = {
    "script": _lexer(_SLASHES, _TRIPLE_DOUBLE, _DOUBLE, _SINGLE, _BACKTICK),
    "char-c-like": _lexer(_SLASHES, _HASHED, _TRIPLE_DOUBLE, _DOUBLE, _CHARACTER, _BACKTICK),
    "c-like": _lexer(_either(_SLASHES, _HASH), _DOUBLE),
    "hash": _lexer(_HASH, _TRIPLE_DOUBLE, _DOUBLE, _SINGLE, _PERCENT, _HEREDOC),
    "lines": _lexer(_HASH, _DOUBLE, _SINGLE),
    "json": _lexer(rb"(?!)", _DOUBLE),
    "markup": _lexer(rb"<!--.*?-->", _DOUBLE, _SINGLE),
    "other": _lexer(rb"(?!)", _DOUBLE, _SINGLE),
}

_COUNTING: Mapping[Kind, frozenset[Role]] = {
    # In these, unquoted text is a value or an argument.
    **dict.fromkeys(("lines", "c-like"), frozenset({"string", "bare"})),
    "docs": frozenset({"string", "bare", "comment", "docstring"}),
}
_STRINGS = frozenset({"string"})
_DOCUMENTING: frozenset[Role] = frozenset({"comment", "docstring"})
_BLANK = b" \t\f"


class Regions:
    """The strings and comments of one text."""

    def __init__(self, text: bytes, kind: Kind) -> None:
        """Find them."""
        self._kind = kind
        self._found = list(_python(text) if kind == "python" else _regions(text, kind))
        self._starts = [region.start for region in self._found]

    def role(self, at: int) -> Role:
        """Return the role of the text at a place."""
        return "bare" if (region := self.around(at)) is None else region.role

    def around(self, at: int) -> Region | None:
        """Return the string or comment around a place; None outside all of them."""
        number = bisect_right(self._starts, at) - 1
        return self._found[number] if number >= 0 and at < self._found[number].end else None

    def counts(self, at: int, *, docs: bool) -> bool:
        """Say whether an id at a place counts; with `docs` also in comments and docstrings."""
        role = self.role(at)
        return role in _COUNTING.get(self._kind, _STRINGS) or (docs and role in _DOCUMENTING)


def _regions(text: bytes, kind: Kind) -> Iterator[Region]:
    if (lexer := _LEXERS.get(kind)) is None:
        return
    for found in lexer.finditer(text):
        yield Region(found.start(), found.end(), "comment" if found["comment"] is not None else "string")


def _python(text: bytes) -> Iterator[Region]:
    depth = 0
    for found in _PYTHON.finditer(text):
        start, end = found.span()
        match found.lastgroup:
            case "open":
                depth += 1
            case "close":
                depth = max(depth - 1, 0)
            case "comment":
                yield Region(start, end, "comment")
            case _:
                alone = depth == 0 and _is_statement(text, start, end)
                yield Region(start, end, "docstring" if alone else "string")


def _is_statement(text: bytes, start: int, end: int) -> bool:
    """Say whether a string stands alone on its lines: a docstring, or an unused string."""
    line = text.rfind(b"\n", 0, start) + 1
    before = text[line:start].strip(_BLANK).lower()
    if before.strip(b"rbuft"):
        return False
    after = text[end : end + 80].lstrip(_BLANK)
    # A backslash continues the line before.
    return (not after or after[:1] in b"\r\n#;") and text[:line].rstrip(b"\r\n")[-1:] != b"\\"
