"""Keeping what the providers' SDKs print and log off the terminal, and nobody else's words.

SDKs warn, print and log; what they say can hold addresses and what a provider echoed. They run in threads of their own,
whose names tell them from the caller's.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

PREFIX = "llmhub-provider-"
"""How the names of threads begin whose words are dropped."""


def is_hushed() -> bool:
    """Say whether the running thread's words are dropped."""
    return threading.current_thread().name.startswith(PREFIX)


def any_hushed() -> bool:
    """Say whether a thread is running whose words are dropped."""
    return any(thread.name.startswith(PREFIX) for thread in threading.enumerate())


class _Hushed:
    """A stream that takes nothing from hushed threads and passes everything else on to the one it stands for."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        return len(text) if is_hushed() else self._stream.write(text)

    def writelines(self, lines: list[str]) -> None:
        if not is_hushed():
            self._stream.writelines(lines)


def _unhushed(record: logging.LogRecord) -> bool:
    return not (record.threadName or "").startswith(PREFIX)


@contextmanager
def hushed() -> Iterator[None]:
    """Drop what hushed threads print, and log for want of any handler, until the last of them has ended.

    One that is still running afterwards stays hushed for as long as this process lives.
    """
    if logging.lastResort is not None:
        # The same function again is not added again.
        logging.lastResort.addFilter(_unhushed)
    before = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    after = {name: _Hushed(stream) for name, stream in before.items() if not isinstance(stream, _Hushed | None)}
    for name, stream in after.items():
        setattr(sys, name, stream)
    try:
        yield
    finally:
        if not any_hushed():
            for name, stream in after.items():
                # Whoever replaced it meanwhile has the last word.
                if getattr(sys, name) is stream:
                    setattr(sys, name, before[name])
