"""A board, and models on it, over time: what is found there, as values; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from llmhub.arena.boards import Moment, Score


class BoardPoint(NamedTuple):
    """A publication of a board, or where each snapshot was asked for, a snapshot.

    Attributes:
        moment: when it was published (00:00 UTC of that day); where that is unknown, or each snapshot was asked for,
            the snapshot's `taken_at`.
        published_on: the day that it was published, None if unknown.
        snapshot_id: the snapshot that first brought the board that counts.
        taken_at: that snapshot's moment.
        source: that snapshot's source.
        revision: the published dataset's revision of it.
        board_id: the board that counts.
        newest_id: the newest snapshot with the same ratings and intervals of it.
        scale_break: the scale shift in rating points since the point before, where that is a break: see
            `llmhub.arena.compare.scale.scale_break`; else None.
    """

    moment: datetime
    snapshot_id: int
    taken_at: datetime
    source: str
    board_id: int
    newest_id: int
    published_on: date | None = None
    revision: str | None = None
    scale_break: float | None = None


class HistoryPoint(NamedTuple):
    """A model at one publication: the name that it is listed under there, its score and its rank.

    `snapshot_id` and `taken_at` are those of the snapshot that first brought it, `moment` is when it was published,
    as in `BoardPoint`. `scale_break` is the scale shift since the model's point before, where that is a break.
    """

    snapshot_id: int
    taken_at: datetime
    listed_as: str
    score: Score
    rank: int
    board_id: int
    moment: datetime
    published_on: date | None = None
    scale_break: float | None = None

    @property
    def until(self) -> datetime:
        """Return the end of what `moment` stands for: of a day of publication the day's last moment."""
        day = self.published_on
        return datetime.combine(day, time.max, UTC) if day and self.moment == _midnight(day) else self.moment


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


class HistoryRow(NamedTuple):
    """A model at one publication as a row of a table.

    `model` is the name that was asked for, `listed_as` the one that it had there; `id` is the snapshot's. Ratings are
    points on LMArena's scale. `scale_break` is by how much the board was re-anchored since the model's row before, in
    points; None where it was not. `published_on` is the day that the board was published, None if unknown.
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
    published_on: date | None = None


@dataclass(frozen=True, slots=True)
class ModelHistory:
    """A model's way over the publications of a board.

    Attributes:
        model: the name that was asked for.
        points: where it is listed, oldest first.
        moments: how many publications of the board there are.
    """

    model: str
    leaderboard: str
    category: str
    points: tuple[HistoryPoint, ...]
    moments: int

    def between(self, since: datetime | None, until: datetime | None, limit: int | None = None) -> ModelHistory:
        """Return the same with the points from `since` to `until`, at most the newest `limit` of them.

        What was published on a day lies in a span that any moment of that day lies in.
        """
        points = [
            point
            for point in self.points
            if (since is None or point.until >= since) and (until is None or point.moment <= until)
        ]
        return replace(self, points=tuple(points[-limit:] if limit else points))

    @property
    def rows(self) -> list[HistoryRow]:
        """Return the points as rows of a table, oldest first."""
        return [
            HistoryRow(
                self.model,
                point.snapshot_id,
                point.taken_at,
                *point.score[:3],
                point.rank,
                point.score.votes,
                point.listed_as,
                point.scale_break,
                point.published_on,
            )
            for point in self.points
        ]


@dataclass(frozen=True, slots=True)
class OverTime:
    """A board's publications, oldest first, and models on it, all of one state of the store."""

    timeline: tuple[BoardPoint, ...]
    histories: tuple[ModelHistory, ...]
