"""Positions for names beside points so that none covers another, and few cover points or lines; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import hypot
from typing import NamedTuple

from llmhub.errors import printable

_BESIDE = 8.0
_STEP = 4.0
_MOST_STEPS = 30
_LONGEST = 34
# A leader says to which point a label belongs that is farther from it than this.
_FAR = 13.0
# What it costs a label to be on a side of its point, a step farther, on another point, on a line, and nearer to another
# named point than to its own.
_UPPER_LEFT, _UPPER_RIGHT, _LOWER_RIGHT, _LOWER_LEFT = 0.0, 2.0, 1.0, 3.0
_FARTHER, _ON_A_POINT, _ON_A_LINE, _AMBIGUOUS = 0.75, 4.0, 2.0, 8.0

Place = tuple[float, float]
"""A point of the picture: pixels from the left and from the top."""


class Label(NamedTuple):
    """A text for the model `name` beside the point at (point_x, point_y).

    Its baseline ends at (x, y), or if it is to the right of its point, begins there: estimated widths are too wide.
    `leader` is the line from the point to a text that is far from it: x and y of its two ends; None if it is near.
    """

    name: str
    text: str
    x: float
    y: float
    right: bool
    point_x: float
    point_y: float
    leader: tuple[float, float, float, float] | None


class Box(NamedTuple):
    """An upright rectangle; a line along an axis is one without width or height."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Say whether two boxes have points in common, beside their edges."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def within(self, other: Box) -> bool:
        """Say whether the box is wholly inside another."""
        return (
            self.left >= other.left
            and self.top >= other.top
            and self.right <= other.right
            and self.bottom <= other.bottom
        )

    def distance(self, x: float, y: float) -> float:
        """Return how far a point is from the box; 0 inside it."""
        return hypot(max(self.left - x, 0.0, x - self.right), max(self.top - y, 0.0, y - self.bottom))


def truncated(name: str) -> str:
    """Return an outside name for a label: harmless, and not too long."""
    return printable(name, _LONGEST)


def width(text: str, size: float) -> float:
    """Estimate a text's width in a common sans-serif type of this size, rather too wide."""
    return len(text) * size * 0.6


def place(
    points: Sequence[tuple[str, str, float, float]],
    frame: Box,
    size: float,
    *,
    others: Sequence[Place] = (),
    lines: Sequence[Box] = (),
) -> list[Label]:
    """Return a label for each (name, text, x, y): beside its point, where it covers no other label.

    Of the free places the cheapest counts: near its point, to the upper left if possible, and on few points and lines.
    A label without a free place is left out; the table beside the picture has the name.

    Args:
        points: those with a name, from left to right.
        frame: where labels may be.
        size: the type's size, in pixels.
        others: the points without a name.
        lines: lines along the axes.
    """
    named = [_around(x, y) for *_, x, y in points]
    taken: list[Box] = []
    labels = []
    for name, text, x, y in points:
        wide = width(text, size)
        reach = Box(x - wide - 20, y - 20 - _STEP * _MOST_STEPS, x + wide + 20, y + 20 + _STEP * _MOST_STEPS)
        near = [box for one in others if (box := _around(*one)).meets(reach)]
        crossed = [line for line in lines if line.meets(reach)]
        strangers = [box for box in named if box != _around(x, y)]
        found: tuple[float, Box] | None = None
        for least, box in _places(x, y, wide, size):
            # A place that costs more by itself needs no closer look.
            if (found is not None and least >= found[0]) or not box.within(frame):
                continue
            if not any(box.meets(other) for other in (*taken, *named)):
                cost = least + _ON_A_POINT * sum(map(box.meets, near)) + _ON_A_LINE * sum(map(box.meets, crossed))
                own = box.distance(x, y)
                cost += _AMBIGUOUS * any(box.distance(one.left + 4, one.top + 4) <= own for one in strangers)
                found = (cost, box) if found is None or cost < found[0] else found
        if found is not None:
            _, box = found
            taken.append(box)
            right = box.left > x
            at = (box.left if right else box.right, box.bottom - 0.3 * size)
            labels.append(Label(name, text, *at, right, x, y, _leader(x, y, box)))
    return labels


def _around(x: float, y: float) -> Box:
    return Box(x - 4, y - 4, x + 4, y + 4)


def _places(x: float, y: float, wide: float, size: float) -> Iterator[tuple[float, Box]]:
    """Yield the places of a label, each with its cost: the four sides, farther and farther up or down."""
    high = 1.3 * size
    for number in range(_MOST_STEPS):
        far = _STEP * number
        above, below = y - _BESIDE + 0.3 * size - far, y + _STEP + far
        for side, left, bottom in (
            (_UPPER_LEFT, x - _BESIDE - wide, above),
            (_LOWER_RIGHT, x + _BESIDE, below + high),
            (_UPPER_RIGHT, x + _BESIDE, above),
            (_LOWER_LEFT, x - _BESIDE - wide, below + high),
        ):
            yield side + _FARTHER * number, Box(left, bottom - high, left + wide, bottom)


def _leader(x: float, y: float, box: Box) -> tuple[float, float, float, float] | None:
    if box.distance(x, y) <= _FAR:
        return None
    at_x, at_y = min(max(x, box.left), box.right), min(max(y, box.top), box.bottom)
    far = hypot(at_x - x, at_y - y)
    # It begins at the edge of the point's mark.
    return x + (at_x - x) * 5 / far, y + (at_y - y) * 5 / far, at_x, at_y
