"""Memory: errors of many kinds for too little of it, a check before a library aborts, rarer garbage collection."""

from __future__ import annotations

import errno
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from llmhub.errors import LittleMemoryError

TOO_LITTLE = "there is too little memory"
REMEDY = "end other programs, or raise the limit (`ulimit -v`, the container's), and try again; what is stored is safe"

_MIB = 1 << 20
_SQLITE_NOMEM = 7
# The dynamic loader's messages when it finds no room for a library.
_LOADER_MESSAGES = ("failed to map segment", "cannot allocate memory", "cannot create shared object descriptor")


def is_out_of_memory(error: BaseException | None) -> bool:
    """Say whether too little memory caused an error, or one that it was raised from."""
    while error is not None:
        if _is_cause(error):
            return True
        error = error.__cause__
    return False


def _is_cause(error: BaseException) -> bool:
    text = str(error).lower()
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException":
        # The second one is DuckDB's; importing DuckDB to name it would cost too much.
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if (code := getattr(error, "sqlite_errorcode", None)) is not None:
        # An error of sqlite3's, which is not imported for this.
        return bool(code & 0xFF == _SQLITE_NOMEM)
    if isinstance(error, ImportError):
        return any(words in text for words in _LOADER_MESSAGES)
    if isinstance(error, SystemError):
        # An extension found no memory, not even for the error that would say so.
        return "exception set" in text or "setting an exception" in text
    return isinstance(error, RuntimeError) and "can't start new thread" in text


def says_out_of_memory(line: str) -> bool:
    """Say whether the last line that a failed process wrote to stderr reports too little memory."""
    text = line.lower()
    return text.startswith("memoryerror") or any(words in text for words in _LOADER_MESSAGES)


@contextmanager
def translated() -> Iterator[None]:
    """Turn every error that too little memory causes into one that says so and what to do.

    Raises:
        LittleMemoryError: there was too little.
    """
    try:
        yield
    except LittleMemoryError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise LittleMemoryError(f"{TOO_LITTLE}: {REMEDY}") from error
        raise


def require_room(mebibytes: int, what: str) -> None:
    """Check that the limit on address space, if there is one, leaves this much.

    Some C libraries abort the process when they find no room, without an error in Python.

    Raises:
        LittleMemoryError: the limit leaves less.
    """
    if (left := _room_left()) is not None and left < mebibytes:
        raise LittleMemoryError(
            f"{TOO_LITTLE} for {what}: the limit leaves {left} MiB of address space, and it needs {mebibytes}: {REMEDY}"
        )


def _room_left() -> int | None:
    """Return how many MiB of address space the limit leaves; None if there is no limit, or it cannot be known."""
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


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """Run the garbage collector a hundred times less often: rows form no cycles, and it takes a fifth of an import.

    Measured with 1.17 million rows: 7.8 s of CPU instead of 10.2 s; building the catalog of every offer takes 2.5 s
    instead of 2.9 s. The setting belongs to the whole process, so only
    the command line, which owns its process, may change it.
    """
    before = gc.get_threshold()
    gc.set_threshold(before[0] * 100, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
