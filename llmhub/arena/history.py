"""One model's history on one board, read with a few statements however many snapshots there are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from llmhub.arena import queries
from llmhub.arena.diff import renames
from llmhub.arena.follow import follow
from llmhub.arena.scale import scale_break
from llmhub.arena.schema import Entry, Moment, Score, Snapshot


class HistoryPoint(NamedTuple):
    """A model at one snapshot: the name that it is listed under there, its score and its rank."""

    snapshot_id: int
    taken_at: datetime
    listed_as: str
    score: Score
    rank: int
    board_id: int


class HistoryRow(NamedTuple):
    """A model at one snapshot as a row of a table.

    `model` is the name that was asked for, `listed_as` the one that it had there; `id` is the snapshot's. Ratings are
    points on LMArena's scale. `scale_break` is by how much the board was re-anchored since the model's row before, in
    points; None where it was not.
    """

    model: str
    id: int
    taken_at: Moment
    rating: float
    lower: float | None
    upper: float | None
    rank: int
    votes: int | None
    listed_as: str
    scale_break: float | None = None


class BoardMoment(NamedTuple):
    """A moment at which there is a board, and the snapshot that counts there."""

    snapshot_id: int
    taken_at: datetime
    board_id: int


class BoardTimeline(NamedTuple):
    """The moments that a board was seen at, oldest first, and its scale breaks.

    Attributes:
        moments: the snapshot that counts at each.
        breaks: by the id of a snapshot, the scale shift in rating points since the moment before it, where that is
            a break: see `llmhub.arena.scale.scale_break`.
    """

    moments: tuple[Snapshot, ...]
    breaks: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class ModelHistory:
    """A model's way over the snapshots that have a board, one a moment.

    Attributes:
        model: the name that was asked for.
        points: where it is listed, oldest first.
        moments: at how many moments there is a snapshot with the board.
    """

    model: str
    leaderboard: str
    category: str
    points: tuple[HistoryPoint, ...]
    moments: int

    def between(self, since: datetime | None, until: datetime | None, limit: int | None = None) -> ModelHistory:
        """Return the same with the points from `since` to `until`, at most the newest `limit` of them."""
        points = [
            point
            for point in self.points
            if (since is None or point.taken_at >= since) and (until is None or point.taken_at <= until)
        ]
        return replace(self, points=tuple(points[-limit:] if limit else points))

    def rows(self, breaks: Mapping[int, float]) -> list[HistoryRow]:
        """Return the points as rows of a table, oldest first, with what `SnapshotStore.scale_breaks` found."""
        return [
            HistoryRow(
                self.model,
                point.snapshot_id,
                point.taken_at,
                point.score.rating,
                point.score.lower,
                point.score.upper,
                point.rank,
                point.score.votes,
                point.listed_as,
                breaks.get(point.snapshot_id),
            )
            for point in self.points
        ]


class _Line(NamedTuple):
    snapshot_id: int
    taken_at: str
    board_id: int
    score: Score
    rank: int


def read_points(
    connection: sqlite3.Connection, ranking: int, model: str, *, through_renames: bool
) -> tuple[list[HistoryPoint], int]:
    """Return a model's points on a ranking, oldest first, and how many moments the ranking has.

    Where two sources have the same moment, the one that `latest` would take counts.
    """
    boards: list[int] = []

    def lines_of(name: str) -> list[_Line | None]:
        rows = _timeline(connection, ranking, name)
        boards[:] = [row[2] for row in rows]
        return [
            None if rating is None else _Line(number, taken_at, board, Score(rating, lower, upper, votes), rank)
            for number, taken_at, board, rating, lower, upper, votes, rank in rows
        ]

    def partner(name: str, here: int, there: int) -> str | None:
        if not through_renames:
            return None
        earlier, later = sorted((here, there))
        pairs = renames(
            _look_alikes(connection, name, of=boards[here], on=boards[earlier], but_not_on=boards[later]),
            _look_alikes(connection, name, of=boards[here], on=boards[later], but_not_on=boards[earlier]),
        )
        names = {pair.old: pair.new for pair in pairs} if here < there else {pair.new: pair.old for pair in pairs}
        return names.get(name)

    found = follow(model, lines_of, partner)
    points = [
        HistoryPoint(line.snapshot_id, queries.from_sql(line.taken_at), name, line.score, line.rank, line.board_id)
        for name, line in filter(None, found)
    ]
    return points, len(boards)


def _look_alikes(connection: sqlite3.Connection, name: str, *, of: int, on: int, but_not_on: int) -> Iterator[Entry]:
    """Yield the lines of a board with the rating and interval of a model's line, of models that another board lacks."""
    asked = {"name": name, "of": of, "board": on, "other": but_not_on}
    return map(Entry._make, connection.execute(queries.LOOK_ALIKES, asked))


def read_moments(connection: sqlite3.Connection, ranking: int) -> list[BoardMoment]:
    """Return the moments at which there is a snapshot with a board, oldest first; of two sources as `read_points`."""
    return [BoardMoment(row[0], queries.from_sql(row[1]), row[2]) for row in _timeline(connection, ranking, None)]


def _timeline(connection: sqlite3.Connection, ranking: int, name: str | None) -> list[tuple[Any, ...]]:
    """Return one row of TIMELINE a moment, the last of a moment being of the source that goes first."""
    rows = connection.execute(queries.TIMELINE, {"ranking": ranking, "name": name})
    return list({row[1]: row for row in rows}.values())


Breaks = dict[tuple[int, int], float | None]
"""The scale breaks between boards that were compared: None where there is none."""


def read_breaks(
    connection: sqlite3.Connection, points: Sequence[HistoryPoint | BoardMoment], known: Breaks
) -> dict[int, float]:
    """Return, by snapshot, the scale breaks between the boards of neighbouring points.

    Args:
        connection: to the store.
        points: a model's or a board's, oldest first.
        known: the boards that were compared before, of which none is read again; gains what is compared now.
    """
    found: dict[int, float] = {}
    for before, point in pairwise(points):
        pair = before.board_id, point.board_id
        if pair[0] == pair[1]:
            continue
        if pair not in known:
            old, new = (dict(connection.execute(queries.RATINGS, {"board": board})) for board in pair)
            known[pair] = scale_break([rating - old[model] for model, rating in new.items() if model in old])
        if (shift := known[pair]) is not None:
            found[point.snapshot_id] = shift
    return found
