"""Finding the tables of a file whose own list of tables is damaged.

The file's list, sqlite_schema, says on which page the tree of each table begins. Which tables and columns there are is
known of every revision; where a tree begins can be told from the pages: no page of another tree leads to its first one,
and its records have the table's columns. With what is found, the first page of the file is written anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from llmhub.arena.sql import statements
from llmhub.arena.upkeep.records import (
    INDEX_INTERIOR,
    INDEX_LEAF,
    TABLE_INTERIOR,
    TABLE_LEAF,
    Pages,
    Record,
    children,
    kind_of,
    records,
)
from llmhub.arena.upkeep.score_pages import is_score
from llmhub.storage import sqlite_errors

_TABLE = frozenset({TABLE_LEAF, TABLE_INTERIOR})
_INDEX = frozenset({INDEX_LEAF, INDEX_INTERIOR})
_DIGEST_BYTES = 32
_LOOKED_AT = 50
_PAGE_COUNT_AT = slice(28, 32)
_FREE_PAGES_AT = slice(32, 40)
_RESERVED_AT = 20


class Tree(NamedTuple):
    """A table or an index that salvage reads.

    Attributes:
        pages: the kinds of its pages.
        columns: what a table's definition lists, without what other trees are for; None for an index.
        fits: says whether a record is one of its own.
        unique: for an index: its table, and the constraint that it is for.
    """

    pages: frozenset[int]
    columns: str | None
    fits: Callable[[Record], bool]
    unique: tuple[str, str] = ("", "")


def _of(*kinds: str) -> Callable[[Record], bool]:
    """Return what says whether a record has columns of these kinds: n for null, i, t, d for a digest; several: any."""
    types = {"n": type(None), "i": int, "t": str, "d": bytes}

    def fits(record: Record) -> bool:
        return len(record) == len(kinds) and all(
            any(type(value) is types[letter] for letter in kind) and (kind != "d" or len(value) == _DIGEST_BYTES)
            for value, kind in zip(record, kinds, strict=True)
        )

    return fits


def _moment_first(record: Record) -> bool:
    return statements.is_moment(record[0])


_TEXTS = _of("t", "t", "i")
TREES: Mapping[str, Tree] = {
    "snapshot": Tree(
        _TABLE, "id INTEGER PRIMARY KEY, taken_at, source, revision, script", _of("n", "t", "t", "nt", "nt")
    ),
    "sqlite_sequence": Tree(_TABLE, "name, seq", _of("t", "i")),
    "ranking": Tree(_TABLE, "id INTEGER PRIMARY KEY, leaderboard, category", _of("n", "t", "t")),
    "board": Tree(_TABLE, "id INTEGER PRIMARY KEY, ranking_id, digest", _of("n", "i", "d")),
    "model": Tree(
        _TABLE,
        "id INTEGER PRIMARY KEY, name, organization, organization_as_of, license, license_as_of",
        _of("n", "t", "nt", "nt", "nt", "nt"),
    ),
    "snapshot_leaderboard": Tree(
        _INDEX, "snapshot_id, leaderboard, published_on, PRIMARY KEY (snapshot_id, leaderboard)", _of("i", "t", "nt")
    ),
    "snapshot_board": Tree(
        _INDEX, "snapshot_id, ranking_id, board_id, PRIMARY KEY (snapshot_id, ranking_id)", _of("i", "i", "i")
    ),
    "score": Tree(
        _INDEX,
        "board_id, model_id, rating REAL, lower REAL, upper REAL, votes, PRIMARY KEY (board_id, model_id)",
        is_score,
    ),
    "sqlite_autoindex_snapshot_1": Tree(
        _INDEX, None, lambda record: _TEXTS(record) and _moment_first(record), ("snapshot", "taken_at, source")
    ),
    "sqlite_autoindex_ranking_1": Tree(
        _INDEX, None, lambda record: _TEXTS(record) and not _moment_first(record), ("ranking", "leaderboard, category")
    ),
    "sqlite_autoindex_board_1": Tree(_INDEX, None, _of("d", "i"), ("board", "digest")),
    "sqlite_autoindex_model_1": Tree(_INDEX, None, _of("t", "i"), ("model", "name")),
}
"""All that salvage reads, in an order in which definitions can be written."""


def with_known_schema(content: bytes, connection: sqlite3.Connection, scratch: Path) -> bytes | None:
    """Return a file's content with its list of tables written anew; None where that is whole, or cannot be done.

    Args:
        content: the file, with no companions.
        connection: reads a copy of it, with PRAGMA writable_schema on.
        scratch: where a small file can be made.
    """
    pages = _Scanned(content)
    listed = _listed(connection)
    roots = {}
    for name, tree in TREES.items():
        told = listed.get(name)
        # A page of which nothing can be read says nothing against the list.
        if told is not None and (pages.fits(told, tree) or not pages.is_readable(told)):
            roots[name] = told
        elif (found := pages.find(tree, taken=roots.values())) is not None:
            roots[name] = found
    if all(listed.get(name) == root for name, root in roots.items()) and _is_loaded(connection, roots):
        return None
    return _with_first_page(content, pages.size, roots, scratch)


def _listed(connection: sqlite3.Connection) -> dict[str, int]:
    """Return what can still be read of the file's list: the first page of each tree."""
    found: dict[str, int] = {}
    for direction in ("ASC", "DESC"):
        statement = f"SELECT name, rootpage FROM sqlite_master ORDER BY rowid {direction}"  # noqa: S608 -- of this file
        try:
            # Row by row: those before the damage come.
            for name, root in connection.execute(statement):
                found |= {name: root} if name in TREES and isinstance(root, int) and root > 1 else {}
        except sqlite3.DatabaseError as error:
            if sqlite_errors.says_nothing_of_the_content(error):
                raise
    return found


