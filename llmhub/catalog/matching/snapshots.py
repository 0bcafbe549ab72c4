"""Decide which snapshot of a model an id names, or points to by models.dev's dates; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from llmhub.catalog.matching import rules
from llmhub.catalog.matching.dates import (
    Day,
    announced_together,
    day_text,
    days,
    known_snapshots,
    newest_snapshot,
    parse_day,
    released_with,
    same_day,
)
from llmhub.catalog.matching.grammar import Parts
from llmhub.catalog.matching.offers import Offer, Offers
from llmhub.catalog.matching.rules import Entry, Stop
from llmhub.catalog.schema import ModelsDevModel


class Asked(NamedTuple):
    """The context in which an id is read.

    Attributes:
        provider: the provider that lists it.
        offer: its models.dev entry, if it has one.
        fixed: whether the id names a repository of weights, whose content never changes.
    """

    provider: str
    offer: ModelsDevModel | None
    fixed: bool


def _is_dated(offer: ModelsDevModel | None) -> bool:
    return offer is not None and bool(offer.release_date or offer.last_updated)


def all_dated(pool: Sequence[Entry]) -> bool:
    """Say whether every entry has a date in its name."""
    return all(entry.parts.date is not None for entry in pool)


class Snapshots:
    """Tells snapshots apart, given all of models.dev."""

    def __init__(
        self, offers: Offers, models_dev_names: Mapping[str, Sequence[str]], lab_of_provider: Mapping[str, str]
    ) -> None:
        self._offers = offers
        self._models_dev_names = models_dev_names
        self._lab_of_provider = lab_of_provider

    def of_date(self, pool: list[Entry], reading: Parts, asked: Asked) -> tuple[list[Entry], str | None, Day | None]:
        """Keep the entries of the snapshot that an id names or points to.

        Returns:
            The entries; how the snapshot was found if the id does not state it; and the snapshot if no entry is of it.
        """
        if reading.date is not None:
            return (*self._of_dated_id(pool, reading, reading.date), None)
        undated = [entry for entry in pool if entry.parts.date is None]
        if undated:
            if self._means_the_undated(undated, pool, reading, asked):
                return undated, None, None
        elif first := self._first_release(pool, reading, asked):
            return first, "a repository of weights without a date is the first release", None
        pointed, reason = self._pointed_to(pool, reading, asked)
        if pointed is None:
            raise Stop(reason, pool)
        same = [entry for entry in pool if same_day(entry.parts.date, pointed)]
        return (same, reason, None) if same else (pool, reason, pointed)

    def _of_dated_id(self, pool: list[Entry], reading: Parts, date: Day) -> tuple[list[Entry], str | None]:
        if same := [entry for entry in pool if same_day(entry.parts.date, date)]:
            return same, None
        undated = [entry for entry in pool if entry.parts.date is None]
        if undated and self._offers.released_on(reading):
            return undated, f"the undated entry is of the release of {day_text(date)}, by models.dev's dates"
        raise Stop(f"another snapshot was rated, not that of {day_text(date)}", pool)

    def _means_the_undated(self, undated: list[Entry], pool: list[Entry], reading: Parts, asked: Asked) -> bool:
        """Say whether an undated id is an undated entry, and not a snapshot of a later date.

        Raises:
            Stop: it may be either.
        """
        if asked.fixed or self._serves_the_others_apart(pool, reading, asked):
            return True
        if not _is_dated(asked.offer) and reading.revision is None and rules.have_siblings(undated, pool):
            lacks = "have" if asked.offer is None else "date"
            raise Stop(f"models.dev does not {lacks} the id, and its dated snapshots were rated too", pool)
        if not self._came_after_a_snapshot(pool, reading, asked.offer):
            return True
        if not reading.floating:
            raise Stop("by models.dev's dates it may be a later snapshot than the undated entry", pool)
        return False

    def _serves_the_others_apart(self, pool: list[Entry], reading: Parts, asked: Asked) -> bool:
        """Say whether a reseller lists every rated snapshot under a dated id, so that its undated id is none of them.

        This does not hold for a lab's own undated id, which mostly is its newest snapshot.
        """
        names = {asked.provider, *self._models_dev_names.get(asked.provider, ())}
        if reading.floating or not names.isdisjoint(self._lab_of_provider):
            return False
        dated = [entry for entry in pool if entry.parts.date is not None]
        return bool(dated) and not self._not_served_apart(dated, reading, asked)

    def _not_served_apart(self, dated: list[Entry], reading: Parts, asked: Asked) -> list[Entry]:
        names = {asked.provider, *self._models_dev_names.get(asked.provider, ())}
        served = list(self._offers.served(reading, names))
        return [entry for entry in dated if not any(same_day(day, entry.parts.date) for day in served)]

    def _first_release(self, pool: list[Entry], reading: Parts, asked: Asked) -> list[Entry]:
        """Return the entries of a repository's first snapshot, if its provider lists all later ones apart."""
        if not asked.fixed:
            return []
        left = self._not_served_apart(pool, reading, asked)
        dates = [entry.parts.date for entry in pool if entry.parts.date is not None]
        known = known_snapshots(dates, self._offers.released(reading))
        if not left or len(left) == len(pool) or any(day.year is None for day in known):
            return []
        first = min(known, key=days)
        return left if all(same_day(entry.parts.date, first) for entry in left) else []

    def _came_after_a_snapshot(self, pool: list[Entry], reading: Parts, offer: ModelsDevModel | None) -> bool:
        """Say whether an undated id is dated after a rated snapshot, so that it may be later than all of them."""
        if offer is None:
            return False
        moment = parse_day(offer.last_updated if reading.floating else offer.release_date)
        if moment is None:
            return False
        undated = [entry for entry in pool if entry.parts.date is None]
        rated = [e.parts.date for e in pool if e.parts.date is not None and rules.trained_alike(e, undated)]
        snapshots = known_snapshots(rated, self._offers.released(reading))
        return any(day.year is not None and days(day) <= days(moment) for day in snapshots)

    def _pointed_to(self, pool: Sequence[Entry], reading: Parts, asked: Asked) -> tuple[Day | None, str]:
        """Return the snapshot that an undated id points to, by the id's dates in models.dev."""
        alike = self._offers.alike(reading)
        dates = [*(entry.parts.date for entry in pool), *(each.parts.date for each in alike)]
        snapshots = known_snapshots(dates, self._offers.released(reading))
        # Where a lab's own undated id points now does not tell when a reseller took it over.
        lab = next((each.parts.lab for each in alike if each.parts.lab), reading.lab)
        own = [each.model for each in alike if each.parts.date is None and each.first_party]
        undated = own if self._is_of_lab(asked.provider, lab, own) else []
        dating = [*([asked.offer] if asked.offer else []), *undated]
        for model in dating:
            released, updated = parse_day(model.release_date), parse_day(model.last_updated)
            if released is None and updated is None:
                continue
            moment = max(day for day in (released, updated) if day is not None)
            moved = released is not None and released != moment
            pointed = newest_snapshot(snapshots, moment, moved=moved)
            if pointed is not None:
                if len(snapshots) > 1 and model is asked.offer and self._serves_apart(pointed, moment, reading, asked):
                    return None, f"it is not the snapshot of {day_text(pointed)}, which its provider lists apart"
                return pointed, f"by models.dev's dates ({day_text(moment)}) it is the snapshot of {day_text(pointed)}"
        if len(snapshots) == 1 and self._offers.never_moved_from(snapshots[0], alike, asked.offer):
            return snapshots[0], f"its lab has had no other snapshot than that of {day_text(snapshots[0])}"
        if not any(parse_day(model.last_updated or model.release_date) for model in dating):
            if len(snapshots) == 1 and self._may_be_the_only(snapshots[0], pool, reading, asked, alike):
                return snapshots[0], f"its only known snapshot is that of {day_text(snapshots[0])}"
            return None, "the id has no date, and models.dev does not date it either"
        return None, "by models.dev's dates it is none of the snapshots that were rated"

    def _may_be_the_only(
        self, snapshot: Day, pool: Sequence[Entry], reading: Parts, asked: Asked, alike: Sequence[Offer]
    ) -> bool:
        """Say whether an id that nothing dates may mean the only known snapshot.

        It does if an offer of models.dev has the snapshot's date. Else a floating id may have moved on, and that of a
        reseller may be another snapshot, if models.dev dates the model otherwise or only a preview of it was rated.
        """
        if any(
            same_day(each.parts.date, snapshot)
            or released_with(snapshot, each.model.release_date, each.model.last_updated)
            for each in alike
        ):
            return True
        if reading.floating or self._may_know_all(asked, pool):
            return not reading.floating
        dated = any(each.parts.date is not None or _is_dated(each.model) for each in alike)
        return bool(alike) and not dated and all(entry.parts.preview == reading.preview for entry in pool)

    def _serves_apart(self, pointed: Day, moment: Day, reading: Parts, asked: Asked) -> bool:
        """Say whether a reseller lists a snapshot under a dated id, long before the day that it gives the undated one.

        That day is then the one on which it began to serve, and tells nothing of the snapshot.
        """
        names = {asked.provider, *self._models_dev_names.get(asked.provider, ())}
        if announced_together(pointed, moment) or not names.isdisjoint(self._lab_of_provider):
            return False
        return any(same_day(day, pointed) for day in self._offers.served(reading, names))

    def _may_know_all(self, asked: Asked, pool: Sequence[Entry]) -> bool:
        """Say whether the leaderboard may know all snapshots that a provider has had, though models.dev has none.

        A reseller may have taken over one that was never rated. Weights named by their size mostly have one snapshot;
        other names are services, which move.
        """
        if asked.fixed:
            return all(entry.parts.sizes for entry in pool)
        names = {asked.provider, *self._models_dev_names.get(asked.provider, ())}
        return not self._offers.by_words or not names.isdisjoint(self._lab_of_provider)

    def _is_of_lab(self, provider: str, lab: str | None, own: Sequence[ModelsDevModel]) -> bool:
        """Say whether a provider is the lab that made the models that it lists."""
        names = {provider, *self._models_dev_names.get(provider, ())}
        if any(model.provider in names for model in own):
            return True
        return lab is not None and any(self._lab_of_provider.get(name) == lab for name in names)
