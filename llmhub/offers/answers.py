"""Answer questions about a store's offers: those of a moment, the changes of one, the differences between moments."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from llmhub.offers.comparing import Changed, OffersDiff, compare
from llmhub.offers.fields import LIST_SOURCES, MODELS_DEV, PRICE_FIELDS, Recorded
from llmhub.offers.history import Change, changes_of
from llmhub.offers.litellm.witness_diff import WITNESSED, with_witnesses
from llmhub.offers.litellm.witnesses import Witness, witness_of
from llmhub.offers.lives.story import Story, story_of
from llmhub.offers.sql import statements
from llmhub.offers.sql.differences import EVERYTHING, Asked, differing_offers
from llmhub.offers.sql.finding import no_such_offer, resolve
from llmhub.offers.sql.price_timelines import changes_of_one
from llmhub.offers.sql.quotes import notes_of
from llmhub.offers.sql.reading import has_tables, offers_of, points_of
from llmhub.storage.moments import from_sql, to_sql

if TYPE_CHECKING:
    from llmhub.offers.values import Offer


def offers_at(
    connection: sqlite3.Connection | None, reference: str, *, now: datetime, source: str = MODELS_DEV
) -> tuple[Recorded, dict[str, Offer]]:
    """Return a snapshot and its offers by `provider/model_id`; it raises what `resolve` raises."""
    connection, recorded = resolve(connection, reference, now=now, source=source)
    return recorded, offers_of(connection, recorded.id)


def changes_at(
    connection: sqlite3.Connection | None,
    model: str,
    *,
    now: datetime,
    source: str = MODELS_DEV,
    labs: Callable[[], Collection[str]] = frozenset,
) -> list[Change]:
    """Return how an offer changed, oldest first.

    Args:
        connection: a connection to the store; None if there is no store yet.
        model: `provider/model_id`.
        now: later snapshots do not count.
        source: the source of the snapshots.
        labs: returns the providers that are labs, for the error about an id without a provider.

    Raises:
        ModelNotFoundError: no snapshot has the offer.
    """
    provider, _, model_id = model.partition("/")
    points = []
    if connection is not None and has_tables(connection):
        points = points_of(connection, provider, model_id, source=source, until=now)
    if not any(point.offer for point in points):
        raise no_such_offer(connection, model, source, labs=labs)
    return changes_of(points)


def diff(
    connection: sqlite3.Connection | None,
    before: str,
    after: str,
    *,
    now: datetime,
    source: str = MODELS_DEV,
    asked: Asked = EVERYTHING,
) -> OffersDiff:
    """Return what came, went and changed from one snapshot to another; see `resolve` for what it raises.

    Only lists that differ are read, and in them only offers that differ and are asked for.
    """
    reading, old = resolve(connection, before, now=now, source=source)
    _, new = resolve(reading, after, now=now, source=source)
    found = _noted(reading, _compared(reading, old, new, asked), now=now, source=source)
    if source == MODELS_DEV:
        told = replace(asked, fields=WITNESSED)
        found = with_witnesses(reading, found, lambda one, other: _compared(reading, one, other, told))
    return found.of_models(asked.__contains__)


def _compared(connection: sqlite3.Connection, old: Recorded, new: Recorded, asked: Asked) -> OffersDiff:
    """Return what differs between two snapshots of one source, without notes."""
    found = differing_offers(connection, old, new, asked)
    return compare(found.old, found.new, before=old, after=new, came=found.came, went=found.went, equal=found.equal)


def _noted(connection: sqlite3.Connection, found: OffersDiff, *, now: datetime, source: str) -> OffersDiff:
    """Mark the price changes that are likely corrections, by everything known of these offers up to now."""
    priced = dict.fromkeys(change.model for change in found.changed if change.field in PRICE_FIELDS)
    notes = notes_of(connection, priced, source=source, until=now) if priced else {}
    first, last = sorted((found.before.taken_at, found.after.taken_at))
    between = {model: [noted for at, noted in line if first < at <= last] for model, line in notes.items()}

    def note(change: Changed) -> str | None:
        # Of several changes in between, the last one made the price what it is.
        said = [noted.get(change.field) for noted in between.get(change.model, ()) if change.field in noted]
        return said[-1] if said else None

    return found.with_notes(note)


def told_of(
    connection: sqlite3.Connection | None, keys: Iterable[str], *, now: datetime
) -> tuple[list[Witness], list[Story]]:
    """Return what each source says about an offer's price, and how its statements about the offer's life changed.

    Args:
        connection: a connection to the store; None if there is no store yet.
        keys: the names under which sources may list the offer, the surest first; the first one in a source counts.
        now: later snapshots do not count.
    """
    witnesses: list[Witness] = []
    stories: list[Story] = []
    if connection is None or not has_tables(connection):
        return witnesses, stories
    asked = tuple(dict.fromkeys(keys))
    for source in LIST_SOURCES:
        changes = next(
            (found for key in asked if (found := changes_of_one(connection, key, until=now, source=source))), []
        )
        story = story_of(source, changes)
        if story is None:
            continue
        stories.append(story)
        newest = connection.execute(statements.NEWEST, {"source": source, "until": to_sql(now)}).fetchone()
        if newest is not None and (witness := witness_of(changes, from_sql(newest[1]))) is not None:
            witnesses.append(witness)
    return witnesses, stories
