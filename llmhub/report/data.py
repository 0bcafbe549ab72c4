"""The data of a report; the templates use nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from llmhub.arena.boards import RankedEntry, Snapshot
from llmhub.arena.compare.diff import BoardDiff
from llmhub.arena.compare.history import BoardPoint, ModelHistory
from llmhub.report.over_time.days import Day, OffersOverTime
from llmhub.report.over_time.frontiers import Frontier

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel, Catalog


@dataclass(frozen=True, slots=True)
class Since:
    """An earlier board with which the newest one is compared.

    Attributes:
        label: how long ago, in words for a column's head.
        point: the publication that has it.
        shift: the scale shift since, in rating points; None if no model is on both boards.
    """

    label: str
    point: BoardPoint
    shift: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """A model's change since an earlier board, in rating points.

    `delta` is as published, `less_shift` the same without the scale shift. `significant` is as in a diff: the intervals
    do not overlap once the shift is taken out; None if a bound is unknown.
    """

    delta: float
    less_shift: float
    significant: bool | None


@dataclass(frozen=True, slots=True)
class Line:
    """A model on the board: its score, page, price and changes.

    Attributes:
        score: its line on the board.
        slug: its page's name without the ending.
        offers: its callable offers, first the one whose price counts; see `llmhub.report.offers`.
        elsewhere: its other offers, first the one whose price counts; see `llmhub.report.elsewhere`.
        changes: one for each of the report's `since`; None if the model was not on that board.
    """

    score: RankedEntry
    slug: str
    offers: tuple[CanonicalModel, ...]
    elsewhere: tuple[CanonicalModel, ...]
    changes: tuple[Change | None, ...]

    @property
    def counted(self) -> tuple[CanonicalModel, ...]:
        """The offers of which the first one's price counts: the callable ones, or if there is none, the others."""
        return self.offers or self.elsewhere


@dataclass(frozen=True, slots=True)
class Place:
    """A model's position on one board."""

    leaderboard: str
    category: str
    snapshot: Snapshot
    score: RankedEntry
    models: int


@dataclass(frozen=True, slots=True)
class Board:
    """One board as it is newest, best first, and its page's path below the site's folder."""

    leaderboard: str
    category: str
    path: str
    snapshot: Snapshot
    scores: tuple[RankedEntry, ...]


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The data of a model's own page beside its line.

    Attributes:
        history: its history on the report's board, up to the report's publication.
        places: all boards that it is on.
    """

    history: ModelHistory
    places: tuple[Place, ...]

    @property
    def re_anchored(self) -> bool:
        """Whether the scale moved during the model's history."""
        return any(point.scale_break is not None for point in self.history.points)


@dataclass(frozen=True, slots=True)
class Report:
    """All data of the site.

    Attributes:
        snapshot: the newest snapshot that has the board.
        shown: the publication that it brought.
        lines: the board, best first.
        facts: the data of each model's page.
        boards: every board of the store, that of the report first, then the others of its leaderboard.
        since: the earlier boards from which changes are counted.
        not_since: why one of them is missing, a sentence each.
        diff: what changed since the last publication that differs; None if there is none.
        changed_since: the publication of the diff's other board; None if there is none.
        why_no_diff: why there is no diff; None if there is one.
        offers: what was recorded of offers over time.
        days: the newest days on which something changed, newest first.
        frontiers: the frontier on a few dates, oldest first; none if there are too few.
        catalog: the last built catalog; None if there is none.
        within_reach: models.dev's names of the providers that llmhub can call, given a key.
        attribution: the source to name for the ratings.
        built_at: when the report was made.
        version: llmhub's version.
        made_up: whether all data is made up (the demonstration).
        url: the address that the site will have, which ends in a slash; None if unknown.
    """

    snapshot: Snapshot
    shown: BoardPoint
    leaderboard: str
    category: str
    lines: tuple[Line, ...]
    facts: Mapping[str, ModelFacts]
    boards: tuple[Board, ...]
    since: tuple[Since, ...]
    not_since: tuple[str, ...]
    diff: BoardDiff | None
    changed_since: BoardPoint | None
    why_no_diff: str | None
    offers: OffersOverTime
    days: tuple[Day, ...]
    frontiers: tuple[Frontier, ...]
    catalog: Catalog | None
    within_reach: frozenset[str]
    attribution: str
    built_at: datetime
    version: str
    made_up: bool
    url: str | None = None

    @property
    def published_on(self) -> date | None:
        """The day that the leaderboard was published; None if unknown."""
        return self.shown.published_on
