"""Refuses boards that lost over a third of their models since the last run: the source is probably broken."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from llmhub.arena.boards import OVERALL, TEXT, Leaderboard
from llmhub.arena.store import BoardStore
from llmhub.errors import BoardNotFoundError, SnapshotNotFound, SourceError, counted

GRACE = timedelta(days=7)
"""How long a board that shrank is refused; one that stays small is stored after that."""

_KEPT_AT_LEAST = 2 / 3
# One or two models fewer say nothing about the source.
_FEWEST = 3
# Runs are daily, so these go back further than the days of grace.
_LOOKED_AT = 100

_log = logging.getLogger(__name__)


def without_shrunken(
    store: BoardStore, leaderboards: Mapping[str, Leaderboard], taken_at: datetime
) -> dict[str, Leaderboard]:
    """Return the leaderboards of a run without those that lost more than a third of their models since the last one.

    Each is compared with the newest run that has the leaderboard. A warning names each one that is left out.

    Raises:
        SourceError: `text`, which the catalog uses, lost that many; nothing of the run may be stored.
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


def _lost(store: BoardStore, name: str, leaderboard: Leaderboard, taken_at: datetime) -> str | None:
    """Return how much a leaderboard lost and from when it is stored; None if it lost at most a third of its models."""
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
    what = f"{name} / {OVERALL} has {counted(now, 'model')}, and {before:,} in snapshot {newest.id}"
    until = newest.taken_at + GRACE
    if taken_at >= until:
        _log.warning("%s: accepted, since no run has brought more for %d days", what, GRACE.days)
        return None
    return f"{what}; it is accepted from {until:%Y-%m-%d} on, or now with `llmhub arena refresh --force`"
