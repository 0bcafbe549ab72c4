"""Which arena entry a model id means: parts compared with parts, never strings by how alike they look.

An entry counts only if nothing that the id says contradicts it and nothing that it says is missing from the id, apart
from what a rule below settles: sizes that only one model has, the snapshot that an undated id pointed to by
models.dev's dates, the one setting in which a model was rated. Where a rule leaves two entries, or none, there is no
match: a score on the wrong model is worse than none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple, TypeVar

from llmhub.catalog.matching.dates import (
    Day,
    day_text,
    days,
    known_snapshots,
    newest_snapshot,
    parse_day,
    released_with,
    same_day,
)
from llmhub.catalog.matching.grammar import FIRST_REVISIONS, Grammar, Parts
from llmhub.catalog.schema import MatchKind, ModelsDevModel


class Entry(NamedTuple):
    """A leaderboard's name for a model, and its parts."""

    name: str
    parts: Parts


class Offer(NamedTuple):
    """A models.dev entry with the parts of its id, and whether its provider is the lab itself."""

    model: ModelsDevModel
    parts: Parts
    first_party: bool


class Found(NamedTuple):
    """An arena entry, or why there is none.

    Attributes:
        entry: the entry.
        kind: how it was found; `none` without one.
        reason: one sentence.
        looked_at: the names of the entries that came nearest.
    """

    entry: Entry | None
    kind: MatchKind
    reason: str
    looked_at: tuple[str, ...] = ()


