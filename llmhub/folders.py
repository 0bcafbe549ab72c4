"""Folders that llmhub makes and marks as its own, workplaces among them; it removes no other.

Files are made in a workplace, a folder beside the place where they belong. What a killed process leaves is its
workplace, which the next one in the same folder clears.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep

from llmhub.errors import FileInTheWayError

if sys.platform != "win32":
    import fcntl

MARK = ".made-by-llmhub"
"""The file that marks a folder as made by llmhub."""

_MARK_TEXT = b"llmhub made this folder. It may replace and remove the files that it keeps in here.\n"
_WORKPLACE = ".llmhub-"
_MOST_TRIES = 20
_MOST_MARK_BYTES = 4_096
_SECONDS_BETWEEN_LOOKS = 0.05
_MOST_LOOKS = 1_200
# Windows has none of these.
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)

Watch = Callable[[Path], None]


def make_private_folder(folder: Path) -> None:
    """Make a folder and what is missing above it, for this user alone; one that is there stays as it is.

    The folder itself is marked as llmhub's if this made it.

    Raises:
        OSError: it cannot be made.
    """
    for missing in reversed(folder.parents):
        if not missing.exists():
            missing.mkdir(mode=0o700, exist_ok=True)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        # Without its mark, the files in it are known by their own.
        with suppress(OSError):
            _mark(folder)
    if not folder.is_dir():
        raise NotADirectoryError(20, "a file is in its place", str(folder))


def is_own_folder(folder: Path) -> bool:
    """Say whether llmhub made and marked a folder; a link to one is none."""
    try:
        if not stat.S_ISDIR(folder.lstat().st_mode):
            return False
        descriptor = os.open(folder / MARK, os.O_RDONLY | _NO_LINK | _NO_WAITING)
    except OSError:
        return False
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode) and os.read(descriptor, _MOST_MARK_BYTES) == _MARK_TEXT
    finally:
        os.close(descriptor)


def own_folder(path: Path) -> Path:
    """Make a marked folder that outlasts the process, or take the one that an earlier process made.

    Raises:
        FileInTheWayError: something is there that llmhub did not make.
        OSError: it cannot be made.
    """
    if os.path.lexists(path):
        if _is_made_and_empty(path):
            _mark(path)
        if not is_own_folder(path):
            raise FileInTheWayError(f"{path} is there and llmhub did not make it: move it away")
        return path
    with workplace(path.parent) as place:
        place.rename(path)
    return path


def give_up_own_folder(path: Path) -> None:
    """Remove a folder that `own_folder` gave, if there is nothing in it any more.

    Raises:
        OSError: it cannot be looked at or removed.
    """
    if is_own_folder(path) and os.listdir(path) == [MARK]:  # noqa: PTH208 -- names are all that is asked for
        (path / MARK).unlink()
        path.rmdir()


def remove_own_folder(path: Path) -> None:
    """Remove a marked folder and all that is in it; what llmhub did not make stays."""
    if is_own_folder(path):
        _empty(path)
        _remove_empty(path)


def _mark(folder: Path) -> None:
    mark = folder / MARK
    descriptor = os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        _write_mark(descriptor)
    except OSError:
        mark.unlink()
        raise
    finally:
        os.close(descriptor)


def _write_mark(descriptor: int) -> None:
    rest = _MARK_TEXT
    while rest:
        # Where there is room for a part, only that is written, and no error is raised before the next try.
        rest = rest[os.write(descriptor, rest) :]


# -- workplaces


@contextmanager
def workplace(folder: Path, kind: str = "", *, clearing: Watch = lambda _: None) -> Iterator[Path]:
    """Give a new private and marked folder inside `folder`; it goes at the end, with all that is in it.

    It may be renamed meanwhile, and then stays. What killed processes left of the same kind is cleared first.

    Args:
        folder: where; it is there.
        kind: a word that tells workplaces apart that only some may clear.
        clearing: see `clear_left_behind`.

    Raises:
        OSError: it cannot be made.
    """
    clear_left_behind(folder, kind, clearing=clearing)
    path, descriptor = _made_workplace(folder, kind)
    try:
        yield path
    finally:
        _empty(path)
        os.close(descriptor)
        _remove_empty(path)


def clear_left_behind(folder: Path, kind: str = "", *, clearing: Watch = lambda _: None) -> None:
    """Remove the workplaces in a folder whose processes are gone; what cannot be removed is tried again next time.

    A process holds a lock on the mark of its workplace, which the system takes from a killed one. Where a file system
    has no locks, nothing is removed: nobody can tell there whether the process is at work.

    Args:
        folder: where.
        kind: see `workplace`.
        clearing: is called with each folder before it goes.
    """
    name = re.compile(rf"{re.escape(_WORKPLACE + kind)}[0-9a-f]{{16}}", re.ASCII)
    try:
        # Names alone: a folder can hold many files, and each writer looks.
        left = [each for each in os.listdir(folder) if name.fullmatch(each)]  # noqa: PTH208 -- see above
    except OSError:
        # A folder that may be written to and not looked into, or none.
        return
    for each in left:
        with suppress(OSError):
            _clear(folder / each, clearing)


def _made_workplace(folder: Path, kind: str) -> tuple[Path, int]:
    """Make a workplace, and return it with the descriptor that holds the lock on its mark."""
    for _ in range(_MOST_TRIES):
        path = folder / f"{_WORKPLACE}{kind}{os.urandom(8).hex()}"
        # The sticky bit is set in the same step as the folder is made. Until the mark is written, it alone tells the
        # folder from one that somebody else made.
        path.mkdir(mode=0o1700)
        descriptor = None
        try:
            descriptor = os.open(path / MARK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            if _is_held(descriptor) and os.fstat(descriptor).st_nlink:
                _write_mark(descriptor)
                return path, descriptor
        except FileNotFoundError:
            # Another process has taken it for one that was left behind.
            continue
        except BaseException:
            if descriptor is not None:
                os.close(descriptor)
            _remove_empty(path)
            raise
        os.close(descriptor)
    raise OSError(errno.EBUSY, "other processes remove what is made in it", str(folder))


def _is_held(descriptor: int) -> bool:
    """Lock a mark, and say whether nobody else holds it; where there are no locks, nobody does."""
    try:
        return _lock(descriptor)
    except OSError:
        return True


def _lock(descriptor: int) -> bool:
    """Lock an open file without waiting; False if another has the lock.

    Raises:
        OSError: there are no locks.
    """
    if sys.platform == "win32":
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def try_lock(path: Path) -> None:
    """Lock a file or a folder for a moment; that another process has the lock is as good.

    Raises:
        OSError: there are no locks, or it cannot be opened.
    """
    if sys.platform == "win32":
        return
    access = os.O_RDONLY if path.is_dir() else os.O_RDWR
    descriptor = os.open(path, access | _NO_LINK | _NO_WAITING)
    try:
        _lock(descriptor)
    finally:
        os.close(descriptor)


def _is_made_and_empty(path: Path) -> bool:
    """Say whether a folder was made by a process that was killed before it had marked it."""
    status = path.lstat()
    made = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX and _is_mine(status)
    return bool(made) and not os.listdir(path)  # noqa: PTH208 -- names are all that is asked for


def _is_mine(status: os.stat_result) -> bool:
    return sys.platform == "win32" or status.st_uid == os.geteuid()


def _clear(path: Path, clearing: Watch) -> None:
    """Remove a workplace if it is one, and its process is gone.

    Raises:
        OSError: it is none, or its mark cannot be opened or locked.
    """
    if _is_made_and_empty(path):
        path.rmdir()
        return
    status = path.lstat()
    if not (stat.S_ISDIR(status.st_mode) and _is_mine(status)):
        return
    descriptor = os.open(path / MARK, os.O_RDWR | _NO_LINK | _NO_WAITING)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode) or not _lock(descriptor):
            return
        text = os.read(descriptor, _MOST_MARK_BYTES)
        # Killed within the few steps in which it was made.
        by_half = status.st_mode & stat.S_ISVTX and os.listdir(path) == [MARK] and _MARK_TEXT.startswith(text)  # noqa: PTH208
        if text != _MARK_TEXT and not by_half:
            return
        clearing(path)
        _empty(path)
    finally:
        os.close(descriptor)
    _remove_empty(path)


def _empty(path: Path) -> None:
    """Remove all that is in a marked folder, but its mark."""
    with suppress(OSError):
        for entry in list(os.scandir(path)):
            if entry.name == MARK:
                continue
            if entry.is_dir(follow_symlinks=False):
                import shutil

                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                with suppress(OSError):
                    os.unlink(entry.path)  # noqa: PTH108 -- an entry has no Path


def _remove_empty(path: Path) -> None:
    """Remove a marked folder with nothing but its mark in it; with more, it stays marked, to be tried again."""
    with suppress(OSError):
        if set(os.listdir(path)) <= {MARK}:  # noqa: PTH208 -- names are all that is asked for
            (path / MARK).unlink(missing_ok=True)
            path.rmdir()


@contextmanager
def in_turn(folder: Path) -> Iterator[None]:
    """Let one process at a time write into a folder, where its file system has locks.

    Raises:
        OSError: the folder cannot be opened, or another process has been writing for over a minute.
    """
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Counted, and not timed: a caller's tests may have stopped the clock.
        for _ in range(_MOST_LOOKS):
            if _is_held(descriptor):
                break
            sleep(_SECONDS_BETWEEN_LOOKS)
        else:
            raise OSError(errno.EBUSY, "another process has been writing into it for over a minute", str(folder))
        yield
    finally:
        os.close(descriptor)
