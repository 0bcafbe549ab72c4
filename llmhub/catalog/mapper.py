"""Fusing the sources: each callable model with its models.dev entry and its arena entry, and how each was found.

Pure, apart from `load_overrides`, which reads the user's file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from statistics import median_low

from llmhub.catalog.kinds import answers_in_text, type_of
from llmhub.catalog.matching.grammar import Grammar, Parts
from llmhub.catalog.matching.matcher import Matcher, labs_agree
from llmhub.catalog.matching.overrides import Alias, Overrides, load_overrides
from llmhub.catalog.predecessors import Predecessors, RatedModel
from llmhub.catalog.provider_offers import ProviderOffers
from llmhub.catalog.schema import CHAT, AnyLLMModel, ArenaModel, FusedRaw, Match, ModelsDevModel

__all__ = ["Fusion", "RatedModel", "fuse_sources", "load_overrides"]


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
        # What does not chat is on no board, and nothing that it says tells of what does.
        self._chat = {key: model for key, model in modelsdev_map.items() if answers_in_text(model.model_id, model)}
        self._matcher = Matcher(self._grammar, arena_map, self._chat, frozenset(self._lab_of_provider))
        self._offers: dict[str, ProviderOffers] = {}
        self._by_words: defaultdict[tuple[str, ...], list[tuple[Parts, str, Alias]]] = defaultdict(list)
        for key, alias in overrides.aliases.items():
            if "/" not in key:
                parts = self._grammar.parse(key)
                self._by_words[parts.words].append((parts, key, alias))
        self._of_provider: defaultdict[str, list[ModelsDevModel]] = defaultdict(list)
        for model in modelsdev_map.values():
            self._of_provider[model.provider].append(model)
        self._families = _families(self._chat.values(), self._lab_of_provider)
        self._found: dict[tuple[str, str | None], Match] = {}

    def fuse(self, model: AnyLLMModel) -> FusedRaw:
        """Return a callable model with what the other two sources have on it."""
        key = f"{model.provider}/{model.model_id}"
        offer, offer_match = self._models_dev_entry(model, key)
        if (kind := type_of(model.model_id, offer)) == CHAT:
            arena_match = self._arena_match(model.provider, model.model_id, offer)
        else:
            arena_match = Match(kind="none", reason=f"it is for something else ({kind}) than answers in text")
        arena = self._arena[arena_match.target] if arena_match.target is not None else None
        lab = self._lab(model.model_id, offer)
        return FusedRaw(
            canonical_id=key,
            anyllm=model,
            modelsdev=offer,
            arena=arena,
            lab=lab,
            modelsdev_match=offer_match,
            arena_match=arena_match.model_copy(update={"setting": self._setting(model.model_id, offer, arena_match)}),
            predecessor=self._predecessor(model.model_id, offer, lab) if arena is None and offer is not None else None,
        )

    def _setting(self, model_id: str, offer: ModelsDevModel | None, match: Match) -> str | None:
        """Return the effort or mode that an entry was rated at, where neither the id nor its name asks for it."""
        if match.target is None:
            return None
        rated = self._grammar.parse(match.target).mode
        asked = {self._grammar.parse(text).mode for text in (model_id, *([offer.display_name] if offer else ()))}
        return None if rated in asked else rated

    def _predecessor(self, model_id: str, offer: ModelsDevModel, lab: str | None) -> ArenaModel | None:
        """Return the rated model that an unrated one follows; of what models.dev does not say to put out text, none."""
        if "text" not in offer.output_modalities or not answers_in_text(model_id, offer):
            return None
        return self._predecessors.find(model_id, offer, lab)

    @cached_property
    def _predecessors(self) -> Predecessors:
        return Predecessors(self._grammar, self.rated_models())

    def rated_models(self) -> tuple[RatedModel, ...]:
        """Return each rated model once, with its lab and the day it came out, by the models.dev entries that mean it.

        What a lab itself offers counts before what others say of it.
        """
        meant: defaultdict[str, list[ModelsDevModel]] = defaultdict(list)
        # Stable: each model's offers stay in models.dev's order behind those of labs.
        for model in sorted(self._chat.values(), key=lambda each: each.provider not in self._lab_of_provider):
            match = self._arena_match(model.provider, model.model_id, model)
            if match.target is not None:
                meant[match.target].append(model)
        return tuple(self._rated(arena, meant[name]) for name, arena in self._arena.items())

    def _rated(self, arena: ArenaModel, offers: Sequence[ModelsDevModel]) -> RatedModel:
        own = [model for model in offers if model.provider in self._lab_of_provider]
        # Resellers date an offer by the day that they began to serve it, or by any day: most are not far off.
        released = sorted(model.release_date for model in own or offers if model.release_date)
        labs = (lab for model in offers if (lab := self._lab(model.model_id, model)))
        known = self._labs_of_organizations.get(arena.organization or "")
        return RatedModel(arena, lab=known or next(labs, None), released=median_low(released) if released else None)

    def _lab(self, model_id: str, offer: ModelsDevModel | None) -> str | None:
        """Return who made a model: by models.dev's word, its id, a lab's own offer, or labs' offers of its family."""
        base = offer.canonical_model_id if offer else None
        if lab := (base and self._grammar.parse(base).lab) or self._grammar.parse(model_id).lab:
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
                regions = self._overrides.vocabulary.regions
                offers = self._offers[name] = ProviderOffers(self._grammar, regions, self._of_provider[name])
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


def _families(models: Iterable[ModelsDevModel], lab_of_provider: Mapping[str, str]) -> dict[str, str]:
    """Return the lab of each family that only one lab offers itself."""
    labs: defaultdict[str, set[str]] = defaultdict(set)
    for model in models:
        if model.family and (lab := lab_of_provider.get(model.provider)):
            labs[model.family].add(lab)
    return {family: next(iter(found)) for family, found in labs.items() if len(found) == 1}
