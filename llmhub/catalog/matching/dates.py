"""Dates in ids and in models.dev, and the snapshot that an undated id means according to them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

# A snapshot's date can be some days before or after its announcement: o1-2024-12-17 came with o1 of 2024-12-05.
_ANNOUNCED_WITHIN = 45
_SAME_RELEASE_WITHIN = 14
# Resellers date an offer by the day they began to serve it.
_SERVED_WITHIN = 180
_SLACK = 7

_YEARS = range(2020, 2040)
# Two-digit years start with the first models: 1212 is the twelfth of December, and 2212 is not a date.
_SHORT_YEARS = range(23, 40)
_YEAR_MONTH = re.compile(r"(2[3-9]|3\d)\.(0[1-9]|1[0-2])")


class Day(NamedTuple):
    """A date as complete as an id states it: 20250805 is complete, 2507 has no day, 0528 no year."""

    year: int | None
    month: int
    day: int | None

    def agrees(self, other: Day) -> bool:
        """Say whether two dates agree in every part that both state."""
        return (
            self.month == other.month
            and (self.day == other.day or self.day is None or other.day is None)
            and (self.year == other.year or self.year is None or other.year is None)
        )


def date_of_tokens(tokens: list[str]) -> Day | None:
    """Return the date that these tokens form together."""
    joined = "".join(tokens)
    if found := _YEAR_MONTH.fullmatch(joined):
        return Day(2000 + int(found[1]), int(found[2]), None)
    if not joined.isdecimal():
        return None
    short_year = int(joined[:2]) in _SHORT_YEARS
    parts: tuple[str | None, str, str | None]
    match [len(token) for token in tokens]:
        case [4, 2, 2] | [8]:
            parts = joined[:4], joined[4:6], joined[6:]
        case [4, 2] | [6] if int(joined[:4]) in _YEARS:
            parts = joined[:4], joined[4:], None
        case [2, 4]:
            parts = joined[2:], joined[:2], None
        case [6] if short_year:
            parts = f"20{joined[:2]}", joined[2:4], joined[4:]
        case [4] if short_year:
            parts = f"20{joined[:2]}", joined[2:], None
        case [4] | [2, 2]:
            parts = None, joined[:2], joined[2:]
        case _:
            return None
    return _checked(*parts)


def _checked(year: str | None, month: str, day: str | None) -> Day | None:
    date = Day(int(year) if year else None, int(month), int(day) if day else None)
    sound = (
        (date.year is None or date.year in _YEARS)
        and 1 <= date.month <= 12  # noqa: PLR2004 -- months
        and (date.day is None or 1 <= date.day <= 31)  # noqa: PLR2004 -- days
    )
    return date if sound else None


def day_text(day: Day) -> str:
    """Return the known parts of a date as people read it."""
    year, month, date = day
    before, behind = ("" if year is None else f"{year}-"), ("" if date is None else f"-{date:02}")
    return f"{before}{month:02}{behind}"


def parse_day(text: str | None) -> Day | None:
    """Parse models.dev's date, 2025-08-05 or 2025-08."""
    if not text:
        return None
    year, month, *day = text.split("-")
    return Day(int(year), int(month), int(day[0]) if day else None)


def released_with(date: Day, *told: str | None) -> bool:
    """Say whether one of models.dev's dates is within days of a snapshot's."""
    moments = [day for day in map(parse_day, told) if day is not None]
    return any(_days_apart(date, day) <= _SAME_RELEASE_WITHIN for day in moments)


def _days_apart(date: Day, moment: Day) -> int:
    """Return how many days lie between a snapshot's date and a moment; a month without a day is all of its days."""
    first, at = days(date, near=moment), days(moment)
    last = first if date.day is not None else first + 30
    return max(first - at, at - last, 0)


def days(day: Day, *, near: Day | None = None) -> int:
    """Return a number that grows by about one a day; a date without a year is placed at or before `near`."""
    year, month, date = day
    if year is None:
        year = near.year if near and near.year else 0
        if near and (month, date or 1) > (near.month, (near.day or 28) + _SLACK):
            year -= 1
    return year * 372 + (month - 1) * 31 + (date or 1)


def announced_together(one: Day, other: Day) -> bool:
    """Say whether two dates are no further apart than a snapshot's date and the day that it is announced."""
    return abs(days(other) - days(one, near=other)) <= _ANNOUNCED_WITHIN


def same_day(one: Day | None, other: Day | None) -> bool:
    """Say whether two dates are known and agree."""
    return one is not None and other is not None and one.agrees(other)


def known_snapshots(dates: Iterable[Day | None], offers: Iterable[tuple[Day | None, str | None]]) -> list[Day]:
    """Return a model's known snapshots, each once, with its year if models.dev has it.

    Args:
        dates: the dates in ids and entries of the model.
        offers: for each of the model's models.dev offers the date in its id, and its release day in models.dev.
    """
    dated = [date for date in dates if date is not None]
    lacking = any(date.year is None for date in dated)
    released = [(own, day) for own, text in offers if own and (day := parse_day(text))] if lacking else []
    known: list[Day] = []
    for date in dated:
        told = date
        if told.year is None:
            told = told._replace(year=_year_of(told, (day for own, day in released if own.agrees(told))))
        if not any(told.agrees(other) for other in known):
            known.append(told)
    return known


def _year_of(date: Day, released: Iterable[Day]) -> int | None:
    """Return the year of a date without one: the one nearest to which most models.dev offers of it were released."""

    def nearest(day: Day, year: int) -> int:
        return min((year - 1, year, year + 1), key=lambda each: abs(days(day) - days(date._replace(year=each))))

    years = Counter(nearest(day, day.year) for day in released if day.year is not None)
    return years.most_common(1)[0][0] if years else None


def newest_snapshot(snapshots: Sequence[Day], moment: Day, *, moved: bool) -> Day | None:
    """Return the newest snapshot at a moment; None if the known dates do not decide it.

    If the id was pointed elsewhere since its release (`moved`), only a snapshot of about that moment qualifies.
    """
    last = moment._replace(day=moment.day or 28)
    dated = [(days(day, near=last), day) for day in snapshots]
    past = [each for each in dated if each[0] <= days(last) + _SLACK]
    if past:
        when, day = max(past)
        certain = not moved and day.year is not None
        return day if days(last) - when <= (_SERVED_WITHIN if certain else _ANNOUNCED_WITHIN) else None
    if len(dated) == 1 and dated[0][0] - days(last) <= _ANNOUNCED_WITHIN:
        return dated[0][1]
    return None
