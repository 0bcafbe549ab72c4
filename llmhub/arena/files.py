"""Files that are there whole or not at all, and never take another one's place unasked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llmhub.errors import FileInTheWayError, OutputError


def require_free(target: Path, *, force: bool) -> None:
    """Check that a file may be written.

    Raises:
        FileInTheWayError: a folder is there, or a file and `force` was not given.
    """
    if target.is_dir():
        raise FileInTheWayError(f"{target} is a folder: name a file in it")
    if os.path.lexists(target) and not force:
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
        os.close(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode))
        try:
            yield temporary
            if durable:
                _sync(temporary)
            _put_in_place(temporary, target, force=force)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror or error}") from error


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
