"""Pushing from the local store to a remote in PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path

from llmhub.errors import RemoteReadOnlyError
from llmhub.progress import step
from llmhub.remote.kinds import SharedKind, Snapshot
from llmhub.remote.server import Server
from llmhub.remote.synchronising import Synchronised, ThereDestination, snapshots_in_file, transfer
from llmhub.storage.connections import Database


def push(
    server: Server,
    database: Database,
    path: Path,
    kinds: Sequence[SharedKind],
    *,
    sources: Collection[str] = (),
    compared: bool = True,
) -> Synchronised:
    """Send what a remote lacks of the local store.

    Args:
        server: the remote.
        database: opens the store.
        path: the local store.
        kinds: the kinds of snapshots that this program knows.
        sources: only snapshots of these sources; of all, if none is named.
        compared: compare those that are on both sides too, and what is known beside snapshots; else only those that
            the remote lacks are looked at.

    Raises:
        RemoteReadOnlyError: this role may not write; nothing was written.
        RemoteError: the remote was lost; all that was sent so far are whole snapshots.
        StoreUnusableError: the store is damaged; what does not prove itself is not sent.
    """
    done = Synchronised()
    connection = database.open_for_reading(path)
    if connection is None:
        return done
    with closing(connection), database.translated(path):
        of_kinds = {kind.name: _lacking(connection, server, kind, sources, compared=compared) for kind in kinds}
        total = sum(map(len, of_kinds.values()))
        if not total:
            return done
        if not server.look().writable:
            raise RemoteReadOnlyError(
                f"{server.address.shown} may only be read by this role: `llmhub remote init` prints the GRANT statements"
            )
        there = ThereDestination(server)
        with step("pushing to the remote", "snapshots") as under_way:
            for kind in kinds:
                snapshots = of_kinds[kind.name]
                if not snapshots:
                    continue
                side = kind.in_file(connection)
                before = len(done.new)
                transfer(kind, snapshots, side, there, done, under_way=under_way, total=total)
                if compared or len(done.new) > before:
                    with server.transaction() as transaction:
                        there.side(kind).finish(transaction, side.facts(-1))
    return done


def _lacking(
    connection: sqlite3.Connection, server: Server, kind: SharedKind, sources: Collection[str], *, compared: bool
) -> list[Snapshot]:
    """Return the snapshots of a kind that are to be looked at, in the order in which they were stored."""
    wanted = set(kind.sources) & set(sources) if sources else set(kind.sources)
    here = snapshots_in_file(connection, wanted) if wanted else []
    if compared or not here:
        return here
    there = server.identities(wanted)
    return [each for each in here if each.identity not in there]
