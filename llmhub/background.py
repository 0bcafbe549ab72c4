"""Run one call in a thread of its own, wait for it as long as it pays to, and leave it behind if it does not end.

Looking up a host name, waiting for headers that drip in and running a statement of DuckDB obey no time-out. So such a
call runs in a daemon thread, which the process does not wait for when it ends. The main thread stays free to hear
signals.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from contextvars import copy_context
from threading import TIMEOUT_MAX, Thread
from typing import Any, TypeVar

Result = TypeVar("Result")


def start(work: Callable[[], Result], *, name: str) -> Future[Result]:
    """Call `work` in a new daemon thread, in a copy of this context, so that its progress is shown with this thread's.

    Args:
        work: what to call.
        name: the thread's name.

    Returns:
        What holds the call's result, or what it raised: a SystemExit or KeyboardInterrupt too.
    """
    outcome: Future[Result] = Future()
    # Such a future cannot be cancelled: a thread cannot be stopped either.
    outcome.set_running_or_notify_cancel()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 -- whoever asks for the result gets it
            outcome.set_exception(error)
        else:
            outcome.set_result(result)

    Thread(target=copy_context().run, args=(run,), name=name, daemon=True).start()
    return outcome


def has_ended(*outcomes: Future[Any], seconds: float) -> bool:
    """Wait until calls have ended, but no longer than this; say whether all of them have.

    It reads no clock in Python, so it also ends where a test has frozen time. Unlike `Future.result(timeout)` it does
    not mistake a TimeoutError that the call itself raised for its own.
    """
    return not wait(outcomes, timeout=min(max(0.0, seconds), TIMEOUT_MAX)).not_done
