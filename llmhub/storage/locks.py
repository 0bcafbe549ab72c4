"""Locks between processes, in files beside the store; the system takes them from whoever is killed."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from llmhub import settings
from llmhub.errors import LlmhubError, StoreReadOnlyError
from llmhub.folders import try_lock
from llmhub.storage.lock_holders import holder

_log = logging.getLogger(__name__)

_REFRESH_LOCK = "refresh.lock"
# Beyond the script's own time: to clear what a killed refresh left, and to write the snapshot.
_SECONDS_AROUND_SCRIPT = 30.0
# How a file system says that it has no locks, or no modes.
_NOT_THERE = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP})


class _Lock(FileLock):
    """A lock that is given up even where the file system refuses to unlock."""

    def _release(self) -> None:
        descriptor = self._context.lock_file_fd
        try:
            super()._release()
        except OSError as error:
            _log.info("%s could not be unlocked (%s), and was closed", self.lock_file, error.strerror)
            self._context.lock_file_fd = None
            if descriptor is not None:
                # Who closes a file gives up its lock.
                with suppress(OSError):
                    os.close(descriptor)


def _lock(path: Path, seconds: float) -> FileLock:
    try:
        return _Lock(path, timeout=seconds, mode=0o600, fallback_to_soft=False)
    except TypeError:
        # Older versions never replace a missing lock by a file that a killed process leaves behind.
        return _Lock(path, timeout=seconds, mode=0o600)


def require_locks(folder: Path) -> None:
    """Check that a folder has file locks: try one for a moment, on the refresh lock's file or the folder itself.

    Nothing is made or written. Where neither can be opened for a lock, nothing is found out.

    Raises:
        StoreReadOnlyError: there are no locks.
    """
    file = folder / _REFRESH_LOCK
    try:
        try_lock(file if os.path.lexists(file) else folder)
    except OSError as error:
        if error.errno in _NOT_THERE:
            raise StoreReadOnlyError(_no_locks(folder, error)) from error


def _no_locks(folder: Path, error: Exception) -> str:
    """Say that a file system has no locks, and what to do."""
    why = getattr(error, "strerror", None) or os.strerror(errno.ENOSYS)
    return (
        f"the file system of {folder} lacks locks or file modes ({why}), and nothing else keeps two processes from "
        "refreshing at once: set LLMHUB_ARENA_CACHE_DIR to a folder on a local disk"
    )


@contextmanager
def held(path: Path, *, seconds: float, busy: LlmhubError, unwritable: type[LlmhubError]) -> Iterator[None]:
    """Hold the lock in a file.

    Args:
        path: the file; it is made, readable by its owner only, in a folder that is there.
        seconds: how long to wait for another process that holds it.
        busy: is raised if it holds it still, with which process that is added where the system says so.
        unwritable: is raised, with the reason, if the file cannot be written, or its file system has no locks.
    """
    lock = _lock(path, seconds)
    try:
        lock.acquire()
    except Timeout:
        raise type(busy)(f"{busy}{holder(path)}") from None
    except (OSError, NotImplementedError) as error:
        # NotImplementedError: what some versions of filelock make of a file system without locks.
        if isinstance(error, NotImplementedError) or error.errno in _NOT_THERE:
            raise unwritable(_no_locks(path.parent, error)) from error
        raise unwritable(
            f"{path} cannot be written ({error.strerror}): move it away, or make its folder writable, with space left"
        ) from error
    try:
        yield
    finally:
        lock.release()


def refreshing(folder: Path, *, busy: type[LlmhubError], seconds: float | None = None) -> AbstractContextManager[None]:
    """Return the lock that lets one process at a time refresh or repair.

    Args:
        folder: where the store is.
        busy: is raised if another process still holds it then; StoreReadOnlyError, if it cannot be written.
        seconds: how long to wait; by default as long as a run may take.
    """
    path = folder / _REFRESH_LOCK
    longest = settings.arena_timeout() + _SECONDS_AROUND_SCRIPT
    waited = longest if seconds is None else min(seconds, longest)
    error = busy(f"another process has been refreshing for over {waited:g} s and holds {path}")
    return held(path, seconds=waited, busy=error, unwritable=StoreReadOnlyError)
