"""Inject faults into a process from inside, without changing the code that runs in it.

An audit hook sees each file that is opened for writing, renamed or removed, each child process and each SQLite
connection. Each connection reports its statements and, while a statement takes long, its steps. Each of these events is
a **stage**; a fault can kill the process before the N-th. It can also give connections a cache of a few pages, so that
pages reach the file before the commit: a process that is killed then leaves a hot journal.
"""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

_CHANGING = frozenset(
    {
        "os.chmod",
        "os.link",
        "os.mkdir",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.truncate",
        "shutil.rmtree",
        "sqlite3.connect",
        "subprocess.Popen",
    }
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CACHED_PAGES = 5
_STEPS = 2_000
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Fault:
    """The faults to inject into a process; none by default.

    Attributes:
        count: record each stage.
        kill_at: kill the process before this stage; the first is 1, and 0 means never.
        spill: let pages reach the file before they are committed.
        most_bytes: the largest size of a file that the process may write; None for no limit.
        kill_beyond: whether a write beyond that size kills the process, as `kill -XFSZ`, instead of failing.
    """

    count: bool = False
    kill_at: int = 0
    spill: bool = False
    most_bytes: int | None = None
    kill_beyond: bool = False


def install(fault: Fault, stages: int) -> None:
    """Inject a fault into this process from now on; stages are written to the descriptor `stages`."""
    if fault.most_bytes is not None:
        # Python ignores the signal by default, so that the write fails with an error.
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL if fault.kill_beyond else signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault.most_bytes, fault.most_bytes))
    if fault.count or fault.kill_at or fault.spill:
        watch = _Watch(fault, stages)
        sys.addaudithook(watch.hear)
        # Replace the function: Python 3.11 raises its audit event before the connection can be used.
        vars(sqlite3)["connect"] = partial(watch.connected, sqlite3.connect)


class _Watch:
    def __init__(self, fault: Fault, stages: int) -> None:
        self._fault = fault
        self._stages = stages
        self._passed = 0

    def hear(self, event: str, given: Sequence[object]) -> None:
        if event in _CHANGING:
            self._reach(f"{event} {_named(given[0])}")
        elif event == "open" and isinstance(given[2], int) and given[2] & _WRITING:
            self._reach(f"open {_named(given[0])}")

    def connected(self, connect: Callable[..., sqlite3.Connection], *given: Any, **named: Any) -> sqlite3.Connection:
        """Connect, and count what the connection does as stages."""
        connection = connect(*given, **named)
        if self._fault.spill:
            connection.execute(f"PRAGMA cache_size = {_CACHED_PAGES}")
            connection.set_authorizer(_keep_cache)
        connection.set_trace_callback(lambda statement: self._reach(" ".join(statement.split())))
        connection.set_progress_handler(lambda: self._reach("steps"), _STEPS)
        return connection

    def _reach(self, stage: str) -> None:
        self._passed += 1
        if self._fault.count:
            os.write(self._stages, f"{stage[:_SHOWN]}\n".encode())
        if self._passed == self._fault.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


def _keep_cache(action: int, name: str | None, value: str | None, *_: object) -> int:
    """Ignore statements that would change the size of the connection's cache."""
    changes_cache = action == sqlite3.SQLITE_PRAGMA and name == "cache_size" and value is not None
    return sqlite3.SQLITE_IGNORE if changes_cache else sqlite3.SQLITE_OK


def _named(given: object) -> str:
    return Path(os.fsdecode(given)).name if isinstance(given, (str, bytes, os.PathLike)) else str(given)
