"""Map values to positions in a picture, and choose the lines of an axis; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor, log10

_NICE = (1.0, 2.0, 5.0, 10.0)
_MONTHS = (1, 2, 3, 6, 12, 24, 36, 60, 120)
_DAYS = (1, 2, 5, 10, 20, 31)
_FEWEST_MONTHS = 3
_DAYS_A_MONTH = 30.44
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Linear:
    """Maps values from `low` to `high` to pixels from `start` to `end`; a domain without width maps to the middle."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return a value's position."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def each(self, values: Sequence[float]) -> list[float]:
        """Return many values' positions, in a third of the time."""
        low, start, width, length = self.low, self.start, self.high - self.low, self.end - self.start
        if width == 0:
            return [start + length / 2] * len(values)
        return [start + (value - low) / width * length for value in values]

    def each_known(self, values: Sequence[float | None]) -> Sequence[float | None]:
        """Return many values' positions; that of an unknown value is None."""
        if None not in values:
            return self.each(values)  # type: ignore[arg-type]  # none is None
        return [None if value is None else self(value) for value in values]


@dataclass(frozen=True, slots=True)
class Log:
    """Maps values above 0 in the same way, by their ratios."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return a value's position."""
        return Linear(log10(self.low), log10(self.high), self.start, self.end)(log10(value))


def step(low: float, high: float, most: int) -> float:
    """Return the smallest of 1, 2, 5, 10, 20, ... that divides a span into at most `most` parts."""
    raw = max((high - low) / most, 1e-9)
    unit = 10.0 ** floor(log10(raw))
    return next(nice * unit for nice in _NICE if nice * unit >= raw * (1 - 1e-12))


def ticks(low: float, high: float, most: int) -> list[float]:
    """Return round values inside a span, at most `most` + 1 of them."""
    width = step(low, high, most)
    first, last = ceil(low / width - 1e-9), floor(high / width + 1e-9)
    return [number * width for number in range(first, last + 1)]


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Return 1, 2 and 5 times the powers of ten inside a span above 0; only the powers if that is more than `most`."""
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)
    found = [factor * 10.0**power for power in powers for factor in _NICE[:-1]]
    inside = [value for value in found if low <= value <= high]
    if len(inside) <= most:
        return inside
    return [value for power in powers if low <= (value := 10.0**power) <= high]


def time_ticks(first: date, last: date, most: int) -> list[date]:
    """Return dates inside a span, at most `most` + 1: the first days of months, or in a short span single days."""
    days = (last - first).days
    if days / _DAYS_A_MONTH >= _FEWEST_MONTHS:
        # Counted, and not divided: three starts of half-years may be one, which says nothing about the scale.
        found = (_month_starts(first, last, every) for every in _MONTHS)
        return next((starts for starts in found if len(starts) <= most), _month_starts(first, last, _MONTHS[-1]))
    every = next((count for count in _DAYS if days / count <= most), ceil(days / most))
    return [first + timedelta(days=number) for number in range(0, days + 1, every)]


def _month_starts(first: date, last: date, every: int) -> list[date]:
    start = first.year * _MONTHS_A_YEAR + first.month - 1
    end = last.year * _MONTHS_A_YEAR + last.month - 1
    numbers = range(-(-start // every) * every, end + 1, every)
    found = (date(number // _MONTHS_A_YEAR, number % _MONTHS_A_YEAR + 1, 1) for number in numbers)
    return [day for day in found if first <= day <= last]
