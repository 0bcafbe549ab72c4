"""The store that a team shares, as commands and refreshes use it: opened, pulled from and pushed to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from llmhub import settings
from llmhub.arena.database import database
from llmhub.arena.freshness import DEFAULT_TTL
from llmhub.arena.sources import SOURCES
from llmhub.arena.upkeep.kinds import shared_kinds
from llmhub.errors import RemoteError, SettingsError
from llmhub.remote.address import EXPECTED, VARIABLE, Address, parse
from llmhub.remote.kinds import LocalStore
from llmhub.remote.origin import Origin, WholeStores, opened
from llmhub.remote.positions import Position, position_of
from llmhub.remote.pulling import ALL, Choice, pull
from llmhub.remote.pushing import push, push_news
from llmhub.remote.server import CONNECT_SECONDS, FORMAT, STATEMENT_SECONDS, Server
from llmhub.remote.synchronising import Synchronised, snapshots_in_file


def shared_address(given: str | None = None) -> Address:
    """Return the address of the remote: the one that is given, or LLMHUB_REMOTE_URL.

    Raises:
        SettingsError: there is none, or it cannot be used.
    """
    text = given if given is not None else settings.remote_url()
    if text is None:
        raise SettingsError(f"no remote is set: set {VARIABLE} to one, or give its address: {EXPECTED}")
    return parse(text, named=VARIABLE if given is None else "the argument")


@contextmanager
def opened_here(
    address: Address,
    path: Path,
    *,
    everything: bool = False,
    connect_seconds: float = CONNECT_SECONDS,
    seconds: float = STATEMENT_SECONDS,
) -> Iterator[Origin]:
    """Open a remote to pull from it into the store at `path`; see `llmhub.remote.origin.opened`.

    Args:
        address: where it is.
        path: the local store.
        everything: look at all of it, and not only at what is new since the last whole pull.
        connect_seconds: how long a server may take to let this process in.
        seconds: how long it may take for a statement, or be silent.

    Raises:
        RemoteError: it cannot be read.
        StoreUnusableError: the local store cannot be used.
    """
    _require_online(address)
    before = None if everything else position_of(database, path, address)
    whole = WholeStores(database, path.parent, _faults)
    with opened(address, whole, before=before, connect_seconds=connect_seconds, seconds=seconds) as origin:
        yield origin


def pull_here(origin: Origin, path: Path, choice: Choice = ALL) -> Synchronised:
    """Take over what the store at `path` lacks; see `llmhub.remote.pulling.pull`."""
    return pull(origin, _here(path), choice=choice)


def push_from_here(server: Server, path: Path, *, sources: Collection[str] = (), compared: bool = True) -> Synchronised:
    """Send what a remote lacks of the store at `path`; see `llmhub.remote.pushing.push`."""
    return push(server, _here(path), sources=sources, compared=compared)


def push_news_from_here(server: Server, path: Path, *, sources: Collection[str]) -> Synchronised:
    """Send what tells a remote something new; see `llmhub.remote.pushing.push_news`."""
    return push_news(server, _here(path), sources=sources)


def server_of(address: Address) -> Server:
    """Connect to a remote that can be written.

    Raises:
        RemoteError: it is a whole store, which can only be read, or the server cannot be reached.
    """
    if address.kind != "postgres":
        raise RemoteError(f"{address.shown} can only be read: `llmhub arena backup` makes a new one to put there")
    _require_online(address)
    return Server.connect(address)


def _require_online(address: Address) -> None:
    if settings.offline() and address.kind != "file":
        raise RemoteError(f"LLMHUB_OFFLINE is set, so {address.shown} was not asked: unset it")


class LastPull(NamedTuple):
    """The remote that is set, and when this store was last synchronised with it; None: never."""

    address: Address
    position: Position | None


def last_pull(path: Path) -> LastPull:
    """Return what is known of the remote that is set, without asking it.

    Raises:
        SettingsError: there is none, or its address cannot be used.
        StoreUnusableError: the store cannot be used.
    """
    address = shared_address()
    return LastPull(address, position_of(database, path, address))


def _here(path: Path) -> LocalStore:
    return LocalStore(database, path, shared_kinds())


def _faults(path: Path) -> list[str]:
    """Return the errors that `verify` finds in a downloaded store, one line each."""
    from llmhub.arena.upkeep.verify import verify

    return [each.message for each in verify(path).findings if each.level == "error"]


class RemoteStatus(NamedTuple):
    """How a remote is.

    Attributes:
        address: where it is.
        writable: whether this process may write there.
        format: a server's format; None for a whole store.
        snapshots: how many it has.
        newest_run: the moment of its newest run of the update script.
        fresh: whether that is at most 24 hours old.
        skew: by how much this machine's clock is ahead of the server's; None for a whole store.
        last_pull: when this store was last synchronised with it.
        to_pull: how many snapshots it has that this store lacks.
        to_push: how many this store has that it lacks; None if it cannot be written.
    """

    address: Address
    writable: bool
    format: int | None
    snapshots: int
    newest_run: datetime | None
    fresh: bool
    skew: timedelta | None
    last_pull: datetime | None
    to_pull: int
    to_push: int | None


def remote_status(address: Address, path: Path) -> RemoteStatus:
    """Ask a remote how it is, and compare which snapshots it and the store at `path` have.

    Raises:
        RemoteError: it cannot be read.
        StoreUnusableError: the local store cannot be used.
    """
    kinds = shared_kinds()
    sources = {source for kind in kinds for source in kind.sources}
    before = position_of(database, path, address)
    with opened_here(address, path, everything=True) as origin:
        there = {each.identity for each in origin.snapshots(kinds)}
        look, writable = origin.look, origin.writable
    connection = database.open_for_reading(path)
    here: set[tuple[str, datetime]] = set()
    if connection is not None:
        with closing(connection), database.translated(path):
            here = {each.identity for each in snapshots_in_file(connection, sources)}
    now = datetime.now(UTC) if look is None else look.now
    runs = [taken_at for source, taken_at in there if source == SOURCES[0] and taken_at <= now]
    newest = max(runs, default=None)
    return RemoteStatus(
        address=address,
        writable=writable,
        format=None if look is None else FORMAT,
        snapshots=len(there),
        newest_run=newest,
        fresh=newest is not None and now - newest <= DEFAULT_TTL,
        skew=None if look is None else look.skew,
        last_pull=None if before is None else before.pulled_at,
        to_pull=len(there - here),
        to_push=len(here - there) if writable else None,
    )
