"""How old a run and its data may be; apart from the refresh, which a process that finds a fresh store does not need."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmhub.arena.boards import Snapshot

DEFAULT_TTL = timedelta(hours=24)
"""A run of the update script that is at most this old is fresh."""

OLD_DATA = timedelta(days=14)
"""Data that was published longer ago is old, even though runs succeed."""


def is_fresh(snapshot: Snapshot | None, ttl_hours: float = 24, *, now: datetime | None = None) -> bool:
    """Return whether a snapshot of source `script` is at most `ttl_hours` old and not from the future."""
    if snapshot is None or snapshot.source != "script":
        return False
    age = (now or datetime.now(UTC)) - snapshot.taken_at
    return timedelta(0) <= age <= timedelta(hours=ttl_hours)


def data_age(snapshot: Snapshot, now: datetime) -> timedelta | None:
    """Return how long before `now` a snapshot's text leaderboard was published; None if that is unknown."""
    return None if snapshot.published_on is None else now.date() - snapshot.published_on
