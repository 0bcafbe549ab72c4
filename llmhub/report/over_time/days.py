"""The days on which something changed: prices, limits, status, listings and ratings; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from llmhub.arena.compare.diff import BoardDiff
from llmhub.offers.comparing import shown_value
from llmhub.offers.fields import CAPABILITY_FIELDS, LIMIT_FIELDS, MODELS_DEV, PRICE_FIELDS
from llmhub.offers.history import CAME, WENT, Change

if TYPE_CHECKING:
    from llmhub.offers.comparing import OffersDiff
    from llmhub.offers.sql.price_timelines import ListingChange

MOST_DAYS = 20
"""How many days a site and its feed show: the newest ones."""

MOST_ROWS = 200
"""How many changes of offers a day shows; the page names the command that lists all of them."""

RENAMED = "renamed"

# No bill and no program depends on a model's name or on the last day of its training data.
_SHOWN = frozenset({*PRICE_FIELDS, *LIMIT_FIELDS, *CAPABILITY_FIELDS, "status", "retires_on", "replacement"})
_FIRST = ("retires_on", "status", "input", "output")


class OfferRow(NamedTuple):
    """A change of an offer.

    Attributes:
        model: `provider/model_id`, as models.dev names it.
        field: the field's short name; `came`, `went` or `renamed` for the offer itself.
        old: the value before; None if unknown.
        new: the value after; of a renamed offer its new id, None if unknown.
        note: why a change of a price is likely a correction; None if nothing says so.
    """

    model: str
    field: str
    old: Any = None
    new: Any = None
    note: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the offer itself came or went: then there is no value before or after."""
        return self.field in {CAME, WENT}

    @property
    def ratio(self) -> float | None:
        """The relative change of a price; None unless both prices are known and the old one is not 0."""
        if self.field not in PRICE_FIELDS or not all(isinstance(one, int | float) for one in (self.old, self.new)):
            return None
        return None if self.old == 0 else float(self.new / self.old - 1)


class ListingRow(NamedTuple):
    """The ids that a provider listed anew, and no longer; the provider has any-llm's name."""

    provider: str
    came: tuple[str, ...]
    went: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OffersOverTime:
    """What was recorded of offers.

    Attributes:
        span: the moments of the first and the last snapshot of models.dev; None if there is none.
        changes: how the offers of the callable models changed, those that were once rated, and those that count for a
            model that no key of this machine calls.
        rated: the leaderboard's model of each offer that has one, by `provider/model_id`.
        on_own_page: the offers whose changes are shown only on their model's own page: those that count for a model
            that no key of this machine calls, if keys call other models of the board.
        lives: the status of each offer of a leaderboard's model, by the model.
        listings: what providers listed anew, or no longer.
        last: the last change of all offers; None if there are `changes`, or if nothing ever changed.
    """

    span: tuple[datetime, datetime] | None = None
    changes: Mapping[str, Sequence[Change]] = field(default_factory=dict)
    rated: Mapping[str, str] = field(default_factory=dict)
    on_own_page: frozenset[str] = frozenset()
    lives: Mapping[str, Sequence[str]] = field(default_factory=dict)
    listings: Sequence[ListingChange] = ()
    last: OffersDiff | None = None

    def offer_rows(self) -> Iterator[tuple[datetime, OfferRow]]:
        """Yield the changes of offers, each with its moment."""
        if self.last is not None:
            return rows_of_diff(self.last)
        return rows_of_changes(self.watched, self.span[0] if self.span else None)

    @property
    def watched(self) -> Mapping[str, Sequence[Change]]:
        """The changes without those of `on_own_page`."""
        return {model: found for model, found in self.changes.items() if model not in self.on_own_page}

    def listing_rows(self) -> Iterator[tuple[datetime, ListingRow]]:
        """Yield the changes of listings, each with its moment."""
        for one in self.listings:
            yield one.recorded.taken_at, ListingRow(one.provider, one.came, one.went)


@dataclass(frozen=True, slots=True)
class Day:
    """A day (UTC) on which something changed.

    Attributes:
        day: the day.
        moment: when the last of it was recorded or published.
        offers: the changes of offers, at most `MOST_ROWS`.
        more: how many further changes of offers there were.
        listings: what providers listed anew, or no longer.
        ratings: the publication of that day against the one before it; None if there is none, or nothing differs.
    """

    day: date
    moment: datetime
    offers: tuple[OfferRow, ...] = ()
    more: int = 0
    listings: tuple[ListingRow, ...] = ()
    ratings: BoardDiff | None = None

    @property
    def headline(self) -> str:
        """Return what happened in one line, such as `2 prices changed, 1 model came`."""
        return ", ".join(self._parts()) or "changes"

    def _parts(self) -> Iterator[str]:
        counts = Counter(_kind(row.field) for row in self.offers)
        for kind, one, many in _WORDS:
            if count := counts[kind]:
                yield f"{count} {one if count == 1 else many}"
        if self.more:
            yield f"{self.more} further changes of offers"
        came, went = (sum(len(getattr(row, name)) for row in self.listings) for name in ("came", "went"))
        if came:
            yield f"{came} newly listed"
        if went:
            yield f"{went} no longer listed"
        if self.ratings is not None:
            yield _ratings_text(self.ratings)


