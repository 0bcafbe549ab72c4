"""Save the sound parts of a damaged store, and keep the damaged file beside it."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from llmhub.arena.boards import Snapshot
from llmhub.arena.database import database
from llmhub.arena.refresh_lock import refreshing
from llmhub.arena.sql.reading import list_snapshots
from llmhub.arena.upkeep.find_tables import trees_of, write_with_tables
from llmhub.arena.upkeep.kinds import Damaged, Lost, kinds
from llmhub.arena.upkeep.verify import verify
from llmhub.errors import StoreDamagedError, StoreError
from llmhub.folders import workplace
from llmhub.storage import file_copies, sqlite_errors, sqlite_file
from llmhub.storage.replacing import settle, writers_kept_out

_DAMAGED = ".damaged-"


@dataclass(frozen=True, slots=True)
class Repaired:
    """The result of a repair, or of its dry run.

    Attributes:
        sound: whether the store was sound; then nothing was done.
        kept: the saved snapshots, newest first, each with its saved leaderboards.
        lost: the leaderboards, prices and listings that could not be saved.
        unknown: facts of saved snapshots that became unknown.
        boards: how many boards were saved.
        scores: how many scores these have.
        others: how many snapshots of prices and listings were saved.
        damaged: the path of the kept damaged file; None if it is still in its place.
    """

    sound: bool
    kept: tuple[Snapshot, ...] = ()
    lost: tuple[Lost, ...] = ()
    unknown: tuple[str, ...] = ()
    boards: int = 0
    scores: int = 0
    others: int = 0
    damaged: Path | None = None


def repair(path: Path, *, now: datetime | None = None, dry_run: bool = False) -> Repaired:
    """Save everything whose digests still hold, and make it the store's content.

    The damaged store is kept beside it as `arena.db.damaged-<time>`, with its companions: the journal of a killed
    writer, and the -wal of a store that another program put into WAL mode. The content is replaced in
    one transaction; a repair that was killed leaves the damaged content or the new one, and the next repair finishes.

    Args:
        path: the store; a sound or missing one stays unchanged.
        now: the moment that the damaged file is named after, timezone-aware; by default the clock's.
        dry_run: change nothing, and return what a repair would save.

    Raises:
        StoreDamagedError: nothing can be saved; the file was not touched.
        StoreUnusableError: the file is not llmhub's, of a newer version, or cannot be opened; it was not touched.
        StoreReadOnlyError: no new file can be made beside it.
        StoreError: another process uses the store, or the disk is full or fails.
    """
    if sqlite_file.identity(path) is None and database.open_for_reading(path) is None:
        return Repaired(sound=True)
    path = path.resolve()
    database.require_writable(path)
    with refreshing(path.parent, busy=StoreError), _folder_for_work(path) as folder:
        return _repaired(path, folder, now or datetime.now(UTC), dry_run=dry_run)


def _repaired(path: Path, folder: Path, now: datetime, *, dry_run: bool) -> Repaired:
    hot = _is_hot(path)
    if not hot and not verify(path, now=now).errors:
        return Repaired(sound=True)
    original, work, new = folder / "original", folder / "work", folder / path.name
    with ExitStack() as until_done:
        # Locking a file with a hot journal rolls it back: that must not happen before it is copied.
        held = None if hot else until_done.enter_context(writers_kept_out(database, path))
        before = sqlite_file.state(path)
        file_copies.copy_whole(path, original)
        if sqlite_file.state(path) != before:
            raise StoreError(f"{path} was changed by another process meanwhile: try again")
        file_copies.duplicate(original, work)
        if hot and not verify(work, now=now, upgraded=False).errors:
            # The file is sound once the killed writer's transaction is rolled back, which the next read does.
            return Repaired(sound=not verify(path, now=now).errors)
        settle(work)
        repaired = _saved(path, work, new)
        if dry_run:
            return repaired
        damaged = _kept_earlier(path, original) or _free_name(path, now)
        file_copies.keep_whole(original, damaged)
        held = held or until_done.enter_context(writers_kept_out(database, path))
        if held.locked:
            held.replace(new, expected=work if hot or held.in_wal_mode else None)
            # Other users may have been able to read the damaged file.
            path.chmod(0o600)
        else:
            file_copies.put_in_place(new, path)
    return replace(repaired, damaged=damaged)


# -- saving


def _saved(path: Path, work: Path, new: Path) -> Repaired:
    """Save the sound parts of a copy of the damaged file into a new file, and verify it."""
    database.upgrade(new)
    content, work = _with_its_tables(work, new)
    with ExitStack() as open_files:
        connection = open_files.enter_context(database.opened(new, "rw"))
        old = open_files.enter_context(closing(sqlite_file.connect(work, "rw")))
        connection.execute("BEGIN IMMEDIATE")
        try:
            damaged = Damaged(opened_tolerantly(old), content)
            salvaged = [kind.salvage(damaged, connection) for kind in kinds()]
        except sqlite3.DatabaseError as error:
            if sqlite_errors.says_nothing_of_the_content(error):
                raise
            raise _nothing_saved(path, str(error)) from error
        greatest = max(one.greatest_id for one in salvaged)
        connection.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'snapshot'", (greatest,))
        connection.execute("COMMIT")
        kept = tuple(list_snapshots(connection))
    lost = tuple(lost for one in salvaged for lost in one.lost)
    saved = sum(one.kept for one in salvaged)
    if not saved:
        why = f": {lost[0].reason}" if lost else ""
        raise _nothing_saved(path, f"no leaderboard in it holds{why}")
    found = verify(new)
    if found.errors:
        raise StoreDamagedError(
            f"what was saved of {path} does not hold ({found.findings[0].message}); it was not touched: "
            "please report this, and restore it from a copy, or move it away to start a new store"
        )
    unknown = tuple(dict.fromkeys(what for one in salvaged for what in one.unknown))
    return Repaired(False, kept, lost, unknown, found.boards, found.scores, saved - len(kept))


def opened_tolerantly(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Let a connection read as much of a damaged file as possible, and write nothing."""
    # SQLite then uses the readable part of a damaged schema.
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA query_only = ON")
    connection.text_factory = lambda data: data.decode(errors="replace")
    with suppress(sqlite3.DatabaseError):
        # Only the first statement that meets a damaged schema fails.
        connection.execute("SELECT count(*) FROM sqlite_master")
    return connection


