"""Computes a board's digest: two boards are equal exactly if their digests are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import chain, repeat
from operator import add, or_
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
        known = map(or_, _marks(lowers, 0b001), map(or_, _marks(uppers, 0b010), _marks(votes, 0b100)))
        lowers, uppers, votes = map(_with_zeros, (lowers, uppers, votes))
    # Adding zero turns -0.0 into 0.0: SQLite stores both as one, so the digest must not tell them apart.
    numbers = (map(add, column, repeat(0.0)) for column in (ratings, lowers, uppers))
    encoded_names = [name.encode() for name in names]
    lines = map(_LINE.pack, known, *numbers, votes, map(len, encoded_names))
    parts += chain.from_iterable(zip(lines, encoded_names, strict=True))
    return sha256(b"".join(parts)).digest()


def _marks(column: Sequence[Any], bit: int) -> Iterable[int]:
    """Return for each number of a column the bit, or 0 if it is unknown."""
    return [0 if number is None else bit for number in column] if None in column else repeat(bit)


def _with_zeros(column: Sequence[Any]) -> Sequence[Any]:
    """Return a column with 0 for what is unknown."""
    return [0 if number is None else number for number in column] if None in column else column
