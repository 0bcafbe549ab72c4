"""Reads a board, and models on it, over time: a few statements, and each board once, for any number of snapshots."""

from __future__ import annotations

import json
import sqlite3
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from llmhub.arena.boards import Entry, Score
from llmhub.arena.compare.history import BoardPoint, HistoryPoint
from llmhub.arena.compare.publications import Publication, Seen, each_moment, publications
from llmhub.arena.compare.renames import follow_renames, renames
from llmhub.arena.compare.scale import scale_break
from llmhub.arena.sql import statements
from llmhub.arena.sql.reading import entries_of
from llmhub.storage import moments

# Neighbouring boards are compared, so each one is needed twice in a row.
_RATINGS_KEPT = 4


def read_publications(
    connection: sqlite3.Connection, ranking: int, leaderboard: str, *, until: datetime | None = None
) -> list[Publication]:
    """Return the publications of a ranking, oldest first.

    Args:
        connection: a connection to the store.
        ranking: the ranking's id.
        leaderboard: the ranking's leaderboard.
        until: leave snapshots after this moment out, unless there are no others.
    """
    seen = _seen(connection, ranking, leaderboard, until)

    def keys() -> Mapping[int, tuple[object, ...]]:
        rows = connection.execute(statements.BOARD_KEYS, {"ranking": ranking})
        return {board: tuple(key) for board, *key in rows}

    return publications(seen, boards_compared(connection), keys)


def boards_compared(connection: sqlite3.Connection) -> Callable[[int, int], bool]:
    """Return a function that tells whether two boards list the same models with the same ratings and intervals.

    Two boards that look the same are checked against their digests: damage can make them look so.
    """
    proven: set[int] = set()

    def same(board: int, other: int) -> bool:
        if board == other:
            return True
        (looks_same,) = connection.execute(statements.SAME_BOARD, {"board": board, "other": other}).fetchone()
        if not looks_same:
            return False
        for one in {board, other} - proven:
            entries_of(connection, one)
            proven.add(one)
        return True

    return same


def _seen(connection: sqlite3.Connection, ranking: int, leaderboard: str, until: datetime | None) -> list[Seen]:
    asked = {"ranking": ranking, "leaderboard": leaderboard}
    seen = list(map(Seen._make, connection.execute(statements.SEEN, asked)))
    if until is None:
        return seen
    last = moments.to_sql(until)
    return [one for one in seen if one.taken_at <= last] or seen


class _Line(NamedTuple):
    board_id: int
    score: Score


