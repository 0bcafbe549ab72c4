"""Connections to the store: who may open the file, how it is read, written and upgraded.

A process that only reads uses the sqlite3 module and nothing else. SQLAlchemy is imported by a process that
writes, and alembic only where the file is behind this program.
"""

from __future__ import annotations

import logging
import os
import re
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from llmhub.errors import StoreDamagedError, StoreError, StoreReadOnlyError, StoreUnusableError
from llmhub.folders import clear_left_behind, make_private_folder
from llmhub.storage import sqlite_errors
from llmhub.storage.sqlite_errors import damaged, patience, primary_code, translated
from llmhub.storage.sqlite_file import companions

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_Connection = TypeVar("_Connection")

APPLICATION_ID = 0x6C6C6D68
"""``llmh``: the mark in the header of every file that llmhub made."""

FILE_BEGINS = re.compile(rb"SQLite format 3\x00.{52}" + APPLICATION_ID.to_bytes(4, "big"), re.DOTALL)
"""How every file begins that llmhub made."""

REVISIONS = ("0001", "0002", "0003")
"""The schema revisions that this program knows, oldest first; the last one is the current schema."""

READABLE = frozenset(REVISIONS)
"""Those whose tables every statement of queries.py fits: a file of them that cannot be upgraded is read as it is."""

READ_REVISION = "SELECT version_num FROM alembic_version"
"""The statement that reads a file's schema revision."""

_REVISION = re.compile(r"[0-9]{4}")

DURABLE = "PRAGMA synchronous = EXTRA"
"""What a connection that writes begins with.

A commit ends with the journal's removal. SQLite's default does not wait until the folder on the disk says so: after a
power failure the journal is back, undoes what was stored, and damages a file that a VACUUM has cut off since.
"""

_MOST_RECOVERIES = 20
_MOST_REPLACEMENTS = 20

# While it waits for another process or works at a statement, SQLite looks for no signal.
_SECONDS_DEAF = 0.2
_STEPS_DEAF = 20_000

_log = logging.getLogger(__name__)


class _ReplacedError(StoreError):
    """Another file took the store's place after it was opened; nothing was written."""


def require_sound(path: Path) -> None:
    """Look at every page of the store before it is written: damage where no reader looks must not be written over.

    Raises:
        StoreUnusableError: the file is damaged; it was not touched.
    """
    connection = open_for_reading(path)
    if connection is None:
        return
    with closing(connection), translated(path):
        fault = first_fault(connection)
    if fault is not None:
        raise damaged(path, fault)


def first_fault(connection: sqlite3.Connection) -> str | None:
    """Return the first fault that SQLite finds in a file's pages; None if there is none."""
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    sqlite_errors.require_memory(found)
    return None if found == "ok" else str(found).splitlines()[-1]


def open_for_reading(path: Path, *, upgraded: bool = True) -> sqlite3.Connection | None:
    """Open the store read-only; None when there is no store yet.

    A file that an older version made is upgraded first; nothing else is ever written. Where that cannot be done, or is
    not asked for, it is read as it is, if the statements fit its tables.

    Raises:
        StoreUnusableError: the file is damaged, unreadable, not llmhub's, or of a newer version.
        StoreError: the file must be upgraded and cannot be.
    """
    if not exists(path):
        return None
    with translated(path), ExitStack() as unless_kept:
        connection = unless_kept.enter_context(closing(connect(path, "ro")))
        found = _revision_after_recovery(connection, path)
        if found == REVISIONS[-1] or (not upgraded and found in READABLE):
            unless_kept.pop_all()
            return connection
    if found is None:
        return None
    try:
        upgrade(path)
    except StoreUnusableError:
        raise
    except StoreError as error:
        if found not in READABLE:
            raise
        if not isinstance(error, StoreReadOnlyError):
            _log.warning("%s; it is read as it is", error)
        return open_for_reading(path, upgraded=False)
    return open_for_reading(path)


@contextmanager
def as_it_is(path: Path) -> Iterator[tuple[sqlite3.Connection, str] | None]:
    """Open the store and give its connection and schema revision; None where there is no store yet.

    Unlike for a reader, an older file is not upgraded, and what a killed writer left half done is not undone: nothing
    is written at all.

    Raises:
        StoreUnusableError: the file is damaged, unreadable, not llmhub's, or of a newer version.
        StoreReadOnlyError: a writer was killed, and the next reader has to undo what it left.
    """
    if not exists(path):
        yield None
        return
    with translated(path), closing(connect(path, "ro")) as connection:
        found = revision(connection, path)
        yield None if found is None else (connection, found)


