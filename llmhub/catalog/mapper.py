"""Fusing the sources: each callable model with its models.dev entry and its arena entry, and how each was found.

Pure, apart from `load_overrides`, which reads the user's file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from llmhub.catalog.matching.dates import released_with
from llmhub.catalog.matching.grammar import Grammar, Parts
from llmhub.catalog.matching.matcher import Matcher, labs_agree
from llmhub.catalog.matching.overrides import Alias, Overrides, load_overrides
from llmhub.catalog.schema import AnyLLMModel, ArenaModel, FusedRaw, Match, ModelsDevModel

__all__ = ["Fusion", "RatedModel", "fuse_sources", "load_overrides"]


class RatedModel(NamedTuple):
    """A model of the leaderboard, with what models.dev says of its line and its lab; None where that is unknown."""

    arena: ArenaModel
    family: str | None = None
    lab: str | None = None


def fuse_sources(
    anyllm_models: Sequence[AnyLLMModel],
    modelsdev_map: Mapping[str, ModelsDevModel],
    arena_map: Mapping[str, ArenaModel],
    overrides: Overrides,
) -> list[FusedRaw]:
    """Return each callable model with what the other two sources have on it, in the order given.

    Args:
        anyllm_models: what can be called.
        modelsdev_map: models.dev's entries by `provider/model_id`.
        arena_map: the ratings by the leaderboard's names.
        overrides: see `load_overrides`.
    """
    fusion = Fusion(modelsdev_map, arena_map, overrides)
    return [fusion.fuse(model) for model in anyllm_models]


class Fusion:
    """What fusing needs, made once for all models: see `fuse_sources` for what it is made of."""

    def __init__(
        self,
        modelsdev_map: Mapping[str, ModelsDevModel],
        arena_map: Mapping[str, ArenaModel],
        overrides: Overrides,
    ) -> None:
        labs = overrides.vocabulary.labs
        self._grammar = Grammar(overrides.vocabulary)
        self._models_dev, self._arena, self._overrides = modelsdev_map, arena_map, overrides
        self._lab_of_provider = {provider: name for name, lab in labs.items() for provider in lab.providers}
        self._labs_of_organizations = {called: name for name, lab in labs.items() for called in lab.organizations}
        self._matcher = Matcher(self._grammar, arena_map, modelsdev_map, frozenset(self._lab_of_provider))
        self._offers: dict[str, _Offers] = {}
        self._by_words: defaultdict[tuple[str, ...], list[tuple[Parts, str, Alias]]] = defaultdict(list)
        for key, alias in overrides.aliases.items():
            if "/" not in key:
                parts = self._grammar.parse(key)
                self._by_words[parts.words].append((parts, key, alias))
        self._of_provider: defaultdict[str, list[ModelsDevModel]] = defaultdict(list)
        for model in modelsdev_map.values():
            self._of_provider[model.provider].append(model)
        self._families = _families(modelsdev_map.values(), self._lab_of_provider)
        self._found: dict[tuple[str, str | None], Match] = {}

    def fuse(self, model: AnyLLMModel) -> FusedRaw:
        """Return a callable model with what the other two sources have on it."""
        key = f"{model.provider}/{model.model_id}"
        offer, offer_match = self._models_dev_entry(model, key)
        arena_match = self._arena_match(model.provider, model.model_id, offer)
        return FusedRaw(
            canonical_id=key,
            anyllm=model,
            modelsdev=offer,
            arena=self._arena[arena_match.target] if arena_match.target is not None else None,
            lab=self._lab(model.model_id, offer),
            modelsdev_match=offer_match,
            arena_match=arena_match,
        )

    def rated_models(self) -> tuple[RatedModel, ...]:
        """Return each rated model once, with the family and the lab of the models.dev entries that mean it.

        What a lab itself offers counts before what others say of it.
        """
        meant: defaultdict[str, list[ModelsDevModel]] = defaultdict(list)
        # Stable: each model's offers stay in models.dev's order behind those of labs.
        for model in sorted(self._models_dev.values(), key=lambda each: each.provider not in self._lab_of_provider):
            match = self._arena_match(model.provider, model.model_id, model)
            if match.target is not None:
                meant[match.target].append(model)
        return tuple(self._rated(arena, meant[name]) for name, arena in self._arena.items())

    def _rated(self, arena: ArenaModel, offers: Sequence[ModelsDevModel]) -> RatedModel:
        families = (model.family for model in offers if model.family)
        labs = (lab for model in offers if (lab := self._lab(model.model_id, model)))
        known = self._labs_of_organizations.get(arena.organization or "")
        return RatedModel(arena, family=next(families, None), lab=known or next(labs, None))

    def _lab(self, model_id: str, offer: ModelsDevModel | None) -> str | None:
        """Return who made a model: by its id, by a lab's own offer, or by what labs offer of the same family."""
        if lab := self._grammar.parse(model_id).lab:
            return lab
        if offer is None:
            return None
        return self._lab_of_provider.get(offer.provider) or self._families.get(offer.family or "")

    # -- models.dev

    def _models_dev_entry(self, model: AnyLLMModel, key: str) -> tuple[ModelsDevModel | None, Match]:
        if (named := self._overrides.models_dev.get(key)) is not None:
            offer = self._models_dev.get(named)
            if offer is None:
                return None, Match(kind="none", reason=f"overrides.json names {named}, which models.dev does not have")
            return offer, Match(kind="override", target=named, reason="overrides.json says so")
        names = self._overrides.providers.get(model.provider, (model.provider,))
        match = Match(kind="none", reason=f"models.dev has no provider {' or '.join(names)}")
        for name in names:
            if name not in self._of_provider:
                continue
            offers = self._offers.get(name)
            if offers is None:
                offers = self._offers[name] = _Offers(self._grammar, self._of_provider[name])
            offer, match = offers.find(model.model_id)
            if offer is not None:
                return offer, match
        return None, match

    # -- LMArena

    def _arena_match(self, provider: str, model_id: str, offer: ModelsDevModel | None) -> Match:
        """Return which arena entry a model is, or why none; remembered, since many providers serve the same model."""
        if alias := self._alias(provider, model_id, offer):
            return self._by_alias(*alias)
        if offer is not None and offer.output_modalities and "text" not in offer.output_modalities:
            return Match(kind="none", reason=f"it puts out {' and '.join(offer.output_modalities)}, no text")
        remembered = (model_id, offer.canonical_id if offer else None)
        match = self._found.get(remembered)
        if match is None:
            found = self._matcher.find(model_id, offer)
            target = found.entry.name if found.entry else None
            match = Match(kind=found.kind, target=target, reason=found.reason, candidates=found.looked_at)
            self._found[remembered] = match
        return match

    def _alias(self, provider: str, model_id: str, offer: ModelsDevModel | None) -> tuple[str, Alias] | None:
        aliases = self._overrides.aliases
        keys = [f"{provider}/{model_id}", *([offer.canonical_id] if offer else ())]
        if model_id.partition("/")[0] not in self._of_provider:
            # Elsewhere deepseek/deepseek-chat is a lab's folder, in an alias the provider deepseek.
            keys.append(model_id)
        for key in keys:
            if key in aliases:
                return key, aliases[key]
        reading = self._grammar.parse(model_id)
        for parts, key, alias in self._by_words.get(reading.words, ()):
            same = reading._replace(lab=None, serving=parts.serving, bare_weights=False, floating=parts.floating)
            if same == parts._replace(lab=None) and labs_agree(parts, reading):
                return key, alias
        return None

    def _by_alias(self, key: str, alias: Alias) -> Match:
        whose = "llmhub's" if alias.shipped else "your"
        reason = f"{whose} alias for {key}: {alias.reason}"
        if alias.arena_id is None:
            return Match(kind="none", reason=reason)
        if alias.arena_id not in self._arena:
            return Match(kind="none", reason=f"{reason}; the leaderboard has no {alias.arena_id} now")
        return Match(kind="alias" if alias.shipped else "override", target=alias.arena_id, reason=reason)


