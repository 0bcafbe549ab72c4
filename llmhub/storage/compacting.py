"""Give back the space that a file takes beyond its content."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from llmhub.storage import sqlite_errors
from llmhub.storage.connections import Database

_MOST_REPACKED_BYTES = 64 * 1024 * 1024
# A process that waits to rewrite a file keeps new readers out.
_PATIENCE_TO_REPACK = 0.2


def shrink(database: Database, path: Path) -> None:
    """Return the space of deleted rows to the disk, once readers and writers allow it.

    Raises:
        StoreError: see its children; the file is as it was.
    """
    with database.opened(path, "write") as connection:
        if connection.execute("PRAGMA freelist_count").fetchone() != (0,):
            connection.execute("VACUUM")


def repack(database: Database, path: Path) -> None:
    """Rewrite the file with full pages: rows that were added in order leave a ninth of each page empty.

    It blocks readers for some 10 ms a megabyte. It leaves alone a file that would block them for a second, one that is
    in use, and one that has no room beside it: these only take more space.

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