class _Stop(Exception):  # noqa: N818 -- no error: a rule that leaves no entry
    """No entry is left; the reason, and those that were there before."""

    def __init__(self, reason: str, pool: Iterable[Entry]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.looked_at = tuple(entry.name for entry in pool)


class Matcher:
    """Finds the arena entry of an id, given all entries and all that models.dev has."""

    def __init__(
        self,
        grammar: Grammar,
        arena_names: Iterable[str],
        offers: Mapping[str, ModelsDevModel],
        first_party_providers: frozenset[str],
    ) -> None:
        self._grammar = grammar
        self._first_party = first_party_providers
        self._entries: defaultdict[tuple[str, ...], list[Entry]] = defaultdict(list)
        for name in arena_names:
            parts = grammar.parse(name)
            self._entries[parts.words].append(Entry(name, parts))
        self._models = offers

    def find(self, model_id: str, offer: ModelsDevModel | None) -> Found:
        """Return the arena entry that an id means.

        Args:
            model_id: the id as its provider lists it.
            offer: its models.dev entry, if it has one.
        """
        readings = self._readings(model_id, offer)
        found: dict[str, Found] = {}
        refused: list[Found] = []
        for reading, how in readings:
            result = self._look_up(reading, offer, how)
            if result.entry is None:
                refused.append(result)
            else:
                found.setdefault(result.entry.name, result)
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            names = tuple(found)
            return Found(None, "none", f"its id and its name say different models: {' and '.join(names)}", names)
        best = max(refused, key=lambda result: len(result.looked_at))
        return best if best.looked_at else best._replace(looked_at=self._one_word_apart(readings[0][0]))

    def _readings(self, model_id: str, offer: ModelsDevModel | None) -> list[tuple[Parts, str | None]]:
        """Return what an id may say, each with how that was read; the plain reading first."""
        plain = self._grammar.parse(model_id)
        if offer is None and plain.lab is not None and "/" in model_id:
            # Nobody says what it is: google/gemma-2-9b is how the weights of a base model are called.
            plain = plain._replace(bare_weights=True)
        readings: list[tuple[Parts, str | None]] = [(plain, None)]
        if offer is not None:
            named = self._grammar.parse(offer.display_name)
            called = f"models.dev calls it {offer.display_name!r}"
            completed = _completed(plain, named)
            if _same_words(plain, named):
                readings = [(completed, None)]
            elif _refines(plain, named) and not self._serves(offer.provider, named):
                # deepseek.v3-v1:0, which models.dev calls DeepSeek-V3.1.
                readings = [(completed._replace(words=named.words), called)]
            elif _renames(plain, named):
                readings.append((completed._replace(words=named.words), called))
        for reading, _ in readings[:]:
            readings.extend(self._by_the_labs_own_id(reading))
        return readings

    def _by_the_labs_own_id(self, reading: Parts) -> Iterator[tuple[Parts, str]]:
        """Read a version's name as the dated id that its lab gives it, and such an id as the version's name."""
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

    def _serves(self, provider: str, named: Parts) -> bool:
        return any(offer.model.provider == provider for offer in self._offers.get(named.words, ()))

    @cached_property
    def _offers(self) -> dict[tuple[str, ...], list[Offer]]:
        """All that models.dev has, by the words of the ids."""
        by_words: defaultdict[tuple[str, ...], list[Offer]] = defaultdict(list)
        for model in self._models.values():
            parts = self._grammar.parse(model.model_id)
            by_words[parts.words].append(Offer(model, parts, model.provider in self._first_party))
        return dict(by_words)

    @cached_property
    def _labs_dated(self) -> list[tuple[ModelsDevModel, Parts, Parts]]:
        """The labs' own dated offers, with what their ids and what their names say."""
        parse = self._grammar.parse
        own = [model for model in self._models.values() if model.provider in self._first_party]
        return [(m, parts, parse(m.display_name)) for m in own if (parts := parse(m.model_id)).date is not None]

    @cached_property
    def _labs_dated_by_name(self) -> dict[tuple[str, ...], list[tuple[ModelsDevModel, Parts, Parts]]]:
        return _grouped(self._labs_dated, lambda each: each[2].words)

    @cached_property
    def _labs_dated_by_id(self) -> dict[tuple[str, ...], list[tuple[ModelsDevModel, Parts, Parts]]]:
        return _grouped(self._labs_dated, lambda each: each[1].words)

    def _look_up(self, reading: Parts, offer: ModelsDevModel | None, how: str | None) -> Found:
        try:
            return self._narrow(reading, offer, how)
        except _Stop as stop:
            return Found(None, "none", stop.reason, stop.looked_at)

    def _narrow(self, reading: Parts, offer: ModelsDevModel | None, how: str | None) -> Found:
        """Narrow the entries of the same words down to one."""
        if reading.floating and (newest := self._newest_version(reading, offer)) is not None:
            found = self.find(newest.model_id, newest)
            reason = f"the newest of its line by models.dev's dates is {newest.model_id}: {found.reason}"
            return found._replace(kind="alias" if found.entry else "none", reason=reason)
        pool = [entry for entry in self._entries.get(reading.words, ()) if _may_be(entry.parts, reading)]
        if not pool:
            raise _Stop("no entry of the leaderboard has the same words in its name", ())
        same_size = [entry for entry in pool if entry.parts.sizes == reading.sizes]
        if not same_size or len(same_size) == len(pool):
            return self._narrow_by_rules(self._of_size(pool, reading), reading, offer, how)
        try:
            return self._narrow_by_rules(same_size, reading, offer, how)
        except _Stop as stop:
            others = [entry for entry in pool if entry not in same_size]
            try:
                return self._narrow_by_rules(self._of_size(others, reading), reading, offer, how)
            except _Stop:
                raise stop from None

    def _narrow_by_rules(
        self, pool: list[Entry], reading: Parts, offer: ModelsDevModel | None, how: str | None
    ) -> Found:
        pool = self._of_preview(pool, reading)
        pool = _of_named_mode(pool, reading)
        pool = self._of_tune(pool, reading)
        pool = _of_revision(pool, reading, offer)
        pool, dated, pointed = self._of_date(pool, reading, offer)
        if pointed is not None:
            return self._under_another_name(pool, reading._replace(date=pointed, floating=False), offer, dated)
        pool, variant = _of_default_mode(pool, reading, offer)
        pool = _prefer(pool, lambda entry: entry.parts.tune == reading.tune)
        entry = _only_one(pool, reading)
        kind: MatchKind = "variant" if variant else "dated" if dated else "alias" if how else "exact"
        reasons = [text for text in (how, dated, variant) if text]
        return Found(entry, kind, "; ".join(reasons) or "the id and the entry say the same", ())

    def _under_another_name(
        self, pool: list[Entry], reading: Parts, offer: ModelsDevModel | None, dated: str | None
    ) -> Found:
        """Look a snapshot up that no entry is dated as: its lab may have given it a version's name."""
        for named, how in self._by_the_labs_own_id(reading):
            found = self._look_up(named, offer, how)
            if found.entry is not None:
                return found._replace(kind="alias", reason=f"{dated}; {found.reason}")
        raise _Stop(f"{dated}, which was not rated", pool)

    def _of_size(self, pool: list[Entry], reading: Parts) -> list[Entry]:
        """Keep the entries of this size; one that only one side names counts where no other size is known."""
        asked = reading.sizes
        if all(entry.parts.sizes == asked for entry in pool):
            return pool
        known = (self._sizes(reading) | _sizes(pool) | {asked}) - {frozenset()}
        alike = [sizes for sizes in known if not asked or sizes & asked]
        kept = [entry for entry in pool if not entry.parts.sizes or entry.parts.sizes in alike]
        # A size that only one side names must be the only one there is.
        bare = any(not entry.parts.sizes for entry in kept)
        if kept and _is_chain(known if bare else alike) and (asked in self._sizes(reading) or not bare or not asked):
            return kept
        listed = ", ".join(sorted(" ".join(sorted(sizes)) for sizes in known - {asked})) or "none"
        said = f"the id says {' '.join(sorted(asked))}" if asked else "the id does not say which"
        raise _Stop(f"other sizes of it are known ({listed}), and {said}", pool)

    def _sizes(self, reading: Parts) -> set[frozenset[str]]:
        """Return the sizes that models.dev has of a model."""
        offers = self._offers.get(reading.words, ())
        return {offer.parts.sizes for offer in offers if offer.parts.sizes and labs_agree(offer.parts, reading)}

    def _of_preview(self, pool: list[Entry], reading: Parts) -> list[Entry]:
        """Keep previews for previews: a preview counts as the released model only while its lab has released none."""
        same = [entry for entry in pool if entry.parts.preview == reading.preview]
        if not reading.preview:
            same += [e for e in pool if e.parts.preview and same_day(e.parts.date, reading.date)]
        if same:
            return same
        released = [
            offer.model.model_id
            for offer in self._offers.get(reading.words, ())
            if offer.first_party
            and not offer.parts.preview
            and offer.parts.mode == reading.mode
            and labs_agree(offer.parts, reading)
        ]
        if released and reading.preview:
            raise _Stop(f"it is a preview, and {released[0]} is another model", pool)
        if released:
            raise _Stop("only a preview of it was rated", pool)
        return pool

    def _of_tune(self, pool: list[Entry], reading: Parts) -> list[Entry]:
        """Keep the entries that were trained alike: to follow instructions, or not."""
        if reading.tune == "base":
            kept = [entry for entry in pool if entry.parts.tune == "base"]
            reason = "it is the base model, and the one that follows instructions was rated"
        elif reading.tune == "instruct":
            if same := [entry for entry in pool if entry.parts.tune == "instruct"]:
                return same
            # Of a closed model `instruct` names a variant: gpt-3.5-turbo-instruct completes text.
            offers = self._offers.get(reading.words, ())
            is_open = bool(reading.sizes) or any(offer.model.open_weights for offer in offers)
            kept = [entry for entry in pool if entry.parts.tune is None and is_open]
            reason = "the id says instruct, and the entry does not"
        else:
            kept = [e for e in pool if e.parts.tune is None or not (reading.bare_weights and reading.sizes)]
            reason = "the id is that of the base model's weights, and the one that follows instructions was rated"
        if not kept:
            raise _Stop(reason, pool)
        return kept

    def _of_date(
        self, pool: list[Entry], reading: Parts, offer: ModelsDevModel | None
    ) -> tuple[list[Entry], str | None, Day | None]:
        """Keep the entries of the snapshot that is meant.

        Returns:
            The entries, how the snapshot was told where the id does not say, and the snapshot if no entry is of it.
        """
        if reading.date is not None:
            if same := [entry for entry in pool if same_day(entry.parts.date, reading.date)]:
                return same, None, None
            undated = [entry for entry in pool if entry.parts.date is None]
            if undated and self._released_on(reading):
                reason = f"the undated entry is of the release of {day_text(reading.date)}, by models.dev's dates"
                return undated, reason, None
            raise _Stop(f"another snapshot was rated, not that of {day_text(reading.date)}", pool)
        if undated := [entry for entry in pool if entry.parts.date is None]:
            if offer is None and reading.revision is None and _has_siblings(undated, pool):
                raise _Stop("models.dev does not have the id, and its dated snapshots were rated too", pool)
            if not self._came_after_a_snapshot(pool, reading, offer):
                return undated, None, None
            if not reading.floating:
                raise _Stop("by models.dev's dates it may be a later snapshot than the undated entry", pool)
        pointed, reason = self._pointed_to(pool, reading, offer)
        if pointed is None:
            raise _Stop(reason, pool)
        same = [entry for entry in pool if same_day(entry.parts.date, pointed)]
        return (same, reason, None) if same else (pool, reason, pointed)

    def _came_after_a_snapshot(self, pool: list[Entry], reading: Parts, offer: ModelsDevModel | None) -> bool:
        """Say whether an undated id is dated after a rated snapshot, so that it need not be the one before them."""
        if offer is None:
            return False
        moment = parse_day(offer.last_updated if reading.floating else offer.release_date)
        if moment is None:
            return False
        undated = [entry for entry in pool if entry.parts.date is None]
        rated = [entry.parts.date for entry in pool if entry.parts.date is not None and _trained_alike(entry, undated)]
        snapshots = known_snapshots(rated, self._released(reading))
        return any(day.year is not None and days(day) <= days(moment) for day in snapshots)

    def _released(self, reading: Parts) -> Iterator[tuple[Day | None, str | None]]:
        """Give the date in the id of each offer of a model, and the day that models.dev has it released."""
        for offer in self._offers.get(reading.words, ()):
            yield offer.parts.date, offer.model.release_date

    def _released_on(self, reading: Parts) -> bool:
        """Say whether models.dev dates the undated model's release as the reading dates itself."""
        offers = [offer for offer in self._alike(reading) if offer.parts.date is None]
        own = [offer for offer in offers if offer.first_party]
        date = reading.date
        if date is None:
            return False
        if own:
            return any(released_with(date, offer.model.release_date, offer.model.last_updated) for offer in own)
        # Resellers date what they change: only when they began to offer it counts.
        return any(released_with(date, offer.model.release_date) for offer in offers)

    def _alike(self, reading: Parts) -> list[Offer]:
        """Return what models.dev has of the same model, whatever its date."""
        return [
            offer
            for offer in self._offers.get(reading.words, ())
            if labs_agree(offer.parts, reading)
            and offer.parts.preview == reading.preview
            and offer.parts.mode == reading.mode
            and (not offer.parts.sizes or not reading.sizes or offer.parts.sizes == reading.sizes)
        ]

    def _pointed_to(
        self, pool: Sequence[Entry], reading: Parts, offer: ModelsDevModel | None
    ) -> tuple[Day | None, str]:
        """Return the snapshot that an undated id points to, by the dates that models.dev gives the id."""
        alike = self._alike(reading)
        dates = [*(entry.parts.date for entry in pool), *(each.parts.date for each in alike)]
        snapshots = known_snapshots(dates, self._released(reading))
        undated = [each.model for each in alike if each.parts.date is None and each.first_party]
        dating = [*([offer] if offer else []), *undated]
        for model in dating:
            released, updated = parse_day(model.release_date), parse_day(model.last_updated)
            if released is None and updated is None:
                continue
            moment = max(day for day in (released, updated) if day is not None)
            pointed = newest_snapshot(snapshots, moment, moved=released is not None and released != moment)
            if pointed is not None:
                return pointed, f"by models.dev's dates ({day_text(moment)}) it is the snapshot of {day_text(pointed)}"
        if not any(parse_day(model.last_updated or model.release_date) for model in dating):
            if len(snapshots) == 1:
                return snapshots[0], f"its only known snapshot is that of {day_text(snapshots[0])}"
            return None, "the id has no date, and models.dev does not date it either"
        return None, "by models.dev's dates it is none of the snapshots that were rated"

    def _newest_version(self, reading: Parts, offer: ModelsDevModel | None) -> ModelsDevModel | None:
        """Return the lab's newest model of a line by the day that an id such as gemini-flash-latest is dated."""
        moment = parse_day(offer.last_updated or offer.release_date) if offer else None
        if moment is None:
            return None
        words = set(reading.words)
        versions = [
            (days(released), other.model.model_id, other.model)
            for group, offers in self._offers.items()
            if words < set(group) and (words or reading.lab) and all(_is_version(word) for word in set(group) - words)
            for other in offers
            if other.first_party
            and labs_agree(other.parts, reading)
            and not other.parts.floating
            and (released := parse_day(other.model.release_date)) is not None
            and days(released) <= days(moment)
        ]
        return max(versions, key=lambda version: version[:2])[2] if versions else None

    def _one_word_apart(self, reading: Parts) -> tuple[str, ...]:
        """Return the entries whose words are those of an id but for one: what a reader might have expected."""
        found = list(self._by_all_but_one.get(reading.words, ()))
        for word in reading.words:
            shorter = _without(reading.words, word)
            found.extend(self._entries.get(shorter, ()))
            found.extend(self._by_all_but_one.get(shorter, ()))
        families = {word for word in reading.words if word[0].isalpha()}
        names = (
            entry.name
            for entry in found
            if _may_be(entry.parts, reading) and (entry.parts.lab or not families.isdisjoint(entry.parts.words))
        )
        return tuple(dict.fromkeys(names))[:_MOST_LISTED]

    @cached_property
    def _by_all_but_one(self) -> dict[tuple[str, ...], list[Entry]]:
        shorter: defaultdict[tuple[str, ...], list[Entry]] = defaultdict(list)
        for words, entries in self._entries.items():
            for word in set(words):
                shorter[_without(words, word)].extend(entries)
        return dict(shorter)


_MOST_LISTED = 5
_T = TypeVar("_T")


def _grouped(values: Iterable[_T], key: Callable[[_T], tuple[str, ...]]) -> dict[tuple[str, ...], list[_T]]:
    groups: defaultdict[tuple[str, ...], list[_T]] = defaultdict(list)
    for value in values:
        groups[key(value)].append(value)
    return dict(groups)


def _without(words: tuple[str, ...], word: str) -> tuple[str, ...]:
    at = words.index(word)
    return words[:at] + words[at + 1 :]


def _is_version(word: str) -> bool:
    return word.lstrip("abcdefghijklmnopqrstuvwxyz").replace(".", "", 1).isdecimal() and len(word) <= len("a12.34")


def labs_agree(one: Parts, other: Parts) -> bool:
    """Say whether two may be of one lab; where no word names the model, the lab must."""
    if one.lab is None or other.lab is None:
        return any(word[0].isalpha() for word in one.words)
    return one.lab == other.lab


def _may_be(entry: Parts, reading: Parts) -> bool:
    """Say whether an entry may be what an id means as far as labs go.

    A lab that stands in the entry's own name is part of it: `deepseek-llm-67b-chat` is not any llm.
    """
    if entry.lab is not None and reading.lab is None:
        return sum(word[0].isalpha() for word in entry.words) > 1
    return labs_agree(entry, reading)


def _same_words(one: Parts, other: Parts) -> bool:
    return one.words == other.words and (one.lab is None or other.lab is None or one.lab == other.lab)


def _renames(plain: Parts, named: Parts) -> bool:
    """Say whether a display name may stand for an id: it must explain every word of it."""
    explained = set(plain.words) - set(named.words) <= {"chat"}
    return explained and (named.lab is not None or any(word[0].isalpha() for word in named.words))


def _refines(plain: Parts, named: Parts) -> bool:
    """Say whether a display name gives a version in more detail than the id does, and is otherwise the same."""
    versions, others = _versions(plain)
    named_versions, named_others = _versions(named)
    return (
        others == named_others
        and len(versions) == len(named_versions) == 1
        and named_versions[0].startswith(f"{versions[0]}.")
    )


def _versions(parts: Parts) -> tuple[list[str], list[str]]:
    """Return the words that are numbers, and the others."""
    numbers = [word for word in parts.words if _is_version(word) and not word[0].isalpha()]
    return numbers, [word for word in parts.words if word not in numbers]


def _completed(plain: Parts, named: Parts) -> Parts:
    """Add to what an id says what only the name says."""
    return plain._replace(
        lab=plain.lab or named.lab,
        sizes=plain.sizes or named.sizes,
        date=plain.date or named.date,
        tune=plain.tune or named.tune,
        mode=plain.mode or named.mode,
        budget=plain.budget or named.budget,
        bare_weights=plain.bare_weights and named.tune is None,
    )


def _is_chain(sizes: Iterable[frozenset[str]]) -> bool:
    """Say whether each is part of the next larger one: 17b of 17b 128e."""
    ordered = sorted(sizes, key=len)
    return all(one <= two for one, two in pairwise(ordered))


def _sizes(pool: Iterable[Entry]) -> set[frozenset[str]]:
    return {entry.parts.sizes for entry in pool if entry.parts.sizes}


def _prefer(pool: list[Entry], wanted: Callable[[Entry], bool]) -> list[Entry]:
    return [entry for entry in pool if wanted(entry)] or pool


def _has_siblings(undated: list[Entry], pool: list[Entry]) -> bool:
    """Say whether dated snapshots of an undated entry were rated."""
    return any(entry.parts.date is not None and _trained_alike(entry, undated) for entry in pool)


def _trained_alike(entry: Entry, others: list[Entry]) -> bool:
    return any((entry.parts.tune, entry.parts.mode) == (other.parts.tune, other.parts.mode) for other in others)


def _of_named_mode(pool: list[Entry], reading: Parts) -> list[Entry]:
    """Keep the entries of the mode that the id names, if it names one."""
    if reading.mode is None:
        return pool
    same = [entry for entry in pool if entry.parts.mode == reading.mode]
    if not same:
        raise _Stop(f"the id says {_mode_text(reading.mode)}, and that was not rated", pool)
    if reading.budget is None:
        return same
    alike = [entry for entry in same if entry.parts.budget in {None, reading.budget}]
    if not alike:
        raise _Stop(f"the id says a budget of {reading.budget} tokens for thinking, and that was not rated", same)
    return alike


def _of_default_mode(pool: list[Entry], reading: Parts, offer: ModelsDevModel | None) -> tuple[list[Entry], str | None]:
    """Keep the entries of the default setting, or the only setting that was rated; say so in that case."""
    if reading.mode is not None:
        return pool, None
    thinks = offer.supports_reasoning if offer else None
    plain = [entry for entry in pool if entry.parts.mode is None]
    others = [entry for entry in pool if entry.parts.mode is not None]
    if plain:
        if others and reading.tune is None and thinks is not False and all(e.parts.tune for e in plain):
            raise _Stop("instruct and thinking are two models here, and the id does not say which", pool)
        return plain, None
    if thinks is False:
        others = [entry for entry in others if entry.parts.mode == "off"]
        if not others:
            raise _Stop("it was rated while thinking, which this one does not", pool)
    modes = {(entry.parts.mode, entry.parts.budget) for entry in others}
    if len(modes) > 1:
        raise _Stop("it was rated at several settings, none of them the default", pool)
    mode, _ = modes.pop()
    return others, f"rated with {_mode_text(mode or '')} only: the same model at that setting"


def _of_revision(pool: list[Entry], reading: Parts, offer: ModelsDevModel | None) -> list[Entry]:
    """Keep the entries of this revision; an id without one means the only one, or the first if it never moved."""
    if reading.revision is not None:
        same = [
            entry
            for entry in pool
            if entry.parts.revision == reading.revision or {entry.parts.revision, reading.revision} <= FIRST_REVISIONS
        ]
        if not same:
            raise _Stop(f"another revision was rated, not {reading.revision}", pool)
        return same
    revisions = {entry.parts.revision for entry in pool}
    if len(revisions) == 1:
        return pool
    numbered = sorted(revision for revision in revisions if revision is not None)
    if len(numbered) == len(revisions) and offer and offer.release_date and offer.release_date == offer.last_updated:
        return [entry for entry in pool if entry.parts.revision == numbered[0]]
    raise _Stop(f"several revisions were rated ({', '.join(numbered)}), and the id does not say which", pool)


def _only_one(pool: list[Entry], reading: Parts) -> Entry:
    """Return the entry; of several that differ in how they are served the one that is served alike, or the first."""
    if len({entry.parts._replace(serving=frozenset()) for entry in pool}) > 1:
        raise _Stop("two entries fit", pool)
    alike = _prefer(pool, lambda entry: bool(entry.parts.serving & reading.serving))
    return min(alike, key=lambda entry: entry.name)


def _mode_text(mode: str) -> str:
    return {"off": "thinking off", "thinking": "thinking"}.get(mode, f"effort {mode}")
