"""Find price changes that look like corrections of the source and not like decisions of the provider. Pure.

Such changes are marked, and still shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

_TAKEN_BACK = timedelta(days=30)
_FIRST_WEEK = timedelta(days=7)
_OLD = timedelta(days=365)
_TENFOLD = 10
_DOUBLED = 2
_DATE_LENGTH = len("2025-08-31")


class Quote(NamedTuple):
    """The prices of an offer from a snapshot on.

    Attributes:
        at: the moment of the snapshot.
        prices: the prices by their short names; None if a price is unknown.
        released: the model's release date, as the source has it.
        open_weights: whether anyone can host the model; None if unknown.
    """

    at: datetime
    prices: Mapping[str, float | None]
    released: str | None = None
    open_weights: bool | None = None


class _Step(NamedTuple):
    """A change of one price."""

    at: datetime
    old: float | None
    new: float | None


def notes_on(quotes: Sequence[Quote | None], *, since: datetime) -> list[dict[str, str]]:
    """Return for each quote the names of prices that likely correct the quote before, with the reasons.

    Args:
        quotes: the quotes of one offer, oldest first; None where it went.
        since: the moment at which recording began; an offer that existed then has no known first week.
    """
    notes: list[dict[str, str]] = [{} for _ in quotes]
    first = next((quote.at for quote in quotes if quote is not None), since)
    for name in dict.fromkeys(name for quote in quotes if quote is not None for name in quote.prices):
        steps = dict(_steps(quotes, name))
        for number, step in steps.items():
            quote = quotes[number]
            if quote is None:
                continue
            others = [other for other in steps.values() if other is not step]
            if why := _note(step, others, first_seen=None if first == since else first, quote=quote):
                notes[number][name] = why
    return notes


def _steps(quotes: Sequence[Quote | None], name: str) -> Iterator[tuple[int, _Step]]:
    for number, (before, after) in enumerate(pairwise(quotes), 1):
        if before is not None and after is not None:
            old, new = before.prices.get(name), after.prices.get(name)
            if old != new:
                yield number, _Step(after.at, old, new)


def _note(step: _Step, others: Iterable[_Step], *, first_seen: datetime | None, quote: Quote) -> str | None:
    """Return why a change of a price is likely a correction; None if nothing says so."""
    old, new = step.old, step.new
    if old is None or new is None:
        return None
    why = None
    if back := _taken_back(step, others):
        why = back
    elif 0 in {old, new}:
        why = "from zero" if old == 0 else "to zero"
    elif max(old, new) >= _TENFOLD * min(old, new):
        why = "tenfold or more"
    elif first_seen is not None and step.at - first_seen <= _FIRST_WEEK:
        why = "in the offer's first week"
    elif new >= _DOUBLED * old and quote.open_weights is False and _is_old(quote.released, step.at):
        # For example openai/gpt-4 on 2025-08-08. Prices of hosts of open weights do rise, so they are not marked.
        why = "doubled or more over a year after the model's release"
    return why


def _taken_back(step: _Step, others: Iterable[_Step]) -> str | None:
    for other in others:
        if other.old == step.new and other.new == step.old and abs(other.at - step.at) <= _TAKEN_BACK:
            if other.at > step.at:
                return f"taken back on {other.at:%Y-%m-%d}"
            return f"takes back the change of {other.at:%Y-%m-%d}"
    return None


def _is_old(released: str | None, at: datetime) -> bool:
    if released is None:
        return False
    day = released if len(released) == _DATE_LENGTH else f"{released}-01"
    try:
        return at - datetime.fromisoformat(day).replace(tzinfo=UTC) > _OLD
    except ValueError:
        return False
