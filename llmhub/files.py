"""Read regular files without waiting, write files whole or not at all, and never overwrite another program's file.

llmhub removes and replaces only its own files: those in a folder that llmhub made and marked, and those that begin as
only llmhub writes them. A file is made in a workplace, a marked folder beside the target, and is moved to its name when
it is finished. A killed process leaves only its workplace, and the next writer in the same folder removes that.
"""

from __future__ import annotations

import codecs
import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import BinaryIO

from llmhub.errors import CacheError, FileInTheWayError, LlmhubError, OutputError
from llmhub.folders import is_own_folder, make_private_folder, workplace

NO_ROOM_WORDS = tuple(map(os.strerror, (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)))
"""The system's messages for a full disk, a used-up quota, and a file above the limit on size."""

_MOST_BEGINNING_BYTES = 4_096
# Windows has none.
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)
# Only Windows has one.
_BINARY = getattr(os, "O_BINARY", 0)


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


def read_beginning(path: str | Path, most: int) -> bytes:
    """Return the content of a regular file, or its first `most` bytes; the fastest way for thousands of small files.

    Raises:
        OSError: it cannot be read, or is not a regular file.
    """
    descriptor = _open_without_waiting(path, os.O_RDONLY | _BINARY)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        pieces = []
        left = most
        # One byte more than the file has: the end is seen at once.
        while left and (piece := os.read(descriptor, min(left, status.st_size + 1))):
            pieces.append(piece)
            left -= len(piece)
    finally:
        os.close(descriptor)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def read_packed(path: Path, most: int, *, expected: str, wrong: type[LlmhubError]) -> bytes:
    """Return the content of a regular file, decompressed if its name ends in .gz.

    Args:
        path: the file.
        most: how many bytes it may have, decompressed.
        expected: what the file should be, for an error: `a leaderboard in JSON`.
        wrong: the kind of error to raise.

    Raises:
        LlmhubError: of the kind `wrong`: it is missing, unreadable, damaged, or larger.
    """
    # Most processes read no such file.
    import gzip
    import zlib

    try:
        with open_regular(path) as file, gzip.open(file) if path.suffix == ".gz" else file as plain:
            content: bytes = plain.read(most + 1)
    except FileNotFoundError:
        raise wrong(f"{path}: found no such file, expected {expected}") from None
    except (EOFError, zlib.error) as error:
        raise wrong(f"{path}: found damaged gzip data ({error}), expected a complete file") from None
    except OSError as error:
        raise wrong(f"{path}: cannot be read: {error.strerror or error}") from None
    if len(content) > most:
        raise wrong(f"{path}: found more than {most >> 20} MiB, expected {expected}")
    return content


def without_bom(data: bytes) -> bytes:
    """Return a text's bytes without the byte order mark (BOM) that some editors and shells put before UTF-8."""
    return data.removeprefix(codecs.BOM_UTF8)


def _open_without_waiting(path: str | Path, flags: int) -> int:
    return os.open(path, flags | _NO_WAITING)


# -- whose a file is


def is_own_file(path: Path, begins: re.Pattern[bytes]) -> bool:
    """Say whether a file is llmhub's: a regular file that begins so, or any regular file in a folder of llmhub's own.

    Raises:
        OSError: it cannot be examined.
    """
    if not stat.S_ISREG(path.lstat().st_mode):
        return False
    if is_own_folder(path.parent):
        return True
    with open_regular(path) as file:
        return begins.match(file.read(_MOST_BEGINNING_BYTES)) is not None


def require_own(path: Path, begins: re.Pattern[bytes]) -> None:
    """Check that a file may be replaced: it does not exist, or it is llmhub's; see `is_own_file`.

    Raises:
        FileInTheWayError: another program's file is there.
        OSError: the file cannot be examined.
    """
    with suppress(FileNotFoundError):
        if not is_own_file(path, begins):
            raise FileInTheWayError(f"{path} is there and llmhub did not write it: move it away")


