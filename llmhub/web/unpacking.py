"""Decompress an answer up to a limit: a few compressed bytes can expand to gigabytes.

Only gzip and deflate: no Python decoder for br or zstd stops at a limit, so llmhub does not accept these.
"""

from __future__ import annotations

import zlib

from llmhub.errors import SourceError, printable

ACCEPTED = "gzip, deflate"
"""The value of the Accept-Encoding header."""

_MAX_SHOWN = 200
_GZIP_WINDOW = zlib.MAX_WBITS | 16
_GZIP, _DEFLATE, _PLAIN = frozenset({"gzip", "x-gzip"}), "deflate", frozenset({"", "identity"})
_ZLIB_HEAD = 2


class TooLargeError(SourceError):
    """The answer is larger than the limit."""


class PartialError(SourceError):
    """The compressed answer ends too early."""


class Unpacker:
    """Decompresses the body of one answer, piece by piece."""

    def __init__(self, encoding: str, most: int) -> None:
        """Start a body.

        Args:
            encoding: the answer's Content-Encoding.
            most: how many bytes it may have, both compressed and decompressed.

        Raises:
            SourceError: the encoding is not supported.
        """
        self._encoding = encoding.strip().lower()
        self._most = most
        self._came = self._size = 0
        if self._encoding not in {*_GZIP, *_PLAIN, _DEFLATE}:
            raise SourceError(f"answered in the encoding {printable(encoding, _MAX_SHOWN)}, expected gzip or none")
        self._head = b""
        self._unpacking = zlib.decompressobj(_GZIP_WINDOW) if self._encoding in _GZIP else None

    def feed(self, data: bytes) -> bytes:
        """Return a piece of the body, decompressed.

        Raises:
            TooLargeError: the body is larger than the limit.
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
        """Check that the body is complete.

        Raises:
            PartialError: its end is missing.
        """
        if self._came and self._encoding not in _PLAIN and not (self._unpacking and self._unpacking.eof):
            raise PartialError("answered with a part of a gzip file only")

    def _unpacked(self, data: bytes) -> bytes:
        if self._unpacking is None:
            data = self._head = self._head + data
            if len(data) < _ZLIB_HEAD:
                return b""
            # Deflate means a zlib frame, but many servers send the data without it.
            framed = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:_ZLIB_HEAD]) % 31 == 0
            self._unpacking = zlib.decompressobj(zlib.MAX_WBITS if framed else -zlib.MAX_WBITS)
        try:
            return self._unpacking.decompress(data, self._most + 1 - self._size)
        except zlib.error as error:
            raise SourceError(f"answered with damaged gzip ({error})") from None
