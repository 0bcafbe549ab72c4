"""An offer with the attributes of `Offer`, but without pydantic: what is read from the store. Pure.

Its digest was proven, so there is nothing left to validate, and importing pydantic takes longer than reading a history.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from llmhub.offers.fields import FIELDS, NUMBERS

if TYPE_CHECKING:
    from llmhub.offers.values import Offer, PriceTier

_UNKNOWN: Mapping[str, Any] = {
    "canonical_id": "",
    "provider": "",
    "model_id": "",
    **dict.fromkeys(FIELDS.values()),
    "display_name": "",
    "input_modalities": (),
    "output_modalities": (),
    "price_tiers": (),
}
_UNKNOWN_TIER: Mapping[str, Any] = {"above_tokens": None, **dict.fromkeys(NUMBERS.values())}


class Plain:
    """An offer, or the prices of its long prompts; immutable, and equal to the pydantic model with the same values."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name} cannot be set: what is stored of an offer does not change")

    def __eq__(self, other: object) -> bool:
        values: Mapping[str, Any] | None = getattr(other, "__dict__", None)
        return self.__dict__ == values

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__.items()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.__dict__!r})"

    def model_copy(self, *, update: Mapping[str, Any]) -> Plain:
        """Return the same with other values, as `Offer.model_copy` does."""
        return Plain(self.__dict__ | dict(update))


def plain_offer(values: Mapping[str, Any]) -> Offer:
    """Return the offer with these attributes; the others are unknown."""
    return cast("Offer", Plain({**_UNKNOWN, **values}))


def plain_tier(values: Mapping[str, Any]) -> PriceTier:
    """Return the prices of long prompts with these attributes; the others are unknown."""
    return cast("PriceTier", Plain({**_UNKNOWN_TIER, **values}))
