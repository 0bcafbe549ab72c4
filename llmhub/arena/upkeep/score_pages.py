"""Scores straight from a file's pages: where what leads to a page is damaged, the page itself may not be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from llmhub.arena.upkeep.page_records import INDEX_INTERIOR, INDEX_LEAF, Pages, kind_of, records

# Of the store's trees of such pages only the scores' has records of six numbers.
_COLUMNS = 6
# Boards follow each other on a page; a damaged number must not make a page everybody's.
_MOST_BOARDS = 4096

Line = tuple[Any, ...]


class ScorePages:
    """The pages of a file that hold scores, whatever leads to them; looked for at the first question."""

    def __init__(self, content: bytes) -> None:
        self._pages = Pages(content)

    def lines(self, board: int) -> list[Line]:
        """Return the lines of a board that are on any page, as the store's own statement does: not all, perhaps."""
        found = {}
        for page in self._by_board.get(board, ()):
            found.update({row[1]: row[1:] for row in _scores(self._pages[page]) if row[0] == board})
        return list(found.values())

    @cached_property
    def _by_board(self) -> dict[int, list[int]]:
        """Return which pages hold lines of a board; the first page of a file holds its schema."""
        found = defaultdict(list)
        for number in range(2, len(self._pages) + 1):
            page = self._pages[number]
            # In the order of the key: the boards between the first and the last are all that can be there.
            ends = [row[0] for row in (*_scores(page, slice(0, 1)), *_scores(page, slice(-1, None)))]
            if ends and max(ends) - min(ends) <= _MOST_BOARDS:
                for board in range(min(ends), max(ends) + 1):
                    found[board].append(number)
        return found


def _scores(page: bytes, which: slice = slice(None)) -> Iterator[Line]:
    """Yield the scores of a page's cells, those that can be read: board, model, rating, lower, upper, votes."""
    if kind_of(page) not in {INDEX_LEAF, INDEX_INTERIOR}:
        return
    for record in records(page, which):
        if is_score(record):
            board, model, *numbers, votes = record
            # SQLite keeps a float that is a whole number as one.
            yield board, model, *(None if number is None else float(number) for number in numbers), votes


def is_score(record: Line) -> bool:
    """Return whether a record has the columns of a score."""
    return (
        len(record) == _COLUMNS
        and type(record[0]) is type(record[1]) is int
        and type(record[2]) in {int, float}
        and all(number is None or type(number) in {int, float} for number in record[3:])
    )
