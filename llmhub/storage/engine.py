"""Transactions through SQLAlchemy that begin with SQLite's write lock."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
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
    """Open a connection whose transactions are SQLite's own and begin with the write lock; no foreign key is checked.

    The writers read every id that they put into a row in the same transaction; checking each takes a fifth more time.
    """
    _asked.path = path
    with _engine().connect() as connection:
        connection.info[_OPENED] = _asked.opened
        yield connection


class _Asked(threading.local):
    """The file that this thread is opening, and what it is known by; SQLAlchemy hands no argument to `_connected`."""

    path: Path
    opened: tuple[Path, tuple[int, int] | None]


_asked = _Asked()
_OPENED = "opened"


@cache
def _engine() -> Engine:
    """Return this process's one engine: each compiles its statements anew, which takes longer than running them."""
    from sqlalchemy import NullPool, create_engine, event

    engine = create_engine("sqlite://", creator=_connected, poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    return engine


def _connected() -> sqlite3.Connection:
    _asked.opened = _asked.path, identity(_asked.path)
    connection = connect_to_write(_asked.path)
    # The boards of a script run fit: pages reach the file only at the commit, and readers go on until then.
    connection.execute("PRAGMA cache_size = -65536")
    return connection


def _begin(connection: Connection) -> None:
    # A transaction that starts by reading and then writes cannot wait for another writer.
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute("BEGIN IMMEDIATE")
    require_in_place(*connection.info[_OPENED])


def require_in_place(path: Path, opened: tuple[int, int] | None) -> None:
    """Check, with the write lock held, that the file is still the store: a repair or a backup may have replaced it.

    Raises:
        ReplacedError: it is another file.
    """
    if identity(path) != opened:
        raise ReplacedError(f"{path} was replaced while it was being opened; nothing was written: try again")
