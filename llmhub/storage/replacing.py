"""Replacing all that a database holds, in the file that other processes have open.

Another file in the database's place would leave others on the old one. Whoever waits there for the lock finds the
journal of a transaction on the new file next, takes it for the old file's, rolls it back and removes it. So the content
is replaced by one transaction of SQLite's, which whoever waits sees as any other.
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
    """A database that nobody else can write, as far as its damage lets anybody take the lock.

    Attributes:
        path: the database.
        in_wal_mode: whether another program put it into WAL mode.
        locked: whether SQLite gave the lock; a file whose header is damaged has none to give.
    """

    def __init__(self, path: Path, reader: sqlite3.Connection, writer: sqlite3.Connection) -> None:
        self.path = path
        self._reader = reader
        self._writer = writer
        self.in_wal_mode = False
        try:
            # A header that counts more pages than there are is then no reason to refuse the lock.
            writer.execute("PRAGMA writable_schema = ON")
            reader.execute("PRAGMA schema_version").fetchone()
            with suppress(sqlite3.DatabaseError):
                # The first statement that meets a damaged schema fails, and the next one does without.
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
            # The lock outlasts the transaction: nobody comes between it and the replacing. Asked for earlier, this
            # would also hold what a reader holds, while it waits for a writer who waits for readers to go.
            self._writer.execute("PRAGMA locking_mode = EXCLUSIVE")

    def replace(self, new: Path, *, expected: Path | None = None) -> None:
        """Replace the content by that of another database; companions are SQLite's to clear.

        Args:
            new: the other database, with no companions.
            expected: what the file must be byte by byte once its companions are worked in; another process may have
                written while this one did not hold the lock.

        Raises:
            StoreError: another process keeps the file, or has changed it; it is as it was.
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
        """Work the wal into the file; the lock is given up for a moment.

        Raises:
            StoreError: somebody else has the file open.
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
        # In WAL mode the last connection that closes works the wal into the file, unless it may only read: this one is
        # the last.
        reader = opened.enter_context(database.opened(path, "ro"))
        writer = opened.enter_context(database.opened(path, "rw"))
        yield Held(path, reader, writer)


def leave_wal_mode(connection: sqlite3.Connection) -> str:
    """Try to leave WAL mode, whatever is damaged; return the mode that the database is in then."""
    # See `Held`: the first statement may fail for a damaged schema.
    for last in (False, True):
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError as error:
            if sqlite_errors.primary_code(error) != sqlite3.SQLITE_BUSY:
                raise
            return "wal"
        except sqlite3.DatabaseError:
            if last:
                raise
        else:
            return str(mode)
    raise RuntimeError("unreachable")  # pragma: no cover


def settle(path: Path) -> None:
    """Work a private copy's companions into the file, so that it holds all there is; damage is left as it is."""
    with closing(connect(path, "rw")) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        try:
            # Looking alone rolls a killed writer's transaction back.
            connection.execute("PRAGMA schema_version").fetchone()
            if sqlite_file.companions(path).wal.exists():
                leave_wal_mode(connection)
        except sqlite3.DatabaseError as error:
            if sqlite_errors.says_nothing_of_the_content(error):
                raise
