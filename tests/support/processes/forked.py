"""The test's handle on a process that was forked for it: to write to it, to wait for it, to kill it."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread, Timer
from types import TracebackType
from typing import Self, TextIO


@dataclass(slots=True)
class Forked:
    """A process; its members mean what those of `subprocess.Popen` mean. Leaving the ``with`` block kills it.

    Attributes:
        told: a pipe that brings two lines: the process's number, and, when it has ended, its exit code.
    """

    told: TextIO
    pid: int = field(init=False)
    returncode: int | None = field(init=False)

    def __post_init__(self) -> None:
        """Wait until the process has started."""
        self.pid = int(self.told.readline())
        self.returncode = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self.wait()
        self.told.close()

    def kill(self) -> None:
        """Kill it, if it still runs."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Wait for its end and return its exit code, which is negative where a signal ended it."""
        if self.returncode is None:
            self.returncode = int(self.told.readline())
        return self.returncode


@dataclass(slots=True)
class Piped(Forked):
    """A process whose stdin, stdout and stderr are pipes to the test."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        Forked.__exit__(self, kind, error, trace)
        with suppress(BrokenPipeError):
            self.stdin.close()
        self.stdout.close()
        self.stderr.close()

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Close its stdin, and return what it writes to stdout and stderr; kill it after `timeout` seconds."""
        with suppress(BrokenPipeError):
            self.stdin.close()
        errors: list[str] = []
        reader = Thread(target=lambda: errors.append(self.stderr.read()))
        limit = Timer(timeout, self.kill)
        reader.start()
        limit.start()
        try:
            output = self.stdout.read()
            reader.join()
            self.wait()
        finally:
            limit.cancel()
            limit.join()
        return output, errors[0]
