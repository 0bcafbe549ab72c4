"""Read one file as a text in UTF-8, or say why it is left out."""

from __future__ import annotations

import codecs
import errno
from pathlib import Path
from typing import Literal, NamedTuple

from llmhub.files import read_beginning

MOST_BYTES = 8 << 20
"""The size of the largest file that is read; longer ones hold data, or were made by a program."""

Reason = Literal["binary", "too large", "unreadable", "not a regular file", "documentation"]
"""Why a file was left out."""

_FIRST = 8_000
_NUL = b"\0"
_HALF = 0.4
_BY_MARK = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_MARKS = tuple(_BY_MARK)


class Left(NamedTuple):
    """A file that is left out, and why."""

    reason: Reason


def read_text(path: str | Path) -> bytes | Left:
    """Return a file's text in UTF-8, or why it is left out; never raises for what a file is or holds."""
    try:
        data = read_beginning(path, MOST_BYTES + 1)
    except OSError as error:
        # A FIFO, a device, a folder, and a link in a circle.
        odd = {errno.EINVAL, errno.EISDIR, errno.ENXIO, errno.ELOOP}
        return Left("not a regular file" if error.errno in odd else "unreadable")
    return Left("too large") if len(data) > MOST_BYTES else as_utf8(data)


def as_utf8(data: bytes) -> bytes | Left:
    """Return a text in UTF-8, whatever its encoding, or why it is left out."""
    if data.startswith(_MARKS):
        encoding = next(encoding for mark, encoding in _BY_MARK.items() if data.startswith(mark))
        return data.decode(encoding, errors="replace").encode()
    if _NUL not in data:
        return data
    # UTF-16 without a byte order mark: every other byte of Latin letters is 0.
    for encoding, zeros in (("utf-16-le", data[1:_FIRST:2]), ("utf-16-be", data[0:_FIRST:2])):
        others = data[0:_FIRST:2] if encoding == "utf-16-le" else data[1:_FIRST:2]
        if zeros.count(0) > _HALF * len(zeros) and _NUL not in others:
            return data.decode(encoding, errors="replace").encode()
    return Left("binary")
