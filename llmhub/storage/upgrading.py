"""Bring a store to the current schema: make a new one under another name; copy an old one, then change it."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from llmhub.errors import (
    FileInTheWayError,
    LlmhubError,
    OutputError,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreReadOnlyError,
    counted,
)
from llmhub.files import NO_ROOM_WORDS, require_own, sync_folder, written_whole
from llmhub.storage import sqlite_errors
from llmhub.storage.engine import writing_connection
from llmhub.storage.locks import held
from llmhub.storage.sqlite_file import companions, connect, exists, first_fault

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from llmhub.storage.schema import Schema

_log = logging.getLogger(__name__)

_COPY = ".before-upgrade"
_LOCK = "upgrade.lock"

HEAD = "head.sql"
"""The file beside the migrations with the statements that make a new store; its first line names the revision."""
STATEMENT_SEPARATOR = ";\n\n"
"""The text between two statements in that file."""


class _Turns:
    """A lock between the threads of this process: alembic keeps its state in its modules."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        # A forked process lacks the other threads, and would wait forever for one of them.
        os.register_at_fork(after_in_child=self._begin_anew)

    def _begin_anew(self) -> None:
        self.lock = threading.Lock()


_turns = _Turns()


def upgrade(schema: Schema, path: Path) -> None:
    """Bring a file to the current schema in one transaction, or make it; a current file stays unchanged.

    A new store is made under another name and linked into place, so that no process sees an unfinished one. A file of
    an older version is copied first, beside it as `arena.db.before-upgrade`, and a warning says so. Any number of
    processes and threads may do this at once: they take turns, and each looks again when it is its turn.

    Raises:
        StoreError: see its children; the file is as it was.
    """
    # SQLite looks for the journal beside the file itself, and not beside a link to it.
    real = Path(os.path.realpath(path))
    with _alone(real):
        if schema.is_current(real):
            return
        if exists(real):
            _bring_up(schema, real)
        else:
            _make(schema, real)


