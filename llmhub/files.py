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
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from llmhub.errors import CacheError, FileInTheWayError, OutputError
from llmhub.folders import is_own_folder, make_private_folder, workplace

NO_ROOM_WORDS = tuple(map(os.strerror, (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)))
"""What the operating system says for want of room on the disk, within a quota, or below a limit on files."""

_MOST_BEGINNING_BYTES = 4_096
# Windows has none.
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)


# -- reading


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading.

    Nothing else is opened: a pipe could keep the reader waiting for ever, and a device need not end.

    Raises:
        OSError: it cannot be opened, or is not a regular file.
    """
    file = open(path, "rb", opener=_open_without_waiting)  # noqa: SIM115 -- Path.open takes no opener; the caller closes
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    return file


def read_regular(path: Path, most: int) -> bytes:
    """Return the content of a regular file.

    Args:
        path: the file.
        most: how many bytes it may have.

    Raises:
        OSError: it cannot be read, is not a regular file, or is larger; `strerror` says which.
    """
    with open_regular(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        size = f"{most >> 20} MiB" if most >> 20 else f"{most:,} bytes"
        raise OSError(errno.EFBIG, f"it is larger than {size}", str(path))
    return data


def without_mark(data: bytes) -> bytes:
    """Return the bytes of a text without the mark (BOM) that some editors and shells put before UTF-8."""
    return data.removeprefix(codecs.BOM_UTF8)


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | _NO_WAITING)


# -- whose a file is


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
        return begins.match(file.read(_MOST_BEGINNING_BYTES)) is not None


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
        raise FileInTheWayError(f"{target} is not a regular file, and is not written over: name another file")
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
