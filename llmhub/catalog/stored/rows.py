"""The models of a catalog as rows of a table, with plain values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel, Match


class CatalogRow(NamedTuple):
    """A callable model as a row of a table; see `CanonicalModel` for what each value means.

    The words of a list stand apart by spaces, `modelsdev_id` is the name of the entry there, and of a match there is
    its kind alone.
    """

    canonical_id: str
    provider: str
    model_id: str
    display_name: str
    family: str | None
    lab: str | None
    quality_tier: int
    quality_basis: str
    reasoning_tier: int
    reasoning_basis: str
    creative_tier: int
    creative_basis: str
    cost_tier: int
    cost_basis: str
    arena_id: str | None
    arena_score: float | None
    arena_ci_low: float | None
    arena_ci_high: float | None
    arena_match: str | None
    modelsdev_id: str | None
    modelsdev_match: str | None
    price_input_per_million: float | None
    price_output_per_million: float | None
    price_reasoning_per_million: float | None
    context_tokens: int | None
    max_input_tokens: int | None
    max_output_tokens: int | None
    input_modalities: str
    output_modalities: str
    supports_reasoning: bool | None
    supports_tool_call: bool | None
    supports_structured_output: bool | None
    attachments: bool | None
    open_weights: bool | None
    knowledge_cutoff: str | None
    release_date: str | None
    last_updated: str | None
    tags: str
    type: str
    status: str | None
    arena_setting: str | None
    predecessor_id: str | None
    price_cache_read_per_million: float | None
    price_cache_write_per_million: float | None
    price_input_audio_per_million: float | None
    price_output_audio_per_million: float | None
    retires_on: str | None
    replacement: str | None
    price_source: str | None
    disputed: str
    first_party: bool | None
    base_model: str | None


def rows_of(models: Iterable[CanonicalModel]) -> list[CatalogRow]:
    """Return models as rows of a table, in their order."""
    return [_row(model) for model in models]


def _row(model: CanonicalModel) -> CatalogRow:
    made: dict[str, str | None] = {
        "arena_match": _kind(model.arena_match),
        "modelsdev_id": None if model.modelsdev_match is None else model.modelsdev_match.target,
        "modelsdev_match": _kind(model.modelsdev_match),
        "input_modalities": " ".join(model.input_modalities),
        "output_modalities": " ".join(model.output_modalities),
        "tags": " ".join(model.tags),
        "disputed": " ".join(model.disputed),
    }
    return CatalogRow._make(made[name] if name in made else getattr(model, name) for name in CatalogRow._fields)


def _kind(match: Match | None) -> str | None:
    return None if match is None else match.kind
