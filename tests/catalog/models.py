"""Made-up models for the catalog's tests.

offer("lab/made-up", price_input_per_million=1.0)        # models.dev's entry
callable_model("lab", "made-up", modelsdev=..., arena=rating("made-up", 1400.0))
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from llmhub.catalog.schema import AnyLLMModel, ArenaModel, FusedRaw, ModelsDevModel


class Rated(NamedTuple):
    """An arena model with its family and lab, as the mapper gives it."""

    arena: ArenaModel
    family: str | None = None
    lab: str | None = None


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
) -> FusedRaw:
    """Return a callable model with what the sources have on it."""
    return FusedRaw(
        canonical_id=f"{provider}/{model_id}",
        anyllm=AnyLLMModel(provider=provider, model_id=model_id),
        modelsdev=modelsdev,
        arena=arena,
        lab=lab,
    )
