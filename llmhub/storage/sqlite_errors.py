"""Translate SQLite's errors into errors that say what happened and what to do."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import NamedTuple

from llmhub.errors import (
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreReadOnlyError,
    StoreUnusableError,
)
from llmhub.storage.lock_holders import holder

BUSY_SECONDS = 30.0
"""How long to wait for another process's transaction; writers hold the file for well under a second."""

_patience = ContextVar("llmhub_patience", default=BUSY_SECONDS)


class Remedies(NamedTuple):
    """A program's advice about files that it cannot use, as the ends of sentences.

    Attributes:
        damaged: about a damaged file.
        dangling: about rows that refer to missing rows.
        elsewhere: how to keep the files in another folder, as in "... to a folder on a local disk".
    """

    damaged: str
    dangling: str
    elsewhere: str

    @property
    def local_disk(self) -> str:
        """Return what to do about a file system that does not suit the files."""
        return f"{self.elsewhere} to a folder on a local disk"


_UNUSABLE_REMEDY = "restore it from a copy, or move it away to start a new store"
_PRIMARY_CODE = 0xFF
_NO_MEMORY = re.compile(r"error code=7\b|out of memory")
_NOT_OF_THE_CONTENT = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_IOERR,
}
_DAMAGED = {
    sqlite3.SQLITE_CORRUPT: "is damaged",
    sqlite3.SQLITE_NOTADB: "is not an SQLite file, or is damaged",
    # The statements are tested on the current schema: if one fails, the file lacks a table or column.
    sqlite3.SQLITE_ERROR: "is damaged",
}
_UNUSABLE = {
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_PERM: "may not be read",
    sqlite3.SQLITE_AUTH: "may not be read",
}
_NO_LOCKS = {
    sqlite3.SQLITE_IOERR_LOCK,
    sqlite3.SQLITE_IOERR_RDLOCK,
    sqlite3.SQLITE_IOERR_UNLOCK,
    sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK,
    sqlite3.SQLITE_PROTOCOL,
}
_FAILED = "could not be read or written: the disk reported an error; look after it, and try again"
# SQLite reports a quota and a limit on file sizes as a failing disk.
_NO_ROOM = {
    sqlite3.SQLITE_FULL: "the disk is full: make room, and try again",
    sqlite3.SQLITE_IOERR_WRITE: (
        "the disk takes no more (it is full for this user, a file would become too large for `ulimit -f`, or it "
        "fails): make room, and try again"
    ),
}


def patience() -> float:
    """Return how many seconds to wait here for another process's transaction."""
    return _patience.get()


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """Limit the wait for other processes' transactions inside the block."""
    before = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(before)


class OddValueError(Exception):
    """A value was read that the store never writes; `translated` says in which file."""


@contextmanager
def translated(path: Path, remedies: Remedies) -> Iterator[None]:
    """Turn what sqlite3 and SQLAlchemy raise about the file into a StoreError that says what to do next."""
    try:
        yield
    except sqlite3.Error as error:
        raise _store_error(error, path, remedies) from error
    except OddValueError as error:
        raise damaged(path, str(error), remedies) from error
    except UnicodeDecodeError as error:
        # SQLite's own message quotes a name from the file.
        raise damaged(path, f"a name in it is not valid UTF-8: {error.reason}", remedies) from error
    except Exception as error:
        # SQLAlchemy wraps the driver's error; this test needs no import of SQLAlchemy.
        original = getattr(error, "orig", None)
        if isinstance(original, sqlite3.Error):
            raise _store_error(original, path, remedies) from error
        raise


def no_room(error: sqlite3.Error) -> str | None:
    """Return why there is no room for a write, and what to do; None if the error is a different one."""
    return _NO_ROOM.get(getattr(error, "sqlite_errorcode", 0))


def _store_error(error: sqlite3.Error, path: Path, remedies: Remedies) -> StoreError:
    code = primary_code(error)
    if code == sqlite3.SQLITE_INTERRUPT:
        # sqlite3 turns an exception of a signal handler in `sqlite_file._listen` into this error, without its reason.
        raise KeyboardInterrupt from None
    if why := no_room(error):
        return StoreFullError(f"{path} could not be written: {why}")
    if why := _not_to_write(path, code, error):
        return StoreReadOnlyError(f"{path} cannot be written{why}")
    if why := _not_a_file_to_read(path, code):
        return StoreUnusableError(f"{path} {why}")
    if code == sqlite3.SQLITE_BUSY:
        who = holder(path)
        # SQLite also reports a file system that answers "no locks available" like this.
        remedy = "try again" if who else f"try again, or, where its file system has no locks, {remedies.local_disk}"
        return StoreBusyError(
            f"{path} is in use by another process{who}, which did not finish within {patience():g} s; {remedy}"
        )
    if why := _DAMAGED.get(code) or _UNUSABLE.get(code):
        kind, remedy = (
            (StoreDamagedError, remedies.damaged) if code in _DAMAGED else (StoreUnusableError, _UNUSABLE_REMEDY)
        )
        return kind(f"{path} {why} ({error}); it was not touched: {remedy}")
    return StoreError(f"{path}{_failed(error, code, remedies)}")


def _failed(error: sqlite3.Error, code: int, remedies: Remedies) -> str:
    """Return why a file could not be read or written for a reason not known above, and what to do."""
    if getattr(error, "sqlite_errorcode", 0) in _NO_LOCKS:
        return f" cannot be locked: its file system has no locks, or lost them: {remedies.local_disk}"
    return f" {_FAILED}" if code == sqlite3.SQLITE_IOERR else f": {error}"


def _not_to_write(path: Path, code: int, error: sqlite3.Error) -> str | None:
    """Return why a readable file cannot be written, and what to do."""
    if code == sqlite3.SQLITE_READONLY:
        return f" ({error}): make it and its folder writable"
    if code == sqlite3.SQLITE_CANTOPEN and _is_file(path) and os.access(path, os.R_OK | os.W_OK):
        # A disk can run out of inodes before it runs out of bytes.
        return ", since no journal can be opened beside it: make room for one more file, and try again"
    return None


def damaged(path: Path, how: str, remedies: Remedies) -> StoreDamagedError:
    """Return the error of a file that was found to be damaged."""
    return StoreDamagedError(f"{path} is damaged ({how}); it was not touched: {remedies.damaged}")


def require_memory(message: str) -> None:
    """Check a message of SQLite's integrity check for a lack of memory, which it reports as an unreadable page.

    Raises:
        MemoryError: SQLite had too little memory; the message says nothing about the file.
    """
    if _NO_MEMORY.search(message):
        raise MemoryError(message)


def says_nothing_of_the_content(error: sqlite3.Error) -> bool:
    """Say whether an error comes from the moment or the disk, and says nothing about the file's content."""
    return primary_code(error) in _NOT_OF_THE_CONTENT


def primary_code(error: sqlite3.Error) -> int:
    """Return the primary code of SQLite's error; 0 if the sqlite3 module itself raised it."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE


def _not_a_file_to_read(path: Path, code: int) -> str | None:
    """Return what is in the store's place if that is why the store could not be opened."""
    # os.path, since Path raises if a parent folder may not be searched.
    if os.path.isdir(path):  # noqa: PTH112 -- Path.is_dir raises for a name too long
        return "is a folder, expected a file: move it away to start a new store"
    if code == sqlite3.SQLITE_CANTOPEN and _is_file(path) and not os.access(path, os.R_OK):
        return "cannot be opened: this user may not read it; it was not touched: make it readable"
    return None


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 -- Path.is_file raises for a name too long