def identity(path: Path) -> tuple[int, int] | None:
    """Return which file is at the path, so that a replaced one can be told; None if there is none to be seen."""
    try:
        status = os.stat(path)  # noqa: PTH116 -- a Path costs as much again
    except OSError:
        return None
    return status.st_dev, status.st_ino


def require_writable(path: Path) -> None:
    """Check that the store could be written, without writing.

    Raises:
        StoreReadOnlyError: the file or its folder cannot be written, or the folder cannot be made.
        StoreUnusableError: what is at the path cannot be seen.
    """
    if exists(path) and not os.access(path, os.W_OK):
        raise StoreReadOnlyError(f"{path} cannot be written: make it writable, or set LLMHUB_ARENA_CACHE_DIR")
    folder = path.parent
    try:
        make_private_folder(folder)
    except OSError as error:
        raise StoreReadOnlyError(
            f"{folder} cannot be made ({error.strerror}): make its parent writable, or set LLMHUB_ARENA_CACHE_DIR"
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StoreReadOnlyError(f"{folder} cannot be written: make it writable, or set LLMHUB_ARENA_CACHE_DIR")


@contextmanager
def writing(path: Path) -> Iterator[Connection]:
    """Open one write transaction on the store, made or upgraded first where that is needed.

    It takes the file's write lock at once and commits at the end; on any error everything in it is undone. If a repair
    or a backup replaces the file while this waits for the lock, the new file is opened instead.

    Raises:
        StoreError: see its children; nothing was written.
    """
    with _in_the_file_in_place(lambda: _one_transaction(path)) as connection:
        yield connection


@contextmanager
def _one_transaction(path: Path) -> Iterator[Connection]:
    with transactions(path) as transaction, transaction() as connection:
        yield connection


@contextmanager
def _in_the_file_in_place(begin: Callable[[], AbstractContextManager[_Connection]]) -> Iterator[_Connection]:
    """Begin a transaction, again and again while others replace the file before it begins."""
    with ExitStack() as begun:
        for _ in range(_MOST_REPLACEMENTS - 1):
            try:
                connection = begun.enter_context(begin())
            except _ReplacedError:
                continue
            break
        else:
            connection = begun.enter_context(begin())
        yield connection


@contextmanager
def transactions(
    path: Path, *, foreign_keys: bool = True
) -> Iterator[Callable[[], AbstractContextManager[Connection]]]:
    """Do what `writing` does for many transactions, one after the other: each call of what it yields begins one.

    Args:
        path: the store.
        foreign_keys: whether SQLite looks every reference up; for bulk rows whose ids were just read, that is a
            fifth of the time.

    Raises:
        StoreError: see its children; the transaction that was under way has written nothing.
    """
    require_writable(path)
    # Who was killed while it made the store has left a second name of it.
    clear_left_behind(path.parent)
    upgrade(path)
    with translated(path), writing_engine(path, foreign_keys=foreign_keys) as engine, engine.connect() as connection:

        @contextmanager
        def transaction() -> Iterator[Connection]:
            with connection.begin():
                yield connection

        yield transaction


@contextmanager
def upkeep(path: Path) -> Iterator[sqlite3.Connection]:
    """Open one write transaction for statements that rearrange much: foreign keys are checked once, at its end.

    While they are enforced, each row that goes is looked for in tables that have no index for it.

    Raises:
        StoreDamagedError: rows pointed nowhere at the end, or before; nothing was written.
        StoreError: see its children; nothing was written.
    """
    with _in_the_file_in_place(lambda: _one_upkeep(path)) as connection:
        yield connection


@contextmanager
def _one_upkeep(path: Path) -> Iterator[sqlite3.Connection]:
    require_writable(path)
    upgrade(path)
    opened = identity(path)
    with translated(path), closing(connect_to_write(path)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN IMMEDIATE")
        _require_in_place(path, opened)
        yield connection
        if violations := connection.execute("PRAGMA foreign_key_check").fetchall():
            raise StoreDamagedError(
                f"{path} is damaged: {len(violations)} rows point nowhere; nothing was written: "
                "`llmhub arena verify` says which, `llmhub arena repair` saves what still holds"
            )
        connection.execute("COMMIT")


@contextmanager
def plain_transactions(path: Path) -> Iterator[Callable[[], AbstractContextManager[sqlite3.Connection]]]:
    """Do what `transactions` does with the sqlite3 module alone; SQLite checks no foreign keys.

    Raises:
        StoreError: see its children; the transaction that was under way has written nothing.
    """
    require_writable(path)
    clear_left_behind(path.parent)
    upgrade(path)
    opened = identity(path)
    with translated(path), closing(connect_to_write(path)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA cache_size = -65536")

        @contextmanager
        def transaction() -> Iterator[sqlite3.Connection]:
            connection.execute("BEGIN IMMEDIATE")
            try:
                _require_in_place(path, opened)
                yield connection
                connection.commit()
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

        yield transaction


def upgrade(path: Path) -> None:
    """Do what `llmhub.storage.upgrading.upgrade` does, which readers never import."""
    from llmhub.storage.upgrading import upgrade as bring_up  # noqa: PLC0415

    bring_up(path)


def is_current(path: Path) -> bool:
    """Say whether there is a store and its schema is this program's; see `open_for_reading` for what it raises."""
    if not exists(path):
        return False
    with translated(path), closing(connect(path, "ro")) as connection:
        return _revision_after_recovery(connection, path) == REVISIONS[-1]


@contextmanager
def writing_engine(path: Path, *, foreign_keys: bool) -> Iterator[Engine]:
    """Make an engine whose transactions are SQLite's own and begin with the write lock."""
    from sqlalchemy import NullPool, create_engine, event  # noqa: PLC0415 -- readers never pay for it

    opened: list[tuple[int, int] | None] = []

    def connected() -> sqlite3.Connection:
        opened[:] = [identity(path)]
        connection = connect_to_write(path)
        # Foreign keys can only be switched outside a transaction.
        connection.execute(f"PRAGMA foreign_keys = {int(foreign_keys)}")
        # A script run fits in here: pages reach the file at the commit, so readers go on until then.
        connection.execute("PRAGMA cache_size = -65536")
        return connection

    engine = create_engine("sqlite://", creator=connected, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that starts by reading and then writes cannot wait for another writer.
        driver = connection.connection.driver_connection
        if driver is not None:
            driver.execute("BEGIN IMMEDIATE")
        _require_in_place(path, *opened)

    try:
        yield engine
    finally:
        engine.dispose()


def _require_in_place(path: Path, opened: tuple[int, int] | None) -> None:
    """Check, with the write lock held, that the file is still the store: a repair or a backup may have replaced it."""
    if identity(path) != opened:
        raise _ReplacedError(f"{path} was replaced while it was being opened; nothing was written: try again")


def connect_to_write(path: Path, *, seconds: float | None = None) -> sqlite3.Connection:
    """Open the store for a transaction that writes; a store that is in WAL mode leaves it, if nobody else has it open.

    llmhub never turns WAL mode on, but a program that shares the file may: then part of the store is in a second file,
    which copies of the first one lack.
    """
    connection = connect(path, "rw", seconds=seconds)
    try:
        connection.execute(DURABLE)
        if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
            _leave_wal_mode(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _leave_wal_mode(connection: _Patient, path: Path) -> None:
    try:
        connection.execute_once("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        if primary_code(error) != sqlite3.SQLITE_BUSY:
            raise
        # Transactions are as safe in WAL mode; the next writer tries again.
        _log.info("%s stays in WAL mode: another connection has it open", path)


def connect(path: Path, mode: str, *, seconds: float | None = None) -> _Patient:
    """Open a file in SQLite's mode `ro` or `rw`, whatever it is; errors are sqlite3's own.

    Threads may hand the connection over to each other; who shares it lets one at a time use it.
    """
    longest = patience() if seconds is None else seconds
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={mode}",
        uri=True,
        # The module would otherwise commit around DDL and begin transactions of its own.
        isolation_level=None,
        timeout=min(longest, _SECONDS_DEAF),
        check_same_thread=False,
        factory=_Patient,
    )
    _log.debug("%s: opened, mode %s", path, mode)
    connection.waits = max(1, round(longest / _SECONDS_DEAF))
    connection.set_progress_handler(_listen, _STEPS_DEAF)
    return connection


class _Patient(sqlite3.Connection):
    """Waits for other processes as long as it was told, and hears signals meanwhile."""

    waits = 1

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        """Do what a connection's `execute` does."""
        # Counted, and not timed: a caller's tests may have stopped the clock.
        for _ in range(self.waits - 1):
            try:
                return super().execute(*arguments)
            except sqlite3.OperationalError as error:
                if primary_code(error) != sqlite3.SQLITE_BUSY:
                    raise
        return super().execute(*arguments)

    def execute_once(self, statement: str) -> sqlite3.Cursor:
        """Do what a connection's `execute` does, waiting for nobody."""
        return super().execute(statement)

    def commit(self) -> None:
        """Commit; a transaction that others keep from it stays open meanwhile."""
        if self.in_transaction:
            self.execute("COMMIT")


def _listen() -> int:
    """Tell SQLite to go on; that Python runs at all lets the handlers of signals run first."""
    return 0


def _revision_after_recovery(connection: sqlite3.Connection, path: Path) -> str | None:
    """Read the schema revision, first undoing what a killed writer left half done."""
    for _ in range(_MOST_RECOVERIES):
        try:
            return revision(connection, path)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in {sqlite3.SQLITE_READONLY_ROLLBACK, sqlite3.SQLITE_READONLY_CANTLOCK}:
                raise
        # A read-only connection may not roll back a hot journal; a writable one does so on its first look. A writer
        # that is busy committing leaves the same impression in between two of SQLite's looks, and can do so again.
        with closing(connect(path, "rw")) as writable:
            writable.execute("PRAGMA schema_version").fetchone()
    return revision(connection, path)


def revision(connection: sqlite3.Connection, path: Path) -> str | None:
    """Return the file's schema revision; None for an empty file.

    Raises:
        StoreUnusableError: the file is not llmhub's, or of a newer version.
    """
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    if application_id != APPLICATION_ID:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application_id == 0 and tables == 0:
            # SQLite takes a file of one byte for an empty one.
            if path.stat().st_size == 1:
                raise damaged(path, "a single byte of it is left")
            return None
        # Another process may have made the store in between the two looks.
        if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
            raise StoreUnusableError(
                f"{path} is another program's SQLite file; it was not touched: "
                "move it away, or set LLMHUB_ARENA_CACHE_DIR to another folder"
            )
    row = connection.execute(READ_REVISION).fetchone()
    if row is None or row[0] not in REVISIONS:
        if row is None or not _REVISION.fullmatch(str(row[0])) or row[0] < REVISIONS[-1]:
            raise damaged(path, "it does not say which schema it has")
        raise StoreUnusableError(_of_a_newer_program(connection, path, row[0]))
    return str(row[0])


def _require_regular_companions(path: Path) -> None:
    """Look at what SQLite opens beside the store: it would wait for ever for whoever writes to a pipe.

    Raises:
        StoreUnusableError: something else than a file is in a journal's place.
    """
    for companion in companions(path):
        try:
            # SQLite follows no link here.
            kind = os.lstat(companion).st_mode
        except OSError:
            continue
        if not stat.S_ISREG(kind):
            raise StoreUnusableError(f"{companion} is no regular file: move it away")


def _of_a_newer_program(connection: sqlite3.Connection, path: Path, revision: str) -> str:
    """Say that a file is newer than this program, and which version it needs, if the migration that made it told."""
    (needed,) = connection.execute("PRAGMA user_version").fetchone()
    version = f": it needs llmhub {version_text(needed)} or later" if needed > 0 else ""
    return (
        f"{path} was made by a newer llmhub (schema {revision}, this one knows up to {REVISIONS[-1]}){version}; "
        "it was not touched: upgrade llmhub"
    )


def version_text(needed: int) -> str:
    """Return the llmhub version that a file's user_version stands for: 2000 is 0.2.0.

    Migrations write it there, so that the programs before them can say what to upgrade to; 0 is 0.1.0's.
    """
    return ".".join(map(str, (needed // 1_000_000, needed // 1_000 % 1_000, needed % 1_000))) if needed else "0.1.0"


def exists(path: Path) -> bool:
    """Say whether there is a store; an absent one must be really absent.

    Raises:
        StoreUnusableError: there may be one that cannot be seen, or there is something else.
    """
    try:
        kind = os.stat(path).st_mode  # noqa: PTH116 -- a Path costs as much again
    except OSError:
        kind = None
    if kind is not None:
        # SQLite would wait for ever for whoever writes to a pipe, and take a device for an empty store.
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            raise StoreUnusableError(f"{path} is no regular file: move it away to start a new store")
        _require_regular_companions(path)
        return True
    try:
        link = stat.S_ISLNK(path.lstat().st_mode)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreUnusableError(f"{path} cannot be reached ({error.strerror}): check the folders above it") from error
    if not link:
        # Another process has made it between the two looks.
        return True
    raise StoreUnusableError(f"{path} is a link that leads nowhere: remove it, or restore what it pointed to")
