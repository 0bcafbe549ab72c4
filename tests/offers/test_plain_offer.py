"""Offers without pydantic: what a process that only reads them gets in place of `Offer`."""

from __future__ import annotations

import pytest

from llmhub.offers.plain_offer import plain_offer, plain_tier
from llmhub.offers.values import Offer, PriceTier


def test_a_plain_offer_has_every_attribute_of_an_offer_and_equals_it() -> None:
    named = {"canonical_id": "acme/a", "provider": "acme", "model_id": "a", "display_name": "A"}
    tier = {"above_tokens": 9, "price_input_per_million": 2.0}
    whole = Offer(**named, price_tiers=(PriceTier(**tier),), status="beta")
    plain = plain_offer(named | {"price_tiers": (plain_tier(tier),), "status": "beta"})
    assert plain.__dict__.keys() == Offer.model_fields.keys()
    assert plain.price_tiers[0].__dict__.keys() == PriceTier.model_fields.keys()
    assert plain == whole == plain
    assert plain.model_copy(update={"status": None}) == whole.model_copy(update={"status": None}) != plain
    assert hash(plain.price_tiers) == hash((plain_tier(tier),))
    assert plain != plain_offer(named)


def test_a_plain_offer_does_not_change() -> None:
    with pytest.raises(AttributeError, match="does not change"):
        plain_offer({}).status = "beta"  # type: ignore[misc]
