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
_YEAR = r"(?P<year>\d{4})"
_TIME = r"(?:,?\s+(?:at\s+)?\d{1,2}:\d\d(?::\d\d)?(?:\s*[ap]m)?(?:\s+[a-z]{2,4})?)?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,\s+)?"
_ISO = re.compile(rf"{_YEAR}-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})(?:[t ]\d\d:\d\d\S*)?", re.ASCII)
_WRITTEN = (
    re.compile(rf"{_YEAR}/(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})", re.ASCII),
    re.compile(rf"{_WEEKDAY}{_MONTH}\s+{_DAY_OF_MONTH},?\s+{_YEAR}{_TIME}", re.ASCII),
    re.compile(rf"{_WEEKDAY}{_DAY_OF_MONTH}\.?\s+{_MONTH},?\s+{_YEAR}{_TIME}", re.ASCII),
)
_MONTHS_WRITTEN = (
    re.compile(rf"{_MONTH}\s+{_YEAR}", re.ASCII),
    re.compile(rf"{_YEAR}-(?P<month>\d\d)", re.ASCII),
)
_EARLIEST = re.compile(
    r"(?:not?\s+(?:sooner|earlier|before)(?:\s+than)?|(?:at\s+the\s+)?earliest|at\s+least\s+until)\s+", re.ASCII
)
_OR_LATER = re.compile(r",?\s+(?:or\s+later|at\s+the\s+earliest)$", re.ASCII)
_HYPHENS = re.compile("[\N{HYPHEN}-\N{HORIZONTAL BAR}\N{MINUS SIGN}]")
_ALL_REGIONS = re.compile(r"\s*\(all\s+regions\)", re.ASCII)
_SOME_REGIONS = re.compile(r"\([^)]*\b[a-z]+-[a-z]+-\d\b[^)]*\)", re.ASCII)
_MOST_TEXT = 200
# How tables say that there is no day.
_NOTHING = frozenset({"", "-", "n/a", "tbd", "tba", "none", "null", "unknown", "to be determined", "to be announced"})
_NOT_YET = re.compile(r"(?:no|not)\s[a-z ]*\b(?:announced|scheduled|set)", re.ASCII)


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


def with_plain_hyphens(text: str) -> str:
    """Return a text with hyphens for all dashes: OpenAI's page writes days and ids so that no line is broken there."""
    return text if text.isascii() else _HYPHENS.sub("-", text)


def told_day(value: Any) -> Told:
    """Return what a value of a notice says of a day."""
    if value is None:
        return Told()
    if not isinstance(value, str) or len(value) > _MOST_TEXT:
        return Told(doubt=NO_DAY)
    text = with_plain_hyphens(" ".join(value.split())).lower()
    if text in _NOTHING or _NOT_YET.fullmatch(text):
        return Told()
    if _SOME_REGIONS.search(text):
        return Told(doubt=OF_SOME_REGIONS)
    text = _ALL_REGIONS.sub("", text)
    bare = _OR_LATER.sub("", _EARLIEST.sub("", text, count=1))
    promise = bare != text
    # A promise of a month holds from its first day on; a last day in a month is none.
    day = _day(bare) or (_first_of_month(bare) if promise else None)
    if day is None:
        return Told(doubt=NO_DAY)
    return Told(day, promise) if FIRST_DAY <= day <= LAST_DAY else Told(doubt=TOO_FAR)


def day_of(value: Any) -> date | None:
    """Return a day that is written in numbers, 2026-10-01 or 2026-10-1; None for anything else."""
    found = _ISO.fullmatch(value.lower()) if isinstance(value, str) and len(value) <= _MOST_TEXT else None
    return _date(found) if found else None


def _day(text: str) -> date | None:
    if (day := day_of(text)) is not None:
        return day
    found = next((found for form in _WRITTEN if (found := form.fullmatch(text))), None)
    return _date(found) if found else None


def _first_of_month(text: str) -> date | None:
    found = next((found for form in _MONTHS_WRITTEN if (found := form.fullmatch(text))), None)
    return _date(found, day=1) if found else None


def _date(found: re.Match[str], day: int | None = None) -> date | None:
    month = found["month"]
    try:
        number = int(month) if month.isdecimal() else _MONTHS.index(month[:3]) + 1
        return date(int(found["year"]), number, int(found["day"]) if day is None else day)
    except ValueError:
        return None
