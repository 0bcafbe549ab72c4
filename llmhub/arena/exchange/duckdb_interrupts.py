"""Makes DuckDB react to signals, and checks for memory first: DuckDB aborts the process when it finds none."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from llmhub import memory

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
    """Return what `work` returns, which uses the connection and nothing else does meanwhile.

    It runs in a thread: the waiting one hears the signal, ends the statement, and raises what its handler raised.
    """
    outcome: Future[Result] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001 -- raised again where it is waited for
            outcome.set_exception(error)

    thread = Thread(target=run, name="llmhub-duckdb", daemon=True)
    thread.start()
    try:
        return outcome.result()
    finally:
        while thread.is_alive():
            if not outcome.done():
                # Again and again: before a statement has begun, it is for nothing.
                connection.interrupt()
            thread.join(_SECONDS_BETWEEN_TRIES)
