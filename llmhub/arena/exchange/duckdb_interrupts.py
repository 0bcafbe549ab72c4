"""Makes DuckDB react to signals, and checks for memory first: DuckDB aborts the process when it finds none."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from llmhub import background, memory

if TYPE_CHECKING:
    import duckdb

_SECONDS_BETWEEN_TRIES = 0.02

# The address space that DuckDB takes, measured: in all, and for each of its threads.
_ROOM_MIB = 600
_ROOM_A_THREAD_MIB = 160

Result = TypeVar("Result")


def require_room() -> None:
    """Check that DuckDB will find enough memory; it aborts the process when it does not.

    Raises:
        LittleMemoryError: a limit leaves too little.
    """
    memory.require_room(_ROOM_MIB + _ROOM_A_THREAD_MIB * (os.cpu_count() or 1), "reading or writing Parquet")


def interruptible(connection: duckdb.DuckDBPyConnection, work: Callable[[], Result]) -> Result:
    """Return what `work` returns; only `work` may use the connection meanwhile.

    `work` runs in another thread, while this one handles signals: it then interrupts the statement and raises the
    handler's exception.
    """
    outcome = background.start(work, name="llmhub-duckdb")
    try:
        return outcome.result()
    finally:
        # An interrupt before the statement has begun has no effect, so it is repeated.
        while not outcome.done():
            connection.interrupt()
            background.has_ended(outcome, seconds=_SECONDS_BETWEEN_TRIES)
