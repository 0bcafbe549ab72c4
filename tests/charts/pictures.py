"""Made-up histories for the charts' tests.

picture([history("a", {0: 1000.0, 2: 1010.0})], timeline(range(3)))   # on the board, away, and back
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from llmhub.arena import Score, Snapshot
from llmhub.arena.history import BoardTimeline, HistoryPoint, ModelHistory
from llmhub.arena.schema import Source

FIRST = datetime(2026, 1, 5, tzinfo=UTC)


def moment(number: int) -> datetime:
    """Return the moment of the snapshot with this number, counted in days from 2026-01-05."""
    return FIRST + timedelta(days=number)


def history(model: str, scores: Mapping[int, float | Score], listed_as: str | None = None) -> ModelHistory:
    """Return a history with a rating, its bounds 5 points either side, or a score by the number of the moment."""
    points = []
    for number, given in scores.items():
        score = given if isinstance(given, Score) else Score(given, given - 5.0, given + 5.0, 1000)
        points.append(HistoryPoint(number, moment(number), listed_as or model, score, 1, number))
    return ModelHistory(model, "text", "overall", tuple(points), len(points))


def timeline(
    numbers: Iterable[int], breaks: Mapping[int, float] | None = None, source: Source = "dataset"
) -> BoardTimeline:
    """Return a board's moments with these numbers, which its snapshots have too."""
    snapshots = (Snapshot(number, source, moment(number), {"text": None}, 1, 1) for number in numbers)
    return BoardTimeline(tuple(snapshots), breaks or {})
