"""Groups neighbouring snapshots with equal boards, so that a list shows each change once; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from llmhub.arena.boards import Snapshot


@dataclass(frozen=True, slots=True)
class EqualSnapshots:
    """Neighbouring snapshots with the same boards: the newest of them, the oldest, and how many there are."""

    newest: Snapshot
    oldest: Snapshot
    count: int


def grouped_by_boards(snapshots: Iterable[Snapshot], boards: Mapping[int, object]) -> list[EqualSnapshots]:
    """Return the snapshots, newest first, neighbours with equal boards as one group.

    Args:
        snapshots: newest first.
        boards: for each snapshot's id, a key that is equal for equal boards.
    """
    groups = (list(group) for _, group in groupby(snapshots, key=lambda snapshot: boards[snapshot.id]))
    return [EqualSnapshots(group[0], group[-1], len(group)) for group in groups]
