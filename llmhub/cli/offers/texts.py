"""How the commands on offers write snapshots and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmhub.cli import render

if TYPE_CHECKING:
    from llmhub.offers.values import Recorded

PRICES = "prices   US dollars per million tokens, as models.dev recorded them at that moment"


def recorded_json(recorded: Recorded) -> dict[str, object]:
    """Return a snapshot's documented JSON shape."""
    return {
        "id": recorded.id,
        "taken_at": render.moment_json(recorded.taken_at),
        "source": recorded.source,
        "revision": recorded.revision,
    }


def recorded_text(recorded: Recorded) -> str:
    """Name a snapshot in a heading."""
    return f"snapshot {recorded.id} of {render.moment_text(recorded.taken_at)} UTC ({recorded.source})"


def value_text(field: str, value: Any) -> str:
    """Return a field's value as people read it, or `unknown`."""
    from llmhub.catalog.tiers.prices import price_text

    if value is None:
        return render.UNKNOWN
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
