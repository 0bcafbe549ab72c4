from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from llmhub.errors import SourceError
from llmhub.web.unpacking import PartialError, TooLargeError, Unpacker

TEXT = b'{"data": []}' * 50


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKED = {
    "": TEXT,
    "identity": TEXT,
    "gzip": gzip.compress(TEXT),
    " X-GZIP": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "Deflate": raw_deflate(TEXT),
}


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("encoding", PACKED)
def test_a_body_comes_out_whole_however_it_is_cut(encoding: str, size: int) -> None:
    packed, unpacker = PACKED[encoding], Unpacker(encoding, 1000)
    pieces = [unpacker.feed(packed[start : start + size]) for start in range(0, len(packed), size)]
    unpacker.finish()
    assert b"".join(pieces) == TEXT


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "x" * 999])
def test_what_cannot_be_unpacked_within_bounds_is_refused(encoding: str) -> None:
    with pytest.raises(SourceError, match=r"answered in the encoding .*, expected gzip or none"):
        Unpacker(encoding, 1000)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, raw_deflate])
def test_a_bomb_is_stopped_before_it_is_unpacked(pack: object) -> None:
    bomb = pack(bytes(64 << 20))  # type: ignore[operator]
    unpacker = Unpacker("gzip" if pack is gzip.compress else "deflate", 1 << 20)
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError, match="larger than the 1 MiB allowed"):
            unpacker.feed(bomb)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20


def test_bytes_are_counted_over_all_pieces_and_as_they_came() -> None:
    unpacker = Unpacker("", 10)
    unpacker.feed(b"12345")
    with pytest.raises(TooLargeError):
        unpacker.feed(b"678901")
    # Empty blocks of deflate unpack to nothing, without an end.
    endless = Unpacker("deflate", 10)
    with pytest.raises(TooLargeError):
        endless.feed(b"\x00\x00\x00\xff\xff" * 10)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_part_and_damage_are_told_apart(encoding: str) -> None:
    unpacker = Unpacker(encoding, 1000)
    unpacker.feed(PACKED[encoding][:-3])
    with pytest.raises(PartialError):
        unpacker.finish()
    with pytest.raises(SourceError, match="damaged"):
        Unpacker(encoding, 1000).feed(b"<html>no</html>")


def test_an_empty_body_is_whole() -> None:
    Unpacker("gzip", 1000).finish()
