"""A remote that is being read, of either kind: a server, or a whole store that was fetched and checked."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from llmhub.errors import (
    RemoteError,
    RemoteFormatError,
    RemoteUnreachableError,
    SourceError,
    StoreError,
    StoreUnusableError,
)
from llmhub.folders import make_private_folder, own_folder, workplace
from llmhub.progress import step
from llmhub.remote.address import Address
from llmhub.remote.kinds import ReadsFacts, SharedKind
from llmhub.remote.positions import Position
from llmhub.remote.server import CONNECT_SECONDS, STATEMENT_SECONDS, Look, Server
from llmhub.remote.snapshots import Snapshot
from llmhub.remote.synchronising import snapshots_in_file
from llmhub.storage.connections import Database

_NAME = "arena.db"
_FOLDER = "remote"
_PAGES_AT_ONCE = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A remote that is open to be read.

    Attributes:
        address: where it is.
        remote_id: which one it is.
        position: where it stands now: its newest snapshot's place in its order, or its ETag.
        unchanged: whether it stands where the last whole pull ended.
        snapshots: returns its snapshots after that, in its order.
        reads: returns a kind there.
        after: the place after which facts are new.
        server: the connection, of a server.
        look: the facts about a server.
    """

    address: Address
    remote_id: str
    position: str
    unchanged: bool
    snapshots: Callable[[Sequence[SharedKind]], list[Snapshot]]
    reads: Callable[[SharedKind], ReadsFacts]
    after: int = -1
    server: Server | None = None
    look: Look | None = None

    @property
    def writable(self) -> bool:
        """Return whether this process may write there."""
        return self.look is not None and self.look.writable


class Whole:
    """How a whole store is fetched and checked: what opens its files, where it is copied to, and what checks it."""

    def __init__(self, database: Database, folder: Path, faults: Callable[[Path], Sequence[str]]) -> None:
        """Describe it.

        Args:
            database: opens the files.
            folder: the local store's.
            faults: returns what does not hold in a file, in words; nothing for a sound one.
        """
        self.database, self.folder, self.faults = database, folder, faults


@contextmanager
def opened(
    address: Address,
    whole: Whole,
    *,
    before: Position | None = None,
    connect_seconds: float = CONNECT_SECONDS,
    seconds: float = STATEMENT_SECONDS,
) -> Iterator[Origin]:
    """Open a remote to read it.

    Args:
        address: where it is.
        whole: see `Whole`.
        before: where the last whole pull ended; None to see everything.
        connect_seconds: how long a server may take to let this process in.
        seconds: how long it may take for a statement, or be silent.

    Raises:
        RemoteError: it cannot be read; see its children.
        ExtraMissingError: the packages for a server are not installed.
    """
    if address.kind == "postgres":
        with Server.connect(address, connect_seconds=connect_seconds, seconds=seconds) as server:
            yield _of_server(server, before)
    else:
        with _fetched(address, whole, None if before is None else before.position, seconds) as (path, etag):
            if path is None:
                yield _unchanged(address, etag)
                return
            with closing(_connection(address, whole, path)) as connection:
                yield Origin(
                    address=address,
                    remote_id=address.shown,
                    position=etag,
                    unchanged=before is not None and etag != "" and before.position == etag,
                    snapshots=lambda kinds: snapshots_in_file(connection, {s for kind in kinds for s in kind.sources}),
                    reads=lambda kind: kind.in_file(connection),
                )


def _of_server(server: Server, before: Position | None) -> Origin:
    look = server.look()
    after = -1
    if before is not None and before.remote_id == look.remote_id:
        number, _, mark = before.position.partition(" ")
        if number.isdecimal() and int(number) <= look.position and server.mark(int(number)) == mark:
            after = int(number)
    return Origin(
        address=server.address,
        remote_id=look.remote_id,
        # If it has not moved, the remembered position holds, and no second question is needed.
        position=before.position if before is not None and after == look.position else str(look.position),
        unchanged=after == look.position,
        snapshots=lambda _: server.snapshots(after),
        reads=lambda kind: kind.on_server(server),
        after=after,
        server=server,
        look=look,
    )


