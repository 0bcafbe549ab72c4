"""Transactions through SQLAlchemy that begin with SQLite's write lock."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from llmhub.errors import StoreError
from llmhub.storage.sqlite_file import connect_to_write, identity

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


class ReplacedError(StoreError):
    """Another file took the store's place after it was opened; nothing was written."""


@contextmanager
def writing_connection(path: Path) -> Iterator[Connection]:
    """Connect to a file; a transaction is SQLite's own and begins with the write lock. No foreign key is checked.

    The writers read every id that they put into a row in the same transaction; checking each takes a fifth more time.
    """
    identified = identity(path)
    asked = _path.set(path)
    try:
        connection = _engine().connect()
    finally:
        _path.reset(asked)
    with connection:
        connection.info[_IN_PLACE] = partial(require_in_place, path, identified)
        yield connection


_IN_PLACE = "llmhub: whether the file is still in place"
_path: ContextVar[Path] = ContextVar("_path")


@cache
def _engine() -> Engine:
    """Return the engine of every file: a statement is compiled once in a process, which takes as long as running it."""
    from sqlalchemy import NullPool, create_engine, event

    def connected() -> sqlite3.Connection:
        connection = connect_to_write(_path.get())
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
        connection.info[_IN_PLACE]()

    return engine


def require_in_place(path: Path, opened: tuple[int, int] | None) -> None:
    """Check, with the write lock held, that the file is still the store: a repair or a backup may have replaced it.

    Raises:
        ReplacedError: it is another file.
    """
    if identity(path) != opened:
        raise ReplacedError(f"{path} was replaced while it was being opened; nothing was written: try again")