def _with_its_tables(work: Path, sound: Path) -> tuple[bytes, Path]:
    """Return a copy's content and path; if its list of tables is damaged, those of another copy with a new list.

    Args:
        work: the copy of the damaged file.
        sound: an empty store, with the expected tables.
    """
    content, mended = work.read_bytes(), work.with_name("mended")
    with database.opened(sound, "ro") as connection:
        trees = trees_of(connection)
    with closing(sqlite_file.connect(work, "rw")) as connection:
        try:
            if write_with_tables(mended, content, opened_tolerantly(connection), trees):
                return mended.read_bytes(), mended
        except sqlite3.DatabaseError as error:
            if sqlite_errors.says_nothing_of_the_content(error):
                raise
    return content, work


def _nothing_saved(path: Path, why: str) -> StoreDamagedError:
    return StoreDamagedError(
        f"nothing can be saved of {path} ({why}); it was not touched: "
        "restore it from a copy, or move it away to start a new store"
    )


# -- files


@contextmanager
def _folder_for_work(path: Path) -> Iterator[Path]:
    """Give a private folder beside the store; remove it at the end, and first those of killed repairs."""
    try:
        with workplace(path.parent) as folder:
            yield folder
    except OSError as error:
        raise StoreError(
            f"{error.filename or path.parent} cannot be read or written ({error.strerror or error}); "
            f"{path} was not touched"
        ) from error


def _is_hot(path: Path) -> bool:
    """Return whether a killed writer left a journal that SQLite would roll back at the next look."""
    if not sqlite_file.companions(path).journal.exists():
        return False
    with database.opened(path, "ro") as connection:
        try:
            connection.execute("PRAGMA schema_version").fetchone()
        except sqlite3.DatabaseError as error:
            if sqlite_errors.says_nothing_of_the_content(error):
                raise
            return error.sqlite_errorcode in {sqlite3.SQLITE_READONLY_ROLLBACK, sqlite3.SQLITE_READONLY_CANTLOCK}
    return False


def _kept_earlier(path: Path, original: Path) -> Path | None:
    """Return the copy of this damaged file that a killed repair kept."""
    prefix = path.name + _DAMAGED
    beside = sorted(one for one in path.parent.iterdir() if one.name.startswith(prefix) and _is_regular(one))
    return next((one for one in beside if file_copies.is_copied_as(original, one)), None)


def _free_name(path: Path, now: datetime) -> Path:
    name = f"{path.name}{_DAMAGED}{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    return next(one for one in map(path.with_name, names) if not _is_taken(one))


def _is_taken(path: Path) -> bool:
    return any(map(os.path.lexists, (path, *sqlite_file.companions(path))))


def _is_regular(path: Path) -> bool:
    # A link to the damaged file would count as its copy, and lead to the new file later.
    return stat.S_ISREG(path.lstat().st_mode)
