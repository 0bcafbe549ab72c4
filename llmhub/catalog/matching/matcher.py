"""Find the arena entry that a model id means by comparing parts, never by similarity of strings.

An entry counts only if the id contradicts none of its parts and the id lacks none of them, apart from what a rule
settles: a size that only one model has, the snapshot to which models.dev's dates point, the only setting in which a
model was rated. If the rules leave two entries, or none, there is no match: a score on the wrong model is worse than
none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from typing import NamedTuple

from llmhub.catalog.matching import rules
from llmhub.catalog.matching.dates import parse_day, same_day
from llmhub.catalog.matching.grammar import Grammar, Parts
from llmhub.catalog.matching.library import read_library_id
from llmhub.catalog.matching.offers import Offers
from llmhub.catalog.matching.overrides import Overrides
from llmhub.catalog.matching.readings import completed, is_version, refines, renames, same_words, versions
from llmhub.catalog.matching.rules import Entry, Stop
from llmhub.catalog.matching.snapshots import Asked, Snapshots, all_dated
from llmhub.catalog.schema import MatchKind, ModelsDevModel

_MOST_LISTED = 5
_FIRST = "1"


class Found(NamedTuple):
    """An arena entry, or the reason for none.

    Attributes:
        entry: the entry.
        kind: how it was found; `none` without one.
        reason: one sentence.
        looked_at: the names of the nearest entries.
    """

    entry: Entry | None
    kind: MatchKind
    reason: str
    looked_at: tuple[str, ...] = ()


class Matcher:
    """Finds the arena entry of an id, given all entries and all of models.dev."""

    def __init__(
        self,
        grammar: Grammar,
        arena_names: Iterable[str],
        models: Mapping[str, ModelsDevModel],
        overrides: Overrides,
    ) -> None:
        vocabulary = overrides.vocabulary
        self._grammar = grammar
        self._library = overrides.library
        self._closed = frozenset(vocabulary.closed)
        lab_of_provider = {provider: name for name, lab in vocabulary.labs.items() for provider in lab.providers}
        self._offers = Offers(grammar, models, lab_of_provider)
        self._snapshots = Snapshots(self._offers, overrides.providers, lab_of_provider)
        self._entries: defaultdict[tuple[str, ...], list[Entry]] = defaultdict(list)
        self._by_family: defaultdict[tuple[str, ...], list[Entry]] = defaultdict(list)
        for name in sorted(arena_names):
            self._add_entry(name, [said for key, said in vocabulary.left_out.items() if fnmatchcase(name, key)])

    def _add_entry(self, name: str, left_out: Iterable[tuple[str, ...]]) -> None:
        parts = self._grammar.parse(name)
        said = [self._grammar.parse(text) for texts in left_out for text in texts]
        entry = Entry(name, parts, frozenset(size for each in said for size in each.sizes))
        self._entries[parts.words].append(entry)
        for words in {each.words for each in said if each.words}:
            self._entries[tuple(sorted(parts.words + words))].append(entry)
        self._by_family[tuple(versions(parts)[1])].append(entry)

    def find(self, model_id: str, offer: ModelsDevModel | None, provider: str = "") -> Found:
        """Return the arena entry that an id means.

        Args:
            model_id: the id as its provider lists it.
            offer: its models.dev entry, if it has one.
            provider: any-llm's name of the provider, or models.dev's.
        """
        how = None
        if self._grammar.habits(provider).tags:
            text, how = read_library_id(model_id, self._library)
            if text is None:
                return Found(None, "none", how or "", ())
            model_id = text
        readings = self._readings(model_id, offer, provider)
        plain, habits = readings[0][0], self._grammar.habits(provider)
        if self._is_closed_at_a_local_server(plain, provider):
            return Found(None, "none", "a local server has no closed weights: it only calls its model so", ())
        asked = Asked(provider, offer, (habits.repositories or how is not None) and not plain.floating)
        found: dict[str, Found] = {}
        refused: list[Found] = []
        for reading, how_read in readings:
            result = self._look_up(reading, asked, "; ".join(filter(None, (how, how_read))) or None)
            if result.entry is None:
                refused.append(result)
            else:
                found.setdefault(result.entry.name, result)
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            names = tuple(found)
            return Found(None, "none", f"its id and its name name different models: {' and '.join(names)}", names)
        best = max(refused, key=lambda result: len(result.looked_at))
        return best if best.looked_at else best._replace(looked_at=self._one_word_apart(readings[0][0]))

    def is_only_a_local_name(self, model_id: str, provider: str) -> bool:
        """Say whether a local server calls its model by the name of closed weights, which it cannot have."""
        return self._is_closed_at_a_local_server(self._grammar.parse(model_id, provider), provider)

    def _is_closed_at_a_local_server(self, plain: Parts, provider: str) -> bool:
        local = self._grammar.habits(provider).local
        if not local or plain.sizes:
            return False
        return not self._closed.isdisjoint(plain.words) or self._offers.has_closed_weights(plain)

    # -- readings

    def _readings(self, model_id: str, offer: ModelsDevModel | None, provider: str) -> list[tuple[Parts, str | None]]:
        """Return the possible meanings of an id, each with how it was read; the plain reading first."""
        plain = self._grammar.parse(model_id, provider)
        if plain != (whole := self._grammar.parse(model_id)) and self._offers.is_a_labs_own(whole):
            # glm-5-turbo, at a provider where turbo mostly says how a model is served.
            plain = whole
        if self._names_bare_weights(plain, offer, provider) != plain.bare_weights:
            plain = plain._replace(bare_weights=not plain.bare_weights)
        readings: list[tuple[Parts, str | None]] = [(plain, None)]
        if offer is not None:
            named = self._grammar.parse(offer.display_name)
            called = f"models.dev calls it {offer.display_name!r}"
            if same_words(plain, named):
                readings = [(completed(plain, named), None)]
            elif refines(plain, named) and not self._offers.are_served_by(offer.provider, named):
                # deepseek.v3-v1:0, which models.dev calls DeepSeek-V3.1.
                readings = [(completed(plain, named)._replace(words=named.words), called)]
            elif renames(plain, named):
                readings.append((completed(plain, named)._replace(words=named.words), called))
        for reading, _ in readings[:]:
            readings.extend(self._offers.by_the_labs_own_id(reading))
        return readings

    def _names_bare_weights(self, plain: Parts, offer: ModelsDevModel | None, provider: str) -> bool:
        """Say whether a size without a word of tuning means the base weights here.

        It does if models.dev does not list the id as a chat model, except at hosts that serve no base weights, such as
        Cerebras.
        """
        if offer is not None or plain.repository:
            return plain.repository
        sized = self._grammar.habits(provider).sized_is_instruct
        return not (sized == "always" or (sized == "of labs" and plain.lab is not None))

    # -- looking up

    def _look_up(self, reading: Parts, asked: Asked, how: str | None) -> Found:
        try:
            return self._narrow(reading, asked, how)
        except Stop as stop:
            return Found(None, "none", stop.reason, stop.looked_at)

    def _narrow(self, reading: Parts, asked: Asked, how: str | None) -> Found:
        """Narrow the entries with the same words down to one."""
        if reading.floating and (newest := self._newest_version(reading, asked.offer)) is not None:
            found = self.find(newest.model_id, newest, newest.provider)
            reason = f"the newest of its line by models.dev's dates is {newest.model_id}: {found.reason}"
            return found._replace(kind="alias" if found.entry else "none", reason=reason)
        pool, reading, how_found = self._with_same_words(reading)
        how = how or how_found
        pool = rules.of_size(pool, reading, self._offers)
        pool = rules.of_preview(pool, reading, self._offers)
        pool = rules.of_named_mode(pool, reading)
        pool = rules.of_tune(pool, reading, self._offers, self._closed)
        pool = rules.of_revision(pool, reading, asked.offer)
        if reading.floating and reading.date is None and self._rated_versions(reading) and not all_dated(pool):
            raise Stop("it names whatever is newest of its line, and versions of it were rated", pool)
        pool, told, pointed = self._snapshots.of_date(pool, reading, asked)
        if pointed is not None:
            return self._under_another_name(pool, reading._replace(date=pointed, floating=False), asked, told)
        pool, variant = rules.of_default_mode(pool, reading, asked.offer, self._offers)
        pool = rules.prefer(pool, lambda entry: entry.parts.tune == reading.tune)
        entry = rules.only_one(pool, reading)
        kind: MatchKind = "variant" if variant else "dated" if told else "alias" if how else "exact"
        reasons = [text for text in (how, told, variant) if text]
        return Found(entry, kind, "; ".join(reasons) or "the id and the entry say the same", ())

    def _with_same_words(self, reading: Parts) -> tuple[list[Entry], Parts, str | None]:
        """Return the entries with the words of an id, the id read as they are, and how they were found otherwise.

        Raises:
            Stop: there are none.
        """
        pool = [entry for entry in self._entries.get(reading.words, ()) if rules.may_be(entry.parts, reading)]
        if dated := [entry for entry in pool if same_day(entry.parts.date, reading.date)]:
            return dated, reading, None
        if same := self._of_same_date(reading):
            return same, reading._replace(words=same[0].parts.words), "the date says which version it is"
        if pool:
            return pool, reading, None
        if unnumbered := self._unnumbered(reading):
            return unnumbered, reading, "the first model of a line has no number in its name"
        raise Stop("no entry of the leaderboard has the same words in its name", ())

    def _unnumbered(self, reading: Parts) -> list[Entry]:
        """Return the entries without a version that version 1 means; none if one has a date: it may be a later one."""
        if reading.floating or _FIRST not in reading.words:
            return []
        named = self._entries.get(_without(reading.words, _FIRST), ())
        pool = [entry for entry in named if rules.may_be(entry.parts, reading)]
        return pool if all(entry.parts.date is None for entry in pool) else []

    def _newest_version(self, reading: Parts, offer: ModelsDevModel | None) -> ModelsDevModel | None:
        """Return the lab's newest model of the line that a floating id names; None if it names one model's snapshots.

        Raises:
            Stop: the model that it means is unknown, or was known for an earlier moment only.
        """
        moment = parse_day(offer.last_updated or offer.release_date) if offer else None
        if moment is None:
            if self._offers.has_versions(reading) or self._rated_versions(reading):
                raise Stop("it names whatever is newest of its line, and models.dev does not say since when", ())
            return None
        if newer := self._offers.newer_than(reading, moment):
            raise Stop(f"it names whatever is newest, and after models.dev dated it there came {newer}", ())
        return self._offers.newest_version(reading, moment)

    def _rated_versions(self, reading: Parts) -> bool:
        """Say whether entries have the words of a reading plus a version."""
        words = set(reading.words)
        return any(
            words < set(group)
            and all(is_version(word) for word in set(group) - words)
            and any(rules.may_be(entry.parts, reading) for entry in entries)
            for group, entries in self._entries.items()
        )

    def _of_same_date(self, reading: Parts) -> list[Entry] | None:
        """Return the entries of a dated id that differ from it only in a version that one side omits."""
        if reading.date is None or reading.date.year is None:
            return None
        numbers, others = versions(reading)
        alike = [
            entry
            for entry in self._by_family.get(tuple(others), ())
            if bool(versions(entry.parts)[0]) != bool(numbers)
            and same_day(entry.parts.date, reading.date)
            and entry.parts.date is not None
            and entry.parts.date.year is not None
            and rules.may_be(entry.parts, reading)
        ]
        return alike if len({entry.parts.words for entry in alike}) == 1 else None

    def _under_another_name(self, pool: list[Entry], reading: Parts, asked: Asked, dated: str | None) -> Found:
        """Look up a snapshot without a dated entry: its lab may have named it as a version."""
        for named, how in self._offers.by_the_labs_own_id(reading):
            found = self._look_up(named, asked, how)
            if found.entry is not None:
                return found._replace(kind="alias", reason=f"{dated}; {found.reason}")
        raise Stop(f"{dated}, which was not rated", pool)

    # -- near misses, for the reader

    def _one_word_apart(self, reading: Parts) -> tuple[str, ...]:
        """Return the entries whose words differ from those of an id by exactly one."""
        found = list(self._by_all_but_one.get(reading.words, ()))
        for word in reading.words:
            shorter = _without(reading.words, word)
            found.extend(self._entries.get(shorter, ()))
            found.extend(self._by_all_but_one.get(shorter, ()))
        families = {word for word in reading.words if word[0].isalpha()}
        names = (
            entry.name
            for entry in found
            if rules.may_be(entry.parts, reading) and (entry.parts.lab or not families.isdisjoint(entry.parts.words))
        )
        return tuple(dict.fromkeys(names))[:_MOST_LISTED]

    @cached_property
    def _by_all_but_one(self) -> dict[tuple[str, ...], list[Entry]]:
        shorter: defaultdict[tuple[str, ...], list[Entry]] = defaultdict(list)
        for words, entries in self._entries.items():
            for word in set(words):
                shorter[_without(words, word)].extend(entries)
        return dict(shorter)


def _without(words: tuple[str, ...], word: str) -> tuple[str, ...]:
    at = words.index(word)
    return words[:at] + words[at + 1 :]
