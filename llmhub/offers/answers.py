"""What is asked of a store's offers: those of a moment, how one changed, what differs between two moments."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from llmhub.offers.comparing import Changed, OffersDiff, compare
from llmhub.offers.fields import MODELS_DEV, PRICE_FIELDS, Recorded
from llmhub.offers.history import Change, changes_of
from llmhub.offers.sql.finding import no_such_offer, resolve
from llmhub.offers.sql.reading import digests_of, has_tables, lists_of, offer_of, offers_of, points_of
from llmhub.offers.values import Offer


def offers_at(
    connection: sqlite3.Connection | None, reference: str, *, now: datetime, source: str = MODELS_DEV
) -> tuple[Recorded, dict[str, Offer]]:
    """Return a snapshot and its offers by `provider/model_id`; see `resolve` for what it raises."""
    connection, recorded = resolve(connection, reference, now=now, source=source)
    return recorded, offers_of(connection, recorded.id)


def changes_at(
    connection: sqlite3.Connection | None, model: str, *, now: datetime, source: str = MODELS_DEV
) -> list[Change]:
    """Return how an offer changed, oldest first.

    Args:
        connection: to the store; None where there is none yet.
        model: `provider/model_id`.
        now: later snapshots do not count.
        source: which source's snapshots.

    Raises:
        ModelNotFoundError: no snapshot has the offer.
    """
    provider, _, model_id = model.partition("/")
    points = []
    if connection is not None and has_tables(connection):
        points = points_of(connection, provider, model_id, source=source, until=now)
    if not any(point.offer for point in points):
        raise no_such_offer(connection, model, source)
    return changes_of(points)


def diff(
    connection: sqlite3.Connection | None,
    before: str,
    after: str,
    *,
    now: datetime,
    source: str = MODELS_DEV,
) -> OffersDiff:
    """Return what came, went and changed from one snapshot to another; see `resolve` for what it raises.

    Only lists that differ are read, and of those only offers that do.
    """
    connection, old = resolve(connection, before, now=now, source=source)
    _, new = resolve(connection, after, now=now, source=source)
    old_lists, new_lists = lists_of(connection, old.id), lists_of(connection, new.id)
    came: dict[str, Offer] = {}
    went: dict[str, Offer] = {}
    unchanged = 0
    for provider in sorted({*old_lists, *new_lists}):
        one, other = old_lists.get(provider), new_lists.get(provider)
        of = digests_of(connection, provider, one) if one else {}
        if one == other:
            unchanged += len(of)
            continue
        to = digests_of(connection, provider, other) if other else {}
        for model_id in of.keys() | to.keys():
            if of.get(model_id) == to.get(model_id):
                unchanged += 1
                continue
            for side, kept in ((of, went), (to, came)):
                if model_id in side:
                    number = side[model_id][1]
                    kept[f"{provider}/{model_id}"] = offer_of(connection, provider, model_id, number)
    found = compare(went, came, before=old, after=new, unchanged=unchanged)
    return _noted(connection, found, now=now, source=source)


def _noted(connection: sqlite3.Connection, found: OffersDiff, *, now: datetime, source: str) -> OffersDiff:
    """Mark the changes of prices that are likely corrections, by all that is known of these offers up to now."""
    priced = {change.model for change in found.changed if change.field in PRICE_FIELDS}
    changes = {model: changes_at(connection, model, now=now, source=source) for model in priced}
    first, last = sorted((found.before.taken_at, found.after.taken_at))

    def note(change: Changed) -> str | None:
        if change.field not in PRICE_FIELDS:
            return None
        # Of several changes in between, the last one made the price what it is.
        between = [
            one.notes.get(change.field)
            for one in changes[change.model]
            if first < one.recorded.taken_at <= last and change.field in one.changed
        ]
        return between[-1] if between else None

    return found.with_notes(note)
