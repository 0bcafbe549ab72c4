"""What a report shows, read and put together; the templates look nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from llmhub.arena.boards import RankedEntry, Snapshot
from llmhub.arena.compare.diff import BoardDiff
from llmhub.arena.compare.history import BoardPoint, ModelHistory
from llmhub.catalog.schema import CanonicalModel, Catalog


@dataclass(frozen=True, slots=True)
class Since:
    """An earlier board that the newest one is compared with.

    Attributes:
        label: how long ago, in words for the head of a column.
        point: the publication that has it.
        shift: the scale shift since, in rating points; None when no model is on both boards.
    """

    label: str
    point: BoardPoint
    shift: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """How a model moved since an earlier board, in rating points.

    `delta` is as published, `less_shift` the same without the scale shift. `significant` is that of a diff: the
    intervals do not overlap once the shift is taken out; None when a bound is unknown.
    """

    delta: float
    less_shift: float
    significant: bool | None


@dataclass(frozen=True, slots=True)
class Line:
    """A model on the board: its line there, where its page is, what it costs, and how it moved.

    Attributes:
        score: its line on the board.
        slug: its page's name without the ending.
        offers: where it can be called, the one whose price counts for it first; see `llmhub.report.offers`.
        changes: one for each of the report's `since`; None where the model was not on that board.
    """

    score: RankedEntry
    slug: str
    offers: tuple[CanonicalModel, ...]
    changes: tuple[Change | None, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model stands on one board."""

    leaderboard: str
    category: str
    snapshot: Snapshot
    score: RankedEntry
    models: int


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a model's own page shows beside its line.

    Attributes:
        history: its way on the report's board, up to the report's publication.
        places: every board that it is on.
    """

    history: ModelHistory
    places: tuple[Place, ...]

    @property
    def re_anchored(self) -> bool:
        """Say whether the scale moved on the model's way."""
        return any(point.scale_break is not None for point in self.history.points)


@dataclass(frozen=True, slots=True)
class Report:
    """All that the site shows.

    Attributes:
        snapshot: the newest snapshot that has the board.
        shown: the publication that it brought.
        lines: the board, best first.
        facts: for each model of the board what its page shows.
        since: the earlier boards that changes are counted from.
        not_since: why there is no other, a sentence each.
        diff: what changed since the last publication that differs; None where there is none.
        changed_since: the publication that it is compared with; None where there is none.
        why_no_diff: why there is no diff; None where there is one.
        catalog: the last built catalog; None where there is none.
        attribution: whom to name for the ratings.
        built_at: when the report was made.
        version: of llmhub.
        made_up: whether all of it is made up (the demonstration).
    """

    snapshot: Snapshot
    shown: BoardPoint
    leaderboard: str
    category: str
    lines: tuple[Line, ...]
    facts: Mapping[str, ModelFacts]
    since: tuple[Since, ...]
    not_since: tuple[str, ...]
    diff: BoardDiff | None
    changed_since: BoardPoint | None
    why_no_diff: str | None
    catalog: Catalog | None
    attribution: str
    built_at: datetime
    version: str
    made_up: bool

    @property
    def published_on(self) -> date | None:
        """Return the date that the leaderboard was published; None when unknown."""
        return self.shown.published_on
