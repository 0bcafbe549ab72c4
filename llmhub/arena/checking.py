"""What may be stored: the rules that names and scores keep, whoever brings them."""

from __future__ import annotations

from collections.abc import Mapping

from llmhub.arena.schema import Board, Leaderboard
from llmhub.errors import InvalidScoreError


def checked_leaderboard(name: str, given: Mapping[str, Board] | Leaderboard) -> Leaderboard:
    """Return a leaderboard whose names and scores keep the rules.

    Raises:
        InvalidScoreError: the message names leaderboard, category, model and field.
    """
    leaderboard = given if isinstance(given, Leaderboard) else Leaderboard(boards=given)
    if not is_name(name):
        raise InvalidScoreError(f"leaderboard {name!r} is no name: expected text in UTF-8 that is not blank")
    if not leaderboard.boards:
        raise InvalidScoreError(f"leaderboard {name} has no board: give at least one category")
    for category, board in leaderboard.boards.items():
        if not is_name(category):
            raise InvalidScoreError(
                f"{name}: category {category!r} is no name: expected text in UTF-8 that is not blank"
            )
        for model, score in board.items():
            if not is_name(model):
                raise InvalidScoreError(
                    f"{name} / {category}: model {model!r} is no name: expected text in UTF-8 that is not blank"
                )
            if problem := score.problem():
                field, expected = problem
                raise InvalidScoreError(
                    f"{name} / {category} / {model}: {field} is {getattr(score, field)!r}, expected {expected}"
                )
    return leaderboard


def is_name(text: str) -> bool:
    """Say whether the store can hold a name: half a surrogate pair, as from a broken argument, has no UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return bool(text.strip())
