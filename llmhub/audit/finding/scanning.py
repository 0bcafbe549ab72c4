"""Find the ids of models in one text. Pure; texts are bytes in UTF-8.

First all tokens of a text are looked up in one set, which takes as long as reading it; most texts hold no id, and are
done. In the others, each token that may be an id is judged by its surroundings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from llmhub.audit.finding.addresses import id_in_address
from llmhub.audit.finding.context import (
    has_beside,
    is_ignored,
    is_part_of_a_name,
    is_text_of_model,
    is_value_of_model,
    says_model,
)
from llmhub.audit.finding.kinds import Kind
from llmhub.audit.finding.known import TO_TOKENS, Known, Meant
from llmhub.audit.finding.notebooks import Cell, cells_of
from llmhub.audit.finding.regions import Regions

_CHARACTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/@+~-"
_TOKEN_CHARACTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
_LONGEST = 400
_BLOCK = 1 << 20
_NEAR = 200
_FEW = 12
_TOKEN = re.compile(rb"[a-z0-9._-]+")
_END_OF_TOKEN = re.compile(rb"[^A-Za-z0-9._-]")
_ESCAPES = (b"\\n", b"\\t", b"\\r")
_QUOTES = b"\"'`"
_CODE: frozenset[Kind] = frozenset({"python", "script", "char-c-like", "hash", "json", "markup", "other"})


class Mention(NamedTuple):
    """A place where an id stands.

    Attributes:
        meant: the offers that it means.
        line: from 1, in the file.
        column: from 1, in characters.
        cell: of a notebook, from 1; None elsewhere.
    """

    meant: Meant
    line: int
    column: int
    cell: int | None = None


class _Token(NamedTuple):
    start: int
    text: bytes
    of_model: bool


class Scanner:
    """Finds the ids of one set in texts."""

    def __init__(self, known: Known, *, docs: bool = False) -> None:
        """Make a scanner for these ids; with `docs` it also reads comments, docstrings and texts for people."""
        self._known = known
        self._docs = docs
        self._meant: dict[bytes, Meant | None] = {}

    def mentions(self, data: bytes, kind: Kind) -> list[Mention]:
        """Return where ids stand in a text of this kind, in order."""
        hits = self._hits(data)
        if not hits or not self._may_count(hits, data):
            return []
        if kind == "notebook" and (cells := cells_of(data)):
            return self._in_cells(cells, data, hits)
        return list(self._found(data, "json" if kind == "notebook" else kind, hits))

    # -- whether there may be any

    def _hits(self, data: bytes) -> frozenset[bytes]:
        """Return the pieces of ids that are tokens of a text."""
        pieces = self._known.pieces
        if len(data) <= _BLOCK:
            return pieces.intersection(data.translate(TO_TOKENS).split())
        found: set[bytes] = set()
        start = 0
        while start < len(data):
            cut = _END_OF_TOKEN.search(data, start + _BLOCK)
            end = cut.start() if cut else len(data)
            found.update(pieces.intersection(data[start:end].translate(TO_TOKENS).split()))
            start = end
        return frozenset(found)

    def _may_count(self, hits: frozenset[bytes], data: bytes) -> bool:
        """Say whether a text may mention a model: it has an id that is no ordinary word, or says model or provider."""
        if not hits <= self._known.ordinary_pieces:
            return True
        lowered = data.lower()
        return any(word in lowered for word in (b"model", b"llm")) or any(
            name in lowered for hit in hits for name in self._known.providers_of_piece(hit)
        )

    # -- where they are

    def _found(self, data: bytes, kind: Kind, hits: frozenset[bytes]) -> Iterator[Mention]:
        regions: Regions | None = None
        lines: _Lines | None = None
        for token in self._tokens(data, hits, kind):
            meant = self._means(token.text)
            if meant is None:
                continue
            lines = lines or _Lines(data)
            beside = False
            in_element = kind == "markup" and is_text_of_model(data, token.start, token.start + len(token.text))
            if meant.ordinary and not (token.of_model or in_element or self._is_value_of_model(data, token)):
                beside = self._is_beside_its_provider(data, token, meant, lines)
                if not beside:
                    continue
            regions = regions or Regions(data, kind)
            if beside and regions.around(token.start) is None and not _is_whole_item(data, token):
                continue
            counts = regions.counts(token.start, docs=self._docs)
            if not (counts or (in_element and regions.around(token.start) is None)):
                continue
            if is_ignored(lines.text(token.start)):
                continue
            if meant.ordinary and not _is_whole_value(data, token, regions):
                continue
            yield Mention(meant, *lines.place(token.start))

    def _means(self, text: bytes) -> Meant | None:
        if text not in self._meant:
            self._meant[text] = self._known.means(text.decode())
        return self._meant[text]

    def _is_value_of_model(self, data: bytes, token: _Token) -> bool:
        return is_value_of_model(data, token.start) and not _is_part(data, token)

    def _is_beside_its_provider(self, data: bytes, token: _Token, meant: Meant, lines: _Lines) -> bool:
        # In a list of providers, mistral is one of them.
        return (
            not self._known.names_a_provider(token.text)
            and has_beside(lines.text(token.start), self._known.providers_of(meant))
            and not _is_part(data, token)
        )

    def _tokens(self, data: bytes, hits: frozenset[bytes], kind: Kind) -> Iterator[_Token]:
        """Yield the tokens that have a piece of an id in them, in order, each once."""
        lowered = data.lower()
        found: dict[int, _Token] = {}
        quoted = self._known.ordinary_pieces if kind in _CODE else frozenset()
        for at, end in _places(lowered, hits):
            # An ordinary word counts only in a string of its own, or behind its provider.
            if lowered[at:end] in quoted and not (at and data[at - 1] in b"\"'`/:>"):
                continue
            token = _token_around(data, at, end)
            if token is not None:
                found[token.start] = token
        for start in sorted(found):
            yield found[start]

    # -- in notebooks

    def _in_cells(self, cells: list[Cell], data: bytes, hits: frozenset[bytes]) -> list[Mention]:
        lines = _Lines(data)
        found = []
        for cell in cells:
            if cell.kind == "docs" and not self._docs:
                continue
            for mention in self._found(cell.text, cell.kind, hits):
                start, end = cell.places[min(mention.line, len(cell.places)) - 1]
                within = max(data.find(mention.meant.written.encode(), start, end), start)
                line, column = lines.place(within)
                found.append(Mention(mention.meant, line, column, cell.number))
        return found


def _places(lowered: bytes, hits: frozenset[bytes]) -> Iterator[tuple[int, int]]:
    """Yield where pieces begin and end in a text in lower case."""
    if len(hits) > _FEW:
        # One pass over the text instead of one for each piece.
        for found in _TOKEN.finditer(lowered):
            if found[0] in hits:
                yield found.span()
        return
    for piece in hits:
        at = lowered.find(piece)
        while at >= 0:
            yield at, at + len(piece)
            at = lowered.find(piece, at + len(piece))


def _token_around(data: bytes, start: int, end: int) -> _Token | None:
    """Return the longest text around a piece that may be one id; None if the piece is part of a longer word."""
    if start and data[start - 1 : start + 1] in _ESCAPES:
        # The letter of an escape such as \n does not belong to the word.
        start += 1
    before, behind = data[max(start - _LONGEST, 0) : start], data[end : end + _LONGEST]
    first = start - (len(before) - len(before.rstrip(_CHARACTERS)))
    last = end + len(behind) - len(behind.lstrip(_CHARACTERS))
    if first and data[first - 1 : first + 1] in _ESCAPES:
        # The same.
        first += 1
    if first < start and data[start - 1] in _TOKEN_CHARACTERS:
        return None
    if first > start:
        return None
    if last > end and data[end] in _TOKEN_CHARACTERS:
        return None
    return _as_written(data, first, last)


def _as_written(data: bytes, first: int, last: int) -> _Token | None:
    """Return a token without the key, the shell's `:-` or the address before it."""
    text = data[first:last]
    if b"://" in text:
        if (found := id_in_address(text)) is None:
            return None
        return _Token(first + text.find(found.name), found.prefix + found.name, of_model=True)
    if (default := text.rfind(b":-")) >= 0:
        first, text = first + default + 2, text[default + 2 :]
    key, colon, rest = text.partition(b":")
    of_model = bool(colon and rest) and says_model(key) and b"/" not in key
    if of_model:
        first, text = first + len(key) + 1, rest
    stripped = text.lstrip(b"-:@")
    if b"/" in stripped and text[-len(stripped) - 1 : -len(stripped)] == b"@":
        # Cloudflare's @cf/meta/x.
        stripped = text[-len(stripped) - 1 :]
    return _Token(first + len(text) - len(stripped), stripped, of_model)


