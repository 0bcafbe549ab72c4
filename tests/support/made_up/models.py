"""Made-up models for the catalog's tests.

offer("lab/made-up", price_input_per_million=1.0)        # models.dev's entry
callable_model("lab", "made-up", modelsdev=..., arena=rating("made-up", 1400.0))
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args

from llmhub.catalog.arena_model import ArenaModel
from llmhub.catalog.schema import (
    AnyLLMModel,
    CanonicalModel,
    Catalog,
    FusedRaw,
    ModelsDevModel,
    SourceName,
    SourceStatus,
)
from llmhub.catalog.stored.format import CATALOG_VERSION, TIER_NAMES


def rating(arena_id: str, points: float, category: str = "overall") -> ArenaModel:
    """Return a rating with an interval of 5 points to either side."""
    return ArenaModel(
        arena_id=arena_id,
        rating=points,
        rating_q025=points - 5,
        rating_q975=points + 5,
        category=category,
        votes=1000,
        organization=None,
    )


def board(ratings: Mapping[str, float], category: str = "overall") -> dict[str, ArenaModel]:
    """Return a board of these models."""
    return {name: rating(name, points, category) for name, points in ratings.items()}


def offer(canonical_id: str, **fields: Any) -> ModelsDevModel:
    """Return models.dev's entry for a model that answers text with text, unless `fields` say otherwise."""
    provider, _, model_id = canonical_id.partition("/")
    text: dict[str, Any] = {"input_modalities": ("text",), "output_modalities": ("text",)}
    named = {"canonical_id": canonical_id, "provider": provider, "model_id": model_id, "display_name": model_id.title()}
    return ModelsDevModel(**{**named, **text, **fields})


def callable_model(
    provider: str,
    model_id: str,
    *,
    modelsdev: ModelsDevModel | None = None,
    arena: ArenaModel | None = None,
    lab: str | None = None,
    predecessor: ArenaModel | None = None,
) -> FusedRaw:
    """Return a callable model with what the sources say about it."""
    return FusedRaw(
        canonical_id=f"{provider}/{model_id}",
        anyllm=AnyLLMModel(provider=provider, model_id=model_id),
        modelsdev=modelsdev,
        arena=arena,
        lab=lab,
        predecessor=predecessor,
    )


def line(canonical_id: str, **fields: Any) -> CanonicalModel:
    """Return a model of a catalog of which only `fields` are known."""
    provider, _, model_id = canonical_id.partition("/")
    tiers = {f"{name}_tier": 3 for name in TIER_NAMES} | {f"{name}_basis": "unknown" for name in TIER_NAMES}
    named = {"canonical_id": canonical_id, "provider": provider, "model_id": model_id, "display_name": model_id.title()}
    return CanonicalModel(**{**named, **tiers, **fields})


def catalog_of(*models: CanonicalModel, **fields: Any) -> Catalog:
    """Return a fresh catalog of these models whose sources all succeeded, unless `fields` say otherwise."""
    now = datetime.now(UTC)
    sources = tuple(SourceStatus(source=name, status="ok", as_of=now, count=1) for name in get_args(SourceName))
    known: dict[str, Any] = {"catalog_version": CATALOG_VERSION, "built_at": now, "sources": sources}
    return Catalog(**{**known, "models": models, **fields})
