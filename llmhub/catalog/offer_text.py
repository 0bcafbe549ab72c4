"""How a field of an offer is written for people; pure."""

from __future__ import annotations

from typing import Any

from llmhub.offers.prices import price_text

UNKNOWN = "unknown"


def value_text(field: str, value: Any) -> str:
    """Return a field's value as people read it, or `unknown`."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return price_text(value)
    if isinstance(value, int):
        return f"{value:,}"
    if field == "price_tiers":
        return "; ".join(_tier_text(tier) for tier in value)
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _tier_text(tier: dict[str, Any]) -> str:
    prices = ", ".join(f"{name} {value_text(name, price)}" for name, price in tier.items() if name != "above_tokens")
    return f"above {tier['above_tokens']:,}: {prices}"
