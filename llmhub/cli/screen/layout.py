"""Lay out a table: which columns fit, how wide each is, and its lines; pure.

An id, a number or a date is never split. Where a table is wider than the terminal, these go in turn: long heads are
written over several lines, texts are broken between words, columns are left out in the order that the table names, and
at last the longest ids stand on a line of their own, with the rest of their row below. On a wide terminal more ids
stand on a line of their own before a column is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain, repeat, zip_longest
from math import ceil
from operator import add
from typing import NamedTuple

GAP = 2
"""How many spaces stand between two columns."""

# A name, and the text that is aligned behind it.
_NAMED = re.compile(r"\s*(?:\S+(?: \S+)*)?\s{2,}")
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_HANG = 2
_LEAST_PROSE = 24
_LEAST_PROSE_AT_LAST = 12
_MOST_OF_A_WORD = 40
_LEAST_ID = 10
# Of twenty ids seventeen should stand on the line of their values: one long id costs the others no column.
_SHARE_OF_IDS = 0.85
# From this width on all columns should fit, and the ids still have enough room to be read down the table.
_WIDE = 120
_LEAST_ID_OF_WIDE = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a table's columns hold, by their names.

    Attributes:
        left: those that hold text, set to the left; the others hold numbers.
        prose: those of `left` that may be broken between words.
        ids: those of `left` whose long values may stand on a line of their own.
        drop: those that may be left out, the first to go first.
        hyphens: heads of one word with a space where they may be split: `qual- ity` for `quality`.
        group: the column of ids that several rows share. If not all ids fit beside their values, each is written
            once, on the line above its rows.
    """

    left: frozenset[str] = frozenset()
    prose: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    drop: tuple[str, ...] = ()
    hyphens: Mapping[str, str] = field(default_factory=dict)
    group: str | None = None


class Laid(NamedTuple):
    """A table: the lines of its heads, its rule's width, the lines of each row, and the columns that did not fit."""

    heads: list[str]
    width: int
    by_row: list[list[str]]
    dropped: tuple[str, ...]

    @property
    def rows(self) -> list[str]:
        """The lines of all rows."""
        return list(chain.from_iterable(self.by_row))


@cache
def _cells() -> Callable[[str], int]:
    # Takes some milliseconds, and only letters beyond ASCII need it.
    from rich.cells import cell_len

    return cell_len


def text_width(text: str) -> int:
    """Return how many columns of a terminal a text takes.

    Examples:
        >>> text_width("made-up"), text_width("日本語")
        (7, 6)
    """
    return len(text) if text.isascii() else _cells()(text)


class _Column:
    """A column with its cells, and how wide they are."""

    def __init__(self, name: str, cells: Sequence[str], shape: Shape) -> None:
        self.name = name
        self.title = name
        self.cells = cells
        self.is_id = name in shape.ids
        self.is_prose = name in shape.prose
        self.is_left = name in shape.left
        self.is_ascii = "".join(cells).isascii()
        self.lengths = list(map(len if self.is_ascii else text_width, cells))
        self.longest = max(self.lengths, default=0)
        self.head = _longest_word(name)
        self.width = self.natural

    @property
    def natural(self) -> int:
        """The width at which nothing of it is broken."""
        return max(text_width(self.name), self.longest)

    @property
    def is_pushed(self) -> bool:
        """Whether an id is longer than its column, so that it stands on a line of its own."""
        return self.is_id and self.longest > self.width

    def padded(self) -> list[str]:
        """Return the cells with spaces, so that each takes the column's width; a wider one stays as it is."""
        if self.is_ascii:
            return list(map(str.ljust if self.is_left else str.rjust, self.cells, repeat(self.width)))
        spaces = [" " * (self.width - length) for length in self.lengths]
        return list(map(add, self.cells, spaces) if self.is_left else map(add, spaces, self.cells))

    def split_head(self, hyphens: Mapping[str, str]) -> None:
        """Write the head over several lines within its word, if it may be split and is longer than all cells."""
        if self.name in hyphens and self.longest < self.head:
            self.title = hyphens[self.name]
            self.head = _longest_word(self.title)

    def narrowed(self, *, hard: bool) -> int:
        """Return a lesser width at which it still reads well, or with `hard` as little as is bearable."""
        whole = max(self.head, self.longest)
        if self.is_prose and hard:
            return min(whole, max(self.head, _LEAST_PROSE_AT_LAST))
        if self.is_prose:
            words = max((text_width(word) for cell in self.cells for word in cell.split()), default=0)
            return min(whole, max(self.head, _LEAST_PROSE, min(words, _MOST_OF_A_WORD)))
        if self.is_id and self.lengths:
            most = sorted(self.lengths)[ceil(_SHARE_OF_IDS * (len(self.lengths) - 1))]
            return min(whole, max(self.head, most))
        return whole


