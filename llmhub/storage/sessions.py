"""Read one file repeatedly over one connection, opened anew if the file was replaced; threads take turns."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from llmhub.errors import LlmhubError, StoreError
from llmhub.storage.connections import Database
from llmhub.storage.schema import READ_REVISION
from llmhub.storage.sqlite_errors import OddValueError
from llmhub.storage.sqlite_file import identity
from llmhub.storage.stamps import Stamp, stamp

_MOST_BEGINNINGS = 20


class Session:
    """Read transactions on one file, one at a time; a closed session opens the file again."""

    def __init__(self, database: Database, path: Path) -> None:
        self._database = database
        self._path = path
        # Held while the connection is used, opened or closed.
        self._turn = RLock()
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None

    def open(self) -> None:
        """Open the file, if there is one.

        Raises:
            StoreUnusableError: see `Database.open_for_reading`.
        """
        with self._turn:
            self._open()

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def stamp(self) -> Stamp | None:
        """Return the stamp of the file that is being read, inside of `reading`; see `llmhub.storage.stamps.stamp`."""
        return stamp(self._path, self._opened)

    def __del__(self) -> None:
        # A session whose __init__ failed lacks the attribute.
        if getattr(self, "_connection", None) is not None:
            self.close()
            what = f"{self._path} was left open: close the store, or use `with`"
            warnings.warn(what, ResourceWarning, stacklevel=2, source=self)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """Give a connection inside a read transaction, so that all statements see one state of the file.

        Raises:
            StoreDamagedError: a value in it has a type that the program never writes.
            StoreError: see its children.
        """
        with self._turn, self._database.translated(self._path):
            connection = self._begin()
            if connection is None:
                yield None
                return
            try:
                yield connection
            except (TypeError, ValueError, OverflowError) as error:
                if isinstance(error, LlmhubError):
                    raise
                # A wrong type here means that another program wrote to the file.
                how = f"a value in it has a type that the store never writes: {type(error).__name__}"
                raise OddValueError(how) from error
            finally:
                if connection.in_transaction:
                    connection.execute("COMMIT")

    def _begin(self) -> sqlite3.Connection | None:
        # A connection keeps reading the file that it opened, even if another file took its place.
        same = self._connection is not None and identity(self._path) == self._opened
        connection = self._connection if same else self._open()
        for _ in range(_MOST_BEGINNINGS):
            if connection is None:
                return None
            try:
                connection.execute("BEGIN")
                # After this read no writer can come between.
                (found,) = connection.execute(READ_REVISION).fetchone() or (None,)
                if found in self._database.schema.readable:
                    return connection
            except sqlite3.Error:
                # A writer was killed, or is committing, or the file was damaged: opening it again shows which.
                pass
            connection = self._open()
        raise StoreError(f"{self._path} was in use at every attempt: try again")

    def _open(self) -> sqlite3.Connection | None:
        self.close()
        # Read before the file is opened: a file that is replaced in between is then opened once more.
        self._opened = identity(self._path)
        self._connection = self._database.open_for_reading(self._path)
        return self._connection
