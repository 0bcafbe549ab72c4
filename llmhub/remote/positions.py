"""How far the local store has pulled from a remote: kept in the store itself, so that it is true of its content.

A store that was made anew, repaired or replaced has no such row, or an older one that fits its content: then all is
compared once.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from llmhub.remote.address import Address
from llmhub.storage.connections import Database
from llmhub.storage.moments import from_sql, to_sql

_FIND = "SELECT remote_id, position, pulled_at FROM remote WHERE address = ?"
_KEEP = """
    INSERT INTO remote (address, remote_id, position, pulled_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (address) DO UPDATE
       SET remote_id = excluded.remote_id, position = excluded.position, pulled_at = excluded.pulled_at
"""
_HAS_TABLE = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'remote'"


class Position(NamedTuple):
    """Where the last pull ended.

    Attributes:
        remote_id: which remote answered at the address.
        position: the place in the remote's order and the newest snapshot there, or the ETag of a whole store.
        pulled_at: when that was, in UTC.
    """

    remote_id: str
    position: str
    pulled_at: datetime


def position_of(database: Database, path: Path, address: Address) -> Position | None:
    """Return where the last whole pull from an address ended; None before the first.

    Raises:
        StoreUnusableError: the store cannot be used.
    """
    with database.translated(path):
        connection = database.open_for_reading(path)
        if connection is None:
            return None
        try:
            if connection.execute(_HAS_TABLE).fetchone() != (1,):
                return None
            row = connection.execute(_FIND, (address.shown,)).fetchone()
        finally:
            connection.close()
    if row is None:
        return None
    remote_id, position, pulled_at = map(str, row)
    return Position(remote_id, position, from_sql(pulled_at))


def keep_position(database: Database, path: Path, address: Address, position: Position) -> None:
    """Remember where a pull ended.

    Raises:
        StoreError: the store cannot be written.
    """
    with database.plain_transactions(path) as transaction, transaction() as connection:
        connection.execute(_KEEP, (address.shown, position.remote_id, position.position, to_sql(position.pulled_at)))
