"""Scores straight from a file's pages: where what leads to a page is damaged, the page itself may not be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

from llmhub.arena.upkeep.page_records import INDEX_INTERIOR, INDEX_LEAF, Pages, Record, kind_of, records

# Boards follow each other on a page; a damaged number must not make a page everybody's.
_MOST_BOARDS = 4096


class Line(NamedTuple):
    """A record of the scores' table."""

    board: int
    model: int
    rating: float
    lower: float | None
    upper: float | None
    votes: Any


class ScorePages:
    """The pages of a file that hold scores, whatever leads to them; looked for at the first question."""

    def __init__(self, content: bytes) -> None:
        self._pages = Pages(content)

    def lines(self, board: int) -> list[tuple[Any, ...]]:
        """Return the lines of a board that are on any page, as the store's own statement does: not all, perhaps."""
        found = {}
        for page in self._by_board.get(board, ()):
            for line in _scores(self._pages[page]):
                if line.board == board:
                    _, *columns = line
                    found[line.model] = tuple(columns)
        return list(found.values())

    @cached_property
    def _by_board(self) -> dict[int, list[int]]:
        """Return which pages hold lines of a board; the first page of a file holds its schema."""
        found = defaultdict(list)
        for number in range(2, len(self._pages) + 1):
            page = self._pages[number]
            # In the order of the key: the boards between the first and the last are all that can be there.
            ends = [line.board for line in (*_scores(page, slice(0, 1)), *_scores(page, slice(-1, None)))]
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
            rating, *bounds = numbers
            lower, upper = (None if bound is None else float(bound) for bound in bounds)
            yield Line(board, model, float(rating), lower, upper, votes)


def is_score(record: Record) -> bool:
    """Return whether a record has the columns of a score."""
    if len(record) != len(Line._fields):
        return False
    line = Line(*record)
    numbers = (line.lower, line.upper, line.votes)
    return (
        type(line.board) is type(line.model) is int
        and type(line.rating) in {int, float}
        and all(number is None or type(number) in {int, float} for number in numbers)
    )
