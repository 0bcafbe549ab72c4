"""Aliases: hand-written matches that no rule can find, each with the facts that must still hold; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from llmhub.catalog.matching.grammar import Grammar, Parts
from llmhub.catalog.matching.overrides import Alias, Guard
from llmhub.catalog.matching.readings import labs_agree
from llmhub.catalog.schema import Match, ModelsDevModel


class Claim(NamedTuple):
    """An alias that applies to an id.

    Attributes:
        key: the alias's key.
        alias: its content.
        contradicted_by: the fact in models.dev that contradicts it; None while it holds.
    """

    key: str
    alias: Alias
    contradicted_by: str | None

    @property
    def why_unused(self) -> str | None:
        """The reason, as a sentence, why the alias no longer applies; None while it holds."""
        if self.contradicted_by is None:
            return None
        return f"{self._owner} alias for {self.key} is no longer used: {self.contradicted_by}"

    @property
    def _owner(self) -> str:
        return "llmhub's" if self.alias.shipped else "your"

    def match(self, arena_names: Collection[str]) -> Match:
        """Return the alias's match, given the names that are on the leaderboard."""
        alias = self.alias
        reason = f"{self._owner} alias for {self.key}: {alias.reason}"
        if alias.arena_id is None:
            return Match(kind="none", reason=reason)
        if alias.arena_id not in arena_names:
            return Match(kind="none", reason=f"{reason}; the leaderboard has no {alias.arena_id} now")
        return Match(kind="alias" if alias.shipped else "override", target=alias.arena_id, reason=reason)


class Aliases:
    """All aliases, found by id."""

    def __init__(
        self, grammar: Grammar, aliases: Mapping[str, Alias], models_dev: Mapping[str, ModelsDevModel]
    ) -> None:
        self._grammar = grammar
        self._aliases = aliases
        self._models_dev = models_dev
        self._providers = frozenset(model.provider for model in models_dev.values())
        self._by_words: defaultdict[tuple[str, ...], list[tuple[Parts, str]]] = defaultdict(list)
        for key in sorted(aliases):
            if "/" not in key:
                parts = grammar.parse(key)
                self._by_words[parts.words].append((parts, key))

    def find(self, provider: str, model_id: str, offer: ModelsDevModel | None) -> Claim | None:
        """Return the alias of an id: its own, its models.dev entry's, or one for any provider."""
        plain = self._grammar.without_route_tag(model_id, provider)
        keys = [f"{provider}/{model_id}", f"{provider}/{plain}", *([offer.canonical_id] if offer else ())]
        if model_id.partition("/")[0] not in self._providers:
            # Elsewhere deepseek/deepseek-chat is a lab's folder; in an alias it is the provider deepseek.
            keys.append(model_id)
        for key in keys:
            if key in self._aliases:
                return self._claim(key)
        reading = self._grammar.parse(model_id, provider)
        for parts, key in self._by_words.get(reading.words, ()):
            same = reading._replace(lab=None, serving=parts.serving, repository=False, floating=parts.floating)
            floats = reading.floating or not parts.floating
            if floats and same == parts._replace(lab=None) and labs_agree(parts, reading):
                return self._claim(key)
        return None

    def _claim(self, key: str) -> Claim:
        alias = self._aliases[key]
        guard = alias.holds_while
        return Claim(key, alias, None if guard is None else contradiction(guard, self._models_dev))


def contradiction(guard: Guard, models_dev: Mapping[str, ModelsDevModel]) -> str | None:
    """Return what models.dev now states differently than when the alias was written; None if nothing."""
    entry = models_dev.get(guard.models_dev)
    if entry is None:
        return None
    for field, then in guard.facts.items():
        now = getattr(entry, field, None)
        if now is not None and now != then:
            return f"models.dev says of {guard.models_dev} {field} = {now}, and the alias was written for {then}"
    return None
