"""The standard streams, however the process was started; lost output is reported once, in one line."""

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
    """Standard output; remembers why a write failed.

    Attributes:
        lost: why; None if all was written, or nobody reads the pipe any more.
        needs_reader: whether a closed pipe is an error. Otherwise the command goes on: what it writes elsewhere is
            whole, and its exit code is its own.
    """

    lost: OSError | None = None
    needs_reader = False

    def write(self, data: Buffer, /) -> int | None:  # type: ignore[override]  # None is what FileIO itself may return
        try:
            return super().write(data)
        except OSError as error:
            if isinstance(error, BrokenPipeError) and not self.needs_reader:
                return memoryview(data).nbytes
            self.lost = error
            raise


class _Forgiving(io.FileIO):
    """Standard error; a failed write is ignored."""

    def write(self, data: Buffer, /) -> int:
        try:
            written = super().write(data)
        except OSError:
            written = None
        return memoryview(data).nbytes if written is None else written


_output: _Recording | None = None


def prepare() -> None:
    """Replace both streams, so that `lost` works; streams that a caller put in their place stay."""
    global _output  # noqa: PLW0603 -- there is one standard output
    _replace_closed_streams()
    if sys.stdout is None or sys.stdout is sys.__stdout__:
        _output = _Recording(_STDOUT, "w", closefd=False)
        sys.stdout = _text(_output, sys.stdout)
    if sys.stderr is None or sys.stderr is sys.__stderr__:
        sys.stderr = _text(_Forgiving(_STDERR, "w", closefd=False), sys.stderr, by_lines=True)


def need_reader() -> None:
    """Let a closed pipe be an error from now on, for a command whose only work is to answer its reader."""
    if _output is not None:
        _output.needs_reader = True


def _text(raw: io.FileIO, before: object, *, by_lines: bool = False) -> io.TextIOWrapper:
    """Return a text stream on a file, in the encoding of the stream before.

    Always with a buffer: without one (PYTHONUNBUFFERED) Python drops the rest of a partial write. A character that the
    encoding lacks is escaped.
    """
    encoding = getattr(before, "encoding", None) or "utf-8"
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=encoding,
        errors="backslashreplace",
        line_buffering=by_lines or raw.isatty(),
    )


def _replace_closed_streams() -> None:
    """Open the null device in the place of each closed stream: otherwise the next opened file would get its output."""
    # Standard output is opened for reading, so that printing is an error.
    for stream, number, mode in (
        (sys.stdin, _STDIN, os.O_RDONLY),
        (sys.stdout, _STDOUT, os.O_RDONLY),
        (sys.stderr, _STDERR, os.O_WRONLY),
    ):
        if stream is None:
            _open_null_device(number, mode)


def _open_null_device(number: int, mode: int) -> None:
    opened = os.open(os.devnull, mode)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)


def lost() -> OSError | None:
    """Return why a part of the output did not reach standard output; None if all of it did."""
    with suppress(OSError):
        if sys.stdout is not None:
            sys.stdout.flush()
    if _output is None or _output.lost is None:
        return None
    # At exit Python would try again, print three lines, and exit with 120.
    _open_null_device(_STDOUT, os.O_WRONLY)
    return _output.lost


def why(error: OSError) -> str:
    """Say why standard output cannot be written, and what to do."""
    if error.errno == errno.EBADF:
        return "standard output is closed: give it a file, a pipe or /dev/null"
    return f"standard output cannot be written ({error.strerror or error}): send it to where there is room"
