"""Folders that llmhub makes and marks as its own, workplaces among them; it removes no others.

A file is made in a workplace, a folder beside its target. A killed process leaves only its workplace, and the next
process that works in the same folder removes that.
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


def make_private_folder(folder: Path) -> None:
    """Make a folder that only this user can read, and its missing parents; an existing one stays as it is.

    A folder that this makes is marked as llmhub's.

    Raises:
        OSError: it cannot be made.
    """
    for missing in reversed(folder.parents):
        if not missing.exists():
            missing.mkdir(mode=0o700, exist_ok=True)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        # Without the mark, llmhub still recognizes its files by how they begin.
        with suppress(OSError):
            _mark(folder)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "a file is in its place", str(folder))


def is_own_folder(folder: Path) -> bool:
    """Say whether llmhub made and marked a folder; a link to one does not count."""
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
    """Make a marked folder that stays, or take the one that an earlier process made.

    Raises:
        FileInTheWayError: llmhub did not make what is there.
        OSError: it cannot be made.
    """
    if os.path.lexists(path):
        if _is_unmarked_workplace(path):
            _mark(path)
        if not is_own_folder(path):
            raise FileInTheWayError(f"{path} is there and llmhub did not make it: move it away")
        return path
    with workplace(path.parent) as place:
        place.rename(path)
    return path


def give_up_own_folder(path: Path) -> None:
    """Remove a folder that `own_folder` returned, if it is empty now.

    Raises:
        OSError: it cannot be examined or removed.
    """
    if is_own_folder(path) and os.listdir(path) == [MARK]:  # noqa: PTH208 -- cheaper -- names are all that is asked for
        (path / MARK).unlink()
        path.rmdir()


def remove_own_folder(path: Path) -> None:
    """Remove a folder and all that is in it, if llmhub made and marked it."""
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
        # On a nearly full disk only a part is written; the error comes with the next call.
        rest = rest[os.write(descriptor, rest) :]


# -- workplaces


@contextmanager
def workplace(folder: Path, kind: str = "", *, clearing: Callable[[Path], None] = lambda _: None) -> Iterator[Path]:
    """Give a new, private, marked folder inside `folder`, and remove it at the end with all that is in it.

    If it is renamed meanwhile, it stays. Workplaces of the same kind that killed processes left are removed first.

    Args:
        folder: an existing folder.
        kind: a word in its name; only workplaces of the same kind are removed.
        clearing: see `clear_left_behind`.

    Raises:
        OSError: it cannot be made.
    """
    clear_left_behind(folder, kind, clearing=clearing)
    path, descriptor = _make_workplace(folder, kind)
    try:
        yield path
    finally:
        _empty(path)
        os.close(descriptor)
        _remove_empty(path)


def clear_left_behind(folder: Path, kind: str = "", *, clearing: Callable[[Path], None] = lambda _: None) -> None:
    """Remove the workplaces in a folder whose processes are gone; what cannot be removed stays for the next time.

    A process holds a lock on the mark of its workplace; the system releases it if the process is killed. On a file
    system without locks nothing is removed: whether the process still runs cannot be known.

    Args:
        folder: the folder to look in.
        kind: see `workplace`.
        clearing: is called with each folder before it is removed.
    """
    name = re.compile(rf"{re.escape(_WORKPLACE + kind)}[0-9a-f]{{16}}", re.ASCII)
    try:
        # Names alone: a folder can hold many files, and each writer looks.
        left = [each for each in os.listdir(folder) if name.fullmatch(each)]  # noqa: PTH208 -- cheaper -- see above
    except OSError:
        # The folder cannot be listed, or does not exist.
        return
    for each in left:
        with suppress(OSError):
            _clear(folder / each, clearing)


def _make_workplace(folder: Path, kind: str) -> tuple[Path, int]:
    """Make a workplace; return it and the descriptor that holds the lock on its mark."""
    for _ in range(_MOST_TRIES):
        path = folder / f"{_WORKPLACE}{kind}{os.urandom(8).hex()}"
        # The sticky bit is set in the same step in which the folder is made. Until the mark is written, only this bit
        # shows that llmhub made the folder.
        path.mkdir(mode=0o1700)
        descriptor = None
        try:
            descriptor = os.open(path / MARK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            if _try_lock_if_possible(descriptor) and os.fstat(descriptor).st_nlink:
                _write_mark(descriptor)
                return path, descriptor
        except FileNotFoundError:
            # Another process took it for one left behind, and removed it.
            continue
        except BaseException:
            if descriptor is not None:
                os.close(descriptor)
            _remove_empty(path)
            raise
        os.close(descriptor)
    raise OSError(errno.EBUSY, "other processes remove what is made in it", str(folder))


def _try_lock_if_possible(descriptor: int) -> bool:
    """Do what `_try_lock` does, and return True on a file system without locks."""
    try:
        return _try_lock(descriptor)
    except OSError:
        return True


def _try_lock(descriptor: int) -> bool:
    """Lock an open file without waiting; False if another process has the lock.

    Raises:
        OSError: the file system has no locks.
    """
    if sys.platform == "win32":
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def require_lockable(path: Path) -> None:
    """Check that the file system of a file or folder has locks, whoever holds the lock at the moment.

    Raises:
        OSError: the file system has no locks, or it cannot be opened.
    """
    if sys.platform == "win32":
        return
    access = os.O_RDONLY if path.is_dir() else os.O_RDWR
    descriptor = os.open(path, access | _NO_LINK | _NO_WAITING)
    try:
        _try_lock(descriptor)
    finally:
        os.close(descriptor)


def _is_unmarked_workplace(path: Path) -> bool:
    """Say whether a folder is empty and was made by a process that was killed before marking it."""
    status = path.lstat()
    made = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX and _is_mine(status)
    return bool(made) and not os.listdir(path)  # noqa: PTH208 -- cheaper -- names are all that is asked for


def _is_mine(status: os.stat_result) -> bool:
    return sys.platform == "win32" or status.st_uid == os.geteuid()


def _clear(path: Path, clearing: Callable[[Path], None]) -> None:
    """Remove a folder if it is a workplace and its process is gone.

    Raises:
        OSError: it has no mark, or the mark cannot be opened or locked.
    """
    if _is_unmarked_workplace(path):
        path.rmdir()
        return
    status = path.lstat()
    if not (stat.S_ISDIR(status.st_mode) and _is_mine(status)):
        return
    descriptor = os.open(path / MARK, os.O_RDWR | _NO_LINK | _NO_WAITING)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode) or not _try_lock(descriptor):
            return
        text = os.read(descriptor, _MOST_MARK_BYTES)
        # The process may have been killed while it wrote the mark.
        begun = status.st_mode & stat.S_ISVTX and os.listdir(path) == [MARK] and _MARK_TEXT.startswith(text)  # noqa: PTH208 -- cheaper
        if text != _MARK_TEXT and not begun:
            return
        clearing(path)
        _empty(path)
    finally:
        os.close(descriptor)
    _remove_empty(path)


def _empty(path: Path) -> None:
    """Remove all that is in a marked folder except the mark."""
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
    """Remove a marked folder if only its mark is in it; otherwise it stays marked, for the next time."""
    with suppress(OSError):
        if set(os.listdir(path)) <= {MARK}:  # noqa: PTH208 -- cheaper -- names are all that is asked for
            (path / MARK).unlink(missing_ok=True)
            path.rmdir()


@contextmanager
def in_turn(folder: Path) -> Iterator[None]:
    """Let one process at a time write into a folder, if its file system has locks.

    Raises:
        OSError: the folder cannot be opened, or another process has been writing for over a minute.
    """
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Count the attempts: a caller's tests may have frozen the clock.
        for _ in range(_MOST_LOOKS):
            if _try_lock_if_possible(descriptor):
                break
            sleep(_SECONDS_BETWEEN_LOOKS)
        else:
            raise OSError(errno.EBUSY, "another process has been writing into it for over a minute", str(folder))
        yield
    finally:
        os.close(descriptor)
