"""Boards that lost so many models since the last run that the source is broken rather than smaller."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from llmhub.arena.boards import OVERALL, TEXT, Leaderboard
from llmhub.arena.store import SnapshotStore
from llmhub.errors import BoardNotFoundError, SnapshotNotFound, SourceError

GRACE = timedelta(days=7)
"""For how long a board that shrank is not taken; one that stays so is then taken for the truth."""

_KEPT_AT_LEAST = 2 / 3
# Of one or two models fewer than before, nothing follows.
_FEWEST = 3
# Runs come daily: beyond these lies more than the days of grace.
_LOOKED_AT = 100

_log = logging.getLogger(__name__)


def without_shrunken(
    store: SnapshotStore, leaderboards: Mapping[str, Leaderboard], taken_at: datetime
) -> dict[str, Leaderboard]:
    """Return the leaderboards of a run without those that lost more than a third of their models since the last one.

    The newest run that has the leaderboard is what counts. Each that is left out is warned of.

    Raises:
        SourceError: `text`, which answers for the catalog, lost that many; nothing of the run may be stored.
    """
    kept: dict[str, Leaderboard] = {}
    for name, leaderboard in leaderboards.items():
        if (lost := _lost(store, name, leaderboard, taken_at)) is None:
            kept[name] = leaderboard
        elif name == TEXT:
            raise SourceError(f"the update script brought less than before: {lost}")
        else:
            _log.warning("%s is left out of the snapshot: %s", name, lost)
    return kept


def _lost(store: SnapshotStore, name: str, leaderboard: Leaderboard, taken_at: datetime) -> str | None:
    """Say what a leaderboard lost, and when it is taken all the same; None if not more than a third of its models."""
    try:
        found = store.snapshots_with(name, OVERALL, until=taken_at, limit=_LOOKED_AT)
    except (BoardNotFoundError, SnapshotNotFound):
        return None
    newest = next((snapshot for snapshot in found if snapshot.source == "script"), None)
    if newest is None:
        return None
    before, now = len(store.entries(newest, name)), len(leaderboard.boards.get(OVERALL, {}))
    if before < _FEWEST or now >= before * _KEPT_AT_LEAST:
        return None
    what = f"{name} / {OVERALL} has {now:,} models, and {before:,} in snapshot {newest.id}"
    until = newest.taken_at + GRACE
    if taken_at >= until:
        _log.warning("%s: taken, since no run has brought more for %d days", what, GRACE.days)
        return None
    return f"{what}; it is taken from {until:%Y-%m-%d} on, with `llmhub arena refresh --force` now"
