"""Find the tables of a file whose own list of tables is damaged.

The file's list, sqlite_schema, says on which page the tree of each table and index begins. A sound empty store has the
same tables and indexes. In the damaged file no page of another tree leads to the first page of a tree, and its records
have the types of the table's columns. Several tables have the same types. But trees begin in
the order in which the tables were made, also after a VACUUM, so pages are assigned in this order. Then a new list of
tables is written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from llmhub.arena.upkeep.page_records import (
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
from llmhub.storage import sqlite_errors
from llmhub.storage.moments import is_day, is_moment

_TABLE = frozenset({TABLE_LEAF, TABLE_INTERIOR})
_INDEX = frozenset({INDEX_LEAF, INDEX_INTERIOR})
_DIGEST_BYTES = 32
_LOOKED_AT = 50
_PAGE_COUNT_AT = slice(28, 32)
_FREE_PAGES_AT = slice(32, 40)
_RESERVED_AT = 20


def _is_whole(value: object) -> bool:
    return type(value) is int


def _is_number(value: object) -> bool:
    # SQLite keeps a float that is a whole number as one.
    return type(value) in {int, float}


def _is_digest(value: object) -> bool:
    return type(value) is bytes and len(value) == _DIGEST_BYTES


def _is_text(value: object) -> bool:
    return type(value) is str and not is_moment(value)


def _is_known(value: object) -> bool:
    return value is not None


_FITS: Mapping[str, Callable[[object], bool]] = {
    "INTEGER": _is_whole,
    "BOOLEAN": _is_whole,
    "FLOAT": _is_number,
    "BLOB": _is_digest,
    "VARCHAR": _is_text,
    "DATETIME": is_moment,
    "DATE": is_day,
}


class Column(NamedTuple):
    """A column as the records of a tree have it."""

    name: str
    type: str
    required: bool

    def fits(self, value: object) -> bool:
        """Return whether the column can hold a value."""
        return not self.required if value is None else _FITS.get(self.type, _is_known)(value)


class Tree(NamedTuple):
    """A table or an index of a store.

    Attributes:
        name: its name.
        table: the table's own name, or that of the table that the index is for.
        pages: the kinds of its pages.
        columns: the columns of its records, without the row number of a table.
        number: the column that holds a row's number and is null in the records; None if the table has none.
        key: how many of the first columns are the key of a table that is all key; 0 for other trees.
    """

    name: str
    table: str
    pages: frozenset[int]
    columns: tuple[Column, ...]
    number: str | None = None
    key: int = 0

    def fits(self, record: Record) -> bool:
        """Return whether a record can be one of the tree."""
        values = record
        if self.number is not None:
            # The number itself comes first in each table, as null.
            if not record or record[0] is not None:
                return False
            values = record[1:]
        return len(values) == len(self.columns) and all(
            column.fits(value) for column, value in zip(self.columns, values, strict=True)
        )

    @property
    def is_table(self) -> bool:
        """Whether it is a table, and not an index."""
        return self.name == self.table


def trees_of(connection: sqlite3.Connection) -> tuple[Tree, ...]:
    """Return the tables and indexes of a sound store, in the order in which they were made."""
    listed = connection.execute(
        "SELECT name, tbl_name, sql LIKE '%WITHOUT ROWID%' FROM sqlite_master WHERE rootpage > 0 ORDER BY rowid"
    ).fetchall()
    return tuple(
        _table(connection, name, all_key=bool(all_key)) if name == table else _index(connection, name, table)
        for name, table, all_key in listed
    )


def _table(connection: sqlite3.Connection, name: str, *, all_key: bool) -> Tree:
    rows = connection.execute('SELECT name, type, "notnull", pk FROM pragma_table_info(?) ORDER BY cid', (name,))
    columns, places_in_key = [], {}
    for column, declared, required, place_in_key in rows:
        columns.append(Column(column, declared.partition("(")[0], bool(required)))
        if place_in_key:
            places_in_key[column] = place_in_key
    if all_key:
        # The key's columns come first in the records.
        behind = len(columns) + 1
        columns.sort(key=lambda column: places_in_key.get(column.name, behind))
        return Tree(name, name, _INDEX, tuple(columns), key=len(places_in_key))
    numbers = [column.name for column in columns if places_in_key.get(column.name) == 1 and column.type == "INTEGER"]
    number = numbers[0] if numbers else None
    return Tree(name, name, _TABLE, tuple(column for column in columns if column.name != number), number)


def _index(connection: sqlite3.Connection, name: str, table: str) -> Tree:
    statement = """
        SELECT i.name, t.type, t."notnull" FROM pragma_index_info(?) i JOIN pragma_table_info(?) t ON t.name = i.name
         ORDER BY i.seqno
    """
    columns = [
        Column(one, declared.partition("(")[0], bool(required))
        for one, declared, required in connection.execute(statement, (name, table))
    ]
    return Tree(name, table, _INDEX, (*columns, Column("rowid", "INTEGER", required=True)))


def write_with_tables(target: Path, content: bytes, connection: sqlite3.Connection, trees: Sequence[Tree]) -> bool:
    """Write a copy of a file with a new list of tables, if its own list is damaged.

    Args:
        target: the file to make.
        content: the damaged file, with no companions.
        connection: reads a copy of it, with PRAGMA writable_schema on.
        trees: the tables and indexes that it should have; see `trees_of`.

    Returns:
        False if its list is sound, or no list can be written: then no file was made.
    """
    pages = _Scanned(content)
    listed = _listed(connection, {tree.name for tree in trees})
    roots = {}
    for tree in trees:
        told = listed.get(tree.name)
        # A page that cannot be read does not contradict the list.
        if told is not None and (pages.fits(told, tree) or not pages.is_readable(told)):
            roots[tree.name] = told
    roots |= pages.find([tree for tree in trees if tree.name not in roots], taken=frozenset(roots.values()))
    if all(listed.get(name) == root for name, root in roots.items()) and _is_loaded(connection, trees, roots):
        return False
    if content[_RESERVED_AT : _RESERVED_AT + 1] not in {b"", b"\0"}:
        return False
    _write(target, content, pages.size, trees, roots)
    return True


def _listed(connection: sqlite3.Connection, names: Collection[str]) -> dict[str, int]:
    """Return the readable entries of the file's list: the first page of each tree."""
    found: dict[str, int] = {}
    for direction in ("ASC", "DESC"):
        statement = f"SELECT name, rootpage FROM sqlite_master ORDER BY rowid {direction}"  # noqa: S608 -- of this file
        try:
            # Row by row, to get those before the damage.
            for name, root in connection.execute(statement):
                found |= {name: root} if name in names and isinstance(root, int) and root > 1 else {}
        except sqlite3.DatabaseError as error:
            if sqlite_errors.says_nothing_of_the_content(error):
                raise
    return found


