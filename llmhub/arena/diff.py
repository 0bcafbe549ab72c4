"""Two boards of one ranking: what came, went, was renamed and moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from llmhub.arena.ranks import best_first, rank_of
from llmhub.arena.scale import scale_shift
from llmhub.arena.schema import Entry, Snapshot


class Listed(NamedTuple):
    """A model that is on one of the two boards only, with its rating and rank there."""

    model: str
    rating: float
    rank: int


class Renamed(NamedTuple):
    """A model that kept its rating and interval to the last bit under a new name."""

    old: str
    new: str
    rating: float


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
    """A model that differs between two boards as a row of a table; what does not apply to it is None.

    `what` says which list of `BoardDiff` it is from; the numbers are those of that list.
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
    """What happened to one board between two snapshots.

    Attributes:
        before: the snapshot that is compared from.
        after: the snapshot that is compared to.
        scale_shift: the median change of rating of the models on both boards, in rating points; None when no
            model is on both. Leaderboards are re-anchored at times, which moves every model by about as much.
        added: models that came, best first.
        removed: models that went, best first.
        renamed: models that only changed their name, best first.
        changed: models whose rating or interval moved, in the order of the newer board.
        unchanged: how many models have the same rating and interval on both.
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

    @property
    def same(self) -> bool:
        """Say whether the two boards list the same models with the same ratings and intervals."""
        return not (self.added or self.removed or self.renamed or self.changed)

    @property
    def rows(self) -> list[DiffRow]:
        """Return the four lists as rows of one table; each list alone makes one too."""
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
    old_by_name = {entry.model: entry for entry in old}
    new_by_name = {entry.model: entry for entry in new}
    common = [(old_by_name[entry.model], entry) for entry in best_first(new) if entry.model in old_by_name]
    shift = scale_shift([b.rating - a.rating for a, b in common])
    went = [entry for entry in old if entry.model not in new_by_name]
    came = [entry for entry in new if entry.model not in old_by_name]
    renamed = renames(went, came)
    renamed_old, renamed_new = {pair.old for pair in renamed}, {pair.new for pair in renamed}
    old_ranks, new_ranks = rank_of(e.rating for e in old), rank_of(e.rating for e in new)
    changed = tuple(
        Changed(
            b.model,
            a.rating,
            b.rating,
            b.rating - a.rating,
            old_ranks[a.rating],
            new_ranks[b.rating],
            apart(a, b, shift or 0.0),
        )
        for a, b in common
        if _interval(a) != _interval(b)
    )
    return BoardDiff(
        before=before,
        after=after,
        leaderboard=leaderboard,
        category=category,
        scale_shift=shift,
        added=_listed((entry for entry in came if entry.model not in renamed_new), new_ranks),
        removed=_listed((entry for entry in went if entry.model not in renamed_old), old_ranks),
        renamed=renamed,
        changed=changed,
        unchanged=len(common) - len(changed),
    )


def _listed(entries: Iterable[Entry], ranks: dict[float, int]) -> tuple[Listed, ...]:
    return tuple(Listed(entry.model, entry.rating, ranks[entry.rating]) for entry in best_first(entries))


def _interval(entry: Entry) -> tuple[float, float | None, float | None]:
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
    by_interval: defaultdict[tuple[float, float | None, float | None], list[Entry]] = defaultdict(list)
    for entry in came:
        if entry.lower is not None and entry.upper is not None:
            by_interval[_interval(entry)].append(entry)
    partners: dict[str, list[Entry]] = {}
    suitors: defaultdict[str, list[Entry]] = defaultdict(list)
    for gone in went:
        partners[gone.model] = [new for new in by_interval.get(_interval(gone), ()) if _same_votes(gone, new)]
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
