"""Locks between processes, in files beside the store; the system releases those of a killed process."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from llmhub.errors import LlmhubError, StoreReadOnlyError
from llmhub.folders import require_lockable
from llmhub.storage.lock_holders import holder

_log = logging.getLogger(__name__)

# The errors of a file system without locks, or without modes.
_NOT_THERE = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP})


class _Lock(FileLock):
    """A lock that is released even if the file system refuses to unlock."""

    def _release(self) -> None:
        descriptor = self._context.lock_file_fd
        try:
            super()._release()
        except OSError as error:
            _log.info("%s could not be unlocked (%s), and was closed", self.lock_file, error.strerror)
            self._context.lock_file_fd = None
            if descriptor is not None:
                # Closing a file releases its lock.
                with suppress(OSError):
                    os.close(descriptor)


def _lock(path: Path, seconds: float) -> FileLock:
    try:
        return _Lock(path, timeout=seconds, mode=0o600, fallback_to_soft=False)
    except TypeError:
        # Older versions never replace a missing lock by a file that a killed process leaves behind.
        return _Lock(path, timeout=seconds, mode=0o600)


def require_locks(file: Path, *, advice: str = "") -> None:
    """Check that a file can be locked: lock it for a moment, or its folder if the file does not exist yet.

    Nothing is made or written. If neither can be opened, the check passes.

    Args:
        file: which file.
        advice: what to do if there are no locks; see `held`.

    Raises:
        StoreReadOnlyError: there are no locks.
    """
    try:
        require_lockable(file if os.path.lexists(file) else file.parent)
    except OSError as error:
        if error.errno in _NOT_THERE:
            raise StoreReadOnlyError(_no_locks(file.parent, error, advice)) from error


def _no_locks(folder: Path, error: Exception, advice: str) -> str:
    """Say that a file system has no locks, and what to do."""
    why = getattr(error, "strerror", None) or os.strerror(errno.ENOSYS)
    return f"the file system of {folder} lacks locks or file modes ({why}){advice}"


@contextmanager
def held(
    path: Path, *, seconds: float, busy: LlmhubError, unwritable: type[LlmhubError], advice: str = ""
) -> Iterator[None]:
    """Hold the lock in a file.

    Args:
        path: the file; it is made, readable by its owner only, in a folder that is there.
        seconds: how long to wait for another process that holds it.
        busy: the error if that process still holds it; its message names the process if the system tells it.
        unwritable: the error if the file cannot be written, or its file system has no locks.
        advice: what to do if there are no locks: the end of the sentence that says so.
    """
    lock = _lock(path, seconds)
    try:
        lock.acquire()
    except Timeout:
        raise type(busy)(f"{busy}{holder(path)}") from None
    except (OSError, NotImplementedError) as error:
        # NotImplementedError: some versions of filelock raise it on a file system without locks.
        if isinstance(error, NotImplementedError) or error.errno in _NOT_THERE:
            raise unwritable(_no_locks(path.parent, error, advice)) from error
        raise unwritable(
            f"{path} cannot be written ({error.strerror}): move it away, or make its folder writable, with space left"
        ) from error
    try:
        yield
    finally:
        lock.release()
