"""Saving what still holds of a damaged store into a new file, which takes the old one's place."""

from __future__ import annotations

import filecmp
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path
from typing import BinaryIO

from llmhub.arena import database, translating
from llmhub.arena.locking import refreshing
from llmhub.arena.reading import list_snapshots
from llmhub.arena.salvage import DamagedFile, Loss, SoundBoard, SoundLeaderboard
from llmhub.arena.schema import Snapshot
from llmhub.arena.verify import verify
from llmhub.errors import StoreDamagedError, StoreError
from llmhub.folders import workplace

_DAMAGED = ".damaged-"


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a repair came to, or would come to.

    Attributes:
        sound: whether nothing was damaged, and so nothing done.
        kept: the snapshots that were saved, newest first, each with the leaderboards that were.
        lost: the leaderboards that were not.
        unknown: what is unknown from now on of what was saved.
        boards: how many boards were saved.
        scores: how many scores these have.
        damaged: where the damaged file is now; None where it is in its place.
    """

    sound: bool
    kept: tuple[Snapshot, ...] = ()
    lost: tuple[Loss, ...] = ()
    unknown: tuple[str, ...] = ()
    boards: int = 0
    scores: int = 0
    damaged: Path | None = None


def repair(path: Path, *, now: datetime | None = None, dry_run: bool = False) -> Repaired:
    """Save every leaderboard of every snapshot whose boards' digests still hold into a new file in the old one's place.

    The damaged file is never written to: it stays beside the new one as `arena.db.damaged-<time>`, with its journal if
    it has one. A repair that was killed leaves the damaged file in place, or the new one; the next repair finishes.

    Args:
        path: the store; one that is sound, or not there, stays as it is.
        now: the moment that the damaged file is named after, timezone-aware; by default the clock's.
        dry_run: say what would be saved, and change nothing.

    Raises:
        StoreDamagedError: nothing can be saved; the file is as it was.
        StoreUnusableError: the file is not llmhub's, of a newer version, or cannot be opened; it was not touched.
        StoreReadOnlyError: no new file can be made beside it.
        StoreError: another process is at it, or the disk is full or fails.
    """
    if database.identity(path) is None and database.open_for_reading(path) is None:
        return Repaired(sound=True)
    path = path.resolve()
    database.require_writable(path)
    with refreshing(path.parent, busy=StoreError), _folder_for_work(path) as folder:
        return _repaired(path, folder, now or datetime.now(UTC), dry_run=dry_run)


def _repaired(path: Path, folder: Path, now: datetime, *, dry_run: bool) -> Repaired:
    earlier = _kept_earlier(path)
    hot = _is_hot(path)
    if hot:
        journal: Path | None = _journal_of(path)
    else:
        # A repair was killed after it had taken the journal away and before the new file was in place.
        journal = _journal_of(earlier) if earlier and _journal_of(earlier).exists() else None
    if journal is None and not verify(path, now=now).errors:
        return Repaired(sound=True)
    copy, new = folder / "damaged.db", folder / path.name
    with ExitStack() as until_done:
        # Closed last: closing a file gives up whatever lock this process has on it.
        source = until_done.enter_context(path.open("rb"))
        if not hot:
            until_done.enter_context(_writers_kept_out(path))
        before = _state(path)
        _copy(source, copy)
        if journal is not None:
            shutil.copyfile(journal, _journal_of(copy))
        if hot and not verify(copy, now=now, upgraded=False).errors:
            # Whole, once what the killed writer left is undone: the next look at the file itself does that.
            return Repaired(sound=not verify(path, now=now).errors)
        repaired = _saved(path, copy, new)
        if dry_run:
            return repaired
        if _state(path) != before:
            raise StoreError(f"{path} was changed by another process meanwhile: try again")
        damaged = earlier or _free_name(path, now)
        _put_in_place(path, new, damaged, source)
    return replace(repaired, damaged=damaged)


# -- what is saved


def _saved(path: Path, copy: Path, new: Path) -> Repaired:
    """Save what holds of a copy of the damaged file into a new one, and check that."""
    database.upgrade(new)
    with ExitStack() as open_files:
        open_files.enter_context(translating.translated(new))
        old = open_files.enter_context(closing(database.connect(copy, "rw")))
        connection = open_files.enter_context(closing(database.connect(new, "rw")))
        try:
            file = DamagedFile(old, copy)
        except sqlite3.DatabaseError as error:
            if translating.says_nothing_of_the_content(error):
                raise
            raise _nothing_saved(path, str(error)) from error
        connection.execute("BEGIN IMMEDIATE")
        writer = _Writer(connection, file)
        for leaderboard in file.leaderboards():
            writer.write(leaderboard)
        connection.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'snapshot'", (file.greatest_id,))
        connection.execute("COMMIT")
        kept = tuple(list_snapshots(connection))
    if not kept:
        raise _nothing_saved(path, "no leaderboard in it holds")
    found = verify(new)
    if found.errors:
        raise StoreDamagedError(
            f"what was saved of {path} does not hold ({found.findings[0].message}); it was not touched: "
            "please report this, and restore it from a copy, or move it away to start a new store"
        )
    unknown = tuple(dict.fromkeys(file.unknown))
    return Repaired(False, kept, tuple(file.lost), unknown, found.boards, found.scores)


def _nothing_saved(path: Path, why: str) -> StoreDamagedError:
    return StoreDamagedError(
        f"nothing can be saved of {path} ({why}); it was not touched: "
        "restore it from a copy, or move it away to start a new store"
    )


@dataclass(slots=True)
class _Writer:
    """Writes leaderboards into a new store; snapshots keep their ids, which people write down."""

    connection: sqlite3.Connection
    file: DamagedFile
    snapshots: set[int] = field(default_factory=set)
    rankings: dict[tuple[str, str], int] = field(default_factory=dict)
    models: dict[str, int] = field(default_factory=dict)
    boards: dict[bytes, int] = field(default_factory=dict)

    def write(self, leaderboard: SoundLeaderboard) -> None:
        number = leaderboard.snapshot_id
        if number not in self.snapshots:
            self.snapshots.add(number)
            self._insert("snapshot", "id, taken_at, source, revision, script", number, *self.file.identities[number])
        self._insert(
            "snapshot_leaderboard",
            "snapshot_id, leaderboard, published_on",
            *(number, leaderboard.name, leaderboard.published_on),
        )
        for board in leaderboard.boards:
            ranking = self._ranking(leaderboard.name, board.category)
            self._insert(
                "snapshot_board", "snapshot_id, ranking_id, board_id", number, ranking, self._board(ranking, board)
            )

    def _ranking(self, leaderboard: str, category: str) -> int:
        place = (leaderboard, category)
        if place not in self.rankings:
            self.rankings[place] = self._insert("ranking", "leaderboard, category", *place)
        return self.rankings[place]

    def _board(self, ranking: int, board: SoundBoard) -> int:
        if board.digest not in self.boards:
            number = self._insert("board", "ranking_id, digest", ranking, board.digest)
            self.boards[board.digest] = number
            rows = [(number, self._model(name), *score) for name, score in (board.scores or {}).items()]
            self.connection.executemany("INSERT INTO score VALUES (?, ?, ?, ?, ?, ?)", sorted(rows))
        return self.boards[board.digest]

    def _model(self, name: str) -> int:
        if name not in self.models:
            columns = "name, organization, organization_as_of, license, license_as_of"
            self.models[name] = self._insert("model", columns, name, *self.file.facts(name))
        return self.models[name]

    def _insert(self, table: str, columns: str, *values: object) -> int:
        marks = ", ".join("?" * len(values))
        done = self.connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)  # noqa: S608 -- of this file
        return int(done.lastrowid or 0)


# -- files


@contextmanager
def _folder_for_work(path: Path) -> Iterator[Path]:
    """Make a private folder beside the store, clearing one that a killed repair left, and remove it in the end."""
    try:
        with workplace(path.parent) as folder:
            yield folder
    except OSError as error:
        raise StoreError(
            f"{error.filename or path.parent} cannot be read or written ({error.strerror or error}); "
            f"{path} was not touched"
        ) from error


def _journal_of(path: Path) -> Path:
    return path.with_name(path.name + "-journal")


def _is_hot(path: Path) -> bool:
    """Say whether a killed writer left a journal that SQLite would roll back at the next look."""
    if not _journal_of(path).exists():
        return False
    with translating.translated(path), closing(database.connect(path, "ro")) as connection:
        try:
            connection.execute("PRAGMA schema_version").fetchone()
        except sqlite3.DatabaseError as error:
            if translating.says_nothing_of_the_content(error):
                raise
            return error.sqlite_errorcode in {sqlite3.SQLITE_READONLY_ROLLBACK, sqlite3.SQLITE_READONLY_CANTLOCK}
    return False


@contextmanager
def _writers_kept_out(path: Path) -> Iterator[None]:
    """Hold SQLite's write lock on a file, as far as its damage lets anybody take it; nothing is written."""
    with translating.translated(path), closing(database.connect(path, "rw")) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError as error:
            if translating.says_nothing_of_the_content(error):
                raise
        yield


