"""Find the offer of one provider in models.dev that a callable id means; pure.

A price belongs to one offer: each snapshot, region and way of serving has its own. An offer of the same model that may
differ in one of these lends no price. An offer in another region of the same provider is the same model with the same
limits and abilities: those are taken over, and the price stays unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from llmhub.catalog.matching.dates import released_with
from llmhub.catalog.matching.grammar import Grammar, Parts
from llmhub.catalog.matching.readings import labs_agree
from llmhub.catalog.schema import Match, ModelsDevModel

_UNPRICED = {name: None for name in ModelsDevModel.model_fields if name.startswith("price_")} | {"price_tiers": ()}


class ProviderOffers:
    """One provider's offers in models.dev, found by id."""

    def __init__(self, grammar: Grammar, regions: Iterable[str], models: Iterable[ModelsDevModel]) -> None:
        self._grammar = grammar
        self._regions = frozenset(regions)
        self._exact: dict[str, ModelsDevModel] = {}
        self._folded: defaultdict[str, list[ModelsDevModel]] = defaultdict(list)
        self._by_words: defaultdict[tuple[str, ...], list[ModelsDevModel]] = defaultdict(list)
        for model in models:
            self._exact[model.model_id] = model
            self._folded[_fold(model.model_id)].append(model)
            self._by_words[grammar.parse(model.model_id, model.provider).words].append(model)

    def find(self, model_id: str) -> tuple[ModelsDevModel | None, Match]:
        """Return the offer that an id means, without prices if those may be another offer's; or the reason for none."""
        if model := self._exact.get(model_id):
            return model, Match(kind="exact", target=model.canonical_id, reason="the ids are equal")
        folded = self._folded.get(_fold(model_id), [])
        if len(folded) == 1:
            reason = "the ids are equal but for case, separators and the folders before the name"
            return folded[0], Match(kind="exact", target=folded[0].canonical_id, reason=reason)
        reading = self._grammar.parse(model_id)
        alike = [
            (model, parts)
            for model in self._by_words.get(reading.words, ())
            if _same_but_for_date(parts := self._grammar.parse(model.model_id), reading)
        ]
        names = tuple(model.canonical_id for model, _ in alike)
        same = [model for model, parts in alike if _same_snapshot(model, parts, reading)]
        here = [model for model in same if self._region(model.model_id) == self._region(model_id)]
        if len(here) == 1:
            reason = "the same model by its parts and models.dev's dates"
            return here[0], Match(kind="dated", target=here[0].canonical_id, reason=reason)
        if same and not here:
            reason = "the same model in another region: its price in this one is not known"
            offer = min(same, key=lambda model: (self._region(model.model_id) or "", model.model_id))
            match = Match(kind="variant", target=offer.canonical_id, reason=reason, candidates=names)
            return offer.model_copy(update=_UNPRICED), match
        reason = (
            "two entries fit the id"
            if here
            else "models.dev has other snapshots of it, whose prices may differ"
            if alike
            else "no entry has this id"
        )
        return None, Match(kind="none", reason=reason, candidates=names)

    def _region(self, model_id: str) -> str | None:
        """Return the region in an id: `us` of `us.anthropic.claude-...` and of `us/claude-...`."""
        name = _without_arn(model_id.lower())
        for separator in (".", "/"):
            first = name.partition(separator)[0]
            if first in self._regions or any(first.startswith(f"{region}-") for region in self._regions):
                return first
        return None


def _same_snapshot(model: ModelsDevModel, parts: Parts, reading: Parts) -> bool:
    """Say whether an offer is of the snapshot that an id names, or neither names one.

    An undated offer that was updated since its release is of some snapshot, and models.dev does not say whose price it
    has: gpt-4o costs half of what gpt-4o-2024-05-13 does.
    """
    if reading.date is None:
        return parts.date is None
    if parts.date is not None:
        return parts.date.agrees(reading.date)
    moved = model.last_updated is not None and model.last_updated != model.release_date
    return not moved and released_with(reading.date, model.release_date)


def _same_but_for_date(one: Parts, other: Parts) -> bool:
    first, second = (parts._replace(lab=None, date=None, repository=False) for parts in (one, other))
    return first == second and labs_agree(one, other)


def _without_arn(model_id: str) -> str:
    """Return the model's name in a Bedrock ARN: of a foundation model, or of an inference profile."""
    return model_id.rpartition("/")[2] if model_id.startswith("arn:") else model_id


def _fold(model_id: str) -> str:
    """Return an id without differences of spelling: `models/Gemini-2.5_Pro` as `gemini-2-5-pro`."""
    name = _without_arn(model_id).rsplit("models/", 1)[-1].lower()
    return name.replace(".", "-").replace("_", "-").replace("@", "-").replace(":latest", "")
