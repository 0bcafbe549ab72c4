"""Which price of an offer counts: the user's own, then models.dev's, then LiteLLM's where models.dev has none. Pure.

Two sources are never mixed or averaged: an offer has all its prices from one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from llmhub.catalog.matching.overrides import Overrides
from llmhub.catalog.offered.keys import offer_keys
from llmhub.catalog.schema import FusedRaw
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
    if other is not None and _is_priced(other):
        named = next((overrides.prices_from[name] for name in _names(keys) if name in overrides.prices_from), None)
        if named == LITELLM or (named is None and not _is_priced(offer)):
            taken = {name: getattr(other, name) for name in _PRICES}
            offer, source = (offer or _bare(fused)).model_copy(update=taken), LITELLM
    own = next((overrides.prices[name] for name in _names(keys) if name in overrides.prices), None)
    if own is not None:
        offer, source = own.of(offer or _bare(fused)), OWN
    if offer is None or not _is_priced(offer):
        return fused
    reason = own.reason if own is not None else None
    return fused.model_copy(update={"modelsdev": offer, "price_source": source, "price_reason": reason})


def _names(keys: tuple[str, ...]) -> Iterator[str]:
    """Yield what overrides may call an offer: its keys before the providers alone."""
    yield from keys
    yield from dict.fromkeys(key.partition("/")[0] for key in keys)


def _is_priced(offer: Offer | None) -> bool:
    return offer is not None and (
        offer.price_input_per_million is not None or offer.price_output_per_million is not None
    )


def _bare(fused: FusedRaw) -> Offer:
    """Return an offer without known fields, for a model that models.dev does not list."""
    model = fused.anyllm
    return Offer(
        canonical_id=fused.canonical_id,
        provider=model.provider,
        model_id=model.model_id,
        display_name=model.model_id,
    )
