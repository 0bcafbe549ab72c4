"""Locks between processes, in files beside the store; the system takes them from whoever is killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from llmhub import paths
from llmhub.errors import LlmhubError, StoreReadOnlyError

_REFRESH_LOCK = "refresh.lock"
# Beyond the script's own time: to clear what a killed refresh left, and to write the snapshot.
_SECONDS_AROUND_SCRIPT = 30.0


@contextmanager
def held(path: Path, *, seconds: float, busy: LlmhubError, unwritable: type[LlmhubError]) -> Iterator[None]:
    """Hold the lock in a file.

    Args:
        path: the file; it is made, readable by its owner only, in a folder that is there.
        seconds: how long to wait for another process that holds it.
        busy: is raised if it holds it still.
        unwritable: is raised, with the reason, if the file cannot be written.
    """
    lock = FileLock(path, timeout=seconds, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise busy from None
    except OSError as error:
        raise unwritable(
            f"{path} cannot be written ({error.strerror}): move it away, or make its folder writable, with space left"
        ) from error
    try:
        yield
    finally:
        lock.release()


def refreshing(folder: Path, *, busy: type[LlmhubError]) -> AbstractContextManager[None]:
    """Return the lock that lets one process at a time refresh or repair; it waits as long as a run may take.

    Args:
        folder: where the store is.
        busy: is raised if another process still holds it then; StoreReadOnlyError, if it cannot be written.
    """
    path = folder / _REFRESH_LOCK
    seconds = paths.arena_timeout() + _SECONDS_AROUND_SCRIPT
    error = busy(f"another process has been refreshing for over {seconds:g} s and holds {path}")
    return held(path, seconds=seconds, busy=error, unwritable=StoreReadOnlyError)
