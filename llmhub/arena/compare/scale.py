"""The scale that ratings are measured on, which moves at times: by how much, and when that is a break."""

from __future__ import annotations

from collections.abc import Sequence

BREAK_POINTS = 2.0
"""From here on a shift is a break: as votes come in overall boards move by up to 0.4, re-anchored by 3.1 to 60."""

_FEWEST = 5


def scale_shift(changes: Sequence[float]) -> float | None:
    """Return the median change of rating, in points, of the models on two boards; None if there is no such model."""
    return _median(sorted(changes)) if changes else None


def scale_break(changes: Sequence[float]) -> float | None:
    """Return the scale shift between two boards if it means that the board was re-anchored, else None.

    It does if the median change is at least 2 points either way and the middle half of the changes goes the same
    way. Of fewer than 5 models on both boards nobody can tell.

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
