"""Copy a store while other processes use it; the copy is complete and checked."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from llmhub.arena.database import database
from llmhub.arena.upkeep.verify import Verification, verify
from llmhub.errors import FileInTheWayError, OutputError, SnapshotNotFound, StoreDamagedError
from llmhub.files import require_free, sync_folder, written_whole
from llmhub.progress import Step, step
from llmhub.storage import sqlite_errors

# A piece takes some milliseconds; between two pieces Python handles signals.
_PAGES_AT_ONCE = 512


def backup(path: Path, target: Path, *, force: bool = False) -> Verification:
    """Copy a store while it may be in use, check the copy, and only then rename it; only this user may read it.

    Args:
        path: the store.
        target: the file to make, in an existing folder.
        force: overwrite an existing file.

    Returns:
        What the checks of the copy found: hints, if anything.

    Raises:
        FileInTheWayError: the target exists, and `force` was not given, or it is the store itself.
        OutputError: the copy cannot be written.
        SnapshotNotFound: there is no store.
        StoreDamagedError: the copy has errors, and so has the store; no backup was made.
        StoreError: the store cannot be read; see its children.
    """
    if (reader := database.open_for_reading(path)) is None:
        raise SnapshotNotFound("the store has no snapshot yet: there is nothing to back up")
    with closing(reader):
        if os.path.exists(target) and target.samefile(path):  # noqa: PTH110 -- Path.exists raises for a name too long
            raise FileInTheWayError(f"{target} is the store itself: name another file")
        require_free(target, force=force)
        # SQLite itself syncs what it writes.
        with written_whole(target, force=force, mode=0o600, durable=False) as copy:
            with (
                database.translated(path),
                closing(sqlite3.connect(copy)) as writer,
                step("copying the store", "pages") as copying,
            ):
                # In one transaction: otherwise a write meanwhile would restart the copying.
                reader.execute("BEGIN")
                reader.execute("PRAGMA schema_version").fetchone()
                _copy(reader, writer, target, copying)
                reader.execute("ROLLBACK")
                # Keep the copy in one file, even if the store is in WAL mode.
                writer.execute("PRAGMA journal_mode = DELETE")
            found = verify(copy)
            if found.errors:
                raise StoreDamagedError(
                    f"{path} is damaged and no backup was made: `llmhub arena verify` lists {found.errors} errors"
                )
    sync_folder(target.parent)
    return found


def _copy(reader: sqlite3.Connection, writer: sqlite3.Connection, target: Path, copying: Step) -> None:
    try:
        reader.backup(writer, pages=_PAGES_AT_ONCE, progress=lambda _, left, all_: copying.at(all_ - left, all_))
    except sqlite3.Error as error:
        # Only the copy is written.
        if why := sqlite_errors.no_room(error):
            raise OutputError(f"{target} cannot be written: {why}") from error
        raise
