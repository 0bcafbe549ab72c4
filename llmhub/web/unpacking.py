"""Unpacking what a server packed, never to more than so many bytes: a few packed ones can hold gigabytes.

gzip and deflate alone: of br and zstd no decoder in Python stops at a limit, so nobody here asks for them.
"""

from __future__ import annotations

import zlib

from llmhub.errors import SourceError, printable

ACCEPTED = "gzip, deflate"
"""What to send as Accept-Encoding."""

_MAX_SHOWN = 200
_GZIP_WINDOW = zlib.MAX_WBITS | 16
_GZIP, _DEFLATE, _PLAIN = frozenset({"gzip", "x-gzip"}), "deflate", frozenset({"", "identity"})
_ZLIB_HEAD = 2


class TooLargeError(SourceError):
    """There is more than is taken."""


class PartialError(SourceError):
    """What came is the beginning of something packed."""


class Unpacker:
    """The body of one answer, piece by piece."""

    def __init__(self, encoding: str, most: int) -> None:
        """Begin a body.

        Args:
            encoding: the answer's Content-Encoding.
            most: how many bytes it may have, as it came and unpacked.

        Raises:
            SourceError: it is packed in a way that is not unpacked here.
        """
        self._encoding = encoding.strip().lower()
        self._most = most
        self._came = self._size = 0
        if self._encoding not in {*_GZIP, *_PLAIN, _DEFLATE}:
            raise SourceError(f"answered in the encoding {printable(encoding, _MAX_SHOWN)}, expected gzip or none")
        self._head = b""
        self._unpacking = zlib.decompressobj(_GZIP_WINDOW) if self._encoding in _GZIP else None

    def feed(self, data: bytes) -> bytes:
        """Return what a piece of the body holds.

        Raises:
            TooLargeError: the body has more bytes than it may.
            SourceError: it is damaged.
        """
        self._came += len(data)
        if self._encoding not in _PLAIN:
            data = self._unpacked(data)
        self._size += len(data)
        if max(self._came, self._size) > self._most:
            raise TooLargeError(f"larger than the {self._most >> 20} MiB allowed")
        return data

    def finish(self) -> None:
        """Make sure that the body is whole.

        Raises:
            PartialError: it is not.
        """
        if self._came and self._encoding not in _PLAIN and not (self._unpacking and self._unpacking.eof):
            raise PartialError("answered with a part of a gzip file only")

    def _unpacked(self, data: bytes) -> bytes:
        if self._unpacking is None:
            data = self._head = self._head + data
            if len(data) < _ZLIB_HEAD:
                return b""
            # Many servers leave out the frame of zlib that the name deflate stands for.
            framed = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:_ZLIB_HEAD]) % 31 == 0
            self._unpacking = zlib.decompressobj(zlib.MAX_WBITS if framed else -zlib.MAX_WBITS)
        try:
            return self._unpacking.decompress(data, self._most + 1 - self._size)
        except zlib.error as error:
            raise SourceError(f"answered with damaged gzip ({error})") from None
