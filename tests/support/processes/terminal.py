"""Run the real command on a real terminal, as wide as the test wants."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes.forks import Job, shared_forks


@dataclass(frozen=True)
class Shown:
    """A run's exit code, and all that it wrote to the terminal, stdout and stderr mixed."""

    returncode: int
    screen: str


def on_terminal(
    *arguments: str, columns: int, folder: Path, interrupt_at: str | None = None, **variables: str
) -> Shown:
    """Run `llmhub` in a folder with a terminal as its stdin, stdout and stderr.

    With `interrupt_at`, press Ctrl-C once the terminal has shown that text.
    """
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
        # A pager would wait for a key.
        environment = kept | {"TERM": "xterm-256color", "LLMHUB_PAGER": ""} | variables
        process = shared_forks().start_on(theirs, Job.command(*arguments, variables=environment, folder=folder))
    finally:
        os.close(theirs)
    received = bytearray()
    # When the other side of a terminal is closed, Linux reports an error, and macOS the end of a file.
    with process:
        with os.fdopen(ours, "rb+", buffering=0) as stream, suppress(OSError):
            while chunk := stream.read(65_536):
                received += chunk
                if interrupt_at and interrupt_at.encode() in received:
                    stream.write(b"\x03")
                    interrupt_at = None
        returncode = process.wait()
    return Shown(returncode, received.decode().replace("\r\n", "\n"))
