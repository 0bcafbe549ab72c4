"""Which price of an offer counts: the user's own, then models.dev's, then LiteLLM's where models.dev has none. Pure.

Two sources are never mixed or averaged: an offer has all its prices from one.
"""

from __future__ import annotations

from collections.abc import Mapping

from llmhub.catalog.matching.overrides import Overrides
from llmhub.catalog.offered.keys import offer_keys
from llmhub.catalog.schema import FusedRaw
from llmhub.offers.billing.price_lines import is_priced, witness_counts
from llmhub.offers.fields import LITELLM, MODELS_DEV, OWN, PRICE_FIELDS
from llmhub.offers.values import Offer

_PRICES = tuple(PRICE_FIELDS.values())


def priced(fused: FusedRaw, witness: Mapping[str, Offer], overrides: Overrides) -> FusedRaw:
    """Return a model whose entry has the prices that count, with the source of these.

    Args:
        fused: the model, as it was matched to models.dev.
        witness: LiteLLM's offers by `provider/model_id`.
        overrides: the user's.
    """
    keys = tuple(offer_keys(fused.anyllm.provider, fused.anyllm.model_id, fused.modelsdev_match, overrides))
    offer, source = fused.modelsdev, MODELS_DEV
    other = next((witness[key] for key in keys if key in witness), None)
    if other is not None and witness_counts(offer, other, overrides.named_source(keys)):
        taken = {name: getattr(other, name) for name in _PRICES}
        offer, source = (offer or _bare(fused)).model_copy(update=taken), LITELLM
    own = overrides.own_price(keys)
    if own is not None:
        offer, source = own.of(offer or _bare(fused)), OWN
    if offer is None or not is_priced(offer):
        return fused
    reason = own.reason if own is not None else None
    return fused.model_copy(update={"modelsdev": offer, "price_source": source, "price_reason": reason})


def _bare(fused: FusedRaw) -> Offer:
    """Return an offer without known fields, for a model that models.dev does not list."""
    model = fused.anyllm
    return Offer(
        canonical_id=fused.canonical_id,
        provider=model.provider,
        model_id=model.model_id,
        display_name=model.model_id,
    )