class _Offers:
    """One models.dev provider's entries, found by id."""

    def __init__(self, grammar: Grammar, models: Iterable[ModelsDevModel]) -> None:
        self._grammar = grammar
        self._exact: dict[str, ModelsDevModel] = {}
        self._folded: defaultdict[str, list[ModelsDevModel]] = defaultdict(list)
        self._by_words: defaultdict[tuple[str, ...], list[ModelsDevModel]] = defaultdict(list)
        for model in models:
            self._exact[model.model_id] = model
            self._folded[_fold(model.model_id)].append(model)
            self._by_words[grammar.parse(model.model_id).words].append(model)

    def find(self, model_id: str) -> tuple[ModelsDevModel | None, Match]:
        """Return the entry of an id: price and limits are of one offer, so how it is served must be the same too."""
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
        dated = [model for model, parts in alike if self._same_snapshot(model, parts, reading)]
        if len(dated) == 1:
            reason = "the same model by its parts and models.dev's dates"
            return dated[0], Match(kind="dated", target=dated[0].canonical_id, reason=reason)
        reason = (
            "two entries fit the id"
            if dated
            else "models.dev has other snapshots of it"
            if alike
            else "no entry has this id"
        )
        return None, Match(kind="none", reason=reason, candidates=names)

    @staticmethod
    def _same_snapshot(model: ModelsDevModel, parts: Parts, reading: Parts) -> bool:
        """Say whether an offer is of the snapshot that an id names, or both name none."""
        if parts.date is None or reading.date is None:
            date = parts.date or reading.date
            return date is None or released_with(date, model.release_date, model.last_updated)
        return parts.date.agrees(reading.date)


def _same_but_for_date(one: Parts, other: Parts) -> bool:
    first, second = (parts._replace(lab=None, date=None, bare_weights=False, floating=False) for parts in (one, other))
    return first == second and labs_agree(one, other)


def _fold(model_id: str) -> str:
    """Return an id without what providers spell in different ways: `models/Gemini-2.5_Pro` as `gemini-2-5-pro`."""
    name = model_id.rsplit("models/", 1)[-1].lower()
    return name.replace(".", "-").replace("_", "-").replace("@", "-").replace(":latest", "")


def _families(models: Iterable[ModelsDevModel], lab_of_provider: Mapping[str, str]) -> dict[str, str]:
    """Return the lab of each family that only one lab offers itself."""
    labs: defaultdict[str, set[str]] = defaultdict(set)
    for model in models:
        if model.family and (lab := lab_of_provider.get(model.provider)):
            labs[model.family].add(lab)
    return {family: next(iter(found)) for family, found in labs.items() if len(found) == 1}
