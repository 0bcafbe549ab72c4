"""Snapshots as two stores compare them: their identity and their content. Pure.

A snapshot's content is made of parts, each taken over whole or not at all: a leaderboard; all price lists. A part has
places, and in each a list of rows that is known by its digest: a category's board; a provider's prices.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

Content = Mapping[str, Mapping[str, bytes]]
"""Part to place to digest."""


class Snapshot(NamedTuple):
    """A snapshot in one of the two stores; source and moment identify it in both.

    Attributes:
        id: its number there.
        source: where it came from.
        taken_at: the moment that it stands for, in UTC.
        revision: the document's, where known.
        script: the update script that brought it, where known.
        position: its place in the order in which a server got its snapshots; 0 in a file.
    """

    id: int
    source: str
    taken_at: datetime
    revision: str | None = None
    script: str | None = None
    position: int = 0

    @property
    def identity(self) -> tuple[str, datetime]:
        """Return the key by which both stores know it: source and moment."""
        return self.source, self.taken_at


class Wanted(NamedTuple):
    """The parts of a snapshot that are to be taken over."""

    snapshot: Snapshot
    parts: Content


def groups(wanted: Sequence[Wanted], lacking: Collection[bytes], most: int) -> Iterator[list[Wanted]]:
    """Yield the snapshots in groups: a group ends once its lists that the destination lacks are `most` or more."""
    group: list[Wanted] = []
    seen: set[bytes] = set()
    for each in wanted:
        group.append(each)
        seen.update(digest for places in each.parts.values() for digest in places.values() if digest in lacking)
        if len(seen) >= most:
            yield group
            group, seen = [], set()
    if group:
        yield group
