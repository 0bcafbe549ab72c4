"""Tell what each provider's key would bring: its models, the best rating, and the cheapest model of the top fifth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from llmhub.catalog.choosing.selection import price_of
from llmhub.catalog.stored.format import CHAT

if TYPE_CHECKING:
    from llmhub.catalog.choosing.selection import Selection
    from llmhub.catalog.schema import CanonicalModel, Catalog, WholeCatalog

_TOP = 1


class Brings(NamedTuple):
    """A provider's models that answer in text, as models.dev lists them.

    Attributes:
        offers: how many models.
        tier_1: how many of them are rated among the best fifth.
        best: the best rated model's id in models.dev; None if none is rated.
        best_rating: its rating.
        cheapest_tier_1: the cheapest model rated among the best fifth; None if none is, or none has a price.
        cheapest_tier_1_input: its price in US dollars per million tokens of input.
        cheapest_tier_1_output: its price of output.
    """

    offers: int = 0
    tier_1: int = 0
    best: str | None = None
    best_rating: float | None = None
    cheapest_tier_1: str | None = None
    cheapest_tier_1_input: float | None = None
    cheapest_tier_1_output: float | None = None


NOTHING = Brings()


class Brief(NamedTuple):
    """What a provider of models.dev offers, and the blended price of its cheapest model of tier 1."""

    brings: Brings = NOTHING
    price: float | None = None


def names_of_models_dev() -> Mapping[str, tuple[str, ...]]:
    """Return models.dev's names of the providers to which any-llm gives another name, by that name."""
    from llmhub.catalog.matching.provider_names import provider_names

    return provider_names().providers


def with_names_of_models_dev(selection: Selection, whole: Catalog) -> Selection:
    """Return a selection whose providers have their names of models.dev, whichever names were given."""
    if not selection.providers:
        return selection
    there = {model.provider for model in whole.models}
    names = names_of_models_dev()
    meant = ((name,) if name in there else names.get(name, (name,)) for name in selection.providers)
    return replace(selection, providers=frozenset(name for called in meant for name in called))


def brought_by_provider(
    briefs: Mapping[str, Brief], providers: Iterable[str], names: Mapping[str, tuple[str, ...]]
) -> dict[str, Brings]:
    """Return what each provider's key would bring.

    Args:
        briefs: what `briefs_of` returns of every offer.
        providers: any-llm's names.
        names: models.dev's names of those that it calls otherwise.
    """
    return {
        provider: _together([briefs[name] for name in names.get(provider, (provider,)) if name in briefs])
        for provider in providers
    }


def briefs_of(whole: WholeCatalog) -> dict[str, Brief]:
    """Return what each provider offers that answers in text, by models.dev's name."""
    offers: dict[str, list[CanonicalModel]] = {}
    for model in whole.models:
        if model.type == CHAT:
            offers.setdefault(model.provider, []).append(model)
    return {provider: _brief(models) for provider, models in offers.items()}


def briefs_from_json(told: Mapping[str, tuple[list[Any], float | None]]) -> dict[str, Brief]:
    """Return briefs that were written as JSON."""
    return {provider: Brief(Brings(*brings), price) for provider, (brings, price) in told.items()}


def _together(briefs: list[Brief]) -> Brings:
    """Return what several providers bring under one key."""
    every = [brief.brings for brief in briefs]
    best = max(((one.best_rating, one.best or "") for one in every if one.best_rating is not None), default=None)
    priced = [(price, one.cheapest_tier_1 or "", one) for one, price in briefs if price is not None]
    cheapest = min(priced, key=lambda each: each[:2])[2] if priced else NOTHING
    return Brings(
        offers=sum(one.offers for one in every),
        tier_1=sum(one.tier_1 for one in every),
        best=best[1] if best else None,
        best_rating=best[0] if best else None,
        cheapest_tier_1=cheapest.cheapest_tier_1,
        cheapest_tier_1_input=cheapest.cheapest_tier_1_input,
        cheapest_tier_1_output=cheapest.cheapest_tier_1_output,
    )


def _brief(models: list[CanonicalModel]) -> Brief:
    rated = [(model.arena_score, model.canonical_id) for model in models if model.arena_score is not None]
    top = [model for model in models if model.quality_basis == "rated" and model.quality_tier == _TOP]
    priced = [(price, model.canonical_id, model) for model in top if (price := price_of(model)) is not None]
    best = max(rated, default=None)
    cheapest = min(priced, default=None, key=lambda each: each[:2])
    brings = Brings(
        offers=len(models),
        tier_1=len(top),
        best=best[1] if best else None,
        best_rating=best[0] if best else None,
        cheapest_tier_1=cheapest[1] if cheapest else None,
        cheapest_tier_1_input=cheapest[2].price_input_per_million if cheapest else None,
        cheapest_tier_1_output=cheapest[2].price_output_per_million if cheapest else None,
    )
    return Brief(brings, cheapest[0] if cheapest else None)
