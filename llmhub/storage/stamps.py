"""Stamps of a SQLite file: while its stamp stays the same, so does its content."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NamedTuple


class Stamp(NamedTuple):
    """Identifies the content of a database file: any change of the file changes its `ctime`."""

    device: int
    inode: int
    size: int
    mtime: int
    ctime: int


# File systems count time in ticks, some of two seconds: a second write within one tick leaves the time unchanged.
_SETTLED_NS = 3_000_000_000


def stamp(path: Path, opened: tuple[int, int] | None) -> Stamp | None:
    """Return the stamp of a database that the caller reads, inside a read transaction.

    Args:
        path: the database.
        opened: the device and inode of the file that the caller has open.

    Returns:
        None as of `stamp_of`, or if another file took the place of the open one.
    """
    found = stamp_of(path)
    return found if found is not None and found[:2] == opened else None


def stamp_of(path: Path) -> Stamp | None:
    """Return the stamp of a database that the caller need not have open.

    What several transactions read belongs to one content if the stamp before the first and after the last is the same.

    Returns:
        None if there is no file, or the stamp could miss a change: it was written within the last three seconds, or
        part of its content may be in a journal or a WAL.
    """
    # Texts, since making Paths takes longer than the system calls.
    text = os.fspath(path)
    if os.path.islink(text):  # noqa: PTH114 -- as above
        # SQLite puts the other files beside the file that the link leads to.
        text = os.path.realpath(text)
    if os.path.lexists(f"{text}-journal") or os.path.lexists(f"{text}-wal"):
        return None
    try:
        status = os.stat(text)  # noqa: PTH116 -- as above
    except OSError:
        return None
    found = Stamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    settled = time.time_ns() - max(found.mtime, found.ctime) > _SETTLED_NS
    return found if settled else None
