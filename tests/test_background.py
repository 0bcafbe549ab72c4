"""Calls in a thread of their own: what they return and raise, how long they are waited for, and who is heard then."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from time import sleep
from typing import Any

import pytest
from freezegun import freeze_time

from llmhub import background

PATIENCE = 60.0

_word: ContextVar[str] = ContextVar("word", default="none")


@contextmanager
def blocked() -> Iterator[Future[Any]]:
    """Give a call that does not end before the block does."""
    released = threading.Event()
    outcome = background.start(released.wait, name="blocked")
    try:
        yield outcome
    finally:
        released.set()
        assert background.has_ended(outcome, seconds=PATIENCE)


def test_a_call_runs_in_a_named_thread_that_keeps_no_process_from_ending() -> None:
    thread = background.start(threading.current_thread, name="llmhub-x").result()
    assert (thread.name, thread.daemon, thread is threading.current_thread()) == ("llmhub-x", True, False)


def test_a_call_sees_the_context_of_who_started_it_and_cannot_change_it() -> None:
    _word.set("mine")

    def work() -> str:
        seen = _word.get()
        _word.set("theirs")
        return seen

    assert (background.start(work, name="x").result(), _word.get()) == ("mine", "mine")


@pytest.mark.parametrize("error", [ValueError("no"), TimeoutError("its own"), SystemExit(3), KeyboardInterrupt()])
def test_what_a_call_raises_is_raised_where_its_result_is_asked_for(error: BaseException) -> None:
    def work() -> None:
        raise error

    outcome = background.start(work, name="x")
    assert background.has_ended(outcome, seconds=PATIENCE)
    assert outcome.exception() is error


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 0.01])
def test_a_call_that_does_not_end_is_not_waited_for_any_longer(seconds: float) -> None:
    with blocked() as outcome:
        assert not background.has_ended(outcome, seconds=seconds)


def test_all_of_several_calls_have_to_end() -> None:
    with blocked() as outcome:
        done = background.start(lambda: 1, name="x")
        assert background.has_ended(done, seconds=PATIENCE)
        assert not background.has_ended(done, outcome, seconds=0.01)


def test_a_wait_without_bounds_is_one_that_the_system_can_keep() -> None:
    assert background.has_ended(background.start(lambda: 1, name="x"), seconds=float("inf"))


def test_a_wait_ends_though_the_clock_is_frozen() -> None:
    with freeze_time(datetime(2026, 1, 1, tzinfo=UTC)), blocked() as outcome:
        assert not background.has_ended(outcome, seconds=0.01)


@pytest.mark.skipif(sys.platform == "win32", reason="the signal is POSIX's")
def test_an_interrupt_is_heard_while_a_call_is_waited_for() -> None:
    main = threading.main_thread().ident or 0
    # A shell that runs the tests in the background has SIGINT ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with blocked() as outcome:

            def interrupt() -> None:
                sleep(0.05)
                signal.pthread_kill(main, signal.SIGINT)

            background.start(interrupt, name="x")
            with pytest.raises(KeyboardInterrupt):
                background.has_ended(outcome, seconds=PATIENCE)
    finally:
        signal.signal(signal.SIGINT, before)