_WORDS = (
    ("price", "price changed", "prices changed"),
    ("limit", "limit changed", "limits changed"),
    ("status", "status changed", "statuses changed"),
    ("ability", "capability changed", "capabilities changed"),
    (CAME, "offer came", "offers came"),
    (WENT, "offer went", "offers went"),
    (RENAMED, "offer renamed", "offers renamed"),
)


def _kind(field: str) -> str:
    if field in PRICE_FIELDS:
        return "price"
    if field in LIMIT_FIELDS:
        return "limit"
    if field in CAPABILITY_FIELDS:
        return "ability"
    return field if field in {CAME, WENT, RENAMED} else "status"


def _ratings_text(diff: BoardDiff) -> str:
    moved = sum(one.significant is True for one in diff.changed)
    parts = (
        (len(diff.added), "came"),
        (len(diff.removed), "went"),
        (len(diff.renamed), "renamed"),
        (moved, "moved significantly"),
    )
    told = ", ".join(f"{count} {what}" for count, what in parts if count)
    return f"ratings published: {told or 'small changes only'}"


def days_of(
    offers: Iterable[tuple[datetime, OfferRow]],
    listings: Iterable[tuple[datetime, ListingRow]],
    ratings: Iterable[tuple[datetime, BoardDiff]],
) -> tuple[Day, ...]:
    """Return the newest `MOST_DAYS` days on which something changed, newest first; each with its moment."""
    rows: defaultdict[date, list[OfferRow]] = defaultdict(list)
    listed: defaultdict[date, list[ListingRow]] = defaultdict(list)
    boards: dict[date, BoardDiff] = {}
    moments: dict[date, datetime] = {}

    def on(moment: datetime) -> date:
        day = moment.astimezone(UTC).date()
        moments[day] = max(moment, moments.get(day, moment))
        return day

    for moment, row in offers:
        rows[on(moment)].append(row)
    for moment, listing in listings:
        listed[on(moment)].append(listing)
    for moment, diff in ratings:
        boards[on(moment)] = diff
    return tuple(
        Day(
            day,
            moments[day],
            tuple(sorted(rows[day], key=_order)[:MOST_ROWS]),
            max(0, len(rows[day]) - MOST_ROWS),
            tuple(listed[day]),
            boards.get(day),
        )
        for day in sorted(moments, reverse=True)[:MOST_DAYS]
    )


def _order(row: OfferRow) -> tuple[int, str, int, str]:
    """Sort key: prices and status first, then limits and the rest, then what came, went and was renamed."""
    kinds = ("price", "status", "limit", "ability", WENT, CAME, RENAMED)
    place = _FIRST.index(row.field) if row.field in _FIRST else len(_FIRST)
    return kinds.index(_kind(row.field)), row.model, place, row.field


def rows_of_changes(
    changes: Mapping[str, Sequence[Change]], since: datetime | None
) -> Iterator[tuple[datetime, OfferRow]]:
    """Yield the changes of offers that a bill or a program depends on, each with the moment that recorded it.

    Args:
        changes: those of each offer, oldest first.
        since: the moment of the first snapshot: an offer that is in it did not come then. None if there is none.
    """
    for model, found in changes.items():
        before = None
        for number, change in enumerate(found):
            moment = change.recorded.taken_at
            if number == 0 and since is not None and moment > since:
                yield moment, OfferRow(model, CAME)
            for name in change.changed:
                if name in {CAME, WENT}:
                    yield moment, OfferRow(model, name)
                elif name in _SHOWN and before is not None and change.offer is not None:
                    old, new = shown_value(before, name), shown_value(change.offer, name)
                    yield moment, OfferRow(model, name, old, new, change.notes.get(name))
            before = change.offer


def rows_of_diff(diff: OffersDiff) -> Iterator[tuple[datetime, OfferRow]]:
    """Yield the changes between two snapshots of all offers, as `rows_of_changes` does."""
    moment = diff.after.taken_at
    for model in diff.added:
        yield moment, OfferRow(model, CAME)
    for model in diff.removed:
        yield moment, OfferRow(model, WENT)
    for pair in diff.renamed:
        yield moment, OfferRow(pair.old, RENAMED, pair.old, pair.new)
    for change in diff.changed:
        # What LiteLLM alone says is not a change of models.dev's offer.
        if change.field in _SHOWN and change.source == MODELS_DEV:
            yield moment, OfferRow(change.model, change.field, change.old, change.new, change.note)
