"""The standard streams, whatever the process was started with: output that is lost is told, in one line and once."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer

_STDIN, _STDOUT, _STDERR = 0, 1, 2


class _Recording(io.FileIO):
    """Standard output; remembers why something could not be written to it."""

    lost: OSError | None = None

    def write(self, data: Buffer, /) -> int | None:  # type: ignore[override]  # None is what FileIO itself may return
        try:
            return super().write(data)
        except OSError as error:
            self.lost = error
            raise


class _Forgiving(io.FileIO):
    """Standard error; a message that nobody can read is lost, and is no reason to fail."""

    def write(self, data: Buffer, /) -> int:
        try:
            written = super().write(data)
        except OSError:
            written = None
        return memoryview(data).nbytes if written is None else written


_output: _Recording | None = None


def prepare() -> None:
    """Open both streams in such a way that `lost` can tell; streams that somebody put in their place stay."""
    global _output  # noqa: PLW0603 -- there is one standard output
    _fill_the_places_of_closed_ones()
    if sys.stdout is None or sys.stdout is sys.__stdout__:
        _output = _Recording(_STDOUT, "w", closefd=False)
        sys.stdout = _text(_output, sys.stdout)
    if sys.stderr is None or sys.stderr is sys.__stderr__:
        sys.stderr = _text(_Forgiving(_STDERR, "w", closefd=False), sys.stderr, by_lines=True)


def _text(raw: io.FileIO, before: object, *, by_lines: bool = False) -> io.TextIOWrapper:
    """Return a text stream on a file, in the encoding of what was there before.

    Always with a buffer: without one (PYTHONUNBUFFERED) Python writes what there is room for, and drops the rest. A
    character that the encoding lacks is shown as an escape, and is no reason to fail.
    """
    encoding = getattr(before, "encoding", None) or "utf-8"
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=encoding,
        errors="backslashreplace",
        line_buffering=by_lines or raw.isatty(),
    )


def _fill_the_places_of_closed_ones() -> None:
    """Open something where a stream is closed: the next file would take its number, and get what is printed."""
    # Standard output for reading: to print is then an error, as it should be where the output was asked for.
    for stream, number, mode in (
        (sys.stdin, _STDIN, os.O_RDONLY),
        (sys.stdout, _STDOUT, os.O_RDONLY),
        (sys.stderr, _STDERR, os.O_WRONLY),
    ):
        if stream is None:
            _lead_nowhere(number, mode)


def _lead_nowhere(number: int, mode: int) -> None:
    opened = os.open(os.devnull, mode)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)


def lost() -> OSError | None:
    """Return why what was printed did not all reach standard output; None if it did."""
    with suppress(OSError):
        if sys.stdout is not None:
            sys.stdout.flush()
    if _output is None or _output.lost is None:
        return None
    # At its end Python would try once more, say three lines of its own, and exit with 120.
    _lead_nowhere(_STDOUT, os.O_WRONLY)
    return _output.lost


def why(error: OSError) -> str:
    """Say why standard output cannot be written, and what to do."""
    if error.errno == errno.EBADF:
        return "standard output is closed: give it a file, a pipe or /dev/null"
    return f"standard output cannot be written ({error.strerror or error}): send it to where there is room"
