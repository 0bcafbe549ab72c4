"""A board's identity: equal boards have equal digests, and only they do."""

from __future__ import annotations

from hashlib import sha256
from struct import Struct

from llmhub.arena.schema import Board

# One fixed-width line a score: which of lower, upper and votes are known, the four numbers, the name's length.
_LINE = Struct(">B3dQI")


def board_digest(leaderboard: str, category: str, board: Board) -> bytes:
    """Return the SHA-256 of a board, 32 bytes.

    It covers the leaderboard, the category and, sorted by model name, each score's name, rating, lower, upper
    and votes. An unknown bound or vote count is marked as such, so that it differs from any number. Names go in
    as UTF-8 behind their length, so that no two boards run together.
    """
    parts: list[bytes] = []
    for text in (leaderboard, category):
        encoded = text.encode()
        parts += (len(encoded).to_bytes(4, "big"), encoded)
    pack = _LINE.pack
    for name in sorted(board):
        rating, lower, upper, votes = board[name]
        known = (lower is not None) | (upper is not None) << 1 | (votes is not None) << 2
        encoded = name.encode()
        # Adding zero turns -0.0 into 0.0: SQLite does not keep them apart, so neither may the digest.
        line = pack(known, rating + 0.0, (lower or 0.0) + 0.0, (upper or 0.0) + 0.0, votes or 0, len(encoded))
        parts += (line, encoded)
    return sha256(b"".join(parts)).digest()
