"""Measures by how much the scale of the ratings moved between two boards, and whether it was re-anchored."""

from __future__ import annotations

from collections.abc import Sequence

BREAK_POINTS = 2.0
"""A shift of at least this is a break: new votes move overall boards by up to 0.4, re-anchoring by 3.1 to 60."""

_FEWEST = 5


def scale_shift(changes: Sequence[float]) -> float | None:
    """Return the median change of rating, in points, of the models on two boards; None if there is no such model."""
    return _median(sorted(changes)) if changes else None


def scale_break(changes: Sequence[float]) -> float | None:
    """Return the scale shift between two boards if it means that the board was re-anchored, else None.

    It was if the median change is at least 2 points up or down, and the middle half of the changes has the same sign.
    With fewer than 5 models on both boards the answer is None.

    Examples:
        >>> scale_break([59.8, 59.9, 60.0, 59.9, 12.0])
        59.9
    """
    if len(changes) < _FEWEST:
        return None
    ordered = sorted(changes)
    shift = _median(ordered)
    if abs(shift) < BREAK_POINTS:
        return None
    first, third = _quartile(ordered, 1), _quartile(ordered, 3)
    return shift if first * third > 0 else None


# Not the `statistics` module's: every process that opens the store would pay for importing it, fractions and all.
def _median(ordered: Sequence[float]) -> float:
    middle, odd = divmod(len(ordered), 2)
    return ordered[middle] if odd else (ordered[middle - 1] + ordered[middle]) / 2


def _quartile(ordered: Sequence[float], which: int) -> float:
    place, part = divmod(which * (len(ordered) - 1), 4)
    return (ordered[place] * (4 - part) + ordered[place + 1] * part) / 4
