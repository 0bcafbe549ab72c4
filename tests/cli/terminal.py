"""The real command on a real terminal, of a width that the test chooses."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Shown:
    """A run's exit code, and what the terminal was sent: stdout and stderr as they came."""

    returncode: int
    screen: str


def on_terminal(*arguments: str, columns: int, folder: Path, **variables: str) -> Shown:
    """Run `llmhub` in a folder with a terminal as its stdin, stdout and stderr."""
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
        process = subprocess.Popen(
            [sys.executable, "-m", "llmhub", *arguments],
            cwd=folder,
            env=kept | {"TERM": "xterm-256color"} | variables,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            close_fds=True,
        )
    finally:
        os.close(theirs)
    received = bytearray()
    # Linux reports an error where the other side of a terminal is closed, macOS the end of a file.
    with process, os.fdopen(ours, "rb", buffering=0) as stream, suppress(OSError):
        while chunk := stream.read(65_536):
            received += chunk
    return Shown(process.returncode, received.decode().replace("\r\n", "\n"))
