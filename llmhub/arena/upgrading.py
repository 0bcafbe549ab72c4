"""Bringing a store to the current schema: copied as it was, then changed in one transaction."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from llmhub import paths
from llmhub.arena import database, translating
from llmhub.errors import OutputError, StoreDamagedError, StoreError
from llmhub.files import require_own, written_whole

if TYPE_CHECKING:
    from sqlalchemy import Connection

_log = logging.getLogger(__name__)

_COPY = ".before-upgrade"


def upgrade(path: Path) -> None:
    """Bring the file to the current schema in one transaction; a file that is there already is left alone.

    A file of an older version is copied first, beside it as `arena.db.before-upgrade`, and a warning says so. Any
    number of processes may do this at once: each looks again behind the write lock.

    Raises:
        StoreError: see its children; the file is as it was.
    """
    if database.is_current(path):
        return
    database.require_writable(path)
    # SQLite would make the file readable for everyone that the umask lets in.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    with (
        translating.translated(path),
        database.writing_engine(path, foreign_keys=False) as engine,
        engine.begin() as transaction,
    ):
        driver = transaction.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):  # pragma: no cover -- that engine makes nothing else
            raise TypeError(type(driver))
        before = database.revision(driver, path)
        if before == database.REVISIONS[-1]:
            return
        copy = None if before is None else _copied(path)
        _migrate(transaction, path)
    if copy is not None:
        _log.warning(
            "%s was upgraded from schema %s to %s; as it was before, it is kept as %s",
            *(path, before, database.REVISIONS[-1], copy.name),
        )


def _copied(path: Path) -> Path:
    """Copy the file as it is; the caller holds the write lock, so that it stays so.

    Raises:
        StoreDamagedError: the file is damaged, and must not be upgraded.
        StoreError: the copy cannot be made.
    """
    target = path.with_name(path.name + _COPY)
    try:
        require_own(target, database.FILE_BEGINS)
        with written_whole(target, force=True, mode=0o600) as copy:
            with closing(database.connect(path, "ro")) as reader, closing(database.connect(copy, "rw")) as writer:
                reader.backup(writer)
                fault = database.first_fault(writer)
            if fault is not None:
                raise translating.damaged(path, fault)
    except (OutputError, OSError, sqlite3.Error) as error:
        no_room = None
        if isinstance(error, sqlite3.Error):
            no_room = translating.no_room(error)
            if no_room is None and translating.primary_code(error) != sqlite3.SQLITE_IOERR:
                raise
        raise StoreError(
            f"{path} must be upgraded, and {target.name}, the copy to go back to, cannot be made "
            f"({no_room or error}); it was not touched: make room for it, and make its folder writable"
        ) from error
    return target


def _migrate(connection: Connection, path: Path) -> None:
    from alembic import command  # noqa: PLC0415 -- a third of a second, which only an upgrade may cost
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    # alembic's options know %-interpolation, and a path may hold any character.
    config.set_main_option("script_location", str(paths.migrations_dir()).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.exec_driver_sql(f"PRAGMA application_id = {database.APPLICATION_ID}")
    if violations := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        raise StoreDamagedError(
            f"{path} is damaged: the upgrade found {len(violations)} rows that point nowhere, and was undone: "
            f"{translating.DAMAGE_REMEDY}"
        )
