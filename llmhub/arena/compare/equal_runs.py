"""Folding snapshots that brought nothing new into the one before them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from llmhub.arena.boards import Snapshot


@dataclass(frozen=True, slots=True)
class Fold:
    """Neighbouring snapshots with the same boards: the newest of them, the oldest, and how many there are."""

    newest: Snapshot
    oldest: Snapshot
    snapshots: int


def folded(snapshots: Iterable[Snapshot], boards: Mapping[int, object]) -> list[Fold]:
    """Return the snapshots, newest first, each run of neighbours with equal boards as one.

    Args:
        snapshots: newest first.
        boards: for each snapshot's id what stands for its boards; equal where they are.
    """
    runs = (list(run) for _, run in groupby(snapshots, key=lambda snapshot: boards[snapshot.id]))
    return [Fold(run[0], run[-1], len(run)) for run in runs]
