"""How a field of an offer, and a model in one line, are written for people; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmhub.offers.prices import price_text

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel

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


def model_in_one_line(model: CanonicalModel) -> str:
    """Return what helps to choose a model, as far as it is known."""
    prices = (("in", model.price_input_per_million), ("out", model.price_output_per_million))
    said = [
        f"quality {model.quality_tier}" if model.quality_basis == "rated" else None,
        None if model.arena_score is None else f"rating {model.arena_score:.0f}",
        *(f"${price_text(price)} {name}" for name, price in prices if price is not None),
        None if model.context_tokens is None else f"{model.context_tokens:,} tokens",
        None if model.status == "active" else model.status,
        None if model.retires_on is None else f"ends {model.retires_on}",
    ]
    known = ", ".join(each for each in said if each is not None)
    return f"<{type(model).__name__} {model.canonical_id}{f': {known}' if known else ''}>"