def _unchanged(address: Address, etag: str) -> Origin:
    def nothing(_: SharedKind) -> ReadsFacts:
        raise LookupError(address.shown)

    return Origin(
        address=address, remote_id=address.shown, position=etag, unchanged=True, snapshots=lambda _: [], reads=nothing
    )


def _connection(address: Address, whole: Whole, path: Path) -> sqlite3.Connection:
    """Open a fetched store once it was found to be sound.

    Raises:
        RemoteError: it is not sound; nothing of it was taken over.
    """
    try:
        with step("checking what came"):
            faults = whole.faults(path)
        connection = whole.database.open_for_reading(path, upgraded=False)
    except StoreUnusableError as error:
        # The message names the copy, which is gone by then.
        why = str(error).replace(str(path), address.shown)
        wrong = RemoteFormatError if "newer" in why else RemoteError
        raise wrong(f"{why.partition(';')[0]}; nothing of it was taken over") from None
    if faults:
        more = f" and {len(faults) - 1:,} more" if len(faults) > 1 else ""
        raise RemoteError(f"{address.shown} is not a sound store ({faults[0]}{more}); nothing of it was taken over")
    if connection is None:
        raise RemoteError(f"{address.shown} is empty: expected a copy that `llmhub arena backup` made")
    return connection


@contextmanager
def _fetched(address: Address, whole: Whole, known: str | None, seconds: float) -> Iterator[tuple[Path | None, str]]:
    """Give a copy of a whole store and its ETag; no copy if it has the ETag that is known."""
    try:
        make_private_folder(whole.folder)
        if address.kind == "file":
            path = Path(unquote(address.url.partition("://")[2].removeprefix("localhost")))
            etag = _stamp(path, address)
            if etag == known:
                yield None, etag
                return
            with workplace(whole.folder) as place:
                _copy(whole.database, path, place / _NAME, address)
                yield place / _NAME, etag
        else:
            folder = own_folder(whole.folder / _FOLDER)
            yield from _downloaded(address, folder, known, seconds)
    except OSError as error:
        raise RemoteError(f"{address.shown} cannot be copied here: {error.strerror or error}") from error


def _downloaded(address: Address, folder: Path, known: str | None, seconds: float) -> Iterator[tuple[Path | None, str]]:
    from llmhub.web.large_file import STORE, Limits, discard, fetch

    target = folder / _NAME
    limits = Limits(stall=seconds, tries=2, longest_pause=seconds)
    try:
        with step("downloading the store that the team shares", "bytes") as downloading:
            found = fetch(address.url, target, watch=downloading.at, limits=limits, what=STORE, unless=known or None)
    except SourceError as error:
        raise RemoteUnreachableError(address.without_secrets(str(error))) from None
    try:
        yield target if target.exists() else None, found.etag or ""
    finally:
        discard(target)


def _stamp(path: Path, address: Address) -> str:
    try:
        status = path.stat()
    except OSError as error:
        why = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        raise RemoteUnreachableError(f"{address.shown} {why}: check the address") from None
    return f"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}"


def _copy(database: Database, path: Path, target: Path, address: Address) -> None:
    """Copy another store while it may be in use.

    Raises:
        RemoteError: it cannot be read.
    """
    try:
        connection = database.open_for_reading(path, upgraded=False)
        if connection is None:
            raise RemoteUnreachableError(f"{address.shown} does not exist")
        with (
            closing(connection) as reader,
            database.translated(path),
            closing(sqlite3.connect(target)) as writer,
            step("copying the store that the team shares", "pages") as copying,
        ):
            reader.backup(writer, pages=_PAGES_AT_ONCE, progress=lambda _, left, all_: copying.at(all_ - left, all_))
            writer.execute("PRAGMA journal_mode = DELETE")
    except StoreError as error:
        wrong = RemoteFormatError if "newer" in str(error) else RemoteError
        raise wrong(f"{address.shown}: {error}") from None