def _state(path: Path) -> list[tuple[int, int, int] | None]:
    """Return what tells a file and its journal from what they become when somebody writes."""
    files = (path, _journal_of(path))
    states = (file.stat() if file.exists() else None for file in files)
    return [state and (state.st_ino, state.st_size, state.st_mtime_ns) for state in states]


def _kept_earlier(path: Path) -> Path | None:
    """Return what a killed repair has put beside the damaged file, which is still in its place."""
    prefix = path.name + _DAMAGED
    beside = sorted(one for one in path.parent.iterdir() if one.name.startswith(prefix) and _is_regular(one))
    return next((one for one in beside if one.samefile(path) or filecmp.cmp(one, path, shallow=False)), None)


def _free_name(path: Path, now: datetime) -> Path:
    name = f"{path.name}{_DAMAGED}{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    free = (one for one in map(path.with_name, names) if not any(map(os.path.lexists, (one, _journal_of(one)))))
    return next(free)


def _is_regular(path: Path) -> bool:
    # A link to the damaged file would count as its copy, and lead to the new file later.
    return stat.S_ISREG(path.lstat().st_mode)


def _put_in_place(path: Path, new: Path, damaged: Path, source: BinaryIO) -> None:
    """Give the damaged file its second name, and then its place to the new one: at no moment there is none."""
    _keep_beside(path, damaged, source, new.parent)
    journal = _journal_of(path)
    if journal.exists():
        with journal.open("rb") as content:
            _keep_beside(journal, _journal_of(damaged), content, new.parent)
        _sync(path.parent)
        # SQLite would roll it back over the new file.
        journal.unlink()
    _sync(new)
    new.replace(path)
    _sync(path.parent)


def _keep_beside(path: Path, target: Path, content: BinaryIO, folder: Path) -> None:
    if target.exists():
        return
    try:
        target.hardlink_to(path)
    except OSError:
        # Not every file system knows hard links.
        copy = folder / target.name
        _copy(content, copy)
        _sync(copy)
        copy.replace(target)


def _copy(source: BinaryIO, target: Path) -> None:
    source.seek(0)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)


def _sync(path: Path) -> None:
    """Wait until a file, or what a folder lists, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        # Not every system lets folders be waited for.
        with suppress(OSError) if path.is_dir() else nullcontext():
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