def laid_out(columns: Sequence[str], rows: Iterable[Sequence[str]], shape: Shape, room: int | None) -> Laid:
    """Return the lines of a table.

    Examples:
        >>> laid = laid_out(("model", "rank"), [("made-up", "1")], Shape(left=frozenset({"model"})), None)
        >>> laid.heads, laid.rows
        (['model    rank'], ['made-up     1'])

    Args:
        columns: their names.
        rows: a text for each column.
        shape: what the columns hold.
        room: how many columns the terminal has; None for a pipe, where everything fits.
    """
    listed = list(rows)
    by_column = list(zip(*listed, strict=True)) or [()] * len(columns)
    found = [_Column(name, list(cells), shape) for name, cells in zip(columns, by_column, strict=True)]
    kept = found if room is None else _fitting(found, shape, room)
    if room is not None and shape.group and any(column.is_pushed for column in kept):
        return _grouped(columns, listed, shape, shape.group, room)
    names = {column.name for column in kept}
    heads = _row_lines([column.title for column in kept], kept, room, heads=True)
    lines = _lines_of_rows(kept, room)
    width = sum(column.width for column in kept) + GAP * (len(kept) - 1)
    return Laid(heads, width, lines, tuple(name for name in columns if name not in names))


def _grouped(columns: Sequence[str], rows: Iterable[Sequence[str]], shape: Shape, group: str, room: int) -> Laid:
    """Return the lines of a table whose ids stand once above the rows that share them."""
    place = columns.index(group)
    others, ids = [], []
    for row in rows:
        ids.append(row[place])
        others.append([*row[:place], *row[place + 1 :]])
    left = [name for name in columns if name != group]
    laid = laid_out(left, others, replace(shape, group=None), room - GAP)
    indent = " " * GAP
    lines = []
    for number, (name, row_lines) in enumerate(zip(ids, laid.by_row, strict=True)):
        above = [] if number and ids[number - 1] == name else [shortened(name, room)]
        lines.append([*above, *(indent + line for line in row_lines)])
    width = max(laid.width + GAP, *(min(room, text_width(name)) for name in (group, *ids)))
    return Laid([group, *(indent + line for line in laid.heads)], width, lines, laid.dropped)


def _fitting(columns: list[_Column], shape: Shape, room: int) -> list[_Column]:
    """Return the columns that fit, each with its width."""
    if _total(column.natural for column in columns) <= room:
        return columns
    kept, widths = _least(columns, shape, room)
    for column in kept:
        column.width = widths[column.name]
    spare = room - _total(column.width for column in kept)
    # Whatever room is left goes to ids first, as far as it holds more of them, and then to texts.
    for column in kept:
        if column.is_id:
            before, most = column.width, max(column.width + spare, min(_LEAST_ID, column.longest))
            column.width = most if most < before else max([before, *(one for one in column.lengths if one <= most)])
            spare -= column.width - before
    for column in kept:
        if column.is_prose and spare > 0:
            more = min(spare, max(0, column.longest - column.width))
            column.width, spare = column.width + more, spare - more
    return kept


def _least(columns: list[_Column], shape: Shape, room: int) -> tuple[list[_Column], dict[str, int]]:
    """Return the columns that can be kept, and the least width of each; it may split their heads."""
    widths = {column.name: column.narrowed(hard=False) for column in columns}
    if _total(widths.values()) <= room:
        return columns, widths
    for column in columns:
        column.split_head(shape.hyphens)
    widths = {column.name: column.narrowed(hard=False) for column in columns}
    kept = columns
    for name in [None, *shape.drop]:
        kept = [column for column in kept if column.name != name]
        if _total(widths[column.name] for column in kept) <= room:
            return kept, widths
        narrow = {column.name: min(widths[column.name], _LEAST_ID_OF_WIDE) for column in kept if column.is_id}
        if room >= _WIDE and _total((widths | narrow)[column.name] for column in kept) <= room:
            return kept, widths | narrow
    return kept, {column.name: column.narrowed(hard=True) for column in kept}


def _longest_word(text: str) -> int:
    return max(text_width(word) for word in text.split() or [""])


def _total(widths: Iterable[int]) -> int:
    found = list(widths)
    return sum(found) + GAP * (len(found) - 1)


