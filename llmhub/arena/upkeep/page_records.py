"""Read records directly from the pages of a database, where SQLite can no longer reach them.

The layout is SQLite's own (https://www.sqlite.org/fileformat2.html): a table is a tree of pages, whose cells hold
records; an index, and a table WITHOUT ROWID, is a tree of pages of other kinds, whose records begin with the key.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

TABLE_LEAF, TABLE_INTERIOR = 0x0D, 0x05
INDEX_LEAF, INDEX_INTERIOR = 0x0A, 0x02

_SIZE_AT = 16
_USUAL_SIZE = 4096
_LEAST = 12
_FLOAT = 7
# By type: how many bytes a number has, and the values that have none.
_NUMBER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, _FLOAT: 8}
_CONSTANTS = {0: None, 8: 0, 9: 1}
_FIRST_OF_BYTES = 12
_MORE = 0x80  # a byte from here on says that more of its number follows


class _Kind(NamedTuple):
    """The layout of a kind of page: where its cell pointers begin, and what precedes a cell's record."""

    pointers_at: int
    child_bytes: int
    has_payload: bool
    has_rowid: bool


_KINDS = {
    TABLE_LEAF: _Kind(8, 0, has_payload=True, has_rowid=True),
    TABLE_INTERIOR: _Kind(12, 4, has_payload=False, has_rowid=True),
    INDEX_LEAF: _Kind(8, 0, has_payload=True, has_rowid=False),
    INDEX_INTERIOR: _Kind(12, 4, has_payload=True, has_rowid=False),
}

Record = tuple[Any, ...]


class Pages:
    """The pages of a database, numbered from 1."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        (size,) = struct.unpack_from(">H", content.ljust(_SIZE_AT + 2, b"\0"), _SIZE_AT)
        self.size = size if size in {1 << power for power in range(9, 16)} else _USUAL_SIZE

    def __len__(self) -> int:
        return len(self._content) // self.size

    def __getitem__(self, number: int) -> bytes:
        return self._content[(number - 1) * self.size : number * self.size]


def kind_of(page: bytes) -> int | None:
    """Return the kind of a tree's page; None for other pages, and for the first page of a file."""
    return page[0] if len(page) >= _LEAST and page[0] in _KINDS else None


def children(page: bytes) -> list[int]:
    """Return the readable page numbers that an interior page leads to."""
    if kind_of(page) not in {TABLE_INTERIOR, INDEX_INTERIOR}:
        return []
    found = [int.from_bytes(page[at : at + 4], "big") for at in _cells(page) if at + 4 <= len(page)]
    return [*found, int.from_bytes(page[8:12], "big")]


def records(page: bytes, which: slice = slice(None)) -> Iterator[Record]:
    """Yield the readable records that lie completely on a page."""
    kind = kind_of(page)
    if kind is None or not _KINDS[kind].has_payload:
        return
    for at in _cells(page)[which]:
        try:
            record = _record(page, at, _KINDS[kind])
        except (IndexError, struct.error, UnicodeDecodeError):
            continue
        yield record


def _cells(page: bytes) -> list[int]:
    (count,) = struct.unpack_from(">H", page, 3)
    start = _KINDS[page[0]].pointers_at
    pointers = page[start : start + 2 * count]
    return [at for (at,) in struct.iter_unpack(">H", pointers[: len(pointers) // 2 * 2])]


def _record(page: bytes, at: int, kind: _Kind) -> Record:
    _, at = _varint(page, at + kind.child_bytes)
    if kind.has_rowid:
        _, at = _varint(page, at)
    header, types_at = _varint(page, at)
    values_at, kinds = at + header, []
    while types_at < at + header:
        one, types_at = _varint(page, types_at)
        kinds.append(one)
    values: list[Any] = []
    for one in kinds:
        value, values_at = _value(page, one, values_at)
        values.append(value)
    return tuple(values)


def _value(page: bytes, kind: int, at: int) -> tuple[Any, int]:
    """Return the value of this type at an offset of a page, and the offset after it."""
    if kind >= _FIRST_OF_BYTES:
        end = at + (kind - _FIRST_OF_BYTES) // 2
    elif kind in _CONSTANTS:
        return _CONSTANTS[kind], at
    elif kind in _NUMBER_BYTES:
        end = at + _NUMBER_BYTES[kind]
    else:
        raise IndexError(kind)
    if end > len(page):
        raise IndexError(end)
    content = page[at:end]
    if kind == _FLOAT:
        return struct.unpack(">d", content)[0], end
    if kind < _FIRST_OF_BYTES:
        return int.from_bytes(content, "big", signed=True), end
    return content.decode() if kind % 2 else content, end


def _varint(page: bytes, at: int) -> tuple[int, int]:
    """Return one of SQLite's variable-length numbers, seven bits a byte, and the offset after it."""
    value = page[at]
    if value < _MORE:
        return value, at + 1
    value -= _MORE
    for position in range(at + 1, at + 9):
        value = value << 7 | page[position] & 0x7F
        if page[position] < _MORE:
            return value, position + 1
    raise IndexError(at)
