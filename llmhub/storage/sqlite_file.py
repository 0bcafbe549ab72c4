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
"""What a connection that writes begins with.

A commit ends with the journal's removal. SQLite's default does not wait until the folder on the disk says so: after a
power failure the journal is back, undoes what was stored, and damages a file that a VACUUM has cut off since.
"""

# While it waits for another process or works at a statement, SQLite looks for no signal.
_SECONDS_DEAF = 0.2
_STEPS_DEAF = 20_000

_log = logging.getLogger(__name__)


class Companions(NamedTuple):
    """The files that SQLite keeps beside a database; each of them may be absent.

    Attributes:
        journal: what undoes the transaction that is under way.
        wal: transactions that are committed and not in the database yet.
        shm: an index of the wal, which SQLite makes again where it is missing.
    """

    journal: Path
    wal: Path
    shm: Path

    @property
    def with_content(self) -> tuple[Path, Path]:
        """Return those without which the database is another one."""
        return self.journal, self.wal


def companions(path: Path) -> Companions:
    """Return the places of a database's companions, whether or not they are there."""
    return Companions(*(path.with_name(path.name + ending) for ending in ("-journal", "-wal", "-shm")))


State = tuple[tuple[int, int, int] | None, ...]


def state(path: Path) -> State:
    """Return what changes about a database's files when somebody writes: each one's inode, size and time."""

    def of(part: Path) -> tuple[int, int, int] | None:
        try:
            status = part.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_size, status.st_mtime_ns

    # Readers write to the shm too.
    return tuple(map(of, with_content(path)))


def with_content(path: Path) -> tuple[Path, ...]:
    """Return the file, and the companions without which it is another database."""
    return (path, *companions(path).with_content)


# -- whether it is there


def exists(path: Path) -> bool:
    """Say whether there is a store; an absent one must be really absent.

    Raises:
        StoreUnusableError: there may be one that cannot be seen, or there is something else.
    """
    try:
        kind = os.stat(path).st_mode  # noqa: PTH116 -- a Path costs as much again
    except OSError:
        kind = None
    if kind is not None:
        # SQLite would wait for ever for whoever writes to a pipe, and take a device for an empty store.
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            raise StoreUnusableError(f"{path} is no regular file: move it away to start a new store")
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
    raise StoreUnusableError(f"{path} is a link that leads nowhere: remove it, or restore what it pointed to")


def _require_regular_companions(path: Path) -> None:
    """Look at what SQLite opens beside the store: it would wait for ever for whoever writes to a pipe.

    Raises:
        StoreUnusableError: something else than a file is in a journal's place.
    """
    for companion in companions(path):
        try:
            # SQLite follows no link here.
            kind = os.lstat(companion).st_mode
        except OSError:
            continue
        if not stat.S_ISREG(kind):
            raise StoreUnusableError(f"{companion} is no regular file: move it away")


def identity(path: Path) -> tuple[int, int] | None:
    """Return which file is at the path, so that a replaced one can be told; None if there is none to be seen."""
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

    Threads may hand the connection over to each other; who shares it lets one at a time use it.
    """
    longest = patience() if seconds is None else seconds
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={mode}",
        uri=True,
        # The module would otherwise commit around DDL and begin transactions of its own.
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
    """Waits for other processes as long as it was told, and hears signals meanwhile."""

    waits = 1

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        """Do what a connection's `execute` does."""
        # Counted, and not timed: a caller's tests may have stopped the clock.
        for _ in range(self.waits - 1):
            try:
                return super().execute(*arguments)
            except sqlite3.OperationalError as error:
                if primary_code(error) != sqlite3.SQLITE_BUSY:
                    raise
        return super().execute(*arguments)

    def execute_once(self, statement: str) -> sqlite3.Cursor:
        """Do what a connection's `execute` does, waiting for nobody."""
        return super().execute(statement)

    def commit(self) -> None:
        """Commit; a transaction that others keep from it stays open meanwhile."""
        if self.in_transaction:
            self.execute("COMMIT")


def _listen() -> int:
    """Tell SQLite to go on; that Python runs at all lets the handlers of signals run first."""
    return 0


def connect_to_write(path: Path, *, seconds: float | None = None) -> sqlite3.Connection:
    """Open the store for a transaction that writes; a store that is in WAL mode leaves it, if nobody else has it open.

    llmhub never turns WAL mode on, but a program that shares the file may: then part of the store is in a second file,
    which copies of the first one lack.
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
