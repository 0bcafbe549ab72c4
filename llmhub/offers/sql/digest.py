"""Compute digests of offers, price lists and listings: two are equal if and only if their digests are. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from llmhub.offers.fields import FIELDS, PRICE_FIELDS

if TYPE_CHECKING:
    from llmhub.offers.values import Offer, PriceTier

_TIER_FIELDS = {name: attribute for name, attribute in PRICE_FIELDS.items() if name != "price_tiers"}
_SEPARATORS = (",", ":")
_CANONICAL = json.JSONEncoder(separators=_SEPARATORS, sort_keys=True, allow_nan=False)
_ATTRIBUTES = tuple(sorted((attribute, name) for name, attribute in FIELDS.items()))


def known_values(offer: Offer) -> dict[str, Any]:
    """Return the known fields of an offer as JSON values, by their short names.

    Unknown fields are left out, so that a new field changes no digest of an offer that lacks it.
    """
    values = offer.__dict__
    known = {
        # SQLite stores -0.0 and 0.0 as one, so the digest must not tell them apart.
        name: 0.0 if value == 0 and value.__class__ is float else value
        for attribute, name in _ATTRIBUTES
        if (value := values[attribute]) is not None and value != ()
    }
    if "price_tiers" in known:
        known["price_tiers"] = tiers_of(offer.price_tiers)
    return known


def tiers_of(tiers: Iterable[PriceTier]) -> list[dict[str, Any]]:
    """Return the prices of long prompts as JSON values, without unknown prices."""
    return [
        {"above_tokens": tier.above_tokens}
        | {
            name: price + 0.0
            for name, attribute in _TIER_FIELDS.items()
            if (price := getattr(tier, attribute)) is not None
        }
        for tier in tiers
    ]


def values_digest(provider: str, model_id: str, known: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of an offer, 32 bytes: of its provider, its id and what `known_values` returns of it."""
    return sha256(_CANONICAL.encode([provider, model_id, known]).encode()).digest()


def list_digest(provider: str, offers: Mapping[str, bytes]) -> bytes:
    """Return the SHA-256 of a price list: of its provider, and of each model's id and its offer's digest."""
    return _digest("price list", provider, [(model_id, digest.hex()) for model_id, digest in offers.items()])


def listing_digest(provider: str, ids: Iterable[str]) -> bytes:
    """Return the SHA-256 of the ids that a provider listed; their order does not matter."""
    return _digest("listing", provider, set(ids))


def _digest(kind: str, provider: str, lines: Iterable[Any]) -> bytes:
    text = json.dumps([kind, provider, sorted(lines)], separators=_SEPARATORS)
    return sha256(text.encode()).digest()
