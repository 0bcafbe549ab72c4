"""Made-up histories for the charts' tests.

picture([history("a", {0: 1000.0, 2: 1010.0})], timeline(range(3)))   # on the board, away, and back
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from llmhub.arena import Score
from llmhub.arena.compare.history import BoardPoint, HistoryPoint, ModelHistory
from llmhub.arena.sources import Source

FIRST = datetime(2026, 1, 5, tzinfo=UTC)
# So much after a publication a run brings it: what is drawn lies where it was published.
LATER = timedelta(days=2, hours=7)


def moment(number: int) -> datetime:
    """Return the moment of the publication with this number, counted in days from 2026-01-05."""
    return FIRST + timedelta(days=number)


def history(model: str, scores: Mapping[int, float | Score], listed_as: str | None = None) -> ModelHistory:
    """Return a history with a rating, its bounds 5 points either side, or a score by the number of the moment."""
    points = []
    for number, given in scores.items():
        score = given if isinstance(given, Score) else Score(given, given - 5.0, given + 5.0, 1000)
        taken_at = moment(number) + LATER
        points.append(HistoryPoint(number, taken_at, listed_as or model, score, 1, number, moment(number)))
    return ModelHistory(model, "text", "overall", tuple(points), len(points))


def timeline(
    numbers: Iterable[int], breaks: Mapping[int, float] | None = None, source: Source = "dataset"
) -> list[BoardPoint]:
    """Return a board's publications with these numbers, which its snapshots have too."""
    return [
        BoardPoint(
            moment=moment(number),
            snapshot_id=number,
            taken_at=moment(number) + LATER,
            source=source,
            board_id=number,
            newest_id=number,
            published_on=moment(number).date(),
            scale_break=(breaks or {}).get(number),
        )
        for number in numbers
    ]
