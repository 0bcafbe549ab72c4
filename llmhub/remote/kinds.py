"""What a kind of snapshot says of itself, so that two stores can get in step about it.

A snapshot's content is made of parts, each taken over whole or not at all: a leaderboard; all price lists. A part has
places, and in each a list of rows that is known by its digest: a category's board; a provider's prices.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from llmhub.errors import LlmhubError

if TYPE_CHECKING:
    from llmhub.remote.server import Server, Transaction

Content = Mapping[str, Mapping[str, bytes]]
"""Part to place to digest."""


class Snapshot(NamedTuple):
    """A snapshot where it was found; it is the same one wherever source and moment are the same.

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
        """Return what it is known by."""
        return self.source, self.taken_at


class Wanted(NamedTuple):
    """The parts of a snapshot that are to be taken over."""

    snapshot: Snapshot
    parts: Content


class Present(Protocol):
    """Looks up at a destination which of these digests it has, of lists or of what stands on them."""

    def __call__(self, digests: Collection[bytes], /, *, rows: str = "lists") -> set[bytes]:
        """Return those that are there."""


class Reads(Protocol):
    """A kind in a place that is read."""

    def contents(self, ids: Sequence[int]) -> Mapping[int, Content]:
        """Return what these snapshots have of the kind."""

    def bundles(self, wanted: Sequence[Wanted], present: Present) -> Iterator[Any | LlmhubError]:
        """Yield for each the rows that the destination lacks, or why they cannot be had; each row once."""


class Takes(Protocol):
    """A kind in a place that is written; each `add` is the kind's part of one transaction."""

    def contents(self, ids: Sequence[int]) -> Mapping[int, Content]:
        """Return what these snapshots have of the kind."""

    def present(self, digests: Collection[bytes], /, *, rows: str = "lists") -> set[bytes]:
        """Return those of these digests that are there."""


class TakesHere(Takes, Protocol):
    """A kind in the local store."""

    def add(self, wanted: Wanted, bundle: Any) -> None:
        """Store a snapshot's parts through the store's one door, in one transaction.

        Raises:
            SnapshotConflictError: the store has the snapshot with another content.
            UnprovenError: it is not what its digests say, or breaks a rule.
            StoreError: the store could not be written.
        """

    def finish(self, facts: Iterable[tuple[Any, ...]]) -> None:
        """Take over what is known beside the snapshots."""


class TakesThere(Takes, Protocol):
    """A kind on a server."""

    def add(self, transaction: Transaction, number: int, wanted: Wanted, bundle: Any) -> None:
        """Write a snapshot's parts in a transaction."""

    def finish(self, transaction: Transaction, facts: Iterable[tuple[Any, ...]]) -> None:
        """Take over what is known beside the snapshots."""


class ReadsFacts(Reads, Protocol):
    """A kind that knows something beside its snapshots, such as the organization behind a model."""

    def facts(self, after: int) -> Iterable[tuple[Any, ...]]:
        """Return what became known after a position; a file returns all."""


class There(TakesThere, ReadsFacts, Protocol):
    """A kind on a server, which is read and written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedKind:
    """A kind of snapshot, as far as stores share it.

    Attributes:
        name: what the snapshots hold, in the plural.
        sources: those that the snapshots are of.
        in_file: the kind in a file that is read, this store's or another's.
        in_store: the kind in the local store, to write; many says whether many snapshots will be.
        on_server: the kind on a server.
    """

    name: str
    sources: tuple[str, ...]
    in_file: Callable[[sqlite3.Connection], ReadsFacts]
    in_store: Callable[[Path, sqlite3.Connection, bool], AbstractContextManager[TakesHere]]
    on_server: Callable[[Server], There]