class BoardReader:
    """Reads one board over time inside one read transaction.

    It reads each board's ratings and scale once for all models.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        ranking: int,
        leaderboard: str,
        *,
        every: bool = False,
        until: datetime | None = None,
    ) -> None:
        """Read the publications of a board.

        Args:
            connection: a connection to the store, in a transaction.
            ranking: the id of the board's ranking.
            leaderboard: the ranking's leaderboard.
            every: count each snapshot as a publication of its own.
            until: leave snapshots after this moment out, unless there are no others.
        """
        self._connection = connection
        self.publications = (
            each_moment(_seen(connection, ranking, leaderboard, until))
            if every
            else read_publications(connection, ranking, leaderboard, until=until)
        )
        self._points = list(map(_point, self.publications))
        # The boards of all publications, one after the other.
        self._boards = [board for one in self.publications for board in one.boards]
        self._distinct = json.dumps(list(dict.fromkeys(self._boards)))
        self._breaks: dict[tuple[int, int], float | None] = {}
        self._ratings = lru_cache(_RATINGS_KEPT)(self._read_ratings)
        self._ordered: dict[int, array[float]] = {}

    def timeline(self) -> tuple[BoardPoint, ...]:
        """Return the publications, oldest first."""
        shifts = self._shifts([point.board_id for point in self._points])
        return tuple(point._replace(scale_break=shift) for point, shift in zip(self._points, shifts, strict=True))

    def scores(self, model: str) -> dict[int, Score]:
        """Return a model's scores under exactly this name, by the snapshot's id, oldest first."""
        listed = zip(self._points, self._lines_of(model), strict=True)
        return {point.snapshot_id: line.score for point, line in listed if line is not None}

    def history(self, model: str, *, through_renames: bool) -> tuple[HistoryPoint, ...]:
        """Return a model's points, oldest first; none if no board lists it."""
        found = follow_renames(model, self._lines_of, self._renamed_to if through_renames else _never_renamed)
        listed = list(self._one_a_publication(found))
        shifts = self._shifts([line.board_id for _, _, line in listed])
        return tuple(
            HistoryPoint(
                point.snapshot_id,
                point.taken_at,
                name,
                line.score,
                self._rank(line),
                line.board_id,
                point.moment,
                point.published_on,
                shift,
            )
            for (point, name, line), shift in zip(listed, shifts, strict=True)
        )

    def _one_a_publication(self, found: Sequence[tuple[str, _Line] | None]) -> Iterator[tuple[BoardPoint, str, _Line]]:
        """Yield for each publication a model's line on the board that counts, or on another board of it."""
        end = 0
        for one, point in zip(self.publications, self._points, strict=True):
            begin, end = end, end + len(one.boards)
            for line in filter(None, reversed(found[begin:end])):
                yield point, *line
                break

    def _lines_of(self, name: str) -> list[_Line | None]:
        asked = {"boards": self._distinct, "name": name}
        rows = self._connection.execute(statements.LINES, asked)
        lines = {board: _Line(board, Score(*score)) for board, *score in rows}
        return [lines.get(board) for board in self._boards]

    def _renamed_to(self, name: str, here: int, there: int) -> str | None:
        of, earlier, later = self._boards[here], self._boards[min(here, there)], self._boards[max(here, there)]
        pairs = renames(
            self._look_alikes(name, of=of, on=earlier, but_not_on=later),
            self._look_alikes(name, of=of, on=later, but_not_on=earlier),
        )
        names = {pair.old: pair.new for pair in pairs} if here < there else {pair.new: pair.old for pair in pairs}
        return names.get(name)

    def _look_alikes(self, name: str, *, of: int, on: int, but_not_on: int) -> Iterator[Entry]:
        """Yield the lines of a board that have a model's rating and interval, of models not on `but_not_on`."""
        asked = {"name": name, "of": of, "board": on, "other": but_not_on}
        return map(Entry._make, self._connection.execute(statements.LOOK_ALIKES, asked))

    def _rank(self, line: _Line) -> int:
        if line.board_id not in self._ordered:
            self._ratings(line.board_id)
        ordered = self._ordered[line.board_id]
        return 1 + len(ordered) - bisect_right(ordered, line.score.rating)

    def _shifts(self, boards: Sequence[int]) -> list[float | None]:
        """Return for each board the scale break since the board before it, None if there is none."""
        return [None, *(self._break(pair) for pair in pairwise(boards))][: len(boards)]

    def _break(self, pair: tuple[int, int]) -> float | None:
        if pair[0] == pair[1]:
            return None
        if pair not in self._breaks:
            old, new = map(self._ratings, pair)
            self._breaks[pair] = scale_break([rating - old[model] for model, rating in new.items() if model in old])
        return self._breaks[pair]

    def _read_ratings(self, board: int) -> dict[int, float]:
        ratings: dict[int, float] = dict(self._connection.execute(statements.RATINGS, {"board": board}).fetchall())
        self._ordered[board] = array("d", sorted(ratings.values()))
        return ratings


def _point(one: Publication) -> BoardPoint:
    return BoardPoint(
        moment=moments.from_sql(one.moment),
        snapshot_id=one.first.snapshot_id,
        taken_at=moments.from_sql(one.first.taken_at),
        source=one.first.source,
        board_id=one.board_id,
        newest_id=one.newest.snapshot_id,
        published_on=None if one.published_on is None else date.fromisoformat(one.published_on),
        revision=one.first.revision,
    )


def _never_renamed(_name: str, _here: int, _there: int) -> None:
    return None
