"""List the days on which offers end, as rows and as an iCalendar document (RFC 5545). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, timedelta
from hashlib import sha256
from typing import NamedTuple

from llmhub.offers.lives.lifecycle import Day, Lifecycle

_LONGEST_LINE = 75
_PRODUCT = "-//llmhub//catalog retirements//EN"


class Retirement(NamedTuple):
    """An offer that ends, or ended, on a known day.

    Attributes:
        model: `provider/model_id`.
        retires_on: the day.
        days_left: the days until then; 0 today, negative if it has passed.
        life: all that is known of the offer's life.
    """

    model: str
    retires_on: Day
    days_left: int
    life: Lifecycle


def calendar_of(
    lives: Mapping[str, Lifecycle],
    *,
    today: date,
    within: timedelta | None = None,
    past: bool = False,
    wanted: Callable[[str], bool] = lambda _: True,
) -> list[Retirement]:
    """Return the offers that end, the nearest day first.

    Args:
        lives: the lives of offers, by `provider/model_id`.
        today: today's date in UTC.
        within: only offers that end within this time; with `past`, that ended within it.
        past: return the offers that have ended instead, the latest first.
        wanted: says whether an offer is asked for.
    """
    found = []
    for model, life in lives.items():
        if life.retires_on is None or not wanted(model):
            continue
        left = (life.retires_on - today).days
        if (left < 0) is past and (within is None or abs(left) <= within.days):
            found.append(Retirement(model, life.retires_on, left, life))
    return sorted(found, key=lambda one: (abs(one.days_left), one.model))


def as_icalendar(retirements: Iterable[Retirement]) -> str:
    """Return the retirements as an iCalendar document, each as an all-day event.

    An event's UID depends on the offer alone: a calendar that reads the document again moves a postponed event.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    for one in retirements:
        lines += _event(one)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _event(one: Retirement) -> Iterator[str]:
    life = one.life
    recorded = max((each.recorded for each in life.said if each.retires_on == one.retires_on), default=None)
    yield "BEGIN:VEVENT"
    yield f"UID:{sha256(one.model.encode()).hexdigest()[:32]}@retirements.llmhub"
    if recorded is not None:
        yield f"DTSTAMP:{recorded.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{one.retires_on:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{one.retires_on + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(f'{one.model} retires')}"
    yield f"DESCRIPTION:{_escaped(_description(life))}"
    if life.citation is not None and re.fullmatch(r"https?://[\x21-\x7e]+", life.citation):
        yield f"URL:{life.citation}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _description(life: Lifecycle) -> str:
    lines = [f"according to {life.source}"]
    if life.replacement is not None:
        lines.append(f"successor: {life.replacement}")
    if life.citation is not None:
        lines.append(life.citation)
    if life.disputed:
        days = sorted({f"{one.source}: {one.retires_on}" for one in life.said if one.retires_on is not None})
        lines.append(f"disputed: {', '.join(days)}")
    return "\n".join(lines)


def _escaped(text: str) -> str:
    """Return a text as a value of iCalendar; control characters are not allowed there, and become spaces."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r\n", "\n")
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", " ", escaped).replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Yield a line in pieces of at most 75 bytes of UTF-8; those after the first begin with a space."""
    piece = ""
    for character in line:
        if len((piece + character).encode()) > _LONGEST_LINE:
            yield piece
            piece = " "
        piece += character
    yield piece
