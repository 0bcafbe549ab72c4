"""Value objects for a board, and models on it, over time; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from llmhub.arena.boards import Moment, Score


class BoardPoint(NamedTuple):
    """A publication of a board or, if the caller asked for every snapshot, a snapshot.

    Attributes:
        moment: when it was published (00:00 UTC of that day); if that is unknown, or the caller asked for every
            snapshot, the snapshot's `taken_at`.
        published_on: the day on which it was published, None if unknown.
        snapshot_id: the snapshot that first brought the board that counts.
        taken_at: that snapshot's moment.
        source: that snapshot's source.
        revision: that snapshot's revision of the published dataset.
        board_id: the board that counts.
        newest_id: the newest snapshot of this publication with the same ratings and intervals.
        scale_break: the scale shift in rating points since the point before, if that is a break (see
            `llmhub.arena.compare.scale.scale_break`); else None.
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
    """A model at one publication: the name under which it is listed there, its score and its rank.

    `snapshot_id` and `taken_at` belong to the snapshot that first brought it; `moment` is as in `BoardPoint`.
    `scale_break` is the scale shift since the model's previous point, if that is a break.
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
        """Return the last moment of the day of publication; `moment` itself if the point has no such day."""
        day = self.published_on
        return datetime.combine(day, time.max, UTC) if day and self.moment == _midnight(day) else self.moment


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


class HistoryRow(NamedTuple):
    """A model at one publication as a row of a table.

    `model` is the name that the caller asked for, `listed_as` the name at that publication; `id` is the snapshot's.
    Ratings are points on LMArena's scale. `scale_break` says by how many points the board was re-anchored since the
    model's previous row; None if it was not. `published_on` is the day of publication, None if unknown.
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
    """A model over the publications of a board.

    Attributes:
        model: the name that the caller asked for.
        points: the publications that list it, oldest first.
        moments: how many publications of the board there are.
    """

    model: str
    leaderboard: str
    category: str
    points: tuple[HistoryPoint, ...]
    moments: int

    def __repr__(self) -> str:
        """Say what it is in one line: its points would fill a screen."""
        span = f", {self.points[0].moment:%Y-%m-%d} to {self.points[-1].moment:%Y-%m-%d}" if self.points else ""
        of = f"{len(self.points):,} of {self.moments:,} publications{span}"
        return f"<ModelHistory of {self.model} on {self.leaderboard} / {self.category}: {of}>"

    def between(self, since: datetime | None, until: datetime | None, limit: int | None = None) -> ModelHistory:
        """Return the history with only the points from `since` to `until`, at most the newest `limit` of them.

        A point with a day of publication is in the span if any moment of that day is.
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
