"""Find the ids of models in one text. Pure; texts are bytes in UTF-8.

First all tokens of a text are looked up in one set, which takes as long as reading it; most texts hold no id, and are
done. In the others, each token that may be an id is judged by its surroundings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from llmhub.audit.finding.context import (
    has_beside,
    is_ignored,
    is_part_of_a_name,
    is_text_of_model,
    is_value_of_model,
    may_ignore,
)
from llmhub.audit.finding.kinds import Kind
from llmhub.audit.finding.known import Known, Meant
from llmhub.audit.finding.notebooks import Cell, cells_of
from llmhub.audit.finding.regions import Region, Regions
from llmhub.audit.finding.tokens import TO_WRITTEN, Written, around, as_written, pieces_in

_NEAR = 200
_QUOTES = b"\"'`"
# An ordinary word counts only in a string of its own, or behind its provider.
_BEFORE_ORDINARY = frozenset(b"\"'`/:>")
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
    end: int
    of_model: bool
    meant: Meant


Places = Sequence[tuple[int, bytes]]


class Scanner:
    """Finds the ids of one set in texts."""

    def __init__(self, known: Known, *, docs: bool = False) -> None:
        """Make a scanner for these ids; with `docs` it also reads comments, docstrings and texts for people."""
        self._known = known
        self._docs = docs
        self._read: dict[bytes, tuple[Written, Meant] | None] = {}

    def mentions(self, data: bytes, kind: Kind) -> list[Mention]:
        """Return where ids stand in a text of this kind, in order."""
        places = pieces_in(data, self._known.pieces)
        if not places or not self._may_count(data, places):
            return []
        if kind == "notebook" and (cells := cells_of(data)):
            return self._in_cells(cells, data)
        return list(self._found(data, "json" if kind == "notebook" else kind, places))

    def _may_count(self, data: bytes, places: Places) -> bool:
        """Say whether a text may mention a model: it has an id that is no ordinary word, or says model or provider."""
        hits = {piece for _, piece in places}
        if not hits <= self._known.ordinary_pieces:
            return True
        lowered = data.lower()
        return any(word in lowered for word in (b"model", b"llm")) or any(
            name in lowered for hit in hits for name in self._known.providers_of_piece(hit)
        )

    # -- where they are

    def _found(self, data: bytes, kind: Kind, places: Places) -> Iterator[Mention]:
        regions = Regions(data, kind)
        lines = _Lines(data)
        ignores = may_ignore(data)
        for token in self._tokens(data, kind, places):
            in_element = kind == "markup" and is_text_of_model(data, token.start, token.end)
            if token.meant.ordinary and not self._is_of_model(data, token, regions, lines, in_element=in_element):
                continue
            region = regions.around(token.start)
            if not (regions.counts(region, docs=self._docs) or (in_element and region is None)):
                continue
            if ignores and is_ignored(lines.text(token.start)):
                continue
            yield Mention(token.meant, *lines.place(token.start))

    def _tokens(self, data: bytes, kind: Kind, places: Places) -> Iterator[_Token]:
        """Yield the known ids that stand around pieces, in order, each once."""
        runs = data.translate(TO_WRITTEN)
        quoted = self._known.ordinary_pieces if kind in _CODE else frozenset()
        before = -1
        for at, piece in places:
            if piece in quoted and not (at and data[at - 1] in _BEFORE_ORDINARY):
                continue
            first, last = around(data, runs, at, at + len(piece))
            if (known := self._known_id(data[first:last])) is None:
                continue
            written, meant = known
            start = first + written.offset
            if start != before:
                before = start
                yield _Token(start, start + written.length, written.of_model, meant)

    def _known_id(self, text: bytes) -> tuple[Written, Meant] | None:
        """Return the known id in the text around a piece, and what it means; None if it has none."""
        if text not in self._read:
            written = as_written(text)
            meant = None if written is None else self._known.means(written.text.decode())
            self._read[text] = None if written is None or meant is None else (written, meant)
        return self._read[text]

    # -- ordinary words

    def _is_of_model(self, data: bytes, token: _Token, regions: Regions, lines: _Lines, *, in_element: bool) -> bool:
        """Say whether an ordinary word is a model: what stands around it says so, and it is all of its value."""
        if not (token.of_model or in_element or self._is_value_of_model(data, token)):
            if not self._is_beside_its_provider(data, token, lines):
                return False
            if regions.around(token.start) is None and not _is_whole_item(data, token):
                return False
        return _is_whole_value(data, token, regions.around(token.start))

    def _is_value_of_model(self, data: bytes, token: _Token) -> bool:
        return is_value_of_model(data, token.start) and not _is_part(data, token)

    def _is_beside_its_provider(self, data: bytes, token: _Token, lines: _Lines) -> bool:
        # In a list of providers, mistral is one of them.
        return (
            not self._known.names_a_provider(data[token.start : token.end])
            and has_beside(lines.text(token.start), self._known.providers_of(token.meant))
            and not _is_part(data, token)
        )

    # -- in notebooks

    def _in_cells(self, cells: list[Cell], data: bytes) -> list[Mention]:
        lines = _Lines(data)
        found = []
        for cell in cells:
            if cell.kind == "docs" and not self._docs:
                continue
            places = pieces_in(cell.text, self._known.pieces)
            for mention in self._found(cell.text, cell.kind, places):
                start, end = cell.places[min(mention.line, len(cell.places)) - 1]
                within = max(data.find(mention.meant.written.encode(), start, end), start)
                line, column = lines.place(within)
                found.append(Mention(mention.meant, line, column, cell.number))
        return found


def _is_whole_value(data: bytes, token: _Token, region: Region | None) -> bool:
    """Say whether a token is all of its string or value."""
    if region is None:
        return data[token.end : token.end + 1] not in {b"(", b"[", b"="}
    inside = data[region.start : region.end].strip(_QUOTES)
    return inside.strip(b" :") == data[token.start : token.end].strip(b" :.,")


def _is_part(data: bytes, token: _Token) -> bool:
    return is_part_of_a_name(data, token.start, token.end)


def _is_whole_item(data: bytes, token: _Token) -> bool:
    """Say whether a token without quotes is a value, an argument or an item: not a key, nor a word of a sentence."""
    line_start = data.rfind(b"\n", max(token.start - _NEAR, 0), token.start) + 1
    before = data[line_start : token.start].rstrip(b" \t")
    behind = data[token.end : token.end + _NEAR].partition(b"\n")[0]
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