def _is_loaded(connection: sqlite3.Connection, trees: Sequence[Tree], roots: Mapping[str, int]) -> bool:
    """Return whether SQLite knows the tables of these roots; a definition may be damaged."""
    for tree in trees:
        if tree.is_table and tree.name in roots:
            columns = ", ".join(column.name for column in tree.columns)
            try:
                connection.execute(f"SELECT {columns} FROM {tree.name} LIMIT 0")  # noqa: S608 -- a sound store's names
            except sqlite3.DatabaseError as error:
                if sqlite_errors.says_nothing_of_the_content(error):
                    raise
                return False
    return True


def _write(target: Path, content: bytes, size: int, trees: Sequence[Tree], roots: Mapping[str, int]) -> None:
    """Replace the first page by that of an empty file, and let SQLite write the list of tables."""
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {size}")
        connection.execute("PRAGMA application_id = 1")
    first = bytearray(target.read_bytes())
    whole = content + bytes(-len(content) % size)
    first[_PAGE_COUNT_AT] = (len(whole) // size).to_bytes(4, "big")
    first[_FREE_PAGES_AT] = bytes(8)
    target.write_bytes(bytes(first) + whole[size:])
    written = _written(trees, roots)
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("PRAGMA writable_schema = ON")
        for tree in written:
            definition = _definition(tree, written) if tree.is_table else None
            row = ("table" if tree.is_table else "index", tree.name, tree.table, roots[tree.name], definition)
            connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)


