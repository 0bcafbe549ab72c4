"""Open, read, write and upgrade the files of one program.

A process that only reads uses the sqlite3 module alone. A process that writes imports SQLAlchemy, and alembic only if
the file has an older schema.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from llmhub.errors import StoreDamagedError, StoreError, StoreReadOnlyError, StoreUnusableError, counted
from llmhub.folders import clear_left_behind, make_private_folder
from llmhub.storage import sqlite_errors
from llmhub.storage.engine import ReplacedError, require_in_place, writing_connection
from llmhub.storage.schema import Schema
from llmhub.storage.sqlite_file import connect, connect_to_write, exists, first_fault, identity

if TYPE_CHECKING:
    from sqlalchemy import Connection

_Connection = TypeVar("_Connection")
_Transactions = Iterator[Callable[[], AbstractContextManager[_Connection]]]

Mode = Literal["ro", "rw", "write"]
"""How a file is opened: `ro` to read; `rw` to read and write; `write` to write durably, out of WAL mode if possible."""

_MOST_ATTEMPTS = 20

_log = logging.getLogger(__name__)


class Database:
    """The files of one program, as its schema describes them; each method takes the path of one."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    # -- errors

    def translated(self, path: Path) -> AbstractContextManager[None]:
        """Turn what sqlite3 and SQLAlchemy raise about the file into a StoreError that says what to do next."""
        return sqlite_errors.translated(path, self.schema.remedies)

    def damaged(self, path: Path, how: str) -> StoreDamagedError:
        """Return the error of a file that was found to be damaged."""
        return sqlite_errors.damaged(path, how, self.schema.remedies)

    # -- looking

    @contextmanager
    def opened(self, path: Path, mode: Mode, *, seconds: float | None = None) -> Iterator[sqlite3.Connection]:
        """Open a file without looking at its schema, and close it at the end; errors are `translated`.

        Args:
            path: the file.
            mode: see `Mode`.
            seconds: how long to wait for other processes, if not as long as usual.
        """
        with self.translated(path):
            connection = (
                connect_to_write(path, seconds=seconds) if mode == "write" else connect(path, mode, seconds=seconds)
            )
            with closing(connection):
                yield connection

    def require_sound(self, path: Path) -> None:
        """Look at every page of a file before it is written: damage where no reader looks must not be written over.

        Raises:
            StoreUnusableError: the file is damaged; it was not touched.
        """
        connection = self.open_for_reading(path)
        if connection is None:
            return
        with closing(connection), self.translated(path):
            fault = first_fault(connection)
        if fault is not None:
            raise self.damaged(path, fault)

    def open_for_reading(self, path: Path, *, upgraded: bool = True) -> sqlite3.Connection | None:
        """Open a file read-only; return None if it does not exist yet.

        A file of an older version is upgraded first; nothing else is ever written. If the upgrade is not possible, or
        not asked for, the file is read unchanged, provided that the statements fit its tables.

        Raises:
            StoreUnusableError: the file is damaged, unreadable, another program's, or of a newer version.
            StoreError: the file must be upgraded and cannot be.
        """
        if not exists(path):
            return None
        with self.translated(path), ExitStack() as unless_kept:
            connection = unless_kept.enter_context(closing(connect(path, "ro")))
            found = self.schema.revision_after_recovery(connection, path)
            if found == self.schema.current or (not upgraded and found in self.schema.readable):
                unless_kept.pop_all()
                return connection
        if found is None:
            return None
        try:
            self.upgrade(path)
        except StoreUnusableError:
            raise
        except StoreError as error:
            if found not in self.schema.readable:
                raise
            if not isinstance(error, StoreReadOnlyError):
                _log.warning("%s; it is read without an upgrade", error)
            return self.open_for_reading(path, upgraded=False)
        return self.open_for_reading(path)

    @contextmanager
    def as_it_is(self, path: Path) -> Iterator[tuple[sqlite3.Connection, str] | None]:
        """Open a file and give its connection and schema revision; None if it does not exist yet.

        Nothing is written at all: an older file is not upgraded, and an unfinished transaction of a killed writer is
        not rolled back.

        Raises:
            StoreUnusableError: the file is damaged, unreadable, another program's, or of a newer version.
            StoreReadOnlyError: a writer was killed, and the next reader must roll its transaction back.
        """
        if not exists(path):
            yield None
            return
        with self.opened(path, "ro") as connection:
            found = self.schema.revision_of(connection, path)
            yield None if found is None else (connection, found)

    def require_writable(self, path: Path) -> None:
        """Check that a file can be written, without writing.

        Raises:
            StoreReadOnlyError: the file or its folder cannot be written, or the folder cannot be made.
            StoreUnusableError: what is at the path cannot be seen.
        """
        elsewhere = self.schema.remedies.elsewhere
        if exists(path) and not os.access(path, os.W_OK):
            raise StoreReadOnlyError(f"{path} cannot be written: make it writable, or {elsewhere}")
        folder = path.parent
        try:
            make_private_folder(folder)
        except OSError as error:
            raise StoreReadOnlyError(
                f"{folder} cannot be made ({error.strerror}): make its parent writable, or {elsewhere}"
            ) from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise StoreReadOnlyError(f"{folder} cannot be written: make it writable, or {elsewhere}")

    # -- writing

    def upgrade(self, path: Path) -> None:
        """Bring a file to the current schema, or make it; see `llmhub.storage.upgrading.upgrade`.

        Raises:
            StoreError: see its children; the file is as it was.
        """
        if self.schema.is_current(path):
            return
        self.require_writable(path)
        from llmhub.storage.upgrading import upgrade

        upgrade(self.schema, path)

    @contextmanager
    def writing(self, path: Path) -> Iterator[Connection]:
        """Open one write transaction on a file; make or upgrade the file first if needed.

        It takes the file's write lock at once and commits at the end; on any error everything in it is undone. If a
        repair or a backup replaces the file while this waits for the lock, the new file is opened instead.

        Raises:
            StoreError: see its children; nothing was written.
        """
        with _begun_in_place(lambda: self._one_transaction(path)) as connection:
            yield connection

    @contextmanager
    def _one_transaction(self, path: Path) -> Iterator[Connection]:
        with self.transactions(path) as transaction, transaction() as connection:
            yield connection

    @contextmanager
    def transactions(self, path: Path) -> _Transactions[Connection]:
        """Do what `writing` does for many transactions in a row: each call of the yielded function begins one.

        Raises:
            StoreError: see its children; the transaction that was under way has written nothing.
        """
        self._make_ready(path)
        with self.translated(path), writing_connection(path) as connection:

            @contextmanager
            def transaction() -> Iterator[Connection]:
                with connection.begin():
                    yield connection

            yield transaction

    @contextmanager
    def plain_transactions(self, path: Path) -> _Transactions[sqlite3.Connection]:
        """Do what `transactions` does with the sqlite3 module alone; SQLite checks no foreign keys.

        Raises:
            StoreError: see its children; the transaction that was under way has written nothing.
        """
        self._make_ready(path)
        identified = identity(path)
        with self.opened(path, "write") as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute("PRAGMA cache_size = -65536")

            @contextmanager
            def transaction() -> Iterator[sqlite3.Connection]:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    require_in_place(path, identified)
                    yield connection
                    connection.commit()
                finally:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")

            yield transaction

    @contextmanager
    def upkeep(self, path: Path) -> Iterator[sqlite3.Connection]:
        """Open one write transaction for statements that rearrange much: foreign keys are checked once, at its end.

        While SQLite enforces them, it looks for each removed row in tables that have no index for it.

        Raises:
            StoreDamagedError: at the end some rows refer to missing rows; nothing was written.
            StoreError: see its children; nothing was written.
        """
        with _begun_in_place(lambda: self._one_upkeep(path)) as connection:
            yield connection

    @contextmanager
    def _one_upkeep(self, path: Path) -> Iterator[sqlite3.Connection]:
        self.require_writable(path)
        self.upgrade(path)
        identified = identity(path)
        with self.opened(path, "write") as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute("BEGIN IMMEDIATE")
            require_in_place(path, identified)
            yield connection
            if violations := connection.execute("PRAGMA foreign_key_check").fetchall():
                raise StoreDamagedError(
                    f"{path} is damaged: {counted(len(violations), 'row')} without its parent; nothing was written: "
                    f"{self.schema.remedies.dangling}"
                )
            connection.execute("COMMIT")

    def _make_ready(self, path: Path) -> None:
        """Make or upgrade a file that will be written, and remove what a killed process left beside it."""
        self.require_writable(path)
        # A process that was killed while it made the store left a second name of it.
        clear_left_behind(path.parent)
        self.upgrade(path)


@contextmanager
def _begun_in_place(begin: Callable[[], AbstractContextManager[_Connection]]) -> Iterator[_Connection]:
    """Begin a transaction; begin again if another process replaced the file meanwhile, at most 20 times.

    Raises:
        ReplacedError: the file was replaced each time.
    """

    def first_begun() -> _Connection:
        for _ in range(_MOST_ATTEMPTS - 1):
            with suppress(ReplacedError):
                return begun.enter_context(begin())
        return begun.enter_context(begin())

    with ExitStack() as begun:
        yield first_begun()