def _is_loaded(connection: sqlite3.Connection, roots: Mapping[str, int]) -> bool:
    """Return whether SQLite knows the tables of these roots; a definition may be there and damaged."""
    for name in roots.keys() & {name for name, tree in TREES.items() if tree.columns}:
        columns = _column_names(name)
        try:
            connection.execute(f"SELECT {columns} FROM {name} LIMIT 0")  # noqa: S608 -- of this file
        except sqlite3.DatabaseError as error:
            if sqlite_errors.says_nothing_of_the_content(error):
                raise
            return False
    return True


def _column_names(name: str) -> str:
    definition = (TREES[name].columns or "").partition(", PRIMARY KEY")[0]
    return ", ".join(column.split()[0] for column in definition.split(", "))


def _with_first_page(content: bytes, size: int, roots: Mapping[str, int], scratch: Path) -> bytes | None:
    """Let SQLite write a list of tables into a file of one page, and put that before the other pages."""
    if content[_RESERVED_AT : _RESERVED_AT + 1] not in {b"", b"\0"}:
        return None
    with closing(sqlite3.connect(scratch, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {size}")
        connection.execute("PRAGMA writable_schema = ON")
        for name, root in roots.items():
            tree = TREES[name]
            if tree.columns is not None:
                row: tuple[object, ...] = ("table", name, name, root, _definition(name, roots))
            elif tree.unique[0] in roots:
                row = ("index", name, tree.unique[0], root, None)
            else:
                continue
            connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
    first = bytearray(scratch.read_bytes())
    if len(first) != size:
        return None
    whole = content + bytes(-len(content) % size)
    first[_PAGE_COUNT_AT] = (len(whole) // size).to_bytes(4, "big")
    first[_FREE_PAGES_AT] = bytes(8)
    return bytes(first) + whole[size:]


def _definition(name: str, roots: Mapping[str, int]) -> str:
    parts = [TREES[name].columns or ""]
    parts += [f"UNIQUE ({columns})" for of, (table, columns) in _uniques().items() if table == name and of in roots]
    # A table whose key is its whole tree has no rows by number.
    return f"CREATE TABLE {name}({', '.join(parts)}){' WITHOUT ROWID' if TREES[name].pages is _INDEX else ''}"


def _uniques() -> dict[str, tuple[str, str]]:
    return {name: tree.unique for name, tree in TREES.items() if tree.columns is None}


class _Scanned(Pages):
    """The pages of a file, with what leads to what."""

    def is_readable(self, number: int) -> bool:
        """Return whether a page is one of a tree, and something can be read of it."""
        return bool(self._some(number))

    def fits(self, number: int, tree: Tree) -> bool:
        """Return whether a tree that begins at a page has records of its own kind, as far as they can be read."""
        some = self._some(number)
        return kind_of(self[number]) in tree.pages and bool(some) and all(map(tree.fits, some))

    def find(self, tree: Tree, *, taken: Collection[int]) -> int | None:
        """Return the first page of a tree: of several that it could be, the one with most pages below it."""
        possible = [number for number in self._first_pages if number not in taken and self.fits(number, tree)]
        return max(possible, key=self._weight, default=None)

    @cached_property
    def _first_pages(self) -> list[int]:
        """Return the pages of trees that no other page leads to."""
        numbers = range(2, len(self) + 1)
        below = {child for number in numbers for child in children(self[number])}
        return [number for number in numbers if number not in below and kind_of(self[number]) is not None]

    def _some(self, number: int) -> list[Record]:
        """Return some records of a tree: of its first page, or of the first ones below."""
        for _ in range(len(self)):
            page = self[number]
            if found := list(islice(records(page), _LOOKED_AT)):
                return found
            below = children(page)
            if not below:
                break
            number = below[0]
        return []

    def _weight(self, number: int) -> tuple[int, int]:
        """Return how many pages are below a page, and how many records are on it."""
        page = self[number]
        return len(children(page)), sum(1 for _ in records(page))
