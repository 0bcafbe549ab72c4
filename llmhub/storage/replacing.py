"""Replace the whole content of a database, in the file that other processes have open.

If another file took the database's place, other processes would go on with the old one. A process that waits there for
the lock would find the journal of a transaction on the new file, take it for the old file's, roll it back and remove
it. So one SQLite transaction replaces the content, and waiting processes see it as any other transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from llmhub.errors import StoreBusyError, StoreError
from llmhub.storage import file_copies, sqlite_errors, sqlite_file
from llmhub.storage.connections import Database
from llmhub.storage.sqlite_file import connect

_SECONDS_BETWEEN_LOOKS = 0.25


class Held:
    """A database that no other process can write, as far as its damage lets a process take the lock.

    Attributes:
        path: the database.
        in_wal_mode: whether another program put it into WAL mode.
        locked: whether SQLite gave the lock; it gives none on a file with a damaged header.
    """

    def __init__(self, path: Path, reader: sqlite3.Connection, writer: sqlite3.Connection) -> None:
        self.path = path
        self._reader = reader
        self._writer = writer
        self.in_wal_mode = False
        try:
            # With this, SQLite gives the lock though the header counts more pages than the file has.
            writer.execute("PRAGMA writable_schema = ON")
            reader.execute("PRAGMA schema_version").fetchone()
            with suppress(sqlite3.DatabaseError):
                # The first statement that meets a damaged schema fails, and the next one ignores it.
                writer.execute("SELECT count(*) FROM sqlite_master")
            writer.execute(sqlite_file.DURABLE)
            self.in_wal_mode = sqlite_file.companions(path).wal.exists()
            self._lock()
        except sqlite3.DatabaseError as error:
            if sqlite_errors.says_nothing_of_the_content(error):
                raise
        self.locked = writer.in_transaction

    def _lock(self) -> None:
        self._writer.execute("BEGIN IMMEDIATE")
        if not self.in_wal_mode:
            # The lock outlasts the transaction, so no process comes in between. Set earlier, this would also keep a
            # reader's lock while waiting for a writer that waits for readers: a deadlock.
            self._writer.execute("PRAGMA locking_mode = EXCLUSIVE")

    def replace(self, new: Path, *, expected: Path | None = None) -> None:
        """Replace the content by that of another database; SQLite removes the companions.

        Args:
            new: the other database, with no companions.
            expected: a file that this one must equal byte by byte once its companions are applied; another process
                may have written while this one did not hold the lock.

        Raises:
            StoreError: another process keeps the file, or has changed it; nothing was replaced.
        """
        if self.in_wal_mode:
            self._leave_wal_mode()
        if expected is not None and not file_copies.same_content(self.path, expected):
            raise StoreError(f"{self.path} was changed by another process meanwhile: try again")
        self._writer.execute("COMMIT")
        left = round(sqlite_errors.patience() / _SECONDS_BETWEEN_LOOKS)

        def waiting(status: int, _: int, __: int) -> None:
            nonlocal left
            left -= status == sqlite3.SQLITE_BUSY
            if left <= 0:
                raise StoreBusyError(f"{self.path} is in use by another process; it is as it was: try again")

        with closing(connect(new, "ro")) as source:
            source.backup(self._writer, progress=waiting, sleep=_SECONDS_BETWEEN_LOOKS)

    def _leave_wal_mode(self) -> None:
        """Apply the wal to the file; the lock is released for a moment.

        Raises:
            StoreError: another process has the file open.
        """
        self._writer.execute("ROLLBACK")
        self._reader.close()
        if leave_wal_mode(self._writer) != "delete":
            raise StoreError(
                f"{self.path} is in WAL mode and open in another program; it was not touched: close it there, and try "
                "again"
            )
        self.in_wal_mode = False
        self._lock()


@contextmanager
def writers_kept_out(database: Database, path: Path) -> Iterator[Held]:
    """Hold SQLite's write lock on a database; nothing is written before `Held.replace`.

    Raises:
        StoreError: another process keeps the file.
    """
    with ExitStack() as opened:
        # In WAL mode the last connection that closes applies the wal to the file, unless it may only read: this may
        # be the last.
        reader = opened.enter_context(database.opened(path, "ro"))
        writer = opened.enter_context(database.opened(path, "rw"))
        yield Held(path, reader, writer)


def leave_wal_mode(connection: sqlite3.Connection) -> str:
    """Try to leave WAL mode, whatever is damaged; return the journal mode that the database is in then."""
    try:
        return _ask_for_delete_mode(connection)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        # The first statement that meets a damaged schema fails, and the next one ignores it.
        return _ask_for_delete_mode(connection)


def _ask_for_delete_mode(connection: sqlite3.Connection) -> str:
    try:
        (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.OperationalError as error:
        if sqlite_errors.primary_code(error) != sqlite3.SQLITE_BUSY:
            raise
        # Another process has the database open.
        return "wal"
    return str(mode)


def settle(path: Path) -> None:
    """Apply a private copy's companions to the file, so that it is complete; damage stays."""
    with closing(connect(path, "rw")) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        try:
            # Reading alone rolls a killed writer's transaction back.
            connection.execute("PRAGMA schema_version").fetchone()
            if sqlite_file.companions(path).wal.exists():
                leave_wal_mode(connection)
        except sqlite3.DatabaseError as error:
            if sqlite_errors.says_nothing_of_the_content(error):
                raise
