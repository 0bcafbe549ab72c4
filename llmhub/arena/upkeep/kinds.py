"""The kinds of snapshots in the store, described so that verify, prune and repair name no table of a kind.

A further kind is a module with its description, a line in `_HOMES`, and a migration. Backups copy the whole file.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Literal, NamedTuple

from llmhub.progress import Step, Unheard

if TYPE_CHECKING:
    from llmhub.remote.kinds import SharedKind

# Imported by name when needed: some kinds are defined above the arena.
_HOMES = ("llmhub.arena.upkeep.boards_kind", "llmhub.offers.sql.kind")

Level = Literal["error", "hint"]
"""`error` is damage: answers of the store may be wrong; `hint` is something odd, or something that only takes space."""


class Fault(NamedTuple):
    """A finding of a check, as one line; `remedy` says whether the user can do something about it."""

    level: Level
    message: str
    remedy: bool = True


@dataclass(slots=True)
class Checked:
    """The progress of a verification.

    Attributes:
        step: shows the progress of the current check.
        counts: how many things of each sort were proven by digests.
    """

    step: Step = field(default_factory=Unheard)
    counts: Counter[str] = field(default_factory=Counter)


Check = Callable[[sqlite3.Connection, Checked], Iterable[Fault]]
"""Yields the faults of a file."""


class Damaged(NamedTuple):
    """A damaged file: a tolerant connection to a copy, and the copy's content."""

    connection: sqlite3.Connection
    content: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """A part of a snapshot that could not be saved.

    Attributes:
        snapshot_id: which snapshot.
        taken_at: its moment, None if that is lost too.
        source: its source, None if that is lost too.
        part: which part of it, such as a leaderboard; None if its parts are not known.
        reason: what was found.
    """

    snapshot_id: int
    taken_at: datetime | None
    source: str | None
    part: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Salvaged:
    """The snapshots of a kind that were saved from a damaged file.

    Attributes:
        kept: how many snapshots.
        lost: what was not saved.
        greatest_id: the greatest id of a snapshot that was seen.
        unknown: facts of saved snapshots that became unknown.
    """

    kept: int
    lost: tuple[Lost, ...]
    greatest_id: int
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of snapshot.

    Attributes:
        name: what the snapshots hold, in the plural.
        sources: those that the snapshots are of.
        checks: what verify runs, by the names of its checks; several kinds may add to one.
        left_over: yields what no longer belongs to a snapshot.
        gone: counts what belongs to no snapshot once those of `:removed`, a JSON list of ids, are removed.
        unlink: the statements that detach its content from the snapshots of `:removed`.
        sweep: the statements that remove what belongs to no snapshot.
        salvage: saves the provable snapshots of a damaged file into a new one, in the caller's transaction.
        shared: returns what stores need to share it; it imports what only that needs.
    """

    name: str
    sources: tuple[str, ...]
    checks: Mapping[str, Check]
    left_over: Callable[[sqlite3.Connection], Iterator[str]]
    salvage: Callable[[Damaged, sqlite3.Connection], Salvaged]
    gone: Callable[[sqlite3.Connection, str], Mapping[str, int]] = lambda _connection, _removed: {}
    unlink: tuple[str, ...] = ()
    sweep: tuple[str, ...] = ()
    shared: Callable[[], SharedKind]


def kinds() -> tuple[Kind, ...]:
    """Return every kind of snapshot that this program knows."""
    return tuple(import_module(home).KIND for home in _HOMES)


def shared_kinds() -> tuple[SharedKind, ...]:
    """Return every kind of snapshot as far as stores share it."""
    return tuple(kind.shared() for kind in kinds())


def all_sources() -> frozenset[str]:
    """Return the sources of all snapshots."""
    return frozenset(source for kind in kinds() for source in kind.sources)
