"""Tell which parts of a text count: its strings and values, and not its comments. Pure; texts are bytes in UTF-8.

Each lexer is one regular expression that knows only strings and comments. A text that is cut off, or is not what its
file's name says, gives wrong regions, but no error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from llmhub.audit.finding.kinds import Kind

Role = Literal["string", "comment", "docstring", "bare"]


class Region(NamedTuple):
    """A part of a text, from `start` to before `end`, quotes included."""

    start: int
    end: int
    role: Role


# No string begins behind a backslash: otherwise a megabyte of \" without an end would be read from each of them.
_DOUBLE = rb'"(?<!\\")[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'
_SINGLE = rb"'(?<!\\')[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'"
_BACKTICK = rb"`(?<!\\`)[^`\\]*+(?:\\.[^`\\]*+)*+`"
_TRIPLE_DOUBLE = rb'"(?<!\\")""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*+"""'
_TRIPLE_SINGLE = rb"'(?<!\\')''[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*+'''"
# Rust's r#"..."# and br#"..."#, and Ruby's %w[...] and <<~TEXT.
_HASHED = rb'r(?<![A-Zac-z0-9_]r)(?P<hashes>#+)"(?:(?s:.{0,100000}?)"(?P=hashes)|(?P<open_raw>))'
_PERCENT = rb"%[wWiI](?:\[[^\[\]]*+\]|\([^()]*+\)|\{[^{}]*+\})"
_HEREDOC = (
    rb"""<<[~-]?["']?(?P<end>[A-Z_]{2,})\b"""
    rb"""(?:["']?[^\n]*+\n(?s:.{0,20000}?)\n[ \t]*(?P=end)\b|(?P<open_heredoc>))"""
)
_CHARACTER = rb"'(?:[^'\\\n]|\\[^\n]{1,8}?)'"
_LINE = rb"#[^\n]*"
_SLASHES = (rb"//[^\n]*", rb"/\*(?:.*?\*/|(?P<open_comment>))")
_TAGS = rb"<!--(?:.*?-->|(?P<open_comment>))"
_HASH = rb"#(?<![^\s;(\[{]#)[^\n]*"


def _lexer(*patterns: bytes) -> re.Pattern[bytes]:
    # Each pattern begins with one certain character: then the search skips all others, which is ten times as fast.
    return re.compile(b"|".join(patterns), re.DOTALL)


# An opening without its end matches alone, with one of these groups: see `_with_blocks`.
_OPEN = frozenset({"open_comment", "open_raw", "open_heredoc"})
_LEXERS: Mapping[Kind, re.Pattern[bytes]] = {
    "python": _lexer(_LINE, _TRIPLE_DOUBLE, _TRIPLE_SINGLE, _DOUBLE, _SINGLE),
    "script": _lexer(*_SLASHES, _TRIPLE_DOUBLE, _DOUBLE, _SINGLE, _BACKTICK),
    "char-c-like": _lexer(*_SLASHES, _HASHED, _TRIPLE_DOUBLE, _DOUBLE, _CHARACTER, _BACKTICK),
    "c-like": _lexer(*_SLASHES, _HASH, _DOUBLE),
    "hash": _lexer(_HASH, _TRIPLE_DOUBLE, _DOUBLE, _SINGLE, _PERCENT, _HEREDOC),
    "lines": _lexer(_HASH, _DOUBLE, _SINGLE),
    "json": _lexer(_DOUBLE),
    "markup": _lexer(_TAGS, _DOUBLE, _SINGLE),
    "other": _lexer(_DOUBLE, _SINGLE),
}
_WITHOUT_BLOCKS: Mapping[Kind, re.Pattern[bytes]] = {
    "script": _lexer(_SLASHES[0], _TRIPLE_DOUBLE, _DOUBLE, _SINGLE, _BACKTICK),
    "char-c-like": _lexer(_SLASHES[0], _TRIPLE_DOUBLE, _DOUBLE, _CHARACTER, _BACKTICK),
    "c-like": _lexer(_SLASHES[0], _HASH, _DOUBLE),
    "hash": _lexer(_HASH, _TRIPLE_DOUBLE, _DOUBLE, _SINGLE, _PERCENT),
    "markup": _lexer(_DOUBLE, _SINGLE),
}
_NOTHING = re.compile(rb"(?!)")
# In these a string or comment reaches over the end of a line only behind a backslash.
_BY_LINE: frozenset[Kind] = frozenset({"lines", "json", "other"})
_BRACKETS = _lexer(_LINE, _TRIPLE_DOUBLE, _TRIPLE_SINGLE, _DOUBLE, _SINGLE, *map(re.escape, b"( [ { ) ] }".split()))

