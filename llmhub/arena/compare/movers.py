"""Finds which models rose and fell most between two boards, without the shift of the scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from llmhub.arena.boards import Entry, Snapshot
from llmhub.arena.compare.pairing import paired


class Moved(NamedTuple):
    """A model on both boards, and how it moved against the others.

    `delta` is the change as published, in rating points, `delta_less_shift` the same without the scale shift.
    `significant` is as in a diff: the intervals do not overlap once the shift is taken out; None if a bound is
    unknown.
    """

    model: str
    rating_from: float
    rating_to: float
    delta: float
    delta_less_shift: float
    rank_from: int
    rank_to: int
    significant: bool | None = None


class MoverRow(NamedTuple):
    """A model that moved as a row of a table: the direction, and the numbers of `Moved`."""

    what: Literal["risen", "fallen"]
    model: str
    rating_from: float
    rating_to: float
    delta: float
    delta_less_shift: float
    rank_from: int
    rank_to: int
    significant: bool | None = None


@dataclass(frozen=True, slots=True)
class Movers:
    """The models that moved between two snapshots of a board.

    Attributes:
        scale_shift: the median change of rating of the models on both boards; None when no model is on both.
        common: how many models are on both boards.
        risen: models whose change is above the scale shift, those that rose most first.
        fallen: models whose change is below it, those that fell most first.
    """

    before: Snapshot
    after: Snapshot
    leaderboard: str
    category: str
    scale_shift: float | None = field(default=None, kw_only=True)
    common: int
    risen: tuple[Moved, ...]
    fallen: tuple[Moved, ...]

    def __repr__(self) -> str:
        """Say what it is in one line: its lists would fill a screen."""
        days = f"{self.before.taken_at:%Y-%m-%d} to {self.after.taken_at:%Y-%m-%d}"
        counts = f"{len(self.risen):,} risen, {len(self.fallen):,} fallen of {self.common:,}"
        return f"<Movers on {self.leaderboard} / {self.category}, {days}: {counts}>"

    def top(self, number: int | None) -> Movers:
        """Return the movers with at most so many models that rose, and so many that fell."""
        return replace(self, risen=self.risen[:number], fallen=self.fallen[:number])

    @property
    def rows(self) -> list[MoverRow]:
        """Return both lists as rows of one table; each list alone is a table too."""
        return [
            *(MoverRow("risen", *moved) for moved in self.risen),
            *(MoverRow("fallen", *moved) for moved in self.fallen),
        ]


def find_movers(
    old: Sequence[Entry], new: Sequence[Entry], *, before: Snapshot, after: Snapshot, leaderboard: str, category: str
) -> Movers:
    """Compare two boards of one ranking."""
    pairing = paired(old, new)
    shift = pairing.shift or 0.0
    moved = [
        Moved(
            pair.new.model,
            pair.old.rating,
            pair.new.rating,
            pair.delta,
            pair.delta - shift,
            pair.rank_from,
            pair.rank_to,
            pair.significant,
        )
        for pair in pairing.common
    ]
    moved.sort(key=lambda one: (-abs(one.delta_less_shift), one.model))
    return Movers(
        before=before,
        after=after,
        leaderboard=leaderboard,
        category=category,
        scale_shift=pairing.shift,
        common=len(pairing.common),
        risen=tuple(one for one in moved if one.delta_less_shift > 0),
        fallen=tuple(one for one in moved if one.delta_less_shift < 0),
    )
