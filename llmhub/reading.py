"""Opening files that others may have put there: no reader is kept waiting, and none reads without end."""

from __future__ import annotations

import codecs
import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_regular(path: Path) -> BinaryIO:
    """Open a file for reading, without waiting for anybody: a pipe may never be written to, and a device never end.

    Raises:
        OSError: it cannot be opened, or is no regular file.
    """
    file = open(path, "rb", opener=_open_without_waiting)  # noqa: SIM115 -- Path.open takes none; who asks closes
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return file


def _open_without_waiting(path: str, flags: int) -> int:
    # Windows has neither such pipes nor the flag.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def without_mark(data: bytes) -> bytes:
    """Return the bytes of a text without the mark (BOM) that some editors and shells put before UTF-8."""
    return data.removeprefix(codecs.BOM_UTF8)
