"""Choose what to use instead of a model: up to three callable ones, the likeliest first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain, islice
from operator import itemgetter
from typing import TYPE_CHECKING

from llmhub.audit.finding.known import Known
from llmhub.audit.judging.abilities import able_to_replace, costs_no_more
from llmhub.audit.report import Replacement
from llmhub.catalog.choosing.selection import price_of

if TYPE_CHECKING:
    from llmhub.audit.judging.facts import Facts
    from llmhub.catalog.schema import CanonicalModel

MOST = 3

_ENDING = frozenset({"deprecated", "retired"})


class Replacements:
    """The callable models that may replace others."""

    def __init__(self, facts: Facts, known: Known, *, within: timedelta) -> None:
        """Choose and sort them.

        Args:
            facts: what is known.
            known: all ids, to find the offers that a named successor means.
            within: a model that ends within this time is not proposed.
        """
        self._facts = facts
        self._known = known
        self._staying = [model for model in facts.models if _stays(model, facts, within)]
        self._best_first = sorted((model for model in self._staying if model.arena_score is not None), key=_best_first)
        priced = [(price, model) for model in self._best_first if (price := price_of(model)) is not None]
        self._cheapest_first = [model for _, model in sorted(priced, key=itemgetter(0))]

    def of(self, key: str, named: str | None) -> tuple[Replacement, ...]:
        """Return what can be called instead of an offer.

        First comes the successor that a source names. Then, of the models that cost no more and can do the same, the
        best rated one of the same provider and the best rated ones of all. If all cost more, the cheapest that are
        rated no worse.

        Args:
            key: the offer.
            named: the id that a source names as its successor.
        """
        found: dict[str, CanonicalModel] = {}
        for model in chain(self._named(key, named), self._by_worth(key)):
            found.setdefault(model.canonical_id, model)
            # Most models are never looked at.
            if len(found) == MOST:
                break
        return tuple(map(_replacement, found.values()))

    def _named(self, key: str, named: str | None) -> Iterator[CanonicalModel]:
        """Yield the callable models that a source's successor means, those of the lab's own provider first."""
        if named is None or (meant := self._known.means(named)) is None:
            return
        keys = {each for choice in meant.choices for each in choice}
        bare = named.rpartition("/")[2]
        others = [model for model in self._staying if key not in self._names_of(model)]
        yield from (model for model in others if not keys.isdisjoint(self._names_of(model)))
        yield from (model for model in others if model.model_id.rpartition("/")[2] == bare)

    def _by_worth(self, key: str) -> Iterator[CanonicalModel]:
        own = self._facts.offer(key)

        def able(models: Iterable[CanonicalModel]) -> Iterator[CanonicalModel]:
            return (each for each in models if key not in self._names_of(each) and able_to_replace(each, own))

        if own is None or own.price_input_per_million is None or own.price_output_per_million is None:
            yield from able(self._best_first)
            return
        provider = key.partition("/")[0]
        affordable = [model for model in self._best_first if costs_no_more(model, own)]
        at_home = (model for model in affordable if self._provider_of(model) == provider)
        yield from islice(able(at_home), 1)
        yield from able(affordable)
        rating = self._facts.ratings.get(key)
        yield from able(
            model for model in self._cheapest_first if rating is None or (model.arena_score or 0.0) >= rating.score
        )

    def _names_of(self, model: CanonicalModel) -> tuple[str, str | None]:
        """Return a callable model's id, and the id of its offer."""
        return model.canonical_id, self._facts.offer_of_model.get(model.canonical_id)

    def _provider_of(self, model: CanonicalModel) -> str:
        return self._facts.offer_of_model.get(model.canonical_id, model.canonical_id).partition("/")[0]


def _best_first(model: CanonicalModel) -> tuple[float, str]:
    return -(model.arena_score or 0.0), model.canonical_id


def _stays(model: CanonicalModel, facts: Facts, within: timedelta) -> bool:
    """Say whether a model is neither deprecated nor retired, and does not end soon."""
    lives = (
        facts.lives.get(name) for name in (facts.offer_of_model.get(model.canonical_id), model.canonical_id) if name
    )
    return model.status not in _ENDING and not any(
        life is not None and (life.status in _ENDING or life.retires_within(within.days, facts.today)) for life in lives
    )


def _replacement(model: CanonicalModel) -> Replacement:
    return Replacement(
        model.canonical_id, model.price_input_per_million, model.price_output_per_million, model.arena_score
    )
