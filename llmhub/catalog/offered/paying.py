"""What the user's catalog and overrides.json decide about the price of usage; each is read at its first use."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from llmhub.catalog.matching.provider_names import own_overrides, provider_names
from llmhub.catalog.offered.keys import offer_keys, very_offer
from llmhub.offers.billing.pricing import Meaning

if TYPE_CHECKING:
    from llmhub.catalog.matching.overrides import Overrides
    from llmhub.catalog.matching.provider_names import ProviderNames
    from llmhub.catalog.schema import CanonicalModel, Catalog
    from llmhub.offers.billing.own_prices import OwnPrice
    from llmhub.offers.fields import PriceSource


class CatalogPayer:
    """The user who pays for the models of a catalog; see `llmhub.offers.billing.pricing.Payer`."""

    def __init__(self, catalog: Catalog | None) -> None:
        """Take the catalog with the models that can be called; None if none was built."""
        self._catalog = catalog

    def callable_as(self, name: str) -> Meaning | None:
        """Return models.dev's key of the offer that the catalog has under this name; None if it has none."""
        model = self._models.get(name)
        if model is None:
            return None
        match = model.modelsdev_match
        return Meaning(
            very_offer(match), tuple(dict.fromkeys(offer_keys(model.provider, model.model_id, match, self._names)))
        )

    def called(self, provider: str) -> Sequence[str]:
        """Return models.dev's names of a provider that any-llm calls otherwise."""
        return self._names.providers.get(provider, ())

    def own_price(self, keys: Sequence[str]) -> OwnPrice | None:
        """Return what the user pays for an offer by overrides.json; None if the prices of a source count."""
        return self._own_file.own_price(self._every_name(keys)) if self._own_file else None

    def named_source(self, keys: Sequence[str]) -> PriceSource | None:
        """Return whose prices the user wants for an offer."""
        return self._own_file.named_source(self._every_name(keys)) if self._own_file else None

    def labs(self) -> Collection[str]:
        """Return the providers that are labs with models of their own, by models.dev's names."""
        return self._names.labs

    def _every_name(self, keys: Sequence[str]) -> tuple[str, ...]:
        """Return keys, and where any-llm calls the provider of the only one otherwise, the key under that name too."""
        if len(keys) != 1:
            return tuple(keys)
        provider, _, model_id = keys[0].partition("/")
        names = (name for name, called in self._names.providers.items() if provider in called)
        return (*keys, *(f"{name}/{model_id}" for name in names))

    @cached_property
    def _models(self) -> Mapping[str, CanonicalModel]:
        return {} if self._catalog is None else {model.canonical_id: model for model in self._catalog.models}

    @cached_property
    def _names(self) -> ProviderNames:
        return provider_names()

    @cached_property
    def _overrides(self) -> Overrides:
        from llmhub.catalog.matching.overrides import load_overrides

        return load_overrides()

    @cached_property
    def _own_file(self) -> Overrides | None:
        """The overrides, if the user's may have prices: the shipped ones have none, and take long to load."""
        own = own_overrides()
        return None if own is not None and own.keys().isdisjoint({"prices", "prices_from"}) else self._overrides
