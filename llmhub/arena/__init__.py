"""The versioned store of LMArena leaderboards; it knows nothing of the catalog.

Its names are imported on first use, so that a caller who needs one module does not import all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmhub.lazy import lazily

if TYPE_CHECKING:
    from llmhub.arena.boards import Leaderboard, ModelFacts, RankedEntry, Score, Snapshot, SnapshotRow
    from llmhub.arena.compare.diff import BoardDiff, Changed, DiffRow, Listed, Renamed
    from llmhub.arena.compare.history import HistoryPoint, HistoryRow, ModelHistory
    from llmhub.arena.compare.movers import Moved, MoverRow, Movers
    from llmhub.store import SnapshotStore

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
    "BoardDiff": "llmhub.arena.compare.diff",
    "Changed": "llmhub.arena.compare.diff",
    "DiffRow": "llmhub.arena.compare.diff",
    "HistoryPoint": "llmhub.arena.compare.history",
    "HistoryRow": "llmhub.arena.compare.history",
    "Leaderboard": "llmhub.arena.boards",
    "Listed": "llmhub.arena.compare.diff",
    "ModelFacts": "llmhub.arena.boards",
    "ModelHistory": "llmhub.arena.compare.history",
    "Moved": "llmhub.arena.compare.movers",
    "MoverRow": "llmhub.arena.compare.movers",
    "Movers": "llmhub.arena.compare.movers",
    "RankedEntry": "llmhub.arena.boards",
    "Renamed": "llmhub.arena.compare.diff",
    "Score": "llmhub.arena.boards",
    "Snapshot": "llmhub.arena.boards",
    "SnapshotRow": "llmhub.arena.boards",
    "SnapshotStore": "llmhub.store",
}


if not TYPE_CHECKING:
    __getattr__ = lazily(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
