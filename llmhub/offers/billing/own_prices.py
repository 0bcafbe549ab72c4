"""The user's own prices, such as negotiated ones, in place of a source's. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from llmhub.offers.values import Offer

_FIELDS = ("input", "output", "reasoning", "cache_read", "cache_write", "input_audio", "output_audio")

OwnAmount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class OwnPrice(BaseModel):
    """What the user pays for a provider's models, or for one model; US dollars per million tokens.

    Attributes:
        factor: the factor for the source's prices, such as 0.8; given instead of prices.
        reason: why, in the user's words; shown by `explain`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    input: OwnAmount | None = None
    output: OwnAmount | None = None
    reasoning: OwnAmount | None = None
    cache_read: OwnAmount | None = None
    cache_write: OwnAmount | None = None
    input_audio: OwnAmount | None = None
    output_audio: OwnAmount | None = None
    factor: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    reason: str = Field(min_length=1)

    @model_validator(mode="after")
    def _says_one_thing(self) -> OwnPrice:
        given = any(getattr(self, name) is not None for name in _FIELDS)
        if given == (self.factor is not None):
            raise ValueError("give either prices (input, output, ...) or a factor")
        return self

    def of(self, offer: Offer) -> Offer:
        """Return an offer at these prices; other prices stay the source's.

        An own price of input or output holds for prompts of every length.
        """
        if self.factor is not None:
            names = [f"price_{name}_per_million" for name in _FIELDS]
            tiers = tuple(
                tier.model_copy(update={name: self._part(getattr(tier, name)) for name in names})
                for tier in offer.price_tiers
            )
            return offer.model_copy(
                update={name: self._part(getattr(offer, name)) for name in names} | {"price_tiers": tiers}
            )
        given = {f"price_{name}_per_million": price for name in _FIELDS if (price := getattr(self, name)) is not None}
        flat = {"price_tiers": ()} if self.input is not None or self.output is not None else {}
        return offer.model_copy(update=given | flat)

    def _part(self, price: float | None) -> float | None:
        if price is None or self.factor is None:
            return None
        return float(Decimal(repr(price)) * Decimal(repr(self.factor)))
