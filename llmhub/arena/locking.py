"""Locks between processes, in files beside the store; the system takes them from whoever is killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from llmhub.errors import LlmhubError


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
