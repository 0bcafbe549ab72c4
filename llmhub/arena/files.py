"""Files that are there whole or not at all, and never take another one's place unasked."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llmhub.errors import FileInTheWayError, OutputError

NO_ROOM_WORDS = tuple(map(os.strerror, (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)))
"""What the operating system says for want of room on the disk, within a quota, or below a limit on files."""

# What this very process is writing.
_under_way: set[Path] = set()


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
def written_whole(target: Path, *, force: bool, mode: int = 0o666, durable: bool = True) -> Iterator[Path]:
    """Give an empty file beside the target to write to; it takes the target's name once the block has succeeded.

    Args:
        target: the file to make, in a folder that is there.
        force: take the place of a file that is there.
        mode: who may read and write it, less the umask.
        durable: wait until the disk has it; not worth the time for files that can be made again.

    Raises:
        FileInTheWayError: see `require_free`; the file may also have come into being meanwhile.
        OutputError: the folder is missing or does not allow it, or the disk is full.
    """
    require_free(target, force=force)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        _clear_left_behind(target)
        os.close(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode))
        _under_way.add(temporary)
        try:
            yield temporary
            if durable:
                _sync(temporary)
            _put_in_place(temporary, target, force=force)
        finally:
            temporary.unlink(missing_ok=True)
            _under_way.discard(temporary)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {reason_of(error)}") from error


def reason_of(error: OSError) -> str:
    """Return why a file cannot be written, and for want of room what to do."""
    reason = error.strerror or str(error)
    return f"{reason}: make room, and try again" if reason.endswith(NO_ROOM_WORDS) else reason


def _clear_left_behind(target: Path) -> None:
    """Remove what processes that were killed while they wrote this file left beside it.

    The process of a file's number may be another by now; then the file goes another time.
    """
    prefix = f".{target.name}."
    left_behind = re.compile(rf"({re.escape(prefix)}(\d{{1,10}})\.tmp)(-journal)?", re.ASCII)
    try:
        # Names alone: a report writes hundreds of files into a folder, and each looks at all.
        beside = [name for name in os.listdir(target.parent) if name.startswith(prefix)]  # noqa: PTH208 -- see above
    except PermissionError:
        # A folder that may be written to and not looked into.
        return
    for name in beside:
        found = left_behind.fullmatch(name)
        if found is None or target.with_name(found[1]) in _under_way:
            continue
        import psutil  # noqa: PLC0415 -- only where there is something left

        if int(found[2]) == os.getpid() or not psutil.pid_exists(int(found[2])):
            target.with_name(name).unlink(missing_ok=True)


def _sync(temporary: Path) -> None:
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())


def _put_in_place(temporary: Path, target: Path, *, force: bool) -> None:
    if not force:
        try:
            # Unlike a rename, a link never takes the place of a file that is there.
            target.hardlink_to(temporary)
        except FileExistsError:
            raise FileInTheWayError(f"{target} is there already: give --force to write over it") from None
        except OSError:
            # Not every file system knows hard links.
            pass
        else:
            return
    temporary.replace(target)