class _NoLocksError(LlmhubError):
    """The folder's file system has no locks."""


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other thread and no other process makes or upgrades a store in this folder."""
    seconds = sqlite_errors.patience()
    busy = StoreBusyError(
        f"{path} is being upgraded by another process, which did not finish within {seconds:g} s; try again"
    )
    # Release the lock that was taken: a fork may have replaced the variable.
    lock = _turns.lock
    if not lock.acquire(timeout=seconds):
        raise busy
    try:
        with ExitStack() as locked:
            # Without locks, SQLite's own locks and the unique name keep processes apart.
            with suppress(_NoLocksError):
                lock_file = path.with_name(_LOCK)
                locked.enter_context(held(lock_file, seconds=seconds, busy=busy, unwritable=_NoLocksError))
            yield
    finally:
        lock.release()


def _make(schema: Schema, path: Path) -> None:
    """Make a store; if another program makes a file of that name meanwhile, that file stays."""
    _set_aside_companions(path)
    try:
        with (
            # SQLite itself syncs what it commits.
            written_whole(path, force=False, mode=0o600, durable=False) as new,
            sqlite_errors.translated(path, schema.remedies),
            writing_connection(new) as connection,
            connection.begin(),
        ):
            _fill(schema, connection, path)
    except FileInTheWayError:
        if not schema.is_current(path):
            raise StoreError(f"{path} was made by another program just now; nothing was written: try again") from None
    except OutputError as error:
        cause = error.__cause__
        full = isinstance(cause, OSError) and os.strerror(cause.errno or 0) in NO_ROOM_WORDS
        raise (StoreFullError if full else StoreReadOnlyError)(str(error)) from error
    else:
        sync_folder(path.parent)


def _set_aside_companions(path: Path) -> None:
    """Rename journals beside a missing store: SQLite would roll them back over the new one."""
    now = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    for companion in companions(path):
        if os.path.lexists(companion):
            ending = companion.name.removeprefix(path.name)
            aside = path.with_name(f"{path.name}.left-{now}{ending}")
            companion.rename(aside)
            _log.warning("%s belonged to a store that is gone; it is kept as %s", companion, aside.name)


def _bring_up(schema: Schema, path: Path) -> None:
    with (
        sqlite_errors.translated(path, schema.remedies),
        writing_connection(path) as connection,
        connection.begin(),
    ):
        driver = connection.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):  # pragma: no cover -- that engine makes nothing else
            raise TypeError(type(driver))
        before = schema.revision_of(driver, path)
        if before == schema.current:
            return
        copy = None if before is None else _copied(schema, path)
        _migrate(schema, connection, path)
    if copy is not None:
        _log.warning(
            "%s was upgraded from schema %s to %s; as it was before, it is kept as %s",
            *(path, before, schema.current, copy.name),
        )


def _copied(schema: Schema, path: Path) -> Path:
    """Copy the file; the caller holds the write lock, so that it cannot change.

    Raises:
        StoreDamagedError: the file is damaged, and must not be upgraded.
        StoreError: the copy cannot be made.
    """
    target = path.with_name(path.name + _COPY)
    try:
        require_own(target, schema.file_begins)
        # SQLite itself syncs what it writes.
        with written_whole(target, force=True, mode=0o600, durable=False) as copy:
            with closing(connect(path, "ro")) as reader, closing(connect(copy, "rw")) as writer:
                reader.backup(writer)
                # Keep the copy in one file, even if the store is in WAL mode.
                writer.execute("PRAGMA journal_mode = DELETE")
                fault = first_fault(writer)
            if fault is not None:
                raise sqlite_errors.damaged(path, fault, schema.remedies)
    except (OutputError, OSError, sqlite3.Error) as error:
        no_room = None
        if isinstance(error, sqlite3.Error):
            no_room = sqlite_errors.no_room(error)
            if no_room is None and sqlite_errors.primary_code(error) != sqlite3.SQLITE_IOERR:
                raise
        raise StoreError(
            f"{path} must be upgraded, and {target.name}, the copy to go back to, cannot be made "
            f"({no_room or error}); it was not touched: make room for it, and make its folder writable"
        ) from error
    sync_folder(target.parent)
    return target


def _fill(schema: Schema, connection: Connection, path: Path) -> None:
    """Make the tables of a new file: by the statements in `HEAD` if they make the current schema, else by migrating.

    The statements take a tenth of the time of the migrations, for which alembic must be imported.
    """
    try:
        head = (schema.migrations() / HEAD).read_text(encoding="utf-8")
    except FileNotFoundError:
        head = ""
    begins = head_begins(schema.current)
    if not head.startswith(begins):
        # There is a newer migration: a developer is writing it.
        _migrate(schema, connection, path)
        return
    for statement in head.removeprefix(begins).split(STATEMENT_SEPARATOR):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"PRAGMA application_id = {schema.application_id}")


def head_begins(revision: str) -> str:
    """Return the first line of `HEAD` if its statements make this schema revision."""
    return f"-- schema {revision}, written by `python -m tests.documents`\n"


def run_migrations(folder: Path, connection: Connection) -> None:
    """Bring the database behind a connection to the last migration of a folder.

    Raises:
        alembic.util.exc.CommandError: the folder is not one of migrations, or lacks the database's revision.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    # alembic interpolates % in its options, and a path may contain one.
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _migrate(schema: Schema, connection: Connection, path: Path) -> None:
    from alembic.util.exc import CommandError  # a third of a second, which only an upgrade may cost

    try:
        run_migrations(schema.migrations(), connection)
    except CommandError as error:
        raise StoreError(
            f"{path} could not be brought to schema {schema.current} ({error}); it is as it was: "
            f"install {schema.program} again, and try again"
        ) from error
    except NameError as error:
        # alembic's context is global: this error means that another thread replaced it.
        raise StoreError(
            f"{path} could not be upgraded, since another thread of this program used alembic meanwhile ({error}); "
            "it is as it was: try again"
        ) from error
    connection.exec_driver_sql(f"PRAGMA application_id = {schema.application_id}")
    if violations := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        raise StoreDamagedError(
            f"{path} is damaged: the upgrade found {counted(len(violations), 'row')} without its parent, and was "
            f"undone: {schema.remedies.damaged}"
        )
