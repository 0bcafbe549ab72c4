"""Giving back the space that a file takes beyond what it holds."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from llmhub.storage import sqlite_errors
from llmhub.storage.connections import Database

_MOST_REPACKED_BYTES = 64 * 1024 * 1024
# Whoever waits to rewrite a file keeps new readers out.
_PATIENCE_TO_REPACK = 0.2


def shrink(database: Database, path: Path) -> None:
    """Give the space that deleted rows took back to the disk, once readers and writers let it.

    Raises:
        StoreError: see its children; the file is as it was.
    """
    with database.opened(path, "write") as connection:
        if connection.execute("PRAGMA freelist_count").fetchone() != (0,):
            connection.execute("VACUUM")


def repack(database: Database, path: Path) -> None:
    """Rewrite the file with full pages: rows that were added in order leave a ninth of each page empty.

    Nobody can read meanwhile, for some 10 ms a megabyte. A file that would keep others waiting for a second is left
    as it is, and so is one that is in use or has no room beside it: it only takes more space.

    Raises:
        StoreError: the file cannot be opened, or is damaged.
    """
    if path.stat().st_size > _MOST_REPACKED_BYTES:
        return
    with database.opened(path, "write", seconds=_PATIENCE_TO_REPACK) as connection:
        try:
            connection.execute("VACUUM")
        except sqlite3.OperationalError as error:
            if sqlite_errors.primary_code(error) != sqlite3.SQLITE_BUSY and not sqlite_errors.no_room(error):
                raise
