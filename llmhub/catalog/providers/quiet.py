"""Hide what the providers' SDKs print and log, and nothing else.

SDKs warn, print and log; their text can contain addresses and what a provider echoed. They run in their own threads,
and the threads' names tell their output from the caller's.

A child process would need neither this nor `bounds`. A fresh one was measured: importing any-llm and the SDKs again
costs 1.8 s of CPU a refresh. A forked one is not safe: by then the process has other threads (the download of
models.dev, and whatever the calling program runs), Python warns of deadlocks in the child, and macOS can end a child
that looks up proxies.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

PREFIX = "llmhub-provider-"
"""The threads whose output is dropped have names that begin like this."""


def is_hushed() -> bool:
    """Say whether the current thread's output is dropped."""
    return threading.current_thread().name.startswith(PREFIX)


def any_hushed() -> bool:
    """Say whether any thread is running whose output is dropped."""
    return any(thread.name.startswith(PREFIX) for thread in threading.enumerate())


class _Hushed:
    """A stream that drops the output of hushed threads and passes everything else on."""

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
    """Drop what hushed threads print, or log without any handler, until the last of them has ended.

    A thread that still runs after the block stays hushed as long as the process lives.
    """
    if logging.lastResort is not None:
        # Adding the same filter twice has no effect.
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
                # If somebody else has replaced the stream meanwhile, theirs stays.
                if getattr(sys, name) is stream:
                    setattr(sys, name, before[name])
