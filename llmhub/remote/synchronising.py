"""Synchronise two stores: compare by identity, then by digest, then copy the missing rows, one transaction a snapshot.

A part that both sides have with different content is a conflict: it is named, nothing is overwritten, and the rest goes
on. A snapshot whose rows do not have the digest that is claimed for them is refused in the same way.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from llmhub.errors import InvalidOfferError, InvalidScoreError, LlmhubError, SnapshotConflictError, UnprovenError
from llmhub.remote.kinds import KindWithFacts, SharedKind, WritableKind
from llmhub.remote.server import Server
from llmhub.remote.snapshots import Content, Snapshot, Wanted
from llmhub.storage.moments import from_sql, to_sql

_AT_ONCE = 256
_REFUSED = (UnprovenError, InvalidScoreError, InvalidOfferError, SnapshotConflictError)

_IDENTITIES = """
    SELECT s.id, s.source, s.taken_at FROM json_each(:asked) j
     CROSS JOIN snapshot s ON s.taken_at = json_extract(j.value, '$[1]') AND s.source = json_extract(j.value, '$[0]')
"""
_SNAPSHOTS = """
    SELECT id, source, taken_at, revision, script FROM snapshot
     WHERE source IN (SELECT value FROM json_each(:sources)) ORDER BY id
"""

Item = TypeVar("Item")


class Conflict(NamedTuple):
    """A part of a snapshot that both sides have, with different content.

    Attributes:
        source: the snapshot's.
        taken_at: the snapshot's.
        part: a leaderboard, `prices` or `listings`.
        places: the categories or providers that differ.
    """

    source: str
    taken_at: datetime
    part: str
    places: tuple[str, ...]


class Refused(NamedTuple):
    """A snapshot that was not taken over, and why."""

    source: str
    taken_at: datetime
    reason: str


@dataclass(slots=True)
class Synchronised:
    """The result of synchronising two stores.

    Attributes:
        new: the snapshots that were taken over, or got more parts.
        known: how many were compared and are the same on both sides.
        conflicts: parts that both sides have with different content.
        refused: snapshots whose rows do not have their digest, or break a rule.
    """

    new: list[Snapshot] = field(default_factory=list)
    known: int = 0
    conflicts: list[Conflict] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def troubled(self) -> set[tuple[str, datetime]]:
        """Return the snapshots that were not synchronised."""
        conflicts = {(each.source, each.taken_at) for each in self.conflicts}
        return conflicts | {(each.source, each.taken_at) for each in self.refused}


Differing = list[tuple[str, tuple[str, ...]]]
"""Parts that both sides have with different content, and the places that differ."""

ChooseParts = Callable[[Snapshot, Content], Content]
"""Chooses the parts of a snapshot that are to be taken over."""


class Destination(Protocol):
    """The side that takes over."""

    def side(self, kind: SharedKind) -> WritableKind:
        """Return a kind there."""

    def numbers(self, snapshots: Sequence[Snapshot]) -> dict[tuple[str, datetime], int]:
        """Return the numbers there of those snapshots that are there."""

    def add(self, kind: SharedKind, wanted: Wanted, bundle: Any) -> tuple[Content, Differing]:
        """Take a snapshot's parts over in one transaction; return those that were new, and conflicts found there."""


def all_parts(_: Snapshot, content: Content) -> Content:
    """Choose everything."""
    return content


@dataclass(slots=True, kw_only=True)
class Transfer:
    """One kind of snapshots on its way from one side to the other.

    Attributes:
        kind: the kind.
        origin: the side that has them.
        destination: the side that takes over.
        done: collects the results.
        choose: chooses the parts that are asked for.
        tell: is called after each snapshot.
    """

    kind: SharedKind
    origin: KindWithFacts
    destination: Destination
    done: Synchronised
    choose: ChooseParts = all_parts
    tell: Callable[[], None] = lambda: None

    def run(self, snapshots: Iterable[Snapshot]) -> None:
        """Take over what the destination lacks of some snapshots.

        Raises:
            LlmhubError: a side failed; all that was taken over so far are whole snapshots.
        """
        for batch in _batches(snapshots, _AT_ONCE):
            waiting: Sequence[Wanted] = self._compared(batch)
            while waiting:
                waiting = self._taken(waiting)
            self.tell()

    def _compared(self, batch: Sequence[Snapshot]) -> list[Wanted]:
        """Return what the destination lacks of some snapshots, and note conflicts."""
        contents = self.origin.contents([each.id for each in batch])
        numbers = self.destination.numbers(batch)
        there = self.destination.side(self.kind).contents(list(numbers.values())) if numbers else {}
        wanted = []
        for each in batch:
            content = self.choose(each, contents.get(each.id, {}))
            new, differing = differences(content, there.get(numbers.get(each.identity, -1), {}))
            self._note(each, differing)
            if new:
                wanted.append(Wanted(each, new))
            elif content and not differing:
                self.done.known += 1
        return wanted

    def _taken(self, wanted: Sequence[Wanted]) -> Sequence[Wanted]:
        """Take snapshots over until one is refused; return those after it.

        The next ones may have counted on rows that came with it, and have to be looked at anew.
        """
        bundles = self.origin.bundles(wanted, self.destination.side(self.kind).present)
        for number, (each, bundle) in enumerate(zip(wanted, bundles, strict=True)):
            try:
                if isinstance(bundle, LlmhubError):
                    raise bundle
                new, differing = self.destination.add(self.kind, each, bundle)
            except _REFUSED as error:
                self.done.refused.append(Refused(*each.snapshot.identity, str(error)))
                return wanted[number + 1 :]
            self._note(each.snapshot, differing)
            if new:
                self.done.new.append(each.snapshot)
            elif not differing:
                self.done.known += 1
            self.tell()
        return ()

    def _note(self, snapshot: Snapshot, differing: Differing) -> None:
        self.done.conflicts += (Conflict(*snapshot.identity, part, places) for part, places in differing)


