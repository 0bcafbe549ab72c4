"""What each provider's key would bring: its models, the best rating, and the cheapest model of the top fifth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from llmhub.catalog.choosing.selection import price_of
from llmhub.catalog.stored.format import CHAT

if TYPE_CHECKING:
    from llmhub.catalog.choosing.selection import Selection
    from llmhub.catalog.schema import CanonicalModel, Catalog, WholeCatalog

_TOP = 1


class Brings(NamedTuple):
    """What a provider offers that answers in text, as models.dev lists it.

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


def names_of_models_dev() -> Mapping[str, tuple[str, ...]]:
    """Return models.dev's names of the providers that any-llm calls otherwise, by any-llm's."""
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
    whole: WholeCatalog, providers: Iterable[str], names: Mapping[str, tuple[str, ...]]
) -> dict[str, Brings]:
    """Return what each provider's key would bring.

    Args:
        whole: every offer.
        providers: any-llm's names.
        names: models.dev's names of those that it calls otherwise.
    """
    offers: dict[str, list[CanonicalModel]] = {}
    for model in whole.models:
        if model.type == CHAT:
            offers.setdefault(model.provider, []).append(model)
    return {
        provider: _brings([model for name in names.get(provider, (provider,)) for model in offers.get(name, ())])
        for provider in providers
    }


def _brings(models: list[CanonicalModel]) -> Brings:
    rated = [(model.arena_score, model.canonical_id) for model in models if model.arena_score is not None]
    top = [model for model in models if model.quality_basis == "rated" and model.quality_tier == _TOP]
    priced = [(price, model.canonical_id, model) for model in top if (price := price_of(model)) is not None]
    best = max(rated, default=None)
    cheapest = min(priced, default=None, key=lambda each: each[:2])
    return Brings(
        offers=len(models),
        tier_1=len(top),
        best=best[1] if best else None,
        best_rating=best[0] if best else None,
        cheapest_tier_1=cheapest[1] if cheapest else None,
        cheapest_tier_1_input=cheapest[2].price_input_per_million if cheapest else None,
        cheapest_tier_1_output=cheapest[2].price_output_per_million if cheapest else None,
    )
