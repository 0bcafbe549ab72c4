"""The names of the fields of offers and of their sources, and a moment of the store. Pure; imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias, get_args

MODELS_DEV = "models.dev"
LITELLM = "litellm"
ANY_LLM = "any-llm"

OWN = "overrides.json"
"""The source of the user's own prices."""

MODEL_DEPRECATIONS: Literal["modeldeprecations.dev"] = "modeldeprecations.dev"
DEPRECATIONS_INFO: Literal["deprecations.info"] = "deprecations.info"

PriceSource = Literal["models.dev", "litellm"]
"""The source of a snapshot of price lists."""

NoticeSource = Literal["modeldeprecations.dev", "deprecations.info"]
"""The source of a snapshot of notices: offers with only their life known."""

ListingSource = Literal["any-llm"]
"""The source of a snapshot of listings."""

OfferStatus = Literal["active", "alpha", "beta", "deprecated", "retired"]
"""What a source says about an offer's life; None if it says nothing."""

PRICE_SOURCES: tuple[str, ...] = get_args(PriceSource)
LIST_SOURCES: tuple[str, ...] = (*PRICE_SOURCES, *get_args(NoticeSource))
"""The sources of snapshots of price lists; those of notices have no prices."""

OFFER_SOURCES: tuple[str, ...] = (*LIST_SOURCES, *get_args(ListingSource))
"""The sources of the snapshots that this package stores; boards have other ones."""

PRICE_FIELDS: Mapping[str, str] = {
    "input": "price_input_per_million",
    "output": "price_output_per_million",
    "reasoning": "price_reasoning_per_million",
    "cache_read": "price_cache_read_per_million",
    "cache_write": "price_cache_write_per_million",
    "input_audio": "price_input_audio_per_million",
    "output_audio": "price_output_audio_per_million",
    "price_tiers": "price_tiers",
}
"""The prices: the name that commands and JSON use, and the attribute of `Offer`."""

NUMBERS: Mapping[str, str] = {name: attribute for name, attribute in PRICE_FIELDS.items() if name != "price_tiers"}
"""The prices that are one number each."""

LIMIT_FIELDS: Mapping[str, str] = {
    "context": "context_tokens",
    "max_input": "max_input_tokens",
    "max_output": "max_output_tokens",
}

CAPABILITY_FIELDS: Mapping[str, str] = {
    "input_modalities": "input_modalities",
    "output_modalities": "output_modalities",
    "supports_reasoning": "supports_reasoning",
    "supports_tool_call": "supports_tool_call",
    "supports_structured_output": "supports_structured_output",
    "attachments": "attachments",
    "open_weights": "open_weights",
}

LIFE_FIELDS: Mapping[str, str] = {
    "status": "status",
    "knowledge": "knowledge_cutoff",
    "release_date": "release_date",
    "last_updated": "last_updated",
    "retires_on": "retires_on",
    "retires_earliest": "retires_earliest",
    "retires_source": "retires_source",
    "replacement": "replacement",
}

NAME_FIELDS: Mapping[str, str] = {
    "name": "display_name",
    "family": "family",
    "type": "type",
    "base_model": "canonical_model_id",
}

FIELDS: Mapping[str, str] = {**PRICE_FIELDS, **LIMIT_FIELDS, **CAPABILITY_FIELDS, **LIFE_FIELDS, **NAME_FIELDS}
"""Every field that two offers of one model can differ in."""

Moment: TypeAlias = datetime
"""A timezone-aware moment in a row of a table; polars drops the timezone of a field annotated as `datetime`."""


class Recorded(NamedTuple):
    """A snapshot of price lists or listings.

    Attributes:
        id: the number that references such as ``12`` name; boards' snapshots are counted with them.
        source: where it came from.
        taken_at: the moment at which the source said so, in UTC.
        revision: the document's SHA-256, or the commit of the source's repository; None if that is unknown.
    """

    id: int
    source: str
    taken_at: Moment
    revision: str | None = None
