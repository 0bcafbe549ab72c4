"""Pushing from the local store to a remote in PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from datetime import timedelta

from llmhub.errors import RemoteReadOnlyError
from llmhub.progress import step
from llmhub.remote.kinds import LocalStore, SharedKind
from llmhub.remote.server import Server
from llmhub.remote.snapshots import Content, Snapshot
from llmhub.remote.synchronising import Synchronised, ThereDestination, Transfer, snapshots_in_file

_A_DAY = timedelta(hours=24)


def push(
    server: Server,
    here: LocalStore,
    *,
    sources: Collection[str] = (),
    compared: bool = True,
) -> Synchronised:
    """Send what a remote lacks of the local store.

    Args:
        server: the remote.
        here: the local store.
        sources: only snapshots of these sources; of all, if none is named.
        compared: compare those that are on both sides too, and what is known beside snapshots; else only those that
            the remote lacks are looked at.

    Raises:
        RemoteReadOnlyError: this role may not write; nothing was written.
        RemoteError: the remote was lost; all that was sent so far are whole snapshots.
        StoreUnusableError: the store is damaged; snapshots whose rows do not have their digest are not sent.
    """
    done = Synchronised()
    look = server.look()
    connection = here.database.open_for_reading(here.path)
    if connection is None:
        return done
    with closing(connection), here.database.translated(here.path):
        of_kinds = {kind.name: _lacking(connection, server, kind, sources, compared=compared) for kind in here.kinds}
        total = sum(map(len, of_kinds.values()))
        if not total:
            return done
        if look.read_only is not None:
            raise RemoteReadOnlyError(look.read_only)
        there = ThereDestination(server)
        with step("pushing to the remote", "snapshots") as under_way:
            for kind in here.kinds:
                snapshots = of_kinds[kind.name]
                if not snapshots:
                    continue
                side = kind.in_file(connection)
                before = len(done.new)
                Transfer(
                    kind=kind,
                    origin=side,
                    destination=there,
                    done=done,
                    tell=lambda: under_way.at(len(done.new) + done.known, total),
                ).run(snapshots)
                if compared or len(done.new) > before:
                    with server.transaction() as transaction:
                        there.side(kind).finish(transaction, side.facts(-1))
    return done


def push_news(server: Server, here: LocalStore, *, sources: Collection[str]) -> Synchronised:
    """Send the snapshots of some sources that tell a remote something new.

    Every machine of a team asks the same sources every day. What is newer than the remote's newest snapshot of its
    source is sent if its content is another, or a day has passed.

    Raises:
        RemoteError: the remote was lost; all that was sent so far are whole snapshots.
        StoreUnusableError: the store is damaged; snapshots whose rows do not have their digest are not sent.
    """
    done = Synchronised()
    connection = here.database.open_for_reading(here.path)
    if connection is None or not server.look().writable:
        return done
    with closing(connection), here.database.translated(here.path):
        there = ThereDestination(server)
        for kind in here.kinds:
            side = kind.in_file(connection)
            before = len(done.new)
            for source in sorted(set(kind.sources) & set(sources)):
                news = _news(connection, server, kind, source)
                Transfer(kind=kind, origin=side, destination=there, done=done).run(news)
            if len(done.new) > before:
                with server.transaction() as transaction:
                    there.side(kind).finish(transaction, side.facts(-1))
    return done


def _news(connection: sqlite3.Connection, server: Server, kind: SharedKind, source: str) -> list[Snapshot]:
    """Return the snapshots of a source that tell a remote something new, oldest first."""
    there = server.identities([source])
    newest = max((taken_at for _, taken_at in there), default=None)
    here = sorted(snapshots_in_file(connection, [source]), key=lambda each: each.taken_at)
    candidates = [each for each in here if newest is None or each.taken_at > newest]
    contents = kind.in_file(connection).contents([each.id for each in candidates])
    last: Content | None = None
    if newest is not None:
        number = there[source, newest]
        last = kind.on_server(server).contents([number]).get(number)
    news = []
    for each in candidates:
        content = contents.get(each.id)
        if newest is None or content != last or each.taken_at - newest >= _A_DAY:
            news.append(each)
            newest, last = each.taken_at, content
    return news


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