def _written(trees: Sequence[Tree], roots: Mapping[str, int]) -> list[Tree]:
    """Return the trees for the new list: each table that was found, with its first unique index."""
    return [
        tree
        for tree in trees
        if tree.name in roots
        and tree.table in roots
        and (tree.is_table or tree.name == f"sqlite_autoindex_{tree.table}_1")
    ]


def _definition(tree: Tree, written: Sequence[Tree]) -> str:
    parts = [f"{tree.number} INTEGER PRIMARY KEY"] if tree.number is not None else []
    parts += [f"{column.name} {column.type}".rstrip() for column in tree.columns]
    if tree.key:
        parts.append(f"PRIMARY KEY ({', '.join(column.name for column in tree.columns[: tree.key])})")
    parts += [
        f"UNIQUE ({', '.join(column.name for column in index.columns[:-1])})"
        for index in written
        if index.table == tree.name and not index.is_table
    ]
    return f"CREATE TABLE {tree.name}({', '.join(parts)}){' WITHOUT ROWID' if tree.key else ''}"


class _Scanned(Pages):
    """The pages of a file, and which page leads to which."""

    def is_readable(self, number: int) -> bool:
        """Return whether a page belongs to a tree and has a readable record on or below it."""
        return bool(self._some(number))

    def fits(self, number: int, tree: Tree) -> bool:
        """Return whether the readable records of the tree that begins at a page all fit a table or index."""
        some = self._some(number)
        return kind_of(self[number]) in tree.pages and bool(some) and all(map(tree.fits, some))

    def find(self, trees: Sequence[Tree], *, taken: Collection[int]) -> dict[str, int]:
        """Return the first pages of those trees that can be found.

        Args:
            trees: in the order in which they were made.
            taken: known first pages of other trees.
        """
        pages = [number for number in self._first_pages if number not in taken]
        fitting = {tree.name: {number for number in pages if self.fits(number, tree)} for tree in trees}
        found = _in_order(
            trees,
            [number for number in pages if any(number in those for those in fitting.values())],
            fitting,
            self._weight,
        )
        # A table that was made on reused pages begins out of order: it is found if no other tree fits the page.
        for tree in trees:
            left = fitting[tree.name] - set(found.values())
            others = [other for other in trees if other.name not in found and other is not tree]
            alone = [number for number in left if not any(number in fitting[other.name] for other in others)]
            if tree.name not in found and alone:
                found[tree.name] = max(alone, key=self._weight)
        return found

    @cached_property
    def _first_pages(self) -> list[int]:
        """Return the pages of trees that no other page leads to, in their order."""
        numbers = range(2, len(self) + 1)
        below = {child for number in numbers for child in children(self[number])}
        return [number for number in numbers if number not in below and kind_of(self[number]) is not None]

    def _some(self, number: int) -> list[Record]:
        """Return some records of a tree, from its first page or the first pages below."""
        for _ in range(len(self)):
            page = self[number]
            if found := list(islice(records(page), _LOOKED_AT)):
                return found
            below = children(page)
            if not below:
                break
            number = below[0]
        return []

    def _weight(self, number: int) -> int:
        """Return the size of a tree: the pages below its first page count most, then the records."""
        page = self[number]
        return len(children(page)) * self.size + sum(1 for _ in records(page))


class _Assignment(NamedTuple):
    """First pages for some of the trees: how many trees got one, the pages' weight, and the page of each tree."""

    trees: int
    weight: int
    roots: dict[str, int]


def _in_order(
    trees: Sequence[Tree], pages: Sequence[int], fitting: Mapping[str, Collection[int]], weight: Callable[[int], int]
) -> dict[str, int]:
    """Assign pages to trees, both in their order: to as many trees as possible, then the heaviest pages."""
    weights = {page: weight(page) for page in pages}
    # For each number of first pages the best assignment of these; each round adds a tree.
    best = [_Assignment(0, 0, {})] * (len(pages) + 1)
    for tree in trees:
        with_it = [best[0]]
        for number, page in enumerate(pages):
            choices = [with_it[number], best[number + 1]]
            if page in fitting[tree.name]:
                before = best[number]
                choices.append(
                    _Assignment(before.trees + 1, before.weight + weights[page], {**before.roots, tree.name: page})
                )
            with_it.append(max(choices, key=lambda choice: (choice.trees, choice.weight)))
        best = with_it
    return best[-1].roots
