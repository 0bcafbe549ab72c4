"""Rules for names and scores: whatever is stored must keep them, wherever it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from math import isfinite
from operator import ge, le
from typing import Any, TypeGuard

from llmhub.arena.boards import Board, Leaderboard
from llmhub.errors import InvalidScoreError, LlmhubError

NAME_RULE = "text in UTF-8 that is not blank and holds no NUL"
"""The rule of `is_name` in words."""

_MOST_VOTES = (1 << 63) - 1


class Rules:
    """Applies the rules for one writer; remembers valid names, so that each is checked once."""

    def __init__(self) -> None:
        self._good: set[str] = set()

    def checked(self, name: str, given: Mapping[str, Board] | Leaderboard) -> Leaderboard:
        """Return a leaderboard whose names, scores and facts keep the rules.

        Raises:
            InvalidScoreError: the message names leaderboard, category, model and field.
        """
        leaderboard = given if isinstance(given, Leaderboard) else Leaderboard(boards=given)
        self.require_name(name, "leaderboard")
        if not leaderboard.boards:
            raise InvalidScoreError(f"leaderboard {name} has no board: give at least one category")
        for category, board in leaderboard.boards.items():
            self.require_name(category, f"{name}: category")
            self._require_names(board, f"{name} / {category}: model")
            if not is_sound(board):
                _refuse_unsound(board, f"{name} / {category}")
        self._require_names(leaderboard.models, f"{name}: model")
        # Hundreds of models share a few organizations and licences.
        for facts in set(leaderboard.models.values()):
            for what, text in zip(facts._fields, facts, strict=True):
                # An empty text means unknown, as in the dataset.
                if text not in {None, ""}:
                    self.require_name(text, f"{name}: {what}")
        day = leaderboard.published_on
        if day is not None and (isinstance(day, datetime) or not isinstance(day, date)):
            raise InvalidScoreError(f"{name}: published_on is {day!r}, expected a date without a time, or None")
        return leaderboard

    def require_name(self, text: str, what: str) -> None:
        """Check one name.

        Raises:
            InvalidScoreError: it is not valid; the message begins with `what` it names.
        """
        if text not in self._good:
            if not is_name(text):
                raise InvalidScoreError(f"{what} {text!r} is not a valid name: expected {NAME_RULE}")
            self._good.add(text)

    def _require_names(self, names: Iterable[str], what: str) -> None:
        if not self._good.issuperset(names):
            for name in names:
                self.require_name(name, what)


def moment_of(taken_at: datetime, wrong: type[LlmhubError] = InvalidScoreError) -> datetime:
    """Return a snapshot's moment in UTC.

    Args:
        taken_at: the moment as a caller gave it.
        wrong: the kind of error to raise.

    Raises:
        LlmhubError: of the kind `wrong`: it has no timezone, or UTC has no such moment.
    """
    if taken_at.tzinfo is None:
        raise wrong(f"taken_at {taken_at.isoformat()} has no timezone: give one, such as UTC")
    try:
        return taken_at.astimezone(UTC)
    except OverflowError:
        raise wrong(f"taken_at {taken_at.isoformat()} is not a moment in UTC: give another") from None


def is_name(text: object) -> bool:
    """Return whether a name may be stored: half a surrogate pair has no UTF-8, and SQLite ends texts at a NUL."""
    return says_something(text) and "\0" not in text


def says_something(text: object) -> TypeGuard[str]:
    """Return whether this is text in UTF-8 that is not blank; names stored by earlier versions may hold a NUL."""
    if not isinstance(text, str):
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return bool(text.strip())


def is_sound(board: Board) -> bool:
    """Return whether every score of a board certainly keeps the rules.

    It looks at a board by column, so that the loops run in C: a million scores take a third of a second.
    """
    if not board:
        return True
    ratings, lowers, uppers, votes = zip(*board.values(), strict=True)
    return (
        _are_finite(ratings)
        and _are_bounds(lowers, ratings, le)
        and _are_bounds(uppers, ratings, ge)
        and _are_counts(votes)
    )


def _are_finite(numbers: Sequence[Any]) -> bool:
    # A sum is not finite if one of its numbers is not; one that overflows only costs a look at each score.
    return {*map(type, numbers)} == {float} and isfinite(sum(numbers))


def _are_bounds(bounds: Sequence[Any], ratings: Sequence[Any], ordered: Callable[[Any, Any], bool]) -> bool:
    """Return whether all known bounds are finite and stand in this order to their ratings."""
    if None in bounds:
        known = [(bound, rating) for bound, rating in zip(bounds, ratings, strict=True) if bound is not None]
        if not known:
            return True
        bounds, ratings = zip(*known, strict=True)
    return _are_finite(bounds) and all(map(ordered, bounds, ratings))


def _are_counts(votes: Sequence[Any]) -> bool:
    known = [count for count in votes if count is not None] if None in votes else votes
    return not known or ({*map(type, known)} == {int} and min(known) >= 0 and max(known) <= _MOST_VOTES)


def _refuse_unsound(board: Board, where: str) -> None:
    """Raise for the first score that breaks a rule."""
    for model, score in board.items():
        if problem := score.problem():
            name, expected = problem
            raise InvalidScoreError(f"{where} / {model}: {name} is {getattr(score, name)!r}, expected {expected}")
