"""Positions for names beside points so that none covers another; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from llmhub.errors import printable

_ABOVE, _BESIDE = 8.0, 8.0
_STEP = 4.0
_MOST_BELOW = 8
_LONGEST = 34


class Label(NamedTuple):
    """A text for the model `name`, whose baseline ends at (x, y), for the point at (point_x, point_y)."""

    name: str
    text: str
    x: float
    y: float
    point_x: float
    point_y: float


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def truncated(name: str) -> str:
    """Return an outside name for a label: harmless, and not too long."""
    return printable(name, _LONGEST)


def width(text: str, size: float) -> float:
    """Estimate a text's width in a common sans-serif type of this size, rather too wide."""
    return len(text) * size * 0.6


def place(points: Sequence[tuple[str, str, float, float]], *, left: float, top: float, size: float) -> list[Label]:
    """Return a label for each (name, text, x, y), to the upper left of its point, pushed up until it is free.

    A text that would begin left of `left` stands to the lower right, below the line that leads from its point, and is
    pushed down. One that would rise above `top`, or fall far below its point, is left out; the table beside the picture
    has the name.

    Args:
        points: from left to right.
        left: the least x that a text may have.
        top: the least y.
        size: the type's size, in pixels.
    """
    taken = [_Box(x - 4, y - 4, x + 4, y + 4) for *_, x, y in points]
    labels = []
    for name, text, x, y in points:
        wide = width(text, size)
        if x - _BESIDE - wide >= left:
            places = [(x - _BESIDE, y - _ABOVE - _STEP * number) for number in range(int(y / _STEP) + 1)]
        else:
            places = [(x + _BESIDE + wide, y + size + _STEP * (1 + number)) for number in range(_MOST_BELOW)]
        for end, baseline in places:
            box = _box(end, baseline, text, size)
            if box.top >= top and not any(box.meets(other) for other in taken):
                taken.append(box)
                labels.append(Label(name, text, end, baseline, x, y))
                break
    return labels


def _box(end: float, baseline: float, text: str, size: float) -> _Box:
    return _Box(end - width(text, size), baseline - size, end, baseline + 0.3 * size)
