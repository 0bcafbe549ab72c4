"""Offers as those read them that import no pydantic."""

from __future__ import annotations

import pytest

from llmhub.offers.kept import kept_offer, kept_tier
from llmhub.offers.values import Offer, PriceTier


def test_a_kept_offer_has_every_attribute_of_an_offer_and_equals_it() -> None:
    named = {"canonical_id": "acme/a", "provider": "acme", "model_id": "a", "display_name": "A"}
    tier = {"above_tokens": 9, "price_input_per_million": 2.0}
    whole = Offer(**named, price_tiers=(PriceTier(**tier),), status="beta")
    kept = kept_offer(named | {"price_tiers": (kept_tier(tier),), "status": "beta"})
    assert kept.__dict__.keys() == Offer.model_fields.keys()
    assert kept.price_tiers[0].__dict__.keys() == PriceTier.model_fields.keys()
    assert kept == whole == kept
    assert kept.model_copy(update={"status": None}) == whole.model_copy(update={"status": None}) != kept
    assert hash(kept.price_tiers) == hash((kept_tier(tier),))
    assert kept != kept_offer(named)


def test_a_kept_offer_does_not_change() -> None:
    with pytest.raises(AttributeError, match="does not change"):
        kept_offer({}).status = "beta"  # type: ignore[misc]
