"""Choose what to use instead of a model: up to three callable ones, the likeliest first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from llmhub.audit.finding.known import Known
from llmhub.audit.judging.abilities import able_to_replace, costs_no_more
from llmhub.audit.report import Replacement
from llmhub.catalog.choosing.selection import price_of

if TYPE_CHECKING:
    from llmhub.audit.judging.facts import Facts
    from llmhub.catalog.schema import CanonicalModel
    from llmhub.offers.values import Offer

MOST = 3

_ENDING = frozenset({"deprecated", "retired"})


def replacements(
    key: str, named: str | None, facts: Facts, known: Known, *, within: timedelta
) -> tuple[Replacement, ...]:
    """Return what can be called instead of an offer.

    First comes the successor that a source names. Then, of the models that cost no more and can do the same, the best
    rated one of the same provider and the best rated ones of all. If all cost more, the cheapest that are rated no
    worse.

    Args:
        key: the offer.
        named: the id that a source names as its successor.
        facts: what is known.
        known: all ids, to find the offers that a named successor means.
        within: a model that ends within this time is not proposed.
    """
    own = facts.offer(key)
    stay = [model for model in facts.models if not _is(model, key, facts) and _stays(model, facts, within)]
    able = [model for model in stay if able_to_replace(model, own)]
    found = dict.fromkeys(
        model.canonical_id for model in (*_named(named, stay, facts, known), *_by_worth(key, own, able, facts))
    )
    by_id = {model.canonical_id: model for model in stay}
    return tuple(_replacement(by_id[name]) for name in list(found)[:MOST])


def _named(named: str | None, models: Iterable[CanonicalModel], facts: Facts, known: Known) -> Iterator[CanonicalModel]:
    """Yield the callable models that a source's successor means, those of the lab's own provider first."""
    if named is None or (meant := known.means(named)) is None:
        return
    keys = {key for choice in meant.choices for key in choice}
    bare = named.rpartition("/")[2]
    yield from (model for model in models if keys & {model.canonical_id, facts.offer_of_model.get(model.canonical_id)})
    yield from (model for model in models if model.model_id.rpartition("/")[2] == bare)


def _by_worth(key: str, own: Offer | None, models: Iterable[CanonicalModel], facts: Facts) -> Iterator[CanonicalModel]:
    provider = key.partition("/")[0]
    rated = sorted((model for model in models if model.arena_score is not None), key=_best_first)
    if own is None or own.price_input_per_million is None or own.price_output_per_million is None:
        yield from rated
        return
    affordable = [model for model in rated if costs_no_more(model, own)]
    at_home = [model for model in affordable if _provider_of(model, facts) == provider]
    yield from at_home[:1]
    yield from affordable
    rating = facts.ratings.get(key)
    enough = [model for model in rated if rating is None or (model.arena_score or 0.0) >= rating.score]
    priced = (model for model in enough if price_of(model) is not None)
    yield from sorted(priced, key=lambda model: price_of(model) or 0.0)


def _best_first(model: CanonicalModel) -> tuple[float, str]:
    return -(model.arena_score or 0.0), model.canonical_id


def _provider_of(model: CanonicalModel, facts: Facts) -> str:
    return facts.offer_of_model.get(model.canonical_id, model.canonical_id).partition("/")[0]


def _is(model: CanonicalModel, key: str, facts: Facts) -> bool:
    return key in {model.canonical_id, facts.offer_of_model.get(model.canonical_id)}


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
