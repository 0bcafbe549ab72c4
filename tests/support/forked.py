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
    """A process; it has what `subprocess.Popen` has of the same names.

    Leaving the ``with`` block kills it if it still runs.
    """

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    _told: TextIO
    pid: int = 0
    returncode: int | None = field(default=None)

    @classmethod
    def awaited(cls) -> tuple[Self, list[int]]:
        """Return a process that is yet to begin, and the descriptors for the other side.

        Where it tells its number and its end, its stdin, stdout and stderr.
        """
        (told, tell), (asked, ask), (said, say), (wrong, complain) = (os.pipe() for _ in range(4))
        ours = cls(os.fdopen(ask, "w"), os.fdopen(said), os.fdopen(wrong), os.fdopen(told))
        return ours, [tell, asked, say, complain]

    def begin(self) -> None:
        """Wait until it has been started."""
        self.pid = int(self._told.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self.wait()
        with suppress(BrokenPipeError):
            self.stdin.close()
        for stream in (self.stdout, self.stderr, self._told):
            stream.close()

    def kill(self) -> None:
        """Kill it, if it still runs."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Wait for its end and return its exit code, which is negative where a signal ended it."""
        if self.returncode is None:
            self.returncode = int(self._told.readline())
        return self.returncode

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
