"""The versioned store of LMArena leaderboards; it knows nothing of the catalog."""

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
