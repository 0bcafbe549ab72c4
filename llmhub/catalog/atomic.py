"""Files that are there whole or not at all, whoever is killed while writing them."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from llmhub.errors import CacheError

_LONGEST_WAIT_SECONDS = 3.0
_LOOK_AGAIN_SECONDS = 0.01


def write_atomically(path: Path, data: bytes) -> None:
    """Make `data` the content of `path`, readable by its owner only; a missing folder is made, private too.

    Readers see the old content or the new. Writers go one after the other, under a lock beside the file that the
    system takes from a killed one: whoever holds it knows that any temporary file lying there belongs to nobody.

    Raises:
        CacheError: it could not be written; the old content stands.
    """
    # Those who only read do not pay for it.
    from filelock import FileLock, Timeout  # noqa: PLC0415

    try:
        _make_folder(path.parent)
        lock = FileLock(
            path.with_name(f".{path.name}.lock"),
            timeout=_LONGEST_WAIT_SECONDS,
            poll_interval=_LOOK_AGAIN_SECONDS,
            mode=0o600,
        )
        with lock:
            for left_behind in path.parent.glob(f".{path.name}.*.tmp"):
                left_behind.unlink(missing_ok=True)
            _write(path, data)
    except Timeout:
        held = f"another process has been writing it for over {_LONGEST_WAIT_SECONDS:g} s"
        raise CacheError(f"{path} was not written: {held}; end that process, or try again") from None
    except (OSError, NotImplementedError) as error:
        # NotImplementedError: a file system without locks.
        why = getattr(error, "strerror", None) or str(error)
        raise CacheError(f"{path} cannot be written ({why}): make its folder writable, with space left") from error


def _make_folder(folder: Path) -> None:
    for missing in reversed([folder, *folder.parents]):
        if not missing.exists():
            missing.mkdir(mode=0o700, exist_ok=True)


def _write(path: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a replacement outlast a power cut, where the system lets a folder be opened."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
