"""The small file beside the lock that says when and why the last refresh failed.

It is never part of arena.db: the store may be what failed.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from llmhub import settings
from llmhub.errors import CacheError
from llmhub.files import read_regular, remove_own, write_own

_log = logging.getLogger(__name__)

_FILE = "refresh-failure.json"
_MAX_BYTES = 65_536
# A file that begins otherwise belongs to another program, and is neither overwritten nor removed.
_BEGINS = re.compile(rb'\{"failed_at": "')


@dataclass(frozen=True, slots=True)
class Failure:
    """The last refresh that failed: its reason, its moment (UTC), and a token that differs from run to run."""

    reason: str
    failed_at: datetime
    token: str


def last_failure() -> Failure | None:
    """Return the last refresh's failure; None if it succeeded, or none has failed yet."""
    try:
        found = json.loads(read_regular(_path(), _MAX_BYTES))
        failed_at = datetime.fromisoformat(found["failed_at"]).astimezone(UTC)
        return Failure(str(found["reason"]), failed_at, str(found["token"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        _log.debug("%s is unreadable: %s", _path(), error)
        return None


def record_failure(reason: str) -> None:
    """Record a failure for the processes that wait on the lock, and for `status`; the caller holds the lock."""
    import secrets

    record = {"failed_at": datetime.now(UTC).isoformat(), "reason": reason, "token": secrets.token_hex(8)}
    try:
        write_own(_path(), json.dumps(record).encode(), begins=_BEGINS)
    except CacheError as error:
        # The caller raises the failure itself, which matters more.
        _log.debug("%s", error)


def forget_failure() -> None:
    """Remove the record of an earlier failure; the caller holds the lock."""
    try:
        remove_own(_path(), _BEGINS)
    except OSError as error:
        # The snapshot is stored all the same.
        _log.debug("%s could not be removed: %s", _path(), error)


def _path() -> Path:
    return settings.arena_dir() / _FILE
