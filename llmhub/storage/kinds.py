"""What a snapshot can hold beside boards: each kind describes its tables to verify, repair and prune.

None of these names a table of a kind: a further one is a description, a line in `_HOMES` and a migration. Backups copy
the whole file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import NamedTuple

# By name, and imported when a store is verified, repaired or pruned: the kinds stand above the store.
_HOMES = ("llmhub.offers.kind",)


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


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of snapshot.

    Attributes:
        name: what the snapshots hold, in the plural.
        sources: those that the snapshots are of.
        faults: yields what does not hold in a file: values, digests, references.
        left_over: yields what belongs to no snapshot any more.
        sweep: the statements that remove it.
        salvage: saves what holds of a damaged file, the first, into a new one, the second.
    """

    name: str
    sources: frozenset[str]
    faults: Callable[[sqlite3.Connection], Iterator[str]]
    left_over: Callable[[sqlite3.Connection], Iterator[str]]
    sweep: tuple[str, ...]
    salvage: Callable[[sqlite3.Connection, sqlite3.Connection], Salvaged]


def kinds() -> tuple[Kind, ...]:
    """Return the kinds of snapshots that are no boards."""
    return tuple(import_module(home).KIND for home in _HOMES)


def other_sources() -> frozenset[str]:
    """Return the sources of snapshots that are no boards."""
    return frozenset[str]().union(*(kind.sources for kind in kinds()))
