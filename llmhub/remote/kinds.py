"""How a package describes its kind of snapshot, so that two stores can be synchronised.

Protocols describe what each side can do; `llmhub.remote.snapshots` has the values that pass between them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from llmhub.errors import LlmhubError
from llmhub.remote.snapshots import Content, Wanted
from llmhub.storage.connections import Database

if TYPE_CHECKING:
    from llmhub.remote.server import Server, Transaction


class DigestLookup(Protocol):
    """Looks up at a destination which of these digests it has, of lists or of what stands on them."""

    def __call__(self, digests: Collection[bytes], /, *, rows: str = "lists") -> set[bytes]:
        """Return those that are there."""


class ReadableKind(Protocol):
    """A kind in a place that is read."""

    def contents(self, ids: Sequence[int]) -> Mapping[int, Content]:
        """Return what these snapshots have of the kind."""

    def bundles(self, wanted: Sequence[Wanted], present: DigestLookup) -> Iterator[Any | LlmhubError]:
        """Yield for each the rows that the destination lacks, or why they cannot be had; each row once."""


class WritableKind(Protocol):
    """A kind in a place that is written; each `add` is the kind's part of one transaction."""

    def contents(self, ids: Sequence[int]) -> Mapping[int, Content]:
        """Return what these snapshots have of the kind."""

    def present(self, digests: Collection[bytes], /, *, rows: str = "lists") -> set[bytes]:
        """Return those of these digests that are there."""


class LocalKind(WritableKind, Protocol):
    """A kind in the local store."""

    def add(self, wanted: Wanted, bundle: Any) -> None:
        """Store a snapshot's parts through the store's own functions for writing, in one transaction.

        Raises:
            SnapshotConflictError: the store has the snapshot with another content.
            UnprovenError: it is not what its digests say, or breaks a rule.
            StoreError: the store could not be written.
        """

    def finish(self, facts: Iterable[tuple[Any, ...]]) -> None:
        """Take over what is known beside the snapshots."""


class WritableServerKind(WritableKind, Protocol):
    """A kind on a server."""

    def add(self, transaction: Transaction, number: int, wanted: Wanted, bundle: Any) -> None:
        """Write a snapshot's parts in a transaction."""

    def finish(self, transaction: Transaction, facts: Iterable[tuple[Any, ...]]) -> None:
        """Take over what is known beside the snapshots."""


class KindWithFacts(ReadableKind, Protocol):
    """A kind that knows something beside its snapshots, such as the organization behind a model."""

    def facts(self, after: int) -> Iterable[tuple[Any, ...]]:
        """Return the snapshots after a position; a file returns all."""


class ServerKind(WritableServerKind, KindWithFacts, Protocol):
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
    in_file: Callable[[sqlite3.Connection], KindWithFacts]
    in_store: Callable[[Path, sqlite3.Connection, bool], AbstractContextManager[LocalKind]]
    on_server: Callable[[Server], ServerKind]


class LocalStore(NamedTuple):
    """The local store: what opens it, where it is, and the kinds of snapshots that this program knows."""

    database: Database
    path: Path
    kinds: Sequence[SharedKind]
