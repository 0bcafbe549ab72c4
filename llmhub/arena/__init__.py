"""The versioned store of LMArena leaderboards; it knows nothing of the catalog."""

from llmhub.arena.schema import Leaderboard, ModelFacts, Score, Snapshot
from llmhub.arena.store import SnapshotStore

__all__ = ["Leaderboard", "ModelFacts", "Score", "Snapshot", "SnapshotStore"]
