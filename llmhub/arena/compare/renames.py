"""Which models were only renamed between two boards, and how to follow a model through its renames; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import NamedTuple, TypeVar

from llmhub.arena.boards import Entry

Line = TypeVar("Line")

Interval = tuple[float, float | None, float | None]

Lines = Sequence[Line | None]
"""What is listed under one name at each moment, oldest first; None if the name is not listed."""

RenamedTo = Callable[[str, int, int], str | None]
"""Returns the name at a neighbouring moment of the model that is listed under a name at one moment."""


class Renamed(NamedTuple):
    """A model that kept its rating and interval to the last bit under a new name."""

    old: str
    new: str
    rating: float


def interval(entry: Entry) -> Interval:
    """Return rating, lower and upper: two lines differ if one of these does."""
    return entry.rating, entry.lower, entry.upper


def renames(went: Iterable[Entry], came: Iterable[Entry]) -> tuple[Renamed, ...]:
    """Pair each model that went with the one model that came and has the same numbers.

    The rating, the known interval and, where both are known, the votes are equal. A pair counts only if neither model
    has a second partner: with several, nobody can tell which is which.
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


def follow_renames(
    model: str, lines_of: Callable[[str], Lines[Line]], renamed_to: RenamedTo
) -> list[tuple[str, Line] | None]:
    """Return for each moment the name that a model is listed under and its line; None if it is not listed.

    At a moment that lists `model`, that line counts. At other moments the model is looked for under the name that it
    got later, then under the name that it had before, and so on from there.

    Args:
        model: the name that the caller asks for.
        lines_of: returns the lines of a name; is called once for each name.
        renamed_to: is called only where a name is listed at the first moment and not at the second.
    """
    known = {model: lines_of(model)}
    found = [None if line is None else (model, line) for line in known[model]]
    partner = cache(renamed_to)

    def line_at(name: str, moment: int) -> Line | None:
        if name not in known:
            known[name] = lines_of(name)
        return known[name][moment]

    def fill(moments: Iterable[int], step: int) -> None:
        """Look for the model at the moments where it is missing, under the name that it has at the moment before."""
        name = model
        for moment in moments:
            here, before = found[moment], moment - step
            if here is not None:
                name = here[0]
                continue
            line = line_at(name, moment)
            listed_before = 0 <= before < len(found) and found[before] is not None
            if line is None and listed_before and (other := partner(name, before, moment)) is not None:
                name, line = other, line_at(other, moment)
            if line is not None:
                found[moment] = (name, line)

    # A name that is found on the way back may itself have been renamed, at a moment that was passed before. So go back
    # and forth until no more is found.
    while True:
        missing = found.count(None)
        fill(range(len(found)), 1)
        fill(reversed(range(len(found))), -1)
        if found.count(None) == missing:
            return found
