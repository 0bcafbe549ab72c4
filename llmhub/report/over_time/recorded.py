"""Read what models.dev and the providers' listings said over time from the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from llmhub.arena.compare.diff import BoardDiff
from llmhub.arena.compare.history import BoardPoint
from llmhub.errors import SnapshotNotFound
from llmhub.offers.sql.price_timelines import changes_of_many, listing_changes, rated_offers, recorded_span
from llmhub.report.offers import distance
from llmhub.report.over_time.days import MOST_DAYS, Day, OffersOverTime, days_of
from llmhub.report.over_time.model_prices import offer_key
from llmhub.store import SnapshotStore

if TYPE_CHECKING:
    import sqlite3

    from llmhub.catalog.schema import CanonicalModel, Catalog
    from llmhub.offers.comparing import OffersDiff
    from llmhub.report.data import Line


_MOST_FOLLOWED = 6


def read_offers(
    store: SnapshotStore,
    catalog: Catalog | None,
    lines: Sequence[Line],
    within_reach: Collection[str],
    *,
    now: datetime,
) -> OffersOverTime:
    """Return what was recorded of offers up to a moment: of callable ones, and of those that count in their place.

    Args:
        store: the store.
        catalog: the last built one; None if there is none.
        lines: the board's.
        within_reach: the providers that llmhub can call, given a key.
        now: the moment.

    Raises:
        StoreError: the store cannot be read; see its subclasses.
    """
    models = catalog.models if catalog else ()
    with store.reading() as connection:
        matched = rated_offers(connection)
        current = {key: model.arena_id for model in models if (key := offer_key(model)) is not None}
        rated = matched | {key: name for key, name in current.items() if name is not None}
        lives = _lives(connection, rated, now)
        elsewhere = {}
        for line in lines:
            for offer in () if line.offers else _followed(line.elsewhere, within_reach):
                elsewhere[offer.canonical_id] = line.score.model
                lives[line.score.model].append(offer.status or "active")
        changes = changes_of_many(connection, [*current, *matched, *elsewhere], until=now)
        listings = listing_changes(connection, until=now)
        span = recorded_span(connection, until=now)
    return OffersOverTime(
        span=span,
        changes=changes,
        rated=elsewhere | rated,
        on_own_page=frozenset(elsewhere) - set(rated) if any(line.offers for line in lines) else frozenset(),
        lives=lives,
        listings=listings,
        last=None if changes or span is None else _last_change(store, now),
    )


def _followed(offers: Sequence[CanonicalModel], within_reach: Collection[str]) -> list[CanonicalModel]:
    """Return the offers whose price may have counted earlier: the cheapest, all as near as the first one."""
    near = [distance(offer, within_reach) for offer in offers]
    alike = [offer for offer, each in zip(offers, near, strict=True) if each == near[0]]
    return alike[:_MOST_FOLLOWED]


def _lives(
    connection: sqlite3.Connection | None, rated: Mapping[str, str], now: datetime
) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    if not rated:
        return found
    # It imports pydantic, which a report of ratings alone does without.
    from llmhub.catalog.offered.lives import known_lifecycles

    known = known_lifecycles(connection, today=now.date())
    for key, model in rated.items():
        if key in known:
            found[model].append(known[key].status)
    return found


def _last_change(store: SnapshotStore, now: datetime) -> OffersDiff | None:
    try:
        return store.offers_diff("previous", "latest", now=now)
    except SnapshotNotFound:
        return None


def read_days(
    store: SnapshotStore, offers: OffersOverTime, timeline: Sequence[BoardPoint], board: tuple[str, str]
) -> tuple[Day, ...]:
    """Return the newest days on which something changed, newest first.

    Args:
        store: the store.
        offers: what was recorded of offers.
        timeline: the board's publications up to the one that is shown, oldest first.
        board: its leaderboard and category.
    """
    return days_of(offers.offer_rows(), offers.listing_rows(), _ratings(store, timeline, board))


def _ratings(
    store: SnapshotStore, timeline: Sequence[BoardPoint], board: tuple[str, str]
) -> Iterator[tuple[datetime, BoardDiff]]:
    found = 0
    for number in range(len(timeline) - 1, 0, -1):
        before, after = timeline[number - 1], timeline[number]
        diff = store.diff(str(before.newest_id), str(after.newest_id), *board)
        if not diff.same:
            yield after.moment, diff
            found += 1
        if found == MOST_DAYS:
            return