def differences(content: Content, there: Content) -> tuple[Content, Differing]:
    """Return the parts that one side lacks, and those with different content, each with the places that differ."""
    new = {part: places for part, places in content.items() if part not in there}
    differing = [
        (part, tuple(sorted(one for one in {*places, *there[part]} if places.get(one) != there[part].get(one))))
        for part, places in content.items()
        if part in there and there[part] != places
    ]
    return new, differing


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


# -- the two sides


class HereDestination:
    """The local store as the side that takes over: through its own functions for writing, a transaction a snapshot."""

    def __init__(self, path: Path, connection: sqlite3.Connection, opened: ExitStack, *, many: bool) -> None:
        self._path, self._connection, self._opened, self._many = path, connection, opened, many
        self._sides: dict[str, Any] = {}

    def side(self, kind: SharedKind) -> Any:
        """Return a kind in the store."""
        if kind.name not in self._sides:
            side = self._opened.enter_context(kind.in_store(self._path, self._connection, self._many))
            self._sides[kind.name] = side
        return self._sides[kind.name]

    def numbers(self, snapshots: Sequence[Snapshot]) -> dict[tuple[str, datetime], int]:
        """Return the ids of those snapshots that are in the store."""
        asked = json.dumps([(each.source, to_sql(each.taken_at)) for each in snapshots])
        rows = self._connection.execute(_IDENTITIES, {"asked": asked}).fetchall()
        return {(source, from_sql(taken_at)): number for number, source, taken_at in rows}

    def add(self, kind: SharedKind, wanted: Wanted, bundle: Any) -> tuple[Content, Differing]:
        """Store a snapshot's parts."""
        self.side(kind).add(wanted, bundle)
        return wanted.parts, []


class ThereDestination:
    """A server as the side that takes over: those that push at once take turns, and each looks again."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._sides: dict[str, Any] = {}
        self._known: dict[str, dict[tuple[str, datetime], int]] = {}

    def side(self, kind: SharedKind) -> Any:
        """Return a kind on the server."""
        if kind.name not in self._sides:
            self._sides[kind.name] = kind.on_server(self._server)
        return self._sides[kind.name]

    def numbers(self, snapshots: Sequence[Snapshot]) -> dict[tuple[str, datetime], int]:
        """Return the numbers of those snapshots that are there."""
        for source in {each.source for each in snapshots} - self._known.keys():
            self._known[source] = self._server.identities([source])
        return {
            each.identity: number
            for each in snapshots
            if (number := self._known[each.source].get(each.identity)) is not None
        }

    def add(self, kind: SharedKind, wanted: Wanted, bundle: Any) -> tuple[Content, Differing]:
        """Write a snapshot's parts, except those that another machine has brought meanwhile."""
        side = self.side(kind)
        with self._server.transaction() as transaction:
            number = transaction.number_of(wanted.snapshot)
            new, differing = differences(wanted.parts, side.contents([number]).get(number, {}))
            if new:
                side.add(transaction, number, Wanted(wanted.snapshot, new), bundle)
            return new, differing


def snapshots_in_file(connection: sqlite3.Connection, sources: Collection[str]) -> list[Snapshot]:
    """Return the snapshots of some sources in a store's file, in the order in which they were stored."""
    rows = connection.execute(_SNAPSHOTS, {"sources": json.dumps(sorted(sources))})
    return [
        Snapshot(number, source, from_sql(taken_at), revision, script)
        for number, source, taken_at, revision, script in rows
    ]
