"""Transactions through SQLAlchemy that begin with SQLite's write lock."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from llmhub.errors import StoreError
from llmhub.storage.sqlite_file import connect_to_write, identity

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


class ReplacedError(StoreError):
    """Another file took the store's place after it was opened; nothing was written."""


@contextmanager
def writing_engine(path: Path) -> Iterator[Engine]:
    """Make an engine whose transactions are SQLite's own and begin with the write lock; no foreign key is checked.

    The writers read every id that they put into a row in the same transaction; checking each takes a fifth more time.
    """
    from sqlalchemy import NullPool, create_engine, event

    opened: list[tuple[int, int] | None] = []

    def connected() -> sqlite3.Connection:
        opened[:] = [identity(path)]
        connection = connect_to_write(path)
        # The boards of a script run fit: pages reach the file only at the commit, and readers go on until then.
        connection.execute("PRAGMA cache_size = -65536")
        return connection

    engine = create_engine("sqlite://", creator=connected, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that starts by reading and then writes cannot wait for another writer.
        driver = connection.connection.driver_connection
        if driver is not None:
            driver.execute("BEGIN IMMEDIATE")
        require_in_place(path, *opened)

    try:
        yield engine
    finally:
        engine.dispose()


def require_in_place(path: Path, opened: tuple[int, int] | None) -> None:
    """Check, with the write lock held, that the file is still the store: a repair or a backup may have replaced it.

    Raises:
        ReplacedError: it is another file.
    """
    if identity(path) != opened:
        raise ReplacedError(f"{path} was replaced while it was being opened; nothing was written: try again")