def _lines_of_rows(columns: list[_Column], room: int | None) -> list[list[str]]:
    """Return the lines of each row; all rows whose cells fit are set column by column, which is fast for thousands."""
    padded, wide = [], set[int]()
    for column in columns:
        padded.append(column.padded())
        if column.longest > column.width:
            wide.update(place for place, length in enumerate(column.lengths) if length > column.width)
    lines = [[line.rstrip()] for line in map((" " * GAP).join, zip(*padded, strict=True))]
    for place in wide:
        lines[place] = _row_lines([column.cells[place] for column in columns], columns, room, heads=False)
    return lines


def _row_lines(cells: Sequence[str], columns: Sequence[_Column], room: int | None, *, heads: bool) -> list[str]:
    """Return the lines of one row: one, unless a text is broken, or an id or a word is longer than its column."""
    parts = [
        [cell] if len(cell) <= column.width and cell.isascii() else _broken_cell(cell, column, heads=heads)
        for cell, column in zip(cells, columns, strict=True)
    ]
    long = next((at for at, part in enumerate(parts) if max(map(text_width, part)) > columns[at].width), None)
    if long is None or room is None:
        return [_line(row, columns) for row in zip_longest(*parts, fillvalue="")]
    # The values of this row stand below the long one's end, in their columns.
    before = _line([part[0] for part in parts[:long]], columns[:long], keep=True) + " " * (GAP if long else 0)
    lines = _long_cell(cells[long], columns[long], before, room, heads=heads)
    rest = ["" if place <= long else cell for place, cell in enumerate(cells)]
    return [*map(str.rstrip, lines), *(_row_lines(rest, columns, room, heads=heads) if any(rest) else ())]


def _long_cell(cell: str, column: _Column, before: str, room: int, *, heads: bool) -> list[str]:
    """Return the lines of a cell that its column has no room for, behind the cells before it in its row."""
    width = text_width(before)
    left = max(_LEAST_ID, room - width)
    if column.is_prose or heads:
        first, *others = broken(cell, left)
        lines = [before + first] if text_width(first) <= left else [before, _further_left(first, width, room)]
        return [line for line in (*lines, *(_further_left(text, width, room) for text in others)) if line.strip()]
    if text_width(cell) <= left:
        return [before + cell]
    return [line for line in (before, _further_left(cell, width, room)) if line.strip()]


def _further_left(text: str, wanted: int, room: int) -> str:
    """Return a line of its own for a text: at the wanted column, or so far left of it that no part is cut off."""
    return " " * max(0, min(wanted, room - text_width(text))) + shortened(text, room)


def _broken_cell(cell: str, column: _Column, *, heads: bool) -> list[str]:
    if text_width(cell) <= column.width or not (heads or column.is_prose):
        return [cell]
    return broken(cell, column.width)


def _line(cells: Sequence[str], columns: Sequence[_Column], *, keep: bool = False) -> str:
    made = []
    for cell, column in zip(cells, columns, strict=True):
        space = " " * max(0, column.width - text_width(cell))
        made.append(cell + space if column.is_left else space + cell)
    line = (" " * GAP).join(made)
    return line if keep else line.rstrip()


def broken(text: str, width: int) -> list[str]:
    """Return the lines of a text in a column of this width, broken between words; a longer word stays whole.

    Examples:
        >>> broken("no key: set MADE_UP_API_KEY", 15)
        ['no key: set', 'MADE_UP_API_KEY']
    """
    lines = [""]
    for word in text.split():
        if not lines[-1]:
            lines[-1] = word
        elif text_width(lines[-1]) + 1 + text_width(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def wrapped(text: str, width: int) -> list[str]:
    """Return a line as several that fit, broken between words, the others below the text of an aligned first column.

    Examples:
        >>> wrapped("prices   US dollars per million tokens", 24)
        ['prices   US dollars per', '         million tokens']
    """
    if text_width(text) <= width:
        return [text]
    named = _NAMED.match(text)
    hang = named.end() if named and named.end() < width // 2 else 0
    first, *rest = broken(text[hang:], width - (hang or _HANG))
    return [text[:hang] + first, *(" " * (hang or _HANG) + line for line in rest)]


def shortened(text: str, width: int) -> str:
    """Return a text with its middle left out, where it is longer than a whole line.

    Examples:
        >>> shortened("made-up/a-model-with-a-long-name", 16)
        'made-up/…ng-name'
    """
    if text_width(text) <= width:
        return text
    head = tail = ""
    for front, back in zip(text, reversed(text), strict=True):
        if text_width(head + front + _ELLIPSIS + tail) > width:
            break
        head += front
        if text_width(head + _ELLIPSIS + back + tail) > width:
            break
        tail = back + tail
    return head + _ELLIPSIS + tail
