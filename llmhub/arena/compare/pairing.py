"""Pairs the models of two boards of one ranking: which are on both and how they moved, which came and went; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from llmhub.arena.boards import Entry
from llmhub.arena.compare.ranks import best_first, rank_of
from llmhub.arena.compare.scale import scale_shift


class Pair(NamedTuple):
    """A model's lines on both boards, its ranks there, and whether it moved significantly.

    `significant` says that the two intervals do not overlap once the scale shift is taken out; None if a bound is
    unknown.
    """

    old: Entry
    new: Entry
    rank_from: int
    rank_to: int
    significant: bool | None

    @property
    def delta(self) -> float:
        """Return the change of rating as published, in points."""
        return self.new.rating - self.old.rating


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two boards, model by model.

    Attributes:
        shift: the median change of rating of the models on both boards; None when no model is on both.
        common: the models on both boards, in the order of the newer one.
        went: the lines of models that are on the older board only.
        came: the lines of models that are on the newer board only.
        old_ranks: for each rating on the older board its rank.
        new_ranks: for each rating on the newer board its rank.
    """

    shift: float | None
    common: tuple[Pair, ...]
    went: tuple[Entry, ...]
    came: tuple[Entry, ...]
    old_ranks: Mapping[float, int]
    new_ranks: Mapping[float, int]


def paired(old: Sequence[Entry], new: Sequence[Entry]) -> Pairing:
    """Pair two boards of one ranking by the models' names."""
    old_by_name = {entry.model: entry for entry in old}
    new_names = {entry.model for entry in new}
    both = [(old_by_name[entry.model], entry) for entry in best_first(new) if entry.model in old_by_name]
    shift = scale_shift([after.rating - before.rating for before, after in both])
    old_ranks, new_ranks = rank_of(entry.rating for entry in old), rank_of(entry.rating for entry in new)
    return Pairing(
        shift=shift,
        common=tuple(
            Pair(
                before,
                after,
                old_ranks[before.rating],
                new_ranks[after.rating],
                apart(before, after, shift or 0.0),
            )
            for before, after in both
        ),
        went=tuple(entry for entry in old if entry.model not in new_names),
        came=tuple(entry for entry in new if entry.model not in old_by_name),
        old_ranks=old_ranks,
        new_ranks=new_ranks,
    )


def apart(a: Entry, b: Entry, shift: float) -> bool | None:
    """Return whether two intervals do not overlap once the shift is taken out of the second; None if one is unknown."""
    if a.lower is None or a.upper is None or b.lower is None or b.upper is None:
        return None
    return b.lower - shift > a.upper or b.upper - shift < a.lower
