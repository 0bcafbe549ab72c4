"""The value objects of the arena store: what a score, a board and a snapshot are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isfinite
from typing import NamedTuple, TypeAlias

TEXT = "text"
OVERALL = "overall"

Moment: TypeAlias = datetime
"""A timezone-aware moment in a row of a table; polars drops the timezone of a field annotated as `datetime`."""


class Score(NamedTuple):
    """One model's line on a board.

    All numbers are points on LMArena's rating scale. `lower` and `upper` bound the 95 % interval; None means that
    the source did not publish them. `votes` is the number of battles behind the rating, None when unknown.
    """

    rating: float
    lower: float | None = None
    upper: float | None = None
    votes: int | None = None

    def problem(self) -> tuple[str, str] | None:
        """Return the field that breaks a rule and what was expected of it, or None for a sound score."""
        rating, lower, upper, votes = self
        if type(rating) is not float or not isfinite(rating):
            return "rating", "a finite number"
        if lower is not None and not (type(lower) is float and isfinite(lower) and lower <= rating):
            return "lower", f"a finite number not above the rating {rating!r}"
        if upper is not None and not (type(upper) is float and isfinite(upper) and upper >= rating):
            return "upper", f"a finite number not below the rating {rating!r}"
        if votes is not None and not (type(votes) is int and 0 <= votes < 1 << 63):
            return "votes", "a whole number of at least 0"
        return None


Board = Mapping[str, Score]
"""One ranking: model name to score."""


class ModelFacts(NamedTuple):
    """What a publication says about a model itself; None means unknown."""

    organization: str | None = None
    license: str | None = None

    def or_else(self, other: ModelFacts) -> ModelFacts:
        """Return these facts, with the other's in place of those that are unknown."""
        return ModelFacts(self.organization or other.organization, self.license or other.license)


class ModelFactsAsOf(NamedTuple):
    """What a store knows of a model, and the moment of the publication that said so; None means unknown."""

    name: str
    organization: str | None
    organization_as_of: datetime | None
    license: str | None
    license_as_of: datetime | None


class Entry(NamedTuple):
    """A score as the store returns it: with the model's name, and what is now known of the model."""

    model: str
    rating: float
    lower: float | None = None
    upper: float | None = None
    votes: int | None = None
    organization: str | None = None
    license: str | None = None


class RankedEntry(NamedTuple):
    """A line of a leaderboard with its ranks.

    `rank` is 1 + the number of models with a greater rating. `rank_ub` is 1 + the number of models whose lower
    bound is above this model's upper bound; None if a bound that it depends on is unknown.
    """

    rank: int
    rank_ub: int | None
    model: str
    rating: float
    lower: float | None = None
    upper: float | None = None
    votes: int | None = None
    organization: str | None = None
    license: str | None = None


class SnapshotRow(NamedTuple):
    """A snapshot as a row of a table; see `Snapshot`. `published_on` is the text leaderboard's."""

    id: int
    taken_at: Moment
    published_on: date | None
    source: str
    boards: int
    models: int
    revision: str | None = None
    script: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One successful run of the update script, or one imported publication.

    Attributes:
        id: the number that references such as ``12`` mean; never reused.
        source: `script`, `dataset` or `arena-catalog`.
        taken_at: the moment it stands for, timezone-aware, in UTC.
        leaderboards: each leaderboard it brought and the date that leaderboard was published, None if unknown.
        boards: how many boards it has over all its leaderboards.
        models: how many models are on its text / overall board; 0 without such a board.
        revision: the published dataset's revision, as the script named it.
        script: which script ran (`script` only).
    """

    id: int
    source: str
    taken_at: datetime
    leaderboards: Mapping[str, date | None]
    boards: int
    models: int
    revision: str | None = None
    script: str | None = None

    @property
    def published_on(self) -> date | None:
        """Return the date that its text leaderboard was published; None when unknown."""
        return self.leaderboards.get(TEXT)

    @property
    def row(self) -> SnapshotRow:
        """Return the snapshot as a row of a table."""
        return SnapshotRow(
            self.id,
            self.taken_at,
            self.published_on,
            self.source,
            self.boards,
            self.models,
            self.revision,
            self.script,
        )


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """One leaderboard of one publication: its boards by category, and what it says about the models."""

    boards: Mapping[str, Board]
    models: Mapping[str, ModelFacts] = field(default_factory=dict)
    published_on: date | None = None
