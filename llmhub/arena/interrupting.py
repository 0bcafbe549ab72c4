"""Letting Ctrl-C end what DuckDB does: it looks for no signal, or takes an interrupt for an error of the statement."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import duckdb

_SECONDS_BETWEEN_TRIES = 0.02

Result = TypeVar("Result")


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
