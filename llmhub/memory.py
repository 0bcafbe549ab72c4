"""Too little memory: the many errors that it comes as, told as one, and looked for before a library aborts of it."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from llmhub.errors import LittleMemoryError

WHAT = "there is too little memory"
REMEDY = "end other programs, or raise the limit (`ulimit -v`, the container's), and try again; what is stored is safe"

_MIB = 1 << 20
_SQLITE_NOMEM = 7
# What the loader says of a library that it finds no room for.
_OF_THE_LOADER = ("failed to map segment", "cannot allocate memory", "cannot create shared object descriptor")


def is_little_memory(error: BaseException | None) -> bool:
    """Say whether an error, or one that it was raised from, comes of too little memory."""
    while error is not None:
        if _says_so(error):
            return True
        error = error.__cause__
    return False


def _says_so(error: BaseException) -> bool:
    text = str(error).lower()
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException":
        # The second one is DuckDB's, which is not imported for this.
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if (code := getattr(error, "sqlite_errorcode", None)) is not None:
        # An error of sqlite3's, which is not imported for this.
        return code & 0xFF == _SQLITE_NOMEM
    if isinstance(error, ImportError):
        return any(words in text for words in _OF_THE_LOADER)
    if isinstance(error, SystemError):
        # An extension found no memory, and none for the error that would say so either.
        return "exception set" in text or "setting an exception" in text
    return isinstance(error, RuntimeError) and "can't start new thread" in text


@contextmanager
def told() -> Iterator[None]:
    """Turn what comes of too little memory into one error that says so and what to do.

    Raises:
        LittleMemoryError: there was too little.
    """
    try:
        yield
    except LittleMemoryError:
        raise
    except Exception as error:
        if is_little_memory(error):
            raise LittleMemoryError(f"{WHAT}: {REMEDY}") from error
        raise


def require_room(mebibytes: int, what: str) -> None:
    """Make sure that the process may take so much more address space, where a limit is set on it.

    Libraries in C abort the process when they find no room, and no error of Python's tells of it.

    Raises:
        LittleMemoryError: the limit leaves less.
    """
    if (left := _room_left()) is not None and left < mebibytes:
        raise LittleMemoryError(
            f"{WHAT} for {what}: the limit leaves {left} MiB of address space, and it needs {mebibytes}: {REMEDY}"
        )


def _room_left() -> int | None:
    """Return how many MiB of address space the limit leaves; None where there is no limit, or it cannot be known."""
    if sys.platform == "win32":
        return None
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return None
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 -- pathlib is not imported for this
            pages = int(file.read().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return max(limit - pages * resource.getpagesize(), 0) // _MIB
