"""A board's identity: equal boards have equal digests, and only they do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import chain, repeat
from operator import add
from struct import Struct
from typing import Any

from llmhub.arena.boards import Board

# One fixed-width line a score: which of lower, upper and votes are known, the four numbers, the name's length.
_LINE = Struct(">B3dQI")
_ALL_KNOWN = 0b111


def board_digest(leaderboard: str, category: str, board: Board) -> bytes:
    """Return the SHA-256 of a board, 32 bytes.

    It covers the leaderboard, the category and, sorted by model name, each score's name, rating, lower, upper
    and votes. An unknown bound or vote count is marked as such, so that it differs from any number. Names go in
    as UTF-8 behind their length, so that no two boards run together.
    """
    names = sorted(board)
    columns = zip(*map(board.__getitem__, names), strict=True) if names else ((), (), (), ())
    return columns_digest(leaderboard, category, names, *columns)


def columns_digest(leaderboard: str, category: str, names: Sequence[str], *columns: Sequence[Any]) -> bytes:
    """Return the same of a board whose lines are sorted by name.

    Args:
        leaderboard: which.
        category: which.
        names: the models'.
        columns: their ratings, lowers, uppers and votes.
    """
    ratings, lowers, uppers, votes = columns
    # By column, so that the loops over the lines are not Python's: a full import hashes a million of them.
    parts: list[bytes] = []
    for text in (leaderboard, category):
        encoded = text.encode()
        parts += (len(encoded).to_bytes(4, "big"), encoded)
    known: Iterable[int] = repeat(_ALL_KNOWN)
    if None in lowers or None in uppers or None in votes:
        known = [
            (lower is not None) | (upper is not None) << 1 | (count is not None) << 2
            for lower, upper, count in zip(lowers, uppers, votes, strict=True)
        ]
        lowers, uppers, votes = (tuple(number or 0 for number in column) for column in (lowers, uppers, votes))
    # Adding zero turns -0.0 into 0.0: SQLite does not keep them apart, so neither may the digest.
    numbers = (map(add, column, repeat(0.0)) for column in (ratings, lowers, uppers))
    encoded_names = [name.encode() for name in names]
    lines = map(_LINE.pack, known, *numbers, votes, map(len, encoded_names))
    parts += chain.from_iterable(zip(lines, encoded_names, strict=True))
    return sha256(b"".join(parts)).digest()
