"""Computes a board's digest: two boards are equal exactly if their digests are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import chain, repeat
from operator import add
from struct import Struct
from typing import Any

from llmhub.arena.boards import Board

# One line of fixed width per score: which of lower, upper and votes are known, the four numbers, the name's length.
_LINE = Struct(">B3dQI")
_ALL_KNOWN = 0b111


def board_digest(leaderboard: str, category: str, board: Board) -> bytes:
    """Return the SHA-256 of a board, 32 bytes.

    It covers the leaderboard, the category and, sorted by model name, each score's name, rating, lower, upper
    and votes. An unknown bound or vote count is marked as such, so that it differs from any number. Each name is
    UTF-8 after its length, so that two different boards never give the same bytes.
    """
    names = sorted(board)
    columns = zip(*map(board.__getitem__, names), strict=True) if names else ((), (), (), ())
    return columns_digest(leaderboard, category, names, *columns)


def columns_digest(leaderboard: str, category: str, names: Sequence[str], *columns: Sequence[Any]) -> bytes:
    """Return the digest of a board whose lines are sorted by name.

    Args:
        leaderboard: the board's leaderboard.
        category: the board's category.
        names: the models' names.
        columns: their ratings, lowers, uppers and votes.
    """
    ratings, lowers, uppers, votes = columns
    # By column, so that the loops over the lines run in C: a full import hashes a million lines.
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
    # Adding zero turns -0.0 into 0.0: SQLite stores both as one, so the digest must not tell them apart.
    numbers = (map(add, column, repeat(0.0)) for column in (ratings, lowers, uppers))
    encoded_names = [name.encode() for name in names]
    lines = map(_LINE.pack, known, *numbers, votes, map(len, encoded_names))
    parts += chain.from_iterable(zip(lines, encoded_names, strict=True))
    return sha256(b"".join(parts)).digest()
