"""Hushed threads are not heard; everybody else is, at the same time."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable

import pytest

from llmhub.catalog.providers import quiet


def in_thread(work: Callable[[], None], *, hushed: bool) -> threading.Thread:
    name = f"{quiet.PREFIX}made-up" if hushed else "made-up"
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread


def talk() -> None:
    print("words")
    print("words", file=sys.stderr)
    sys.stderr.writelines(["words\n"])


def test_only_hushed_threads_are_not_heard(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet.hushed():
        in_thread(talk, hushed=True).join()
        assert capfd.readouterr() == ("", "")
        in_thread(talk, hushed=False).join()
        talk()
        assert capfd.readouterr() == ("words\n" * 2, "words\n" * 4)


def test_afterwards_the_streams_are_what_they_were() -> None:
    before = (sys.stdout, sys.stderr)
    with quiet.hushed():
        assert sys.stdout is not before[0]
        assert sys.stdout.encoding == before[0].encoding
    assert (sys.stdout, sys.stderr) == before


def test_who_replaces_a_stream_meanwhile_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    with quiet.hushed():
        sys.stderr = sys.__stderr__
    assert sys.stderr is sys.__stderr__


def test_a_thread_that_goes_on_stays_hushed(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    go_on = threading.Event()

    def wait_and_talk() -> None:
        go_on.wait()
        talk()

    with quiet.hushed():
        late = in_thread(wait_and_talk, hushed=True)
    go_on.set()
    late.join()
    with quiet.hushed():
        talk()
    assert capfd.readouterr() == ("words\n", "words\n" * 2)


def test_a_process_without_streams_stays_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with quiet.hushed():
        assert sys.stderr is None


def test_what_hushed_threads_log_is_not_shown_for_want_of_a_handler() -> None:
    assert logging.lastResort is not None
    with quiet.hushed():
        here = logging.makeLogRecord({"threadName": threading.current_thread().name})
        there = logging.makeLogRecord({"threadName": f"{quiet.PREFIX}made-up"})
        assert logging.lastResort.filter(here)
        assert not logging.lastResort.filter(there)
