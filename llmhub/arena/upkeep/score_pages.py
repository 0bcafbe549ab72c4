"""Read scores directly from a file's pages: a page can be sound although the pages that lead to it are damaged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

from llmhub.arena.upkeep.page_records import INDEX_INTERIOR, INDEX_LEAF, Pages, Record, kind_of, records

# A page holds consecutive boards; a damaged id must not make it a page of all boards.
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
    """The pages of a file that hold scores, found at the first call of `lines`."""

    def __init__(self, content: bytes) -> None:
        self._pages = Pages(content)

    def lines(self, board: int) -> list[tuple[Any, ...]]:
        """Return the lines of a board on all pages, as the store's own statement returns them; some may be missing."""
        found = {}
        for page in self._by_board.get(board, ()):
            for line in _scores(self._pages[page]):
                if line.board == board:
                    _, *columns = line
                    found[line.model] = tuple(columns)
        return list(found.values())

    @cached_property
    def _by_board(self) -> dict[int, list[int]]:
        """Return the pages by board; the first page of a file holds its schema."""
        found = defaultdict(list)
        for number in range(2, len(self._pages) + 1):
            page = self._pages[number]
            # The lines are sorted by board, so the page holds only boards between the first and the last.
            ends = [line.board for line in (*_scores(page, slice(0, 1)), *_scores(page, slice(-1, None)))]
            if ends and max(ends) - min(ends) <= _MOST_BOARDS:
                for board in range(min(ends), max(ends) + 1):
                    found[board].append(number)
        return found


def _scores(page: bytes, which: slice = slice(None)) -> Iterator[Line]:
    """Yield the readable scores of a page."""
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
