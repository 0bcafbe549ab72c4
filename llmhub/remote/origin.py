"""A remote that is being read, of either kind: a server, or a whole store that was fetched and checked."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote

from llmhub import background
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
from llmhub.remote.kinds import KindWithFacts, SharedKind
from llmhub.remote.positions import Position
from llmhub.remote.server import CONNECT_SECONDS, STATEMENT_SECONDS, Look, Server
from llmhub.remote.snapshots import Snapshot
from llmhub.remote.synchronising import snapshots_in_file
from llmhub.storage.connections import Database
from llmhub.storage.sqlite_file import companions

_NAME = "arena.db"
_FOLDER = "remote"
_PAGES_AT_ONCE = 512
_EXPECTED = "expected a copy that `llmhub arena backup` made"

Result = TypeVar("Result")


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
    reads: Callable[[SharedKind], KindWithFacts]
    after: int = -1
    server: Server | None = None
    look: Look | None = None

    @property
    def writable(self) -> bool:
        """Return whether this process may write there."""
        return self.look is not None and self.look.writable


class WholeStores:
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
    whole: WholeStores,
    *,
    before: Position | None = None,
    connect_seconds: float = CONNECT_SECONDS,
    seconds: float = STATEMENT_SECONDS,
) -> Iterator[Origin]:
    """Open a remote to read it.

    Args:
        address: where it is.
        whole: see `WholeStores`.
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
    def nothing(_: SharedKind) -> KindWithFacts:
        raise LookupError(address.shown)

    return Origin(
        address=address, remote_id=address.shown, position=etag, unchanged=True, snapshots=lambda _: [], reads=nothing
    )


def _connection(address: Address, whole: WholeStores, path: Path) -> sqlite3.Connection:
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
        raise RemoteError(f"{address.shown} is empty: {_EXPECTED}")
    return connection


@contextmanager
def _fetched(
    address: Address, whole: WholeStores, known: str | None, seconds: float
) -> Iterator[tuple[Path | None, str]]:
    """Give a copy of a whole store and its ETag; no copy if it has the ETag that is known."""
    try:
        make_private_folder(whole.folder)
        if address.kind == "file":
            path = Path(unquote(address.url.partition("://")[2].removeprefix("localhost")))
            copying = _Copying(address, whole.database, path, seconds)
            etag = copying.within_time(copying.stamp)
            if etag == known:
                yield None, etag
                return
            with workplace(whole.folder) as place:
                copying.within_time(lambda: copying.copy(place / _NAME))
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
            found = fetch(
                address.url, target, watch=downloading.at, limits=limits, expected=STORE, unless=known or None
            )
    except SourceError as error:
        raise RemoteUnreachableError(address.without_secrets(str(error))) from None
    try:
        yield target if target.exists() else None, found.etag or ""
    finally:
        discard(target)


class _Copying:
    """A whole store copied from a folder, which may be a share whose server is gone: calls then never return."""

    def __init__(self, address: Address, database: Database, path: Path, seconds: float) -> None:
        self._address, self._database, self._path, self._seconds = address, database, path, seconds
        self._steps = 0

    def within_time(self, work: Callable[[], Result]) -> Result:
        """Return a call's result; give it up if it makes no progress for the allowed time.

        Raises:
            RemoteUnreachableError: it made none; the call is left behind in its thread.
        """
        under_way = background.start(work, name="llmhub-remote-file")
        before = self._steps
        while not background.has_ended(under_way, seconds=self._seconds):
            if self._steps == before:
                raise RemoteUnreachableError(f"{self._address.shown}: no answer within {self._seconds:g} s: try again")
            before = self._steps
        return under_way.result()

    def stamp(self) -> str:
        """Return a mark that changes with each write to the file or to its write-ahead log."""
        try:
            marks = [_mark(self._path)]
            wal = companions(self._path).wal
            if wal.exists():
                marks.append(_mark(wal))
        except OSError as error:
            why = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
            raise RemoteUnreachableError(f"{self._address.shown} {why}: check the address") from None
        return " ".join(marks)

    def copy(self, target: Path) -> None:
        """Copy the store while it may be in use.

        Raises:
            RemoteError: it cannot be read.
        """
        try:
            connection = self._database.open_for_reading(self._path, upgraded=False)
            if connection is None:
                raise RemoteError(f"{self._address.shown} is empty: {_EXPECTED}")
            with (
                closing(connection) as reader,
                self._database.translated(self._path),
                closing(sqlite3.connect(target)) as writer,
                step("copying the store that the team shares", "pages") as copying,
            ):

                def moved(_: int, left: int, total: int) -> None:
                    self._steps += 1
                    copying.at(total - left, total)

                reader.backup(writer, pages=_PAGES_AT_ONCE, progress=moved)
                writer.execute("PRAGMA journal_mode = DELETE")
        except StoreUnusableError as error:
            wrong = RemoteFormatError if "newer" in str(error) else RemoteError
            # The rest of the message is advice about the user's own store.
            why = str(error).partition(";")[0].partition(": move")[0]
            raise wrong(f"{self._address.shown}: {why}; {_EXPECTED}") from None
        except StoreError as error:
            raise RemoteError(f"{self._address.shown}: {error}") from None


def _mark(path: Path) -> str:
    status = path.stat()
    return f"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}"
