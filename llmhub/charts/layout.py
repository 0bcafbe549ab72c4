"""Positions in a chart: labels that do not overlap, and the dates along the time axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from math import floor, log10
from typing import NamedTuple

_DAY_STEPS = (1, 2, 7, 14)
_MONTHS_OF_YEAR = 12
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions at least `gap` apart between `low` and `high`, as near as possible to the wanted ones.

    Nearest in the sense of least squares; equals keep their order. If there is not enough room, the positions continue
    beyond `high`.

    Examples:
        >>> spread([10.0, 10.0, 50.0], 8.0, 0.0, 100.0)
        [6.0, 14.0, 50.0]
    """
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    # With the gaps subtracted, each position must be at or above the one before: neighbours that violate this are
    # pooled at their mean.
    pools: list[tuple[float, int]] = []
    for position, index in enumerate(order):
        mean, size = wanted[index] - position * gap, 1
        while pools and pools[-1][0] > mean:
            before, count = pools.pop()
            mean, size = (before * count + mean * size) / (count + size), count + size
        pools.append((mean, size))
    most = max(low, high - (len(wanted) - 1) * gap)
    levels = [min(max(mean, low), most) for mean, size in pools for _ in range(size)]
    places = [0.0] * len(wanted)
    for position, index in enumerate(order):
        places[index] = levels[position] + position * gap
    return places


def stack(places: Sequence[float], width: float) -> list[int]:
    """Return for each position on a line the lowest row, from 0, in which a label of this width overlaps no other.

    Examples:
        >>> stack([0.0, 10.0, 100.0], 50.0)
        [0, 1, 0]
    """
    rows = [0] * len(places)
    ends: list[float] = []
    for index in sorted(range(len(places)), key=places.__getitem__):
        free = [row for row, end in enumerate(ends) if end <= places[index]]
        rows[index] = free[0] if free else len(ends)
        ends[rows[index] : rows[index] + 1] = [places[index] + width]
    return rows


def log_ticks(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times the powers of ten between two numbers above 0.

    Examples:
        >>> log_ticks(0.3, 6.0)
        [0.5, 1.0, 2.0, 5.0]
    """
    powers = range(floor(log10(low)), floor(log10(high)) + 1)
    found = (factor * 10.0**power for power in powers for factor in (1, 2, 5))
    return [float(f"{value:.3g}") for value in found if low <= value <= high]


class Ticks(NamedTuple):
    """Moments to mark on an axis, and the strftime format that tells them apart."""

    moments: tuple[datetime, ...]
    format: str


def date_ticks(first: datetime, last: datetime, most: int) -> Ticks:
    """Return the starts of days, months or years between two moments (UTC): the finest unit with at most `most` ticks.

    If no day starts between them, the tick is at `first` and shows its day.

    Examples:
        >>> date_ticks(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC), 7).format
        '%Y-%m'
    """
    choices = [(_days, step, "%Y-%m-%d") for step in _DAY_STEPS]
    choices += [(_months, step, "%Y-%m" if step < _MONTHS_OF_YEAR else "%Y") for step in _MONTH_STEPS]
    for starts, step, form in choices:
        found = tuple(islice(starts(first, last, step), most + 1))
        if len(found) <= most:
            return Ticks(found or (first,), form)
    return Ticks((first, last), "%Y")


def _days(first: datetime, last: datetime, step: int) -> Iterator[datetime]:
    """Yield each midnight of a span whose day, counted since 0001-01-01, a Monday, the step divides."""
    moment = first.replace(hour=0, minute=0, second=0, microsecond=0)
    while moment <= last:
        if moment >= first and (moment.toordinal() - 1) % step == 0:
            yield moment
        moment += timedelta(days=1)


def _months(first: datetime, last: datetime, step: int) -> Iterator[datetime]:
    """Yield the start of each month of a span whose number, counted since the year 0, the step divides."""
    number = first.year * _MONTHS_OF_YEAR + first.month - 1
    while (moment := datetime(number // _MONTHS_OF_YEAR, number % _MONTHS_OF_YEAR + 1, 1, tzinfo=UTC)) <= last:
        if moment >= first and number % step == 0:
            yield moment
        number += 1
