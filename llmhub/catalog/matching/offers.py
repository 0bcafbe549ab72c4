"""Query models.dev for a model named by an id: its offers by their words, its sizes and its snapshots; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import NamedTuple, TypeVar

from llmhub.catalog.matching.dates import Day, day_text, days, parse_day, released_with, same_day
from llmhub.catalog.matching.grammar import Grammar, Parts
from llmhub.catalog.matching.readings import is_version, labs_agree
from llmhub.catalog.schema import ModelsDevModel

# Resellers date an offer by the day they began to serve it.
_SERVED_AFTER = 45
_SLACK = 7


class Offer(NamedTuple):
    """A models.dev entry with the parts of its id, and whether its provider is the lab itself."""

    model: ModelsDevModel
    parts: Parts
    first_party: bool


class Offers:
    """All offers of models.dev, indexed by the parts of their ids."""

    def __init__(
        self, grammar: Grammar, models: Mapping[str, ModelsDevModel], lab_of_provider: Mapping[str, str]
    ) -> None:
        self._grammar = grammar
        self._models = models
        self._lab_of_provider = lab_of_provider
        self._of: dict[tuple[tuple[str, ...], str | None], list[Offer]] = {}

    @cached_property
    def by_words(self) -> dict[tuple[str, ...], list[Offer]]:
        """All offers by the words of their ids, each group in the order of the keys."""
        by_words: defaultdict[tuple[str, ...], list[Offer]] = defaultdict(list)
        for _, model in sorted(self._models.items()):
            parts = self._grammar.parse(model.model_id, model.provider)
            by_words[parts.words].append(Offer(model, parts, model.provider in self._lab_of_provider))
        return dict(by_words)

    def of(self, reading: Parts) -> list[Offer]:
        """Return the offers with the same words whose lab may be the same."""
        key = reading.words, reading.lab
        found = self._of.get(key)
        if found is None:
            named = self.by_words.get(reading.words, ())
            found = self._of[key] = [offer for offer in named if labs_agree(offer.parts, reading)]
        return found

    def are_served_by(self, provider: str, named: Parts) -> bool:
        """Say whether a provider has an offer with the words of a name."""
        return any(offer.model.provider == provider for offer in self.by_words.get(named.words, ()))

    def is_a_labs_own(self, reading: Parts) -> bool:
        """Say whether a lab offers a model with the words of a reading."""
        return any(offer.first_party for offer in self.of(reading))

    def sizes(self, reading: Parts) -> set[frozenset[str]]:
        """Return the sizes of a model in models.dev."""
        return {offer.parts.sizes for offer in self.of(reading) if offer.parts.sizes}

    def has_open_weights(self, reading: Parts) -> bool | None:
        """Say whether a model's weights are open; None if models.dev does not say, or says both."""
        said = {offer.model.open_weights for offer in self.of(reading)} - {None}
        return said.pop() if len(said) == 1 else None

    def never_thinks(self, reading: Parts) -> bool:
        """Say whether a lab says of its own model that it does not think, whether or not it calls it a preview."""
        said = {
            offer.model.supports_reasoning
            for offer in self.of(reading)
            if offer.first_party and offer.parts.mode is None and offer.parts.sizes == reading.sizes
        }
        return said == {False}

    def released(self, reading: Parts) -> Iterator[tuple[Day | None, str | None]]:
        """Yield for each offer of a model the date in its id and its release day in models.dev."""
        for offer in self.by_words.get(reading.words, ()):
            yield offer.parts.date, offer.model.release_date

    def has_closed_weights(self, reading: Parts) -> bool:
        """Say whether a lab keeps the weights of its own model closed; what resellers say of it is too often wrong."""
        return {offer.model.open_weights for offer in self.of(reading) if offer.first_party} == {False}

    def alike(self, reading: Parts) -> list[Offer]:
        """Return the models.dev offers of the same model, whatever their date.

        models.dev mostly has no separate offer of a mode that an id names, because a mode is another way to call the
        model: then the model's offers count.
        """
        found = [
            offer
            for offer in self.of(reading)
            if offer.parts.preview == reading.preview
            and offer.parts.mode == reading.mode
            and (not offer.parts.sizes or not reading.sizes or offer.parts.sizes == reading.sizes)
        ]
        return found if found or reading.mode is None else self.alike(reading._replace(mode=None))

    def released_on(self, reading: Parts) -> bool:
        """Say whether the undated model's release in models.dev has the reading's date."""
        offers = [offer for offer in self.alike(reading) if offer.parts.date is None]
        own = [offer for offer in offers if offer.first_party]
        date = reading.date
        if date is None:
            return False
        if own:
            return any(released_with(date, offer.model.release_date, offer.model.last_updated) for offer in own)
        # Resellers date their own changes: only the day they began to offer it counts.
        return any(released_with(date, offer.model.release_date) for offer in offers)

    def released_without_preview(self, reading: Parts) -> str | None:
        """Return the lab's released model of which a reading may be a preview; None if there is none."""
        for offer in self.of(reading):
            if offer.first_party and not offer.parts.preview and offer.parts.mode == reading.mode:
                return offer.model.model_id
        return None

    def never_moved_from(self, snapshot: Day, alike: Iterable[Offer], asked: ModelsDevModel | None) -> bool:
        """Say whether the lab offers this snapshot, its undated id points no further, and an offer is no older."""
        own = [offer for offer in alike if offer.first_party]
        undated = [offer.model for offer in own if offer.parts.date is None]
        known = any(same_day(offer.parts.date, snapshot) for offer in own) or any(
            released_with(snapshot, model.release_date) for model in undated
        )
        moved = any(
            days(updated) > days(snapshot, near=updated) + _SERVED_AFTER
            for model in undated
            if (updated := parse_day(model.last_updated)) is not None
        )
        told = parse_day(asked.last_updated or asked.release_date) if asked else None
        older = told is not None and days(told) + _SERVED_AFTER < days(snapshot, near=told)
        return known and not moved and not older

    def served(self, reading: Parts, providers: AbstractSet[str]) -> Iterator[Day | None]:
        """Yield the snapshots of a model that providers list apart: under dated ids, or under version names."""
        for offer in self.of(reading):
            if offer.model.provider in providers:
                yield offer.parts.date
        for _, own, named in self._labs_dated_by_id.get(reading.words, ()):
            if named.words != own.words and any(self.are_served_by(provider, named) for provider in providers):
                yield own.date

    # -- a lab's own ids and names

    def by_the_labs_own_id(self, reading: Parts) -> Iterator[tuple[Parts, str]]:
        """Yield readings of a version's name as the lab's dated id, and of such an id as the version's name."""
        if reading.date is None:
            for model, own, _ in self._labs_dated_by_name.get(reading.words, ()):
                if own.words != reading.words and labs_agree(own, reading):
                    same = reading._replace(words=own.words, lab=own.lab, date=own.date)
                    yield same, f"its lab's own id is {model.model_id}"
        else:
            for model, own, named in self._labs_dated_by_id.get(reading.words, ()):
                if named.words != own.words and labs_agree(own, reading) and same_day(own.date, reading.date):
                    same = reading._replace(words=named.words, lab=reading.lab or own.lab)
                    yield same, f"its lab calls it {model.display_name!r}"

    @cached_property
    def _labs_dated(self) -> list[tuple[ModelsDevModel, Parts, Parts]]:
        """The labs' own dated offers, with the readings of their ids and of their names."""
        parse = self._grammar.parse
        own = [model for _, model in sorted(self._models.items()) if model.provider in self._lab_of_provider]
        return [(m, parts, parse(m.display_name)) for m in own if (parts := parse(m.model_id)).date is not None]

    @cached_property
    def _labs_dated_by_name(self) -> dict[tuple[str, ...], list[tuple[ModelsDevModel, Parts, Parts]]]:
        return _grouped(self._labs_dated, lambda each: each[2].words)

    @cached_property
    def _labs_dated_by_id(self) -> dict[tuple[str, ...], list[tuple[ModelsDevModel, Parts, Parts]]]:
        return _grouped(self._labs_dated, lambda each: each[1].words)

    # -- lines of versions

    def newest_version(self, reading: Parts, moment: Day) -> ModelsDevModel | None:
        """Return the lab's newest model of a line on the day of an id such as gemini-flash-latest."""
        found = [
            (days(released), offer.model.model_id, offer.model)
            for offer in self._versions_of(reading)
            if offer.first_party
            and (released := parse_day(offer.model.release_date)) is not None
            and days(released) <= days(moment)
        ]
        return max(found, key=lambda version: version[:2])[2] if found else None

    def has_versions(self, reading: Parts) -> bool:
        """Say whether models.dev has versions of a line that a reading names without one."""
        return any(True for _ in self._versions_of(reading))

    def newer_than(self, reading: Parts, moment: Day) -> str | None:
        """Return an id that a lab released after the date of a floating id; None if there is none."""
        last = days(moment._replace(day=moment.day or 28)) + _SLACK
        of_line = [offer for offer in self.alike(reading) if not offer.parts.floating]
        later = list(self._versions_of(reading))
        # Resellers date a version by the day they began to serve it, so the lab's own date counts first.
        own = [offer for offer in later if offer.first_party]
        for offer in [*of_line, *(own or later)]:
            dated, released = offer.parts.date, parse_day(offer.model.release_date)
            in_id = dated is not None and dated.year is not None and days(dated) > last
            slack = 0 if offer.first_party else _SERVED_AFTER
            told = released is not None and days(released) > last + slack
            if in_id or (told and (offer.first_party or offer.parts.words != reading.words)):
                return f"{offer.model.model_id} ({day_text(released or dated or moment)})"
        return None

    @cached_property
    def _by_set_of_words(self) -> list[tuple[frozenset[str], list[Offer]]]:
        return [(frozenset(words), offers) for words, offers in self.by_words.items()]

    def _versions_of(self, reading: Parts) -> Iterator[Offer]:
        """Yield the offers of a line whose words are those of a reading plus a version."""
        words = set(reading.words)
        if not words and reading.lab is None:
            return
        for group, offers in self._by_set_of_words:
            if words < group and all(is_version(word) for word in group - words):
                for offer in offers:
                    alike = not offer.parts.sizes or not reading.sizes or offer.parts.sizes == reading.sizes
                    if alike and labs_agree(offer.parts, reading) and not offer.parts.floating:
                        yield offer


_T = TypeVar("_T")


def _grouped(values: Iterable[_T], key: Callable[[_T], tuple[str, ...]]) -> dict[tuple[str, ...], list[_T]]:
    groups: defaultdict[tuple[str, ...], list[_T]] = defaultdict(list)
    for value in values:
        groups[key(value)].append(value)
    return dict(groups)
