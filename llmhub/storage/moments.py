"""The form of stored moments and days. Moments are UTC text of one width (``2026-01-01 06:30:00.000000``)."""

from __future__ import annotations

from datetime import UTC, date, datetime


def to_sql(moment: datetime) -> str:
    """Return a timezone-aware moment as a file keeps it; such texts sort by time."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def from_sql(text: str) -> datetime:
    """Return a stored moment, timezone-aware, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def is_moment(text: object) -> bool:
    """Say whether a value is a moment as `to_sql` writes it, so that it sorts as one."""
    try:
        return to_sql(from_sql(text)) == text  # type: ignore[arg-type]  # that is what is checked
    except (TypeError, ValueError, OverflowError):
        return False


def is_day(text: object) -> bool:
    """Say whether a value is a day as the store writes days: ``2026-01-01``."""
    try:
        return date.fromisoformat(text).isoformat() == text  # type: ignore[arg-type]  # that is what is checked
    except (TypeError, ValueError):
        return False
