"""Two boards of one ranking, model by model: who is on both and how they moved, who came, went or was renamed; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from llmhub.arena.boards import Entry
from llmhub.arena.compare.ranks import best_first, rank_of
from llmhub.arena.compare.scale import scale_shift

Interval = tuple[float, float | None, float | None]


class Renamed(NamedTuple):
    """A model that kept its rating and interval to the last bit under a new name."""

    old: str
    new: str
    rating: float


class Pair(NamedTuple):
    """A model's lines on both boards, its ranks there, and whether it moved significantly.

    `significant` says that the two intervals do not overlap once the scale shift is taken out; None when a bound is
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
        new_ranks: the same of the newer one.
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


def interval(entry: Entry) -> Interval:
    """Return what a change is a change of."""
    return entry.rating, entry.lower, entry.upper


def apart(a: Entry, b: Entry, shift: float) -> bool | None:
    """Say whether two intervals do not overlap once the shift is taken out of the second; None where one is unknown."""
    if a.lower is None or a.upper is None or b.lower is None or b.upper is None:
        return None
    return b.lower - shift > a.upper or b.upper - shift < a.lower


def renames(went: Iterable[Entry], came: Iterable[Entry]) -> tuple[Renamed, ...]:
    """Pair each model that went with the one model that came and cannot be told from it but by its name.

    A pair counts only when neither side has another partner: between look-alikes nobody can say who is who.
    """
    by_interval: defaultdict[Interval, list[Entry]] = defaultdict(list)
    for entry in came:
        if entry.lower is not None and entry.upper is not None:
            by_interval[interval(entry)].append(entry)
    partners: dict[str, list[Entry]] = {}
    suitors: defaultdict[str, list[Entry]] = defaultdict(list)
    for gone in went:
        partners[gone.model] = [new for new in by_interval.get(interval(gone), ()) if _same_votes(gone, new)]
        for new in partners[gone.model]:
            suitors[new.model].append(gone)
    pairs = [
        Renamed(suitors[found[0].model][0].model, found[0].model, found[0].rating)
        for found in partners.values()
        if len(found) == 1 and len(suitors[found[0].model]) == 1
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.rating, pair.new)))


def _same_votes(a: Entry, b: Entry) -> bool:
    return a.votes is None or b.votes is None or a.votes == b.votes
