"""The kinds of snapshots in the store, each described to verify, prune and repair, which name no table of a kind.

A further kind is a module with its description, a line in `_HOMES`, and a migration. Backups copy the whole file.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Literal, NamedTuple

from llmhub.progress import Step, Unheard

if TYPE_CHECKING:
    from llmhub.remote.kinds import SharedKind

# By name, and imported when a store is verified, pruned or repaired: some kinds stand above the arena.
_HOMES = ("llmhub.arena.upkeep.boards_kind", "llmhub.offers.sql.kind")

Level = Literal["error", "hint"]
"""`error` is damage: what the store answers may be wrong; `hint` is what only takes space or is odd."""


class Fault(NamedTuple):
    """Something that a check found, as one line; `remedy` says whether there is something to do about it."""

    level: Level
    message: str
    remedy: bool = True


@dataclass(slots=True)
class Checked:
    """What a verification has looked at so far.

    Attributes:
        step: tells how far the check under way has come.
        counts: how much was proven by digests, by what it is.
    """

    step: Step = field(default_factory=Unheard)
    counts: Counter[str] = field(default_factory=Counter)


Check = Callable[[sqlite3.Connection, Checked], Iterable[Fault]]
"""Yields what does not hold in a file."""


class Lost(NamedTuple):
    """A snapshot of a kind that could not be saved, its moment (as the store writes it) and source where known."""

    snapshot_id: int
    taken_at: str | None
    source: str | None
    reason: str


class Salvaged(NamedTuple):
    """How many snapshots of a kind were saved out of a damaged file, those that were not, and the greatest id seen."""

    kept: int
    lost: tuple[Lost, ...]
    greatest_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of snapshot.

    Attributes:
        name: what the snapshots hold, in the plural.
        sources: those that the snapshots are of.
        checks: what verify runs, by the names of its checks; several kinds may add to one.
        left_over: yields what belongs to no snapshot any more.
        gone: counts what belongs to no snapshot once those of `:removed`, a JSON list of ids, are gone.
        unlink: the statements that take what it holds from the snapshots of `:removed`.
        sweep: the statements that remove what belongs to no snapshot.
        salvage: saves what holds of a damaged file, the first, into a new one, the second. None for boards, which
            repair saves itself: it names each leaderboard that is lost.
        shared: returns what stores need to share it; it imports what only that needs.
    """

    name: str
    sources: tuple[str, ...]
    checks: Mapping[str, Check]
    left_over: Callable[[sqlite3.Connection], Iterator[str]]
    gone: Callable[[sqlite3.Connection, str], Mapping[str, int]] = lambda _connection, _removed: {}
    unlink: tuple[str, ...] = ()
    sweep: tuple[str, ...] = ()
    salvage: Callable[[sqlite3.Connection, sqlite3.Connection], Salvaged] | None = None
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


def other_sources() -> frozenset[str]:
    """Return the sources of snapshots that a kind of their own saves out of a damaged file."""
    return frozenset(source for kind in kinds() if kind.salvage for source in kind.sources)
