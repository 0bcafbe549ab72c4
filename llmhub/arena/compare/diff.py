"""Compares two boards of one ranking: which models came, went, were renamed and moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from llmhub.arena.boards import Entry, Snapshot
from llmhub.arena.compare.pairing import paired
from llmhub.arena.compare.ranks import best_first
from llmhub.arena.compare.renames import Renamed, interval, renames

__all__ = ["BoardDiff", "Changed", "DiffRow", "Listed", "Renamed", "diff_boards"]


class Listed(NamedTuple):
    """A model that is on only one of the two boards, with its rating and rank there."""

    model: str
    rating: float
    rank: int


class Changed(NamedTuple):
    """A model on both boards whose rating, lower or upper bound differs.

    `delta` is the change as published, scale shift included. `significant` says that the two intervals do not
    overlap once the scale shift is taken out; None when a bound is unknown. It compares intervals and is no
    hypothesis test.
    """

    model: str
    rating_from: float
    rating_to: float
    delta: float
    rank_from: int
    rank_to: int
    significant: bool | None = None


class DiffRow(NamedTuple):
    """A model that differs between two boards as a row of a table; fields that do not apply are None.

    `what` names the list of `BoardDiff` that the row comes from; the numbers are those of that list.
    """

    what: Literal["added", "removed", "renamed", "changed"]
    model: str
    renamed_to: str | None = None
    rating_from: float | None = None
    rating_to: float | None = None
    delta: float | None = None
    rank_from: int | None = None
    rank_to: int | None = None
    significant: bool | None = None


@dataclass(frozen=True, slots=True)
class BoardDiff:
    """The differences of one board between two snapshots.

    Attributes:
        before: the older snapshot, or the one that the caller named first.
        after: the other snapshot.
        scale_shift: the median change of rating of the models on both boards, in rating points; None when no
            model is on both. Leaderboards are re-anchored at times, which moves every model by about the same amount.
        added: models that came, best first.
        removed: models that went, best first.
        renamed: models that only changed their name, best first.
        changed: models whose rating or interval moved, in the order of the newer board.
        unchanged: how many models have the same rating and interval on both.
        organizations: the organization of each model on either board, if known.
        ranks: the rank of each rating on the newer board.
    """

    before: Snapshot
    after: Snapshot
    leaderboard: str
    category: str
    scale_shift: float | None = field(default=None, kw_only=True)
    added: tuple[Listed, ...]
    removed: tuple[Listed, ...]
    renamed: tuple[Renamed, ...]
    changed: tuple[Changed, ...]
    unchanged: int
    organizations: Mapping[str, str] = field(default_factory=dict)
    ranks: Mapping[float, int] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Say what it is in one line: its lists would fill a screen."""
        days = f"{self.before.taken_at:%Y-%m-%d} to {self.after.taken_at:%Y-%m-%d}"
        names = ("added", "removed", "renamed", "changed")
        counts = ", ".join(f"{len(getattr(self, name)):,} {name}" for name in names)
        return f"<BoardDiff of {self.leaderboard} / {self.category}, {days}: {counts}, {self.unchanged:,} unchanged>"

    @property
    def same(self) -> bool:
        """Return whether the two boards list the same models with the same ratings and intervals."""
        return not (self.added or self.removed or self.renamed or self.changed)

    def of_models(self, wanted: Callable[[str], bool]) -> BoardDiff:
        """Return the diff with only the wanted models in its lists; a renamed one is kept if either name is wanted."""
        return replace(
            self,
            added=tuple(one for one in self.added if wanted(one.model)),
            removed=tuple(one for one in self.removed if wanted(one.model)),
            renamed=tuple(one for one in self.renamed if wanted(one.old) or wanted(one.new)),
            changed=tuple(one for one in self.changed if wanted(one.model)),
        )

    def among_first(self, number: int) -> BoardDiff:
        """Return the diff with only the models in its lists that are among the first `number` of either board."""
        first = {
            *(one.model for one in (*self.added, *self.removed) if one.rank <= number),
            *(one.model for one in self.changed if min(one.rank_from, one.rank_to) <= number),
            *(pair.new for pair in self.renamed if self.ranks[pair.rating] <= number),
        }
        return self.of_models(first.__contains__)

    def notable(self, first: int) -> BoardDiff:
        """Return the diff with only the changes that are significant, or moved a rank among the first `first`."""
        return replace(
            self,
            changed=tuple(
                one
                for one in self.changed
                if one.significant or (one.rank_from != one.rank_to and min(one.rank_from, one.rank_to) <= first)
            ),
        )

    @property
    def rows(self) -> list[DiffRow]:
        """Return the four lists as rows of one table; each list alone is a table too."""
        return [
            *(DiffRow("added", came.model, rating_to=came.rating, rank_to=came.rank) for came in self.added),
            *(DiffRow("removed", gone.model, rating_from=gone.rating, rank_from=gone.rank) for gone in self.removed),
            *(DiffRow("renamed", pair.old, pair.new, pair.rating, pair.rating, 0.0) for pair in self.renamed),
            *(DiffRow("changed", change.model, None, *change[1:]) for change in self.changed),
        ]


def diff_boards(
    old: Sequence[Entry], new: Sequence[Entry], *, before: Snapshot, after: Snapshot, leaderboard: str, category: str
) -> BoardDiff:
    """Compare two boards of one ranking."""
    pairing = paired(old, new)
    renamed = renames(pairing.went, pairing.came)
    renamed_old, renamed_new = {pair.old for pair in renamed}, {pair.new for pair in renamed}
    changed = tuple(
        Changed(
            pair.new.model,
            pair.old.rating,
            pair.new.rating,
            pair.delta,
            pair.rank_from,
            pair.rank_to,
            pair.significant,
        )
        for pair in pairing.common
        if interval(pair.old) != interval(pair.new)
    )
    return BoardDiff(
        before=before,
        after=after,
        leaderboard=leaderboard,
        category=category,
        scale_shift=pairing.shift,
        added=_listed((entry for entry in pairing.came if entry.model not in renamed_new), pairing.new_ranks),
        removed=_listed((entry for entry in pairing.went if entry.model not in renamed_old), pairing.old_ranks),
        renamed=renamed,
        changed=changed,
        unchanged=len(pairing.common) - len(changed),
        organizations={entry.model: entry.organization for entry in (*old, *new) if entry.organization},
        ranks=pairing.new_ranks,
    )


def _listed(entries: Iterable[Entry], ranks: Mapping[float, int]) -> tuple[Listed, ...]:
    return tuple(Listed(entry.model, entry.rating, ranks[entry.rating]) for entry in best_first(entries))