_COUNTING: Mapping[Kind, frozenset[Role]] = {
    # In these, unquoted text is a value or an argument.
    **dict.fromkeys(("lines", "c-like"), frozenset({"string", "bare"})),
    "docs": frozenset({"string", "bare", "comment", "docstring"}),
}
_STRINGS = frozenset({"string"})
_DOCUMENTING: frozenset[Role] = frozenset({"comment", "docstring"})
_OPENING = frozenset({b"(", b"[", b"{"})
_CLOSING = frozenset({b")", b"]", b"}"})
_ENDS_OF_LINE = frozenset({b"\r", b"\n"})
_NEAR = 80
_BLANK = b" \t\f"


class Regions:
    """The strings and comments of one text; fastest for places in order, as it reads no further than it has to."""

    def __init__(self, text: bytes, kind: Kind) -> None:
        """Begin at the start of a text."""
        self._text = text
        self._kind = kind
        self._lexer = _LEXERS.get(kind, _NOTHING)
        self._coming: Iterator[re.Match[bytes]]
        self._at: int
        # The last string or comment that was found, or the next one behind the place that was asked for.
        self._start: int
        self._end: int
        # How many brackets are open at a place in Python.
        self._depth: int
        self._depth_at: int
        self._restart()

    def around(self, at: int) -> Region | None:
        """Return the string or comment around a place; None outside all of them."""
        if at < self._at:
            self._restart()
        self._at = at
        if self._end <= at:
            self._go_on(at)
        return Region(self._start, self._end, self._role()) if self._start <= at else None

    def counts(self, region: Region | None, *, docs: bool) -> bool:
        """Say whether an id in a region, or in None, counts; with `docs` also in comments and docstrings."""
        role = "bare" if region is None else region.role
        return role in _COUNTING.get(self._kind, _STRINGS) or (docs and role in _DOCUMENTING)

    def _restart(self) -> None:
        self._coming = self._read()
        self._at = self._start = self._end = self._depth = self._depth_at = 0

    def _read(self) -> Iterator[re.Match[bytes]]:
        """Return all strings and comments."""
        if self._kind in _WITHOUT_BLOCKS:
            return self._with_blocks(_WITHOUT_BLOCKS[self._kind])
        return self._lexer.finditer(self._text)

    def _with_blocks(self, without: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
        """Yield all of a text that may have comments of several lines and the like.

        Behind one that has no end, none is looked for: each further opening would be read to the end of the text.
        """
        for found in self._lexer.finditer(self._text):
            if found.lastgroup in _OPEN:
                yield from without.finditer(self._text, found.start() + 1)
                return
            yield found

    def _go_on(self, at: int) -> None:
        """Find the first string or comment that ends behind a place."""
        if self._kind in _BY_LINE:
            line = self._text.rfind(b"\n", self._end, at) + 1
            if line and self._text[line - 2 : line - 1] != b"\\":
                self._coming = self._lexer.finditer(self._text, line)
        for found in self._coming:
            if found.end() > at:
                self._start, self._end = found.span()
                return
        self._start, self._end = len(self._text), len(self._text) + 1

    def _role(self) -> Role:
        if self._text.startswith((b"#", b"/", b"<!"), self._start):
            return "comment"
        if self._kind != "python" or not _is_statement(self._text, self._start, self._end):
            return "string"
        return "string" if self._is_in_brackets() else "docstring"

    def _is_in_brackets(self) -> bool:
        for found in _BRACKETS.finditer(self._text, self._depth_at, self._start):
            if found[0] in _OPENING:
                self._depth += 1
            elif found[0] in _CLOSING:
                self._depth = max(self._depth - 1, 0)
        self._depth_at = self._start
        return self._depth > 0


def _is_statement(text: bytes, start: int, end: int) -> bool:
    """Say whether a string stands alone on its lines: a docstring, or an unused string."""
    # A line may be megabytes long, but no statement is indented so far.
    nearest = max(start - _NEAR, 0)
    line = text.rfind(b"\n", nearest, start) + 1
    if (nearest and not line) or text[line:start].strip(_BLANK).lower().strip(b"rbuft"):
        return False
    after = text[end : end + 80].lstrip(_BLANK)
    if after and after[:1] not in b"\r\n#;":
        return False
    while text[line - 1 : line] in _ENDS_OF_LINE:
        line -= 1
    # A backslash continues the line before.
    return text[line - 1 : line] != b"\\"
