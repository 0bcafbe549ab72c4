"""Join the sources: find each callable model's entry in models.dev and on the leaderboard, and record how it was found.

Pure, except for `load_overrides`, which reads the user's file.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from statistics import median_low
from traceback import format_tb

from llmhub.catalog.arena_model import ArenaModel
from llmhub.catalog.matching.aliases import Aliases
from llmhub.catalog.matching.base_models import BaseModels
from llmhub.catalog.matching.grammar import Grammar
from llmhub.catalog.matching.matcher import Matcher
from llmhub.catalog.matching.overrides import Overrides, load_overrides
from llmhub.catalog.matching.provider_offers import ProviderOffers
from llmhub.catalog.schema import AnyLLMModel, FusedRaw, Match, ModelsDevModel
from llmhub.catalog.stored.format import CHAT
from llmhub.catalog.tiers.kinds import answers_in_text, type_of
from llmhub.catalog.tiers.predecessors import Predecessors, RatedModel
from llmhub.errors import printable

_log = logging.getLogger(__name__)

__all__ = ["Fusion", "RatedModel", "fuse_sources", "load_overrides"]


def fuse_sources(
    anyllm_models: Sequence[AnyLLMModel],
    modelsdev_map: Mapping[str, ModelsDevModel],
    arena_map: Mapping[str, ArenaModel],
    overrides: Overrides,
) -> list[FusedRaw]:
    """Return each callable model with the data that the other two sources have about it, in the given order.

    Args:
        anyllm_models: the callable models.
        modelsdev_map: models.dev's entries by `provider/model_id`.
        arena_map: the ratings by the leaderboard's names.
        overrides: see `load_overrides`.
    """
    fusion = Fusion(modelsdev_map, arena_map, overrides)
    return [fusion.fuse(model) for model in anyllm_models]


class Fusion:
    """The indexes that joining needs, built once for all models; `fuse_sources` describes the inputs."""

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
        # A model that does not chat is on no board, so its offers say nothing about models that are.
        self._chat = {key: model for key, model in modelsdev_map.items() if answers_in_text(model.model_id, model)}
        self._matcher = Matcher(self._grammar, arena_map, self._chat, overrides)
        self._aliases = Aliases(self._grammar, overrides.aliases, modelsdev_map)
        self._offers: dict[str, ProviderOffers] = {}
        self._of_provider: defaultdict[str, list[ModelsDevModel]] = defaultdict(list)
        for model in modelsdev_map.values():
            self._of_provider[model.provider].append(model)
        self._families = _families(self._chat.values(), self._lab_of_provider)
        self._of_base: defaultdict[str, list[ModelsDevModel]] = defaultdict(list)
        for _, model in sorted(self._chat.items()):
            if model.canonical_model_id is not None:
                self._of_base[model.canonical_model_id].append(model)
        self._bases: dict[str, Match] = {}
        self._found: dict[tuple[str, str, str | None], Match] = {}

    def fuse(self, model: AnyLLMModel) -> FusedRaw:
        """Return a callable model with the data that the other two sources have about it.

        If a rule fails on an id, that one model stays unmatched, with the reason; other models are not affected.
        """
        return self._joined(model, lambda: self._models_dev_entry(model.provider, model.model_id))

    def fuse_offer(self, offer: ModelsDevModel) -> FusedRaw:
        """Return an offer of models.dev, whether it can be called or not, with its rating."""
        model = AnyLLMModel.model_construct(provider=offer.provider, model_id=offer.model_id)
        match = Match(kind="exact", target=offer.canonical_id, reason="it is this entry")
        return self._joined(model, lambda: (offer, match))

    def _joined(self, model: AnyLLMModel, entry: Callable[[], tuple[ModelsDevModel | None, Match]]) -> FusedRaw:
        key = f"{model.provider}/{model.model_id}"
        try:
            offer, offer_match = entry()
            arena_match = self._chat_match(model, offer)
            arena = self._arena[arena_match.target] if arena_match.target is not None else None
            lab = self._lab(model.model_id, offer)
            own, base = self._is_first_party(model, offer, lab), self._bases_by_parts.of(model, offer)
            before = None if arena is not None or offer is None else self._predecessor(model.model_id, offer, lab)
        except Exception as error:  # noqa: BLE001 -- logged: one odd id must not fail the whole catalog
            offer, lab, arena, before, own, base = None, None, None, None, None, None
            offer_match = arena_match = _failed(key, error)
        return FusedRaw(
            canonical_id=key,
            anyllm=model,
            modelsdev=offer,
            arena=arena,
            lab=lab,
            first_party=own,
            base_model=base,
            modelsdev_match=offer_match,
            arena_match=arena_match,
            predecessor=before,
        )

    def _chat_match(self, model: AnyLLMModel, offer: ModelsDevModel | None) -> Match:
        """Return the arena entry of a model that chats, and the setting at which that entry was rated."""
        if (kind := type_of(model.model_id, offer)) != CHAT:
            return Match(kind="none", reason=f"its kind is {kind}, and only models that answer in text are rated")
        match = self._arena_match(model.provider, model.model_id, offer or self._untagged_offer(model))
        setting = self._setting(model, offer, match)
        return match if setting == match.setting else match.model_copy(update={"setting": setting})

    def _setting(self, model: AnyLLMModel, offer: ModelsDevModel | None, match: Match) -> str | None:
        """Return the effort or mode at which an entry was rated, unless the id or its name asks for that mode."""
        if match.target is None:
            return None
        parse = self._grammar.parse
        asked = {parse(model.model_id, model.provider).mode, *([parse(offer.display_name).mode] if offer else ())}
        rated = parse(match.target).mode
        return None if rated in asked else rated

    def _predecessor(self, model_id: str, offer: ModelsDevModel, lab: str | None) -> ArenaModel | None:
        """Return the rated model that an unrated one follows; None if models.dev does not say that it puts out text."""
        if "text" not in offer.output_modalities or not answers_in_text(model_id, offer):
            return None
        return self._predecessors.find(model_id, offer, lab)

    @cached_property
    def _predecessors(self) -> Predecessors:
        return Predecessors(self._grammar, self.rated_models())

    def rated_models(self) -> tuple[RatedModel, ...]:
        """Return each rated model once, with its lab and release day, taken from the models.dev entries that mean it.

        A lab's own offer counts before those of other providers.
        """
        meant: defaultdict[str, list[ModelsDevModel]] = defaultdict(list)
        # The sort is stable: behind the labs' own offers, each model's offers stay in models.dev's order.
        for model in sorted(self._chat.values(), key=lambda each: each.provider not in self._lab_of_provider):
            match = self._arena_match(model.provider, model.model_id, model)
            if match.target is not None:
                meant[match.target].append(model)
        return tuple(self._rated(arena, meant[name]) for name, arena in self._arena.items())

    def _rated(self, arena: ArenaModel, offers: Sequence[ModelsDevModel]) -> RatedModel:
        own = [model for model in offers if model.provider in self._lab_of_provider]
        # Resellers date an offer by the day they began to serve it, or by any day: most are close enough.
        released = sorted(model.release_date for model in own or offers if model.release_date)
        labs = (lab for model in offers if (lab := self._lab(model.model_id, model)))
        known = self._labs_of_organizations.get(arena.organization or "")
        return RatedModel(arena, lab=known or next(labs, None), released=median_low(released) if released else None)

    def _lab(self, model_id: str, offer: ModelsDevModel | None) -> str | None:
        """Return who made a model, from models.dev, its id, a lab's own offer, or labs' offers of its family."""
        for text in (offer.canonical_model_id if offer else None, model_id):
            if text is not None and (lab := self._grammar.parse(text).lab):
                return lab
        if offer is None:
            return None
        return self._lab_of_provider.get(offer.provider) or self._families.get(offer.family or "")

    def _is_first_party(self, model: AnyLLMModel, offer: ModelsDevModel | None, lab: str | None) -> bool | None:
        """Say whether a model's lab serves it itself; None if the lab is unknown."""
        if lab is None:
            return None
        called = self._overrides.providers.get(model.provider, (model.provider,))
        return lab in {self._lab_of_provider.get(name) for name in ((offer.provider,) if offer else called)}

    @cached_property
    def _bases_by_parts(self) -> BaseModels:
        own = (model for model in self._models_dev.values() if model.provider in self._lab_of_provider)
        return BaseModels(self._grammar, self._models_dev.values(), own)

    # -- models.dev

    def _untagged_offer(self, model: AnyLLMModel) -> ModelsDevModel | None:
        """Return the offer of an id without its `:online` tag: the same model at another price."""
        plain = self._grammar.without_route_tag(model.model_id, model.provider)
        if plain == model.model_id:
            return None
        return self._models_dev_entry(model.provider, plain)[0]

    def _models_dev_entry(self, provider: str, model_id: str) -> tuple[ModelsDevModel | None, Match]:
        if (named := self._overrides.models_dev.get(f"{provider}/{model_id}")) is not None:
            offer = self._models_dev.get(named)
            if offer is None:
                return None, Match(kind="none", reason=f"overrides.json names {named}, which models.dev does not have")
            return offer, Match(kind="override", target=named, reason="overrides.json says so")
        names = self._overrides.providers.get(provider, (provider,))
        match = Match(kind="none", reason=f"models.dev has no provider {' or '.join(names)}")
        for name in names:
            if name not in self._of_provider:
                continue
            offers = self._offers.get(name)
            if offers is None:
                regions = self._overrides.vocabulary.regions
                offers = self._offers[name] = ProviderOffers(self._grammar, regions, self._of_provider[name])
            offer, match = offers.find(model_id)
            if offer is not None:
                return offer, match
        return None, match

    # -- LMArena

    def _arena_match(self, provider: str, model_id: str, offer: ModelsDevModel | None) -> Match:
        """Return the arena entry of a model, or why it has none.

        Order of trust: the user's overrides, then the model that models.dev names behind an offer, then the id.
        """
        match = self._own_match(provider, model_id, offer)
        if offer is None or offer.canonical_model_id is None or match.kind == "override" or self._names_a_mode(offer):
            return match
        base = self._base_match(offer.canonical_model_id)
        if base.target == match.target:
            return match
        says = f"models.dev says that it is {offer.canonical_model_id}"
        candidates = tuple(dict.fromkeys(name for name in (match.target, base.target, *base.candidates) if name))
        if match.target is not None:
            # One of the two is wrong, and a score on the wrong model is worse than none.
            other = base.target or "no entry"
            reason = f"its id means {match.target}, but {says}, which means {other}: {base.reason}"
            return Match(kind="none", reason=reason, candidates=candidates)
        if not self._may_be_base(offer, offer.canonical_model_id):
            return match
        return Match(kind="alias", target=base.target, reason=f"{says}: {base.reason}", candidates=base.candidates)

    def _names_a_mode(self, offer: ModelsDevModel) -> bool:
        parse = self._grammar.parse
        return bool(parse(offer.model_id, offer.provider).mode or parse(offer.display_name).mode)

    def _may_be_base(self, offer: ModelsDevModel, canonical_id: str) -> bool:
        """Say whether an offer's id is compatible with the model that models.dev names for it.

        A few rows of models.dev name the wrong model.
        """
        parse = self._grammar.parse
        own = parse(offer.model_id, offer.provider)
        base = parse(canonical_id.partition("/")[2])
        known = self._models_dev.get(canonical_id)
        words = {*base.words, *(parse(known.display_name).words if known else ())}
        return (
            words.issuperset(own.words)
            and own.tune != "base"
            and (not own.sizes or not base.sizes or own.sizes <= base.sizes)
            and (own.date is None or base.date is None or own.date.agrees(base.date))
        )

    def _base_match(self, canonical_id: str) -> Match:
        """Return the one entry for all offers of the model that models.dev names behind them."""
        match = self._bases.get(canonical_id)
        if match is None:
            match = self._bases[canonical_id] = self._match_base(canonical_id)
        return match

    def _match_base(self, canonical_id: str) -> Match:
        base = self._models_dev.get(canonical_id)
        provider, _, model_id = canonical_id.partition("/")
        match = self._own_match(provider, model_id, base)
        if match.target is not None or base is not None:
            return match
        # models.dev has no entry for the model itself: its offers decide, if they agree.
        of_offers = [
            found
            for offer in self._of_base[canonical_id]
            if not self._names_a_mode(offer)
            and (found := self._own_match(offer.provider, offer.model_id, offer)).target is not None
        ]
        targets = sorted({found.target for found in of_offers if found.target is not None})
        if len(targets) == 1:
            return of_offers[0]
        if not targets:
            return match
        reason = f"its offers seem to be different models ({' and '.join(targets)})"
        return Match(kind="none", reason=reason, candidates=tuple(targets))

    def _own_match(self, provider: str, model_id: str, offer: ModelsDevModel | None) -> Match:
        """Return the entry found by the id and the offer alone; cached."""
        key = (provider, model_id, offer.canonical_id if offer else None)
        match = self._found.get(key)
        if match is None:
            try:
                match = self._match(provider, model_id, offer)
            except Exception as error:  # noqa: BLE001 -- as in `fuse`
                match = _failed(f"{provider}/{model_id}", error)
            self._found[key] = match
        return match

    def _match(self, provider: str, model_id: str, offer: ModelsDevModel | None) -> Match:
        claim = self._aliases.find(provider, model_id, offer)
        if claim is not None and claim.alias.shipped and self._matcher.is_only_a_local_name(model_id, provider):
            claim = None
        if claim is not None and claim.why_unused is None:
            return claim.match(self._arena)
        if offer is not None and offer.output_modalities and "text" not in offer.output_modalities:
            return Match(kind="none", reason=f"it puts out {' and '.join(offer.output_modalities)}, no text")
        found = self._matcher.find(model_id, offer, provider)
        reason = found.reason if claim is None else f"{claim.why_unused}; by the rules: {found.reason}"
        target = found.entry.name if found.entry else None
        return Match(kind=found.kind, target=target, reason=reason, candidates=found.looked_at)


def _failed(key: str, error: Exception) -> Match:
    """Log that a rule failed on an id, and return an empty match."""
    reason = f"internal error ({type(error).__name__}) while its id was read"
    _log.warning("%s: nothing is matched to it: %s", printable(key), reason)
    _log.info("%s: raised at\n%s", printable(key), "".join(format_tb(error.__traceback__)))
    return Match(kind="none", reason=reason)


def _families(models: Iterable[ModelsDevModel], lab_of_provider: Mapping[str, str]) -> dict[str, str]:
    """Return the lab of each family that only one lab offers itself."""
    labs: defaultdict[str, set[str]] = defaultdict(set)
    for model in models:
        if model.family and (lab := lab_of_provider.get(model.provider)):
            labs[model.family].add(lab)
    return {family: next(iter(found)) for family, found in labs.items() if len(found) == 1}
