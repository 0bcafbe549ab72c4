"""Made-up offers for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from llmhub.offers.models_dev import normalize
from llmhub.offers.values import Offer
from tests.support.made_up.modelsdev_documents import document

NOW = datetime(2026, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def offer(key: str = "acme/a", /, **fields: Any) -> Offer:
    """Return an offer with input 1 and output 2 US dollars per million tokens, and what else is given."""
    provider, _, model_id = key.partition("/")
    values = {
        "display_name": model_id,
        "price_input_per_million": 1.0,
        "price_output_per_million": 2.0,
        "context_tokens": 1000,
    }
    return Offer(canonical_id=key, provider=provider, model_id=model_id, **(values | fields))


def offers(*keys: str, **changed: Any) -> dict[str, Offer]:
    """Return offers by key; a keyword names one with an underscore for each slash and gives its input price."""
    found = {key: offer(key) for key in keys}
    return found | {
        key.replace("_", "/"): offer(key.replace("_", "/"), price_input_per_million=price)
        for key, price in changed.items()
    }


def whole() -> dict[str, Offer]:
    """Return two offers, of which one has every field that models.dev can say."""
    return normalize(document()).models
