"""Parses references to a snapshot: latest, latest~2, previous, 12, 2025-05-20, an ISO time, 36h, 7d, 2w."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from llmhub.errors import InvalidReferenceError
from llmhub.nearest import did_you_mean, shortened

FORMS = "latest, previous, latest~N, an id (12), a date (2025-05-20), an ISO time or an age (36h, 7d, 2w)"

_WORDS = ("latest", "previous", "latest~1")
_AGE = re.compile(r"(\d{1,9})([hdw])", re.ASCII)
_BACK = re.compile(r"latest(?:~(\d{1,9}))?", re.ASCII)
_ID = re.compile(r"\d{1,18}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*", re.ASCII)
_HOURS = {"h": 1, "d": 24, "w": 24 * 7}


@dataclass(frozen=True, slots=True)
class Latest:
    """The snapshot `back` places before the newest one."""

    back: int = 0


@dataclass(frozen=True, slots=True)
class Previous:
    """The newest snapshot before the latest whose board differs from the latest's."""


@dataclass(frozen=True, slots=True)
class ById:
    """The snapshot with this number."""

    id: int


@dataclass(frozen=True, slots=True)
class AtOrBefore:
    """The newest snapshot at or before a moment (UTC)."""

    moment: datetime


Reference = Latest | Previous | ById | AtOrBefore


def parse_age(text: str) -> timedelta:
    """Return the length of time that `36h`, `7d` or `2w` names.

    Raises:
        InvalidReferenceError: the text has another form, or is longer than a `timedelta` can be.
    """
    if match := _AGE.fullmatch(text.strip()):
        try:
            return timedelta(hours=int(match[1]) * _HOURS[match[2]])
        except OverflowError:
            pass
    raise InvalidReferenceError(f"{text!r} is not an age: write a number and h, d or w, such as 36h, 7d or 2w")


def parse_moment(text: str) -> datetime:
    """Return the UTC moment of a date (its 00:00) or an ISO time; a time without an offset is UTC.

    Raises:
        InvalidReferenceError: the text is neither.
    """
    text = text.strip()
    try:
        if _DATE.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), time(), UTC)
        if _TIME.fullmatch(text):
            moment = datetime.fromisoformat(text)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidReferenceError(f"{text!r} is not a date or time: {error}") from None
    raise InvalidReferenceError(f"{text!r} is not a date (2025-05-20) or ISO time (2025-05-20T06:00Z)")


def parse_since(text: str, now: datetime) -> datetime:
    """Return the first moment (UTC) of a span that begins on a date, at an ISO time, or an age before `now`.

    Raises:
        InvalidReferenceError: the text has none of the forms.
    """
    text = text.strip()
    return parse_moment(text) if _DATE.fullmatch(text) or _TIME.fullmatch(text) else parse_until(text, now)


def parse_until(text: str, now: datetime) -> datetime:
    """Return the last moment (UTC) of a span that ends on a date, at an ISO time, or an age before `now`.

    Raises:
        InvalidReferenceError: the text has none of the forms.
    """
    if (moment := _moment(text.strip(), now)) is None:
        raise InvalidReferenceError(
            f"{text!r} is not a date (2025-05-20), ISO time (2025-05-20T06:00Z) or age (36h, 7d, 2w)"
        )
    return moment


def parse_reference(text: str, now: datetime) -> Reference:
    """Return what `text` refers to, ages counted from `now` (timezone-aware).

    A date means its last moment in UTC. A time written to the second means the end of that second: snapshots are
    stored to the microsecond and shown to the second.

    Raises:
        InvalidReferenceError: the text has none of the forms.
    """
    stripped = text.strip()
    if stripped == "previous":
        return Previous()
    if match := _BACK.fullmatch(stripped):
        return Latest(int(match[1] or 0))
    if _ID.fullmatch(stripped):
        return ById(int(stripped))
    if (moment := _moment(stripped, now)) is not None:
        return AtOrBefore(moment)
    hint = did_you_mean(stripped, _WORDS)
    raise InvalidReferenceError(f"{shortened(text)!r} names no snapshot{hint}: write {FORMS}")


def dated_moment(text: str, now: datetime) -> datetime | None:
    """Return the moment that a date, a time or an age means, at most `now`; None for a reference that needs the store.

    Raises:
        InvalidReferenceError: the text is not a reference.
    """
    reference = parse_reference(text, now)
    return min(reference.moment, now) if isinstance(reference, AtOrBefore) else None


def _moment(text: str, now: datetime) -> datetime | None:
    """Return the moment that an age, a date or a time ends at; None if the text is none of these."""
    if _AGE.fullmatch(text):
        try:
            return now - parse_age(text)
        except OverflowError:
            return datetime.min.replace(tzinfo=UTC)
    if _DATE.fullmatch(text):
        return datetime.combine(parse_moment(text), time.max, UTC)
    if _TIME.fullmatch(text):
        moment = parse_moment(text)
        # ISO 8601 writes a fraction after a point or a comma.
        return moment if "." in text or "," in text else moment.replace(microsecond=999_999)
    return None
