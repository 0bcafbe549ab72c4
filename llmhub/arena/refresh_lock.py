"""The lock that lets one process at a time refresh or repair the store."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from llmhub import settings
from llmhub.arena.database import SCHEMA
from llmhub.errors import LlmhubError, StoreReadOnlyError
from llmhub.storage import locks

NO_LOCKS = f", and nothing else keeps two processes from refreshing at once: {SCHEMA.remedies.local_disk}"
"""What follows where a file system has no locks."""

_FILE = "refresh.lock"
# Beyond the script's own time: to clear what a killed refresh left, and to write the snapshot.
_SECONDS_AROUND_SCRIPT = 30.0


def require_locks(folder: Path) -> None:
    """Check that the store's folder has file locks, without making or writing anything; see `locks.require_locks`.

    Raises:
        StoreReadOnlyError: there are no locks.
    """
    locks.require_locks(folder / _FILE, advice=NO_LOCKS)


def refreshing(folder: Path, *, busy: type[LlmhubError], seconds: float | None = None) -> AbstractContextManager[None]:
    """Return the lock that lets one process at a time refresh or repair.

    Args:
        folder: where the store is.
        busy: is raised if another process still holds it then; StoreReadOnlyError, if it cannot be written.
        seconds: how long to wait; by default as long as a run may take.
    """
    path = folder / _FILE
    longest = settings.arena_timeout() + _SECONDS_AROUND_SCRIPT
    waited = longest if seconds is None else min(seconds, longest)
    error = busy(f"another process has been refreshing for over {waited:g} s and holds {path}")
    return locks.held(path, seconds=waited, busy=error, unwritable=StoreReadOnlyError, advice=NO_LOCKS)
