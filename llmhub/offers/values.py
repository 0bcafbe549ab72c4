"""The value objects of offers: what a provider asks for a model.

Everywhere None means unknown: a price of None was not published, a price of 0 is free. Prices are US dollars per
million tokens; dates are ISO 8601 as the sources have them, sometimes without the day (`2025-08`). Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from llmhub.offers.fields import OfferStatus

if TYPE_CHECKING:
    from pydantic._internal._repr import ReprArgs

__all__ = ["Offer", "OfferStatus", "PriceTier", "Value"]

Text = Annotated[str, Field(min_length=1, max_length=500)]

Modalities = Annotated[tuple[Text, ...], Field(max_length=50)]

Tokens = Annotated[int, Field(ge=1, le=2**53 - 1)]
"""A whole number that every JSON reader keeps exactly."""

Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Value(BaseModel):
    """Base of the value objects, which are immutable; pydantic builds a class when it is first used."""

    model_config = ConfigDict(frozen=True, defer_build=True, allow_inf_nan=False)

    def __repr_args__(self) -> ReprArgs:
        """Yield what is known: most fields of most objects are not."""
        return ((name, value) for name, value in super().__repr_args__() if value is not None and value != ())


class PriceTier(Value):
    """The prices of an offer for prompts of more than `above_tokens` tokens, in US dollars per million tokens.

    Attributes:
        above_tokens: the length that the prompt exceeds.
    """

    above_tokens: Tokens
    price_input_per_million: Price | None = None
    price_output_per_million: Price | None = None
    price_reasoning_per_million: Price | None = None
    price_cache_read_per_million: Price | None = None
    price_cache_write_per_million: Price | None = None
    price_input_audio_per_million: Price | None = None
    price_output_audio_per_million: Price | None = None


class Offer(Value):
    """One provider's offer of one model, as a source describes it.

    Attributes:
        canonical_id: `provider/model_id`.
        provider: the provider's name in models.dev.
        model_id: the id that the provider's API takes.
        family: the line of models it belongs to, such as `claude-sonnet`.
        display_name: what people call it.
        attachments: whether files can be attached.
        context_tokens: the context window; models.dev's 0 is unknown.
        max_input_tokens: the limit of input, if it is less than the context.
        max_output_tokens: the limit of output; models.dev's 0 is unknown.
        price_input_per_million: US dollars for a million tokens of input, of a short prompt.
        price_output_per_million: US dollars for a million tokens of output.
        price_reasoning_per_million: US dollars for a million tokens of reasoning, if it differs from output's.
        price_cache_read_per_million: US dollars for a million tokens of input that comes from the provider's cache.
        price_cache_write_per_million: US dollars for a million tokens of input that is written to the cache.
        price_input_audio_per_million: US dollars for a million tokens of audio input.
        price_output_audio_per_million: US dollars for a million tokens of audio output.
        price_tiers: the prices of long prompts, the shortest first; shorter prompts have the prices above.
        knowledge_cutoff: the day or month that its training data ends at; this and the two below are valid dates or
            None.
        release_date: when it came out.
        last_updated: when its weights last changed.
        status: what the source says about its life; None if it says nothing.
        type: its kind in models.dev's word: `chat`, `embedding`, `image`, ...; None if the source does not say.
        canonical_model_id: the offered model as `lab/model`, the same for all providers; None if unknown.
        retires_on: the day on which it ends, if a source names one; models.dev names none.
        retires_earliest: the day before which it does not end, if the provider promises only that.
        retires_source: the source of the two days.
        replacement: the id that the source names as its successor.
    """

    canonical_id: str
    provider: Text
    model_id: Text
    family: Text | None = None
    display_name: Text
    supports_reasoning: bool | None = None
    supports_tool_call: bool | None = None
    supports_structured_output: bool | None = None
    input_modalities: Modalities = ()
    output_modalities: Modalities = ()
    attachments: bool | None = None
    context_tokens: Tokens | None = None
    max_input_tokens: Tokens | None = None
    max_output_tokens: Tokens | None = None
    price_input_per_million: Price | None = None
    price_output_per_million: Price | None = None
    price_reasoning_per_million: Price | None = None
    price_cache_read_per_million: Price | None = None
    price_cache_write_per_million: Price | None = None
    price_input_audio_per_million: Price | None = None
    price_output_audio_per_million: Price | None = None
    price_tiers: Annotated[tuple[PriceTier, ...], Field(max_length=50)] = ()
    knowledge_cutoff: Text | None = None
    release_date: Text | None = None
    last_updated: Text | None = None
    open_weights: bool | None = None
    status: OfferStatus | None = None
    type: Text | None = None
    canonical_model_id: Text | None = None
    retires_on: Text | None = None
    retires_earliest: Text | None = None
    retires_source: Text | None = None
    replacement: Text | None = None
