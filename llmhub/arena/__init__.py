"""The versioned store of LMArena leaderboards; it knows nothing of the catalog.

Its names are imported on first use: who needs one module of it does not pay for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmhub.lazy import lazily

if TYPE_CHECKING:
    from llmhub.arena.diff import BoardDiff, Changed, DiffRow, Listed, Renamed
    from llmhub.arena.history import HistoryPoint, HistoryRow, ModelHistory
    from llmhub.arena.movers import Moved, MoverRow, Movers
    from llmhub.arena.schema import Leaderboard, ModelFacts, RankedEntry, Score, Snapshot, SnapshotRow
    from llmhub.arena.store import SnapshotStore

__all__ = [
    "SnapshotStore",
    # what it takes and keeps
    "Leaderboard",
    "ModelFacts",
    "Score",
    "Snapshot",
    # what it finds
    "BoardDiff",
    "Changed",
    "HistoryPoint",
    "Listed",
    "ModelHistory",
    "Moved",
    "Movers",
    "Renamed",
    # rows of tables
    "DiffRow",
    "HistoryRow",
    "MoverRow",
    "RankedEntry",
    "SnapshotRow",
]

_HOME = {
    "BoardDiff": "llmhub.arena.diff",
    "Changed": "llmhub.arena.diff",
    "DiffRow": "llmhub.arena.diff",
    "HistoryPoint": "llmhub.arena.history",
    "HistoryRow": "llmhub.arena.history",
    "Leaderboard": "llmhub.arena.schema",
    "Listed": "llmhub.arena.diff",
    "ModelFacts": "llmhub.arena.schema",
    "ModelHistory": "llmhub.arena.history",
    "Moved": "llmhub.arena.movers",
    "MoverRow": "llmhub.arena.movers",
    "Movers": "llmhub.arena.movers",
    "RankedEntry": "llmhub.arena.schema",
    "Renamed": "llmhub.arena.diff",
    "Score": "llmhub.arena.schema",
    "Snapshot": "llmhub.arena.schema",
    "SnapshotRow": "llmhub.arena.schema",
    "SnapshotStore": "llmhub.arena.store",
}


if not TYPE_CHECKING:
    __getattr__ = lazily(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
