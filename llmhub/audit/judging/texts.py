"""Write days and prices for verdicts. Pure."""

from __future__ import annotations

from datetime import date

from llmhub.offers.prices import price_text


def in_days(day: date, today: date) -> str:
    """Return how far ahead a day is: `today`, `tomorrow`, `in 12 days`."""
    left = (day - today).days
    return "today" if left == 0 else "tomorrow" if left == 1 else f"in {left:,} days"


def dollars(price: float | None) -> str:
    """Return US dollars per million tokens, or `unknown`."""
    return "unknown" if price is None else f"${price_text(price)}"


def both_dollars(given: float | None, generated: float | None) -> str:
    """Return the prices of a million tokens in and out."""
    return f"{dollars(given)} in, {dollars(generated)} out"