def remove_own(path: Path, begins: re.Pattern[bytes]) -> None:
    """Remove a file if it is llmhub's; see `is_own_file`.

    Raises:
        OSError: it cannot be examined or removed.
    """
    with suppress(FileNotFoundError):
        if is_own_file(path, begins):
            path.unlink()


# -- writing


def require_free(target: Path, *, force: bool) -> None:
    """Check that a file may be written.

    Raises:
        FileInTheWayError: a folder, pipe or device is there, or a file and `force` was not given.
        OutputError: the path cannot be examined, or is not a valid name.
    """
    try:
        kind = target.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror or error}") from error
    if os.path.isdir(target):  # noqa: PTH112 -- Path.is_dir raises for some links
        raise FileInTheWayError(f"{target} is a folder: name a file in it")
    # Otherwise the renamed file could replace /dev/null for every program on the machine.
    if not (stat.S_ISREG(kind) or stat.S_ISLNK(kind)):
        raise FileInTheWayError(f"{target} is not a regular file, and is not written over: name another file")
    if not force:
        raise FileInTheWayError(f"{target} is there already: give --force to write over it")


@contextmanager
def written_whole(
    target: Path, *, force: bool, mode: int = 0o666, durable: bool = True, place: Path | None = None
) -> Iterator[Path]:
    """Give an empty file to write to; it is renamed to the target when the block has succeeded.

    Args:
        target: the file to make, in an existing folder.
        force: replace an existing file, because the user asked for that or the file is known to be llmhub's.
        mode: who may read and write it, less the umask.
        durable: wait until the file and its name are on the disk; not worth the time for files that can be made again.
        place: the workplace to make it in, on the same file system; by default a new one beside the target.

    Raises:
        FileInTheWayError: see `require_free`; another process may also have made the file meanwhile.
        OutputError: the folder is missing or does not allow it, or the disk is full.
    """
    try:
        with _finished(target, force=force, mode=mode, durable=durable, place=place) as temporary:
            yield temporary
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {reason_of(error, 'name another file')}") from error


def write_own(path: Path, data: bytes, *, begins: re.Pattern[bytes]) -> None:
    """Write `data` to a file of llmhub's own that only this user can read; make its folder, also private, if missing.

    Readers see the old content or the new one. If several processes write, the last one's file stays, and it is whole.

    Args:
        path: the file.
        data: its content, which begins so.
        begins: how each of its contents begins; see `is_own_file`.

    Raises:
        CacheError: it could not be written, or another program's file is in its place; the old content stays.
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
    """Do what `written_whole` does, but raise OSError as it is."""
    require_free(target, force=force)
    with workplace(target.parent) if place is None else nullcontext(place) as folder:
        temporary = folder / target.name
        os.close(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode))
        yield temporary
        if durable:
            sync_file(temporary)
        # Another process may have made something there meanwhile.
        require_free(target, force=force)
        if force:
            temporary.replace(target)
        else:
            _place_new(temporary, target)
        if durable:
            sync_folder(target.parent)


def _place_new(temporary: Path, target: Path) -> None:
    """Move a file to a name that nothing has.

    Raises:
        FileInTheWayError: something has it.
    """
    try:
        # Unlike a rename, a link never replaces an existing file.
        target.hardlink_to(temporary)
    except FileExistsError:
        raise _in_the_way(target) from None
    except OSError:
        # Not every file system supports hard links.
        try:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            raise _in_the_way(target) from None
        temporary.replace(target)


def _in_the_way(target: Path) -> FileInTheWayError:
    return FileInTheWayError(f"{target} is there already: give --force to write over it")


def reason_of(error: OSError, advice: str) -> str:
    """Return why a file cannot be written, and what to do: make room if that is missing, else `advice`."""
    reason = error.strerror or str(error)
    return f"{reason}: {'make room, and try again' if reason.endswith(NO_ROOM_WORDS) else advice}"


def sync_file(path: Path) -> None:
    """Wait until a file is on the disk.

    Raises:
        OSError: it could not be written there.
    """
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make new names in a folder survive a power cut, if the system can open folders."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
