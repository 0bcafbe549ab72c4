"""The efficient frontier: the models that no other one beats on both price and rating; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Priced(NamedTuple):
    """A model with its price, in US dollars per million tokens, and its rating, in points.

    The bounds of the rating's interval and the model's lab are None if unknown; `callable` says whether a key of this
    machine calls it.
    """

    name: str
    price: float
    rating: float
    lower: float | None = None
    upper: float | None = None
    lab: str | None = None
    callable: bool = True


def frontier(models: Sequence[Priced]) -> list[Priced]:
    """Return the models that no other one beats, cheapest first.

    A model beats another if it costs no more, is rated no lower, and is better in at least one of the two. Of models
    that are equal in both, neither beats the other.

    Examples:
        >>> [one.name for one in frontier([Priced("a", 1, 1300), Priced("b", 2, 1250), Priced("c", 5, 1400)])]
        ['a', 'c']
    """
    found: list[Priced] = []
    for model in sorted(models, key=lambda one: (one.price, -one.rating, one.name)):
        if not found or model.rating > found[-1].rating or model[1:3] == found[-1][1:3]:
            found.append(model)
    return found


def callable_or_all(models: Sequence[Priced]) -> Sequence[Priced]:
    """Return the callable models, whose frontier is shown; where there is none, all."""
    return [one for one in models if one.callable] or models
