"""Files and folders on the disk: read without waiting, written whole or not at all, never over another's.

Whatever llmhub removes or replaces is its own. Either it lies in a folder that llmhub made and marked, or it carries a
mark itself: a beginning that only llmhub writes. Files are made in a workplace, a marked folder beside the target,
and move to their names when they are finished. What a killed process leaves is its workplace, which the next writer
in the same folder clears.
"""

from __future__ import annotations

import codecs
import errno
import os
import re
import secrets
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep
from typing import BinaryIO

from llmhub.errors import CacheError, FileInTheWayError, OutputError

if sys.platform != "win32":
    import fcntl

NO_ROOM_WORDS = tuple(map(os.strerror, (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)))
"""What the operating system says for want of room on the disk, within a quota, or below a limit on files."""

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


# -- reading


def open_regular(path: Path) -> BinaryIO:
    """Open a file for reading, without waiting for anybody: a pipe may never be written to, and a device never end.

    Raises:
        OSError: it cannot be opened, or is no regular file.
    """
    file = open(path, "rb", opener=_open_without_waiting)  # noqa: SIM115 -- Path.open takes none; who asks closes
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return file


def without_mark(data: bytes) -> bytes:
    """Return the bytes of a text without the mark (BOM) that some editors and shells put before UTF-8."""
    return data.removeprefix(codecs.BOM_UTF8)


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | _NO_WAITING)


# -- whose a file or a folder is


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


def is_own_file(path: Path, begins: re.Pattern[bytes]) -> bool:
    """Say whether llmhub wrote a file: a regular one that begins so, or any regular one in a folder of llmhub's own.

    Raises:
        OSError: it cannot be looked at.
    """
    if not stat.S_ISREG(path.lstat().st_mode):
        return False
    if is_own_folder(path.parent):
        return True
    with open_regular(path) as file:
        return begins.match(file.read(_MOST_MARK_BYTES)) is not None


def require_own(path: Path, begins: re.Pattern[bytes]) -> None:
    """Check that a file may be replaced: it is not there, or it is llmhub's; see `is_own_file`.

    Raises:
        FileInTheWayError: something else is there.
        OSError: what is there cannot be looked at.
    """
    with suppress(FileNotFoundError):
        if not is_own_file(path, begins):
            raise FileInTheWayError(f"{path} is there and llmhub did not write it: move it away")


def remove_own(path: Path, begins: re.Pattern[bytes]) -> None:
    """Remove a file of llmhub's; what is not llmhub's stays, see `is_own_file`.

    Raises:
        OSError: it cannot be looked at or removed.
    """
    with suppress(FileNotFoundError):
        if is_own_file(path, begins):
            path.unlink()


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
        path = folder / f"{_WORKPLACE}{kind}{secrets.token_hex(8)}"
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


# -- writing


def require_free(target: Path, *, force: bool) -> None:
    """Check that a file may be written.

    Raises:
        FileInTheWayError: a folder, pipe or device is there, or a file and `force` was not given.
        OutputError: what is there cannot be seen, or nothing can have that name.
    """
    try:
        kind = target.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror or error}") from error
    if os.path.isdir(target):  # noqa: PTH112 -- Path.is_dir raises for some links
        raise FileInTheWayError(f"{target} is a folder: name a file in it")
    # A renamed file would take the place of /dev/null for every program on the machine.
    if not (stat.S_ISREG(kind) or stat.S_ISLNK(kind)):
        raise FileInTheWayError(f"{target} is no regular file, and is not written over: name another file")
    if not force:
        raise FileInTheWayError(f"{target} is there already: give --force to write over it")


@contextmanager
def written_whole(
    target: Path, *, force: bool, mode: int = 0o666, durable: bool = True, place: Path | None = None
) -> Iterator[Path]:
    """Give an empty file to write to; it takes the target's name once the block has succeeded.

    Args:
        target: the file to make, in a folder that is there.
        force: take the place of a file that is there, which the user asked for, or which is known to be llmhub's.
        mode: who may read and write it, less the umask.
        durable: wait until the disk has it and its name; not worth the time for files that can be made again.
        place: the workplace to make it in, on the same file system; by default a new one beside the target.

    Raises:
        FileInTheWayError: see `require_free`; the file may also have come into being meanwhile.
        OutputError: the folder is missing or does not allow it, or the disk is full.
    """
    try:
        with _finished(target, force=force, mode=mode, durable=durable, place=place) as temporary:
            yield temporary
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {reason_of(error)}") from error


def write_own(path: Path, data: bytes, *, begins: re.Pattern[bytes]) -> None:
    """Make `data` the content of a file of llmhub's own, for this user alone; a missing folder is made, private too.

    Readers see the old content or the new. Of writers side by side, each one's file is whole, and the last one's stays.

    Args:
        path: the file.
        data: its content, which begins so.
        begins: how each of its contents begins; see `is_own_file`.

    Raises:
        CacheError: it could not be written, or another's file is in its place; the old content stands.
    """
    try:
        make_private_folder(path.parent)
        require_own(path, begins)
        with _finished(path, force=True, mode=0o600) as temporary:
            temporary.write_bytes(data)
    except FileInTheWayError as error:
        raise CacheError(str(error)) from error
    except OSError as error:
        why = error.strerror or str(error)
        raise CacheError(f"{path} cannot be written ({why}): make its folder writable, with space left") from error


@contextmanager
def _finished(
    target: Path, *, force: bool, mode: int, durable: bool = True, place: Path | None = None
) -> Iterator[Path]:
    """Do what `written_whole` does; errors of the system come as they are."""
    require_free(target, force=force)
    with _in(place, target) as within:
        temporary = within / target.name
        os.close(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode))
        yield temporary
        if durable:
            sync_file(temporary)
        # Something else may have come there meanwhile.
        require_free(target, force=force)
        if force:
            temporary.replace(target)
        else:
            _place_new(temporary, target)
        if durable:
            sync_folder(target.parent)


@contextmanager
def _in(place: Path | None, target: Path) -> Iterator[Path]:
    if place is not None:
        yield place
        return
    with workplace(target.parent) as made:
        yield made


def _place_new(temporary: Path, target: Path) -> None:
    """Give a file its name where nothing has that name.

    Raises:
        FileInTheWayError: something has it.
    """
    try:
        # Unlike a rename, a link never takes the place of a file that is there.
        target.hardlink_to(temporary)
    except FileExistsError:
        raise _in_the_way(target) from None
    except OSError:
        # Not every file system knows hard links.
        try:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            raise _in_the_way(target) from None
        temporary.replace(target)


def _in_the_way(target: Path) -> FileInTheWayError:
    return FileInTheWayError(f"{target} is there already: give --force to write over it")


def reason_of(error: OSError) -> str:
    """Return why a file cannot be written, and for want of room what to do."""
    reason = error.strerror or str(error)
    return f"{reason}: make room, and try again" if reason.endswith(NO_ROOM_WORDS) else reason


def sync_file(path: Path) -> None:
    """Wait until a file is on the disk.

    Raises:
        OSError: it could not be written there.
    """
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make new names in a folder outlast a power cut, where the system lets a folder be opened."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
