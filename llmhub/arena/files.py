"""Files that are there whole or not at all, and never take another one's place unasked."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llmhub.errors import FileInTheWayError, OutputError


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
def written_whole(target: Path, *, force: bool, mode: int = 0o666) -> Iterator[Path]:
    """Give an empty file beside the target to write to; it takes the target's name once the block has succeeded.

    Args:
        target: the file to make, in a folder that is there.
        force: take the place of a file that is there.
        mode: who may read and write it, less the umask.

    Raises:
        FileInTheWayError: see `require_free`; the file may also have come into being meanwhile.
        OutputError: the folder is missing or does not allow it, or the disk is full.
    """
    require_free(target, force=force)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        os.close(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode))
        try:
            yield temporary
            _put_in_place(temporary, target, force=force)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror or error}") from error


def _put_in_place(temporary: Path, target: Path, *, force: bool) -> None:
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
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
