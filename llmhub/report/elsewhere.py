"""Offers of the leaderboard's models that no key of this machine calls: what they cost, and where."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from llmhub.catalog.choosing.keys import names_of_models_dev
from llmhub.catalog.offered.stages import stage_on
from llmhub.errors import LlmhubError
from llmhub.report.offers import distance, offer_order

if TYPE_CHECKING:
    from llmhub.catalog.schema import Catalog, OfferedModel

_log = logging.getLogger(__name__)


class Elsewhere(NamedTuple):
    """The offers of rated models that cannot be called.

    Attributes:
        offers: those of each model, by its name on the leaderboard, first the one whose price counts.
        within_reach: models.dev's names of the providers that llmhub can call, given a key.
    """

    offers: Mapping[str, tuple[OfferedModel, ...]]
    within_reach: frozenset[str]


NOTHING = Elsewhere({}, frozenset())


def read_elsewhere(catalog: Catalog | None, *, today: str) -> Elsewhere:
    """Return the offers of each rated model that cannot be called.

    They are those of `llmhub catalog show --all`. The first one's price counts: of the offers that are not retired and
    cost something, first those of providers that llmhub can call, given a key, then those of the lab itself, then the
    cheapest. Other providers are mostly resellers, and some ask a tenth of what the lab asks.

    Args:
        catalog: the last built one; without it, or without ratings in it, no offer is known to be a rated model's.
        today: the day on which an offer is or is not retired, in ISO 8601.
    """
    if catalog is None or catalog.arena_snapshot is None:
        return NOTHING
    from llmhub.catalog.assembly.whole import stored_whole_catalog

    try:
        whole = stored_whole_catalog(catalog)
        names = names_of_models_dev()
    except LlmhubError as error:
        _log.warning("the report has no prices of models that cannot be called: %s", error)
        return NOTHING
    within_reach = frozenset(
        name for status in catalog.providers for name in names.get(status.provider, (status.provider,))
    )
    found: defaultdict[str, list[OfferedModel]] = defaultdict(list)
    for model in whole.models:
        if model.arena_id is not None and not model.callable_as:
            found[model.arena_id].append(model)

    def order(model: OfferedModel) -> tuple[object, ...]:
        place, *rest = offer_order(model)
        return stage_on(model, today) == "retired", place, distance(model, within_reach), *rest

    return Elsewhere({name: tuple(sorted(offers, key=order)) for name, offers in found.items()}, within_reach)
