"""Scores straight from a file's pages: where what leads to a page is damaged, the page itself may not be.

The layout is SQLite's own (https://www.sqlite.org/fileformat2.html): a table WITHOUT ROWID is a tree of index pages,
whose cells are records that begin with the primary key. Of the store's trees only the scores' has records of six
numbers.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any

_SIZE_AT = 16
_USUAL_SIZE = 4096
# Kind of page to where its cell pointers begin, and how many bytes of a cell come before its record.
_INDEX_PAGES = {0x0A: (8, 0), 0x02: (12, 4)}
_LEAST = 12
_COLUMNS = 6
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_FLOAT, _ZERO, _ONE = 7, 8, 9
# Boards follow each other on a page; a damaged number must not make a page everybody's.
_MOST_BOARDS = _USUAL_SIZE

Line = tuple[Any, ...]


class ScorePages:
    """The pages of a file that hold scores, whatever leads to them; looked for at the first question."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def lines(self, board: int) -> list[Line]:
        """Return the lines of a board that are on any page, as the store's own statement does: not all, perhaps."""
        found = {}
        for page in self._by_board.get(board, ()):
            found.update({row[1]: row[1:] for row in _scores(self._page(page)) if row[0] == board})
        return list(found.values())

    @cached_property
    def _size(self) -> int:
        (size,) = struct.unpack_from(">H", self._content.ljust(_SIZE_AT + 2, b"\0"), _SIZE_AT)
        return size if size in {1 << power for power in range(9, 16)} else _USUAL_SIZE

    def _page(self, number: int) -> bytes:
        return self._content[number * self._size : (number + 1) * self._size]

    @cached_property
    def _by_board(self) -> dict[int, list[int]]:
        """Return which pages hold lines of a board; the first page of a file holds its schema."""
        found = defaultdict(list)
        for number in range(1, len(self._content) // self._size):
            page = self._page(number)
            # In the order of the key: the boards between the first and the last are all that can be there.
            ends = [row[0] for row in (*_scores(page, slice(0, 1)), *_scores(page, slice(-1, None)))]
            if ends and max(ends) - min(ends) <= _MOST_BOARDS:
                for board in range(min(ends), max(ends) + 1):
                    found[board].append(number)
        return found


def _scores(page: bytes, which: slice = slice(None)) -> Iterator[Line]:
    """Yield the scores of a page's cells, those that can be read: board, model, rating, lower, upper, votes."""
    if len(page) < _LEAST or page[0] not in _INDEX_PAGES:
        return
    start, before = _INDEX_PAGES[page[0]]
    (count,) = struct.unpack_from(">H", page, 3)
    pointers = page[start : start + 2 * count]
    for (pointer,) in list(struct.iter_unpack(">H", pointers[: len(pointers) // 2 * 2]))[which]:
        try:
            values = _record(page, pointer + before)
        except (IndexError, struct.error):
            continue
        if values is not None:
            board, model, *numbers, votes = values
            # SQLite keeps a float that is a whole number as one.
            yield board, model, *(None if number is None else float(number) for number in numbers), votes


def _record(page: bytes, at: int) -> list[Any] | None:
    """Return a cell's values; None unless these are a score's."""
    _, at = _varint(page, at)
    header, types_at = _varint(page, at)
    values_at, kinds = at + header, []
    while types_at < at + header:
        kind, types_at = _varint(page, types_at)
        kinds.append(kind)
    values: list[Any] = []
    for kind in kinds:
        if kind in _INTEGER_BYTES:
            size = _INTEGER_BYTES[kind]
            values.append(int.from_bytes(page[values_at : values_at + size], "big", signed=True))
            values_at += size
        elif kind == _FLOAT:
            values += struct.unpack_from(">d", page, values_at)
            values_at += 8
        elif kind in {0, _ZERO, _ONE}:
            values.append({0: None, _ZERO: 0, _ONE: 1}[kind])
        else:
            return None
    sound = len(values) == _COLUMNS and values_at <= len(page)
    return values if sound and type(values[0]) is type(values[1]) is int and values[2] is not None else None


def _varint(page: bytes, at: int) -> tuple[int, int]:
    """Return one of SQLite's variable-length numbers, seven bits a byte, and where it ends."""
    value = 0
    for position in range(at, at + 9):
        value = value << 7 | page[position] & 0x7F
        if page[position] < 0x80:  # noqa: PLR2004 -- the bit that says that more follows
            return value, position + 1
    raise IndexError(at)
