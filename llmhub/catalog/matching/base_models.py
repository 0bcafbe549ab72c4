"""Name the model behind an offer, the same for every provider that offers it; pure."""

from __future__ import annotations

from collections.abc import Iterable

from llmhub.catalog.matching.grammar import Grammar, Parts
from llmhub.catalog.schema import AnyLLMModel, ModelsDevModel


class BaseModels:
    """Finds the model behind an offer: as models.dev says, else by the parts of its id.

    An id whose parts are those of a base model that models.dev names, or of a lab's own offer, means that model.
    """

    def __init__(
        self, grammar: Grammar, offers: Iterable[ModelsDevModel], own_offers: Iterable[ModelsDevModel]
    ) -> None:
        """Read which models there are.

        Args:
            grammar: takes ids apart.
            offers: all of models.dev.
            own_offers: those of the labs' own providers.
        """
        self._grammar = grammar
        self._known: dict[Parts, str] = {}
        for offer in offers:
            if offer.canonical_model_id is not None:
                self._known.setdefault(self._parts(offer.canonical_model_id), offer.canonical_model_id)
        for offer in own_offers:
            self._known.setdefault(self._parts(offer.canonical_id), offer.canonical_id)

    def of(self, model: AnyLLMModel, offer: ModelsDevModel | None) -> str:
        """Return the name of the model behind a callable model and its offer."""
        if offer is not None and offer.canonical_model_id is not None:
            return offer.canonical_model_id
        parts = _identity(self._grammar.parse(model.model_id, model.provider))
        return self._known.get(parts) or _text(parts)

    def _parts(self, canonical_id: str) -> Parts:
        provider, _, model_id = canonical_id.partition("/")
        return _identity(self._grammar.parse(model_id, provider))


def _identity(parts: Parts) -> Parts:
    """Return the parts that tell models apart: not who made or serves them, nor how people are told to use them."""
    tune = parts.tune if parts.tune == "base" else None
    return parts._replace(
        lab=None, tune=tune, serving=frozenset(), repository=False, bare_weights=False, preview=False, budget=None
    )


def _text(parts: Parts) -> str:
    words = [*parts.words, *sorted(parts.sizes), parts.revision, parts.tune, parts.mode]
    day = None if parts.date is None else "".join(f"{part:02}" for part in parts.date if part is not None)
    return "-".join(word for word in (*words, day) if word)
