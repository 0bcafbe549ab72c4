"""The attribution to show with ratings, as the licence of their source requires."""

from __future__ import annotations

from typing import Protocol

DATASET = "LMArena leaderboard dataset, https://huggingface.co/datasets/lmarena-ai/leaderboard-dataset, CC-BY-4.0"
OTHER = "LMArena, https://lmarena.ai; its source names no licence"
MADE_UP = "made up by `llmhub demo`: no model, rating or vote is real"


class Sourced(Protocol):
    """A snapshot or a publication: whatever knows its source."""

    @property
    def source(self) -> str:
        """Return the snapshot's source."""

    @property
    def revision(self) -> str | None:
        """Return the published dataset's revision, None if unknown."""


def attribution(snapshot: Sourced, *, made_up: bool = False) -> str:
    """Return the source of ratings and its licence; only the published dataset names one.

    Args:
        snapshot: the snapshot with the ratings.
        made_up: whether they are the demonstration's made-up data.
    """
    if made_up:
        return MADE_UP
    return DATASET if snapshot.source == "dataset" or snapshot.revision else OTHER
