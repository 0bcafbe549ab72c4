"""Compute and write prices; pure."""

from __future__ import annotations

from math import isfinite


def sound_price(price: float | None) -> float | None:
    """Return a price, or None for a number that cannot be a price: not finite, or below zero."""
    return None if price is None or not isfinite(price) or price < 0 else price


def blended_price(per_million_in: float | None, per_million_out: float | None) -> float | None:
    """Return the blended price in US dollars per million tokens, three in four of them input; None if one is unknown.

    Examples:
        >>> blended_price(1.0, 5.0)
        2.0
    """
    into, out = sound_price(per_million_in), sound_price(per_million_out)
    return None if into is None or out is None else sound_price((3 * into + out) / 4)


def price_text(price: float) -> str:
    """Return a price to the cent, or with as many digits as it takes.

    Examples:
        >>> price_text(2.5), price_text(0.075)
        ('2.50', '0.075')
    """
    cents = f"{price:.2f}"
    return cents if float(cents) == price else f"{price:.10f}".rstrip("0")