def _is_whole_value(data: bytes, token: _Token, regions: Regions) -> bool:
    """Say whether a token is all of its string or value."""
    end = token.start + len(token.text)
    region = regions.around(token.start)
    if region is None:
        return data[end : end + 1] not in {b"(", b"[", b"="}
    inside = data[region.start : region.end].strip(_QUOTES)
    return inside.strip(b" :") == token.text.strip(b" :.,")


def _is_part(data: bytes, token: _Token) -> bool:
    return is_part_of_a_name(data, token.start, token.start + len(token.text))


def _is_whole_item(data: bytes, token: _Token) -> bool:
    """Say whether a token without quotes is a value, an argument or an item: not a key, nor a word of a sentence."""
    end = token.start + len(token.text)
    line_start = data.rfind(b"\n", max(token.start - _NEAR, 0), token.start) + 1
    before, behind = data[line_start : token.start].rstrip(b" \t"), data[end : end + _NEAR].partition(b"\n")[0]
    ends = not behind.strip() or behind.lstrip()[:1] in {b"#", b",", b"]", b"}"}
    return ends and behind[:1] != b":" and (not before or before[-1:] in b":=-,[{" or before.split()[-1][:1] == b"-")


class _Lines:
    """Finds the line and column of a place in a text; fastest for places in order."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._line = self._column = 1

    def place(self, at: int) -> tuple[int, int]:
        """Return the line and the column in characters, both from 1."""
        if at < self._at:
            self._at = 0
            self._line = self._column = 1
        start = self._data.rfind(b"\n", self._at, at) + 1
        if start > self._at:
            self._line += self._data.count(b"\n", self._at, at)
            self._at, self._column = start, 1
        # Count from the last place: a line may be megabytes long.
        self._column += len(self._data[self._at : at].decode(errors="replace"))
        self._at = at
        return self._line, self._column

    def text(self, at: int) -> bytes:
        """Return the line around a place; of a very long line the part near it."""
        start = max(self._data.rfind(b"\n", max(at - _NEAR, 0), at) + 1, at - _NEAR, 0)
        end = self._data.find(b"\n", at, at + _NEAR)
        return self._data[start : end if end >= 0 else at + _NEAR]
