"""The form of stored moments: UTC text of one width (``2026-01-01 06:30:00.000000``), which sorts by time."""

from __future__ import annotations

from datetime import UTC, datetime


def to_sql(moment: datetime) -> str:
    """Return a timezone-aware moment as a file keeps it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def from_sql(text: str) -> datetime:
    """Return a stored moment, timezone-aware, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
