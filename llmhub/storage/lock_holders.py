"""Find the process of this machine that holds a lock on a file, if the system tells it."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from llmhub.errors import printable

_LOCKS = Path("/proc/locks")


def holder(path: Path) -> str:
    """Return ` (process 4711, sqlite3, stopped)` for a file locked by another process; an empty text if none is found.

    It does not open the file: closing it again would drop this process's own locks. Only Linux tells the process.
    """
    try:
        status = path.stat()
        table = _LOCKS.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    place = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    # "1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF"; a process that waits for a lock has an arrow after the number.
    found = re.finditer(rf"^\d+: (?!->)\w+ +\w+ +\w+ +(\d+) {place} ", table, re.ASCII | re.MULTILINE)
    pids = {int(each[1]) for each in found} - {0, os.getpid()}
    if not pids:
        return ""
    import psutil

    for pid in sorted(pids):
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            stopped = process.status() in {psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP}
            return f" (process {pid}, {printable(process.name(), 40)}{', stopped' if stopped else ''})"
    return ""
