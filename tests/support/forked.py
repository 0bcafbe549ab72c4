"""A process that was forked for a test, from the side of the test: to talk with it, to wait for it, to kill it."""

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
    """A process; it has what `subprocess.Popen` has of the same names. Leaving the ``with`` block kills it.

    ``told`` is where it is said what its number is, and how it ended.
    """

    told: TextIO
    pid: int = field(init=False)
    returncode: int | None = field(init=False)

    def __post_init__(self) -> None:
        """Wait until it has been started."""
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
    """A process whose stdin, stdout and stderr are pipes to here."""

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
        """Close its stdin, read what it writes to its end, and return that; kill it after so many seconds."""
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
