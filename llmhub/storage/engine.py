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
    """Open a connection whose transactions begin with SQLite's write lock; SQLite checks no foreign keys on it.

    The writers read every id that they put into a row in the same transaction. Checking each of them again would take
    a fifth more time.
    """
    _opening.path = path
    with _engine().connect() as connection:
        connection.info[_OPENED] = _opening.opened
        yield connection


class _Opening(threading.local):
    """The file that this thread is opening: SQLAlchemy passes no argument to `_connected`.

    Attributes:
        path: which file `_connected` is to open.
        opened: the file that it opened last, with its `identity`.
    """

    path: Path
    opened: tuple[Path, tuple[int, int] | None]


_opening = _Opening()
_OPENED = "opened"


@cache
def _engine() -> Engine:
    """Return this process's one engine: another one would compile all statements anew, which takes longer than runs."""
    from sqlalchemy import NullPool, create_engine, event

    engine = create_engine("sqlite://", creator=_connected, poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    return engine


def _connected() -> sqlite3.Connection:
    _opening.opened = _opening.path, identity(_opening.path)
    connection = connect_to_write(_opening.path)
    # 64 MiB. A script run fits: its pages reach the file only at the commit, so readers are not blocked until then.
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
