"""Read the day in a notice as sources write it: `2026-08-05`, `August 5th, 2026 (all regions)`, `Not sooner than ...`.

Pure. Only a text that names one day is read. A quarter, two days, a day for some regions only, and numbers that may be
a month or a day are unknown, with the reason.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, NamedTuple

FIRST_DAY, LAST_DAY = date(2018, 1, 1), date(2099, 12, 31)
"""The range of days that can be the last day of an offer."""

NO_DAY = "not a day"
OF_SOME_REGIONS = "a day for some regions only"
TOO_FAR = f"a day before {FIRST_DAY.year} or after {LAST_DAY.year}"

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG = "january|february|march|april|may|june|july|august|september|october|november|december"
_MONTH = rf"(?P<month>{_LONG}|sept|{'|'.join(_MONTHS)})\.?"
_DAY_OF_MONTH = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[t ]\d\d:\d\d\S*)?", re.ASCII)
_WRITTEN = (
    re.compile(rf"{_MONTH}\s+{_DAY_OF_MONTH},?\s+(?P<year>\d{{4}})", re.ASCII),
    re.compile(rf"{_DAY_OF_MONTH}\s+{_MONTH},?\s+(?P<year>\d{{4}})", re.ASCII),
)
_EARLIEST = re.compile(r"(?:not?\s+(?:sooner|earlier|before)(?:\s+than)?)\s+", re.ASCII)
_ALL_REGIONS = re.compile(r"\s*\(all\s+regions\)", re.ASCII)
_SOME_REGIONS = re.compile(r"\([^)]*\b[a-z]+-[a-z]+-\d\b[^)]*\)", re.ASCII)
_MOST_TEXT = 200
# How tables say that there is no day.
_NOTHING = frozenset({"", "-", "\N{EM DASH}", "n/a", "tbd", "none", "unknown", "to be determined", "to be announced"})


class Told(NamedTuple):
    """What a source says in the place of a day.

    Attributes:
        day: the day; None if there is none.
        earliest: whether the source only promises that the offer does not end before it.
        doubt: why the day could not be read; None if it could, or if the source says that it has none.
    """

    day: date | None = None
    earliest: bool = False
    doubt: str | None = None


def told_day(value: Any) -> Told:
    """Return what a value of a notice says of a day."""
    if value is None:
        return Told()
    if not isinstance(value, str) or len(value) > _MOST_TEXT:
        return Told(doubt=NO_DAY)
    text = value.strip().lower()
    if text in _NOTHING:
        return Told()
    if _SOME_REGIONS.search(text):
        return Told(doubt=OF_SOME_REGIONS)
    text = _ALL_REGIONS.sub("", text)
    promise = _EARLIEST.match(text)
    day = _day(text[promise.end() :] if promise else text)
    if day is None:
        return Told(doubt=NO_DAY)
    return Told(day, promise is not None) if FIRST_DAY <= day <= LAST_DAY else Told(doubt=TOO_FAR)


def day_of(value: Any) -> date | None:
    """Return a day that is written in numbers, 2026-10-01 or 2026-10-1; None for anything else."""
    found = _ISO.fullmatch(value.lower()) if isinstance(value, str) and len(value) <= _MOST_TEXT else None
    return _date(found) if found else None


def _day(text: str) -> date | None:
    if (day := day_of(text)) is not None:
        return day
    found = next((found for form in _WRITTEN if (found := form.fullmatch(text))), None)
    return _date(found) if found else None


def _date(found: re.Match[str]) -> date | None:
    month = found["month"]
    try:
        number = int(month) if month.isdecimal() else _MONTHS.index(month[:3]) + 1
        return date(int(found["year"]), number, int(found["day"]))
    except ValueError:
        return None
