"""One SQLite file: which files belong to it, whether it is there, and connections to it, whatever it holds."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
from pathlib import Path
from typing import Any, NamedTuple

from llmhub.errors import StoreUnusableError
from llmhub.storage import sqlite_errors
from llmhub.storage.sqlite_errors import patience, primary_code

DURABLE = "PRAGMA synchronous = EXTRA"
"""The first statement of each connection that writes.

A commit ends with the journal's removal. SQLite's default does not wait until the folder on the disk says so: after a
power failure the journal is back, undoes what was stored, and damages a file that a VACUUM has cut off since.
"""

# While SQLite waits for another process or runs a statement, Python handles no signals.
_SECONDS_DEAF = 0.2
_STEPS_DEAF = 20_000

_log = logging.getLogger(__name__)


class Companions(NamedTuple):
    """The files that SQLite keeps beside a database; each of them may be absent.

    Attributes:
        journal: undoes the current transaction.
        wal: committed transactions that are not in the database yet.
        shm: an index of the wal; SQLite makes a missing one again.
    """

    journal: Path
    wal: Path
    shm: Path

    @property
    def with_content(self) -> tuple[Path, Path]:
        """Return the companions that are part of the content."""
        return self.journal, self.wal


def companions(path: Path) -> Companions:
    """Return the paths of a database's companions, whether or not they exist."""
    return Companions(*(path.with_name(path.name + ending) for ending in ("-journal", "-wal", "-shm")))


State = tuple[tuple[int, int, int] | None, ...]


def state(path: Path) -> State:
    """Return the inode, size and time of each of a database's files, which change with every write."""

    def of(part: Path) -> tuple[int, int, int] | None:
        try:
            status = part.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_size, status.st_mtime_ns

    # Readers write to the shm too.
    return tuple(map(of, with_content(path)))


def with_content(path: Path) -> tuple[Path, ...]:
    """Return the file, and the companions that are part of its content."""
    return (path, *companions(path).with_content)


# -- whether it is there


def exists(path: Path) -> bool:
    """Say whether a store exists.

    Raises:
        StoreUnusableError: it cannot be examined, or something that is not a regular file is in its place.
    """
    try:
        kind = os.stat(path).st_mode  # noqa: PTH116 -- a Path costs as much again
    except OSError:
        kind = None
    if kind is not None:
        # SQLite would wait forever for a pipe's writer, and take a device for an empty store.
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            raise StoreUnusableError(f"{path} is not a regular file: move it away to start a new store")
        _require_regular_companions(path)
        return True
    try:
        link = stat.S_ISLNK(path.lstat().st_mode)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreUnusableError(f"{path} cannot be reached ({error.strerror}): check the folders above it") from error
    if not link:
        # Another process has made it between the two looks.
        return True
    raise StoreUnusableError(f"{path} is a broken symbolic link: remove it, or restore its target")


def _require_regular_companions(path: Path) -> None:
    """Check the files that SQLite opens beside the store: it would wait forever for a pipe's writer.

    Raises:
        StoreUnusableError: something that is not a regular file is in a journal's place.
    """
    for companion in companions(path):
        try:
            # SQLite follows no link here.
            kind = os.lstat(companion).st_mode
        except OSError:
            continue
        if not stat.S_ISREG(kind):
            raise StoreUnusableError(f"{companion} is not a regular file: move it away")


def identity(path: Path) -> tuple[int, int] | None:
    """Return the device and inode of the file at a path, to notice a replaced file; None if it cannot be seen."""
    try:
        status = os.stat(path)  # noqa: PTH116 -- a Path costs as much again
    except OSError:
        return None
    return status.st_dev, status.st_ino


def first_fault(connection: sqlite3.Connection) -> str | None:
    """Return the first fault that SQLite finds in a file's pages; None if there is none."""
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    sqlite_errors.require_memory(found)
    return None if found == "ok" else str(found).splitlines()[-1]


# -- connections


def connect(path: Path, mode: str, *, seconds: float | None = None) -> _Patient:
    """Open a file in SQLite's mode `ro` or `rw`, whatever it is; errors are sqlite3's own.

    Threads may pass the connection on; only one may use it at a time.
    """
    longest = patience() if seconds is None else seconds
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={mode}",
        uri=True,
        # Otherwise the module commits around DDL and begins transactions itself.
        isolation_level=None,
        timeout=min(longest, _SECONDS_DEAF),
        check_same_thread=False,
        factory=_Patient,
    )
    _log.debug("%s: opened, mode %s", path, mode)
    connection.waits = max(1, round(longest / _SECONDS_DEAF))
    connection.set_progress_handler(_listen, _STEPS_DEAF)
    return connection


class _Patient(sqlite3.Connection):
    """A connection that waits for other processes for a given time, and handles signals meanwhile."""

    waits = 1

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        """Do what a connection's `execute` does."""
        # Count attempts: the clock may be frozen by freezegun.
        for _ in range(self.waits - 1):
            try:
                return super().execute(*arguments)
            except sqlite3.OperationalError as error:
                if primary_code(error) != sqlite3.SQLITE_BUSY:
                    raise
        return super().execute(*arguments)

    def execute_once(self, statement: str) -> sqlite3.Cursor:
        """Do what a connection's `execute` does, without waiting for other processes."""
        return super().execute(statement)

    def commit(self) -> None:
        """Commit; the transaction stays open while other processes block it."""
        if self.in_transaction:
            self.execute("COMMIT")


def _listen() -> int:
    """Tell SQLite to go on; before this call Python runs the handlers of pending signals."""
    return 0


def connect_to_write(path: Path, *, seconds: float | None = None) -> sqlite3.Connection:
    """Open the store to write durably; a store in WAL mode leaves it if no other process has it open.

    llmhub never turns WAL mode on, but another program may: then part of the store is in a second file, which copies
    of the first one lack.
    """
    connection = connect(path, "rw", seconds=seconds)
    try:
        connection.execute(DURABLE)
        if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
            _leave_wal_mode(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _leave_wal_mode(connection: _Patient, path: Path) -> None:
    try:
        connection.execute_once("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        if primary_code(error) != sqlite3.SQLITE_BUSY:
            raise
        # Transactions are as safe in WAL mode; the next writer tries again.
        _log.info("%s stays in WAL mode: another connection has it open", path)
