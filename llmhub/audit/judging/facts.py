"""Gather what the store and the last catalog know of the offers that an audit found. Asks no server."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple

from llmhub.catalog.cache import last_catalog
from llmhub.catalog.matching.overrides import Overrides
from llmhub.catalog.offered.lives import known_lifecycles
from llmhub.errors import SnapshotNotFound
from llmhub.offers.answers import changes_at
from llmhub.offers.fields import PRICE_SOURCES, Recorded
from llmhub.offers.sql import statements
from llmhub.offers.sql.finding import resolve
from llmhub.offers.sql.reading import (
    Listed,
    digests_of,
    has_tables,
    lists_of,
    offer_of,
    offers_of,
    points_of,
    recorded_of,
)
from llmhub.storage.moments import to_sql

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel
    from llmhub.offers.lives.lifecycle import Lifecycle
    from llmhub.offers.values import Offer


class Rating(NamedTuple):
    """A rating with its interval; a bound of None is unknown."""

    score: float
    low: float | None
    high: float | None


class PriceThen(NamedTuple):
    """An offer as it was at `since`, and why its change since then is likely a correction; None if it is not."""

    offer: Offer
    recorded: Recorded
    note: str | None = None


class Facts(NamedTuple):
    """What is known of the offers that were found; keys are `provider/model_id`, by the names of models.dev.

    Attributes:
        today: the day, in UTC.
        lives: the life of every offer ever known.
        current: the offers that are on today's price lists.
        of_labs: all own offers of each lab of which one offer was found.
        last: offers that are on no list any more, as they were last known.
        earlier: the earlier records of offers whose price rose.
        ratings: the ratings of offers that were rated.
        models: the models that can be called.
        offer_of_model: the offer of each callable model, where models.dev has it.
        overrides: the words of ids, and providers' names.
    """

    today: date
    lives: Mapping[str, Lifecycle]
    current: Mapping[str, Offer]
    of_labs: Mapping[str, Offer]
    last: Mapping[str, Offer]
    earlier: Mapping[str, PriceThen]
    ratings: Mapping[str, Rating]
    models: tuple[CanonicalModel, ...]
    offer_of_model: Mapping[str, str]
    overrides: Overrides

    def offer(self, key: str) -> Offer | None:
        """Return an offer as it is listed today, or as it was last listed."""
        return self.current.get(key) or self.last.get(key)


def known_keys(connection: sqlite3.Connection | None) -> list[tuple[str, str]]:
    """Return the provider and the id of every offer that any source ever listed."""
    if connection is None or not has_tables(connection):
        return []
    return connection.execute(statements.EVERY_KEY).fetchall()


def gather(
    connection: sqlite3.Connection | None,
    keys: Iterable[str],
    *,
    since: datetime,
    now: datetime,
    overrides: Overrides,
) -> Facts:
    """Return what is known of these offers.

    Args:
        connection: to the store; None if there is none.
        keys: the offers that were found.
        since: the moment from which on a price that rose counts, timezone-aware.
        now: the current moment, timezone-aware.
        overrides: the words of ids, shipped and the user's own.

    Raises:
        StoreError: the store cannot be read; see its children.
    """
    wanted = set(keys)
    models = catalog.models if (catalog := last_catalog()) is not None else ()
    lives = known_lifecycles(connection, today=now.astimezone(UTC).date(), overrides=overrides)
    prices = _Prices({}, {}, {})
    of_labs: dict[str, Offer] = {}
    if connection is not None:
        for source in PRICE_SOURCES:
            _add_prices(_Asked(connection, source, since, now), wanted, prices)
        of_labs = _own_offers(connection, prices.current, overrides, now)
    offer_of_model = {
        model.canonical_id: model.modelsdev_match.target
        for model in models
        if model.modelsdev_match is not None and model.modelsdev_match.target
    }
    return Facts(
        today=now.astimezone(UTC).date(),
        lives=lives,
        current=prices.current,
        of_labs=of_labs,
        last={key: offer for key, offer in prices.last.items() if key not in prices.current},
        earlier=prices.earlier,
        ratings=_ratings(models, offer_of_model),
        models=models,
        offer_of_model=offer_of_model,
        overrides=overrides,
    )


class _Asked(NamedTuple):
    """A source of prices, and the span of time to look at."""

    connection: sqlite3.Connection
    source: str
    since: datetime
    now: datetime


class _Prices(NamedTuple):
    current: dict[str, Offer]
    earlier: dict[str, PriceThen]
    last: dict[str, Offer]


def _add_prices(asked: _Asked, wanted: set[str], prices: _Prices) -> None:
    """Add what a source says about offers that no earlier source mentioned."""
    try:
        _, latest = resolve(asked.connection, "latest", now=asked.now, source=asked.source)
    except SnapshotNotFound:
        return
    then = _first_snapshot(asked)
    lists_now = lists_of(asked.connection, latest.id)
    lists_then = {} if then is None else lists_of(asked.connection, then.id)
    for provider in sorted({key.partition("/")[0] for key in wanted}):
        digests = _OfProvider(
            provider,
            _digests(asked, provider, lists_now),
            # An unchanged list has unchanged prices.
            {} if lists_now.get(provider) == lists_then.get(provider) else _digests(asked, provider, lists_then),
        )
        for key in sorted({key for key in wanted if key.startswith(f"{provider}/")} - set(prices.current)):
            _add_price(asked, key, digests, then, prices)


class _OfProvider(NamedTuple):
    """The digests and row ids of a provider's offers at two moments, by model id."""

    name: str
    now: Mapping[str, tuple[bytes, int]]
    then: Mapping[str, tuple[bytes, int]]


def _digests(asked: _Asked, provider: str, lists: Mapping[str, Listed]) -> Mapping[str, tuple[bytes, int]]:
    return digests_of(asked.connection, provider, lists[provider]) if provider in lists else {}


def _add_price(asked: _Asked, key: str, of: _OfProvider, then: Recorded | None, prices: _Prices) -> None:
    model_id = key.partition("/")[2]
    if (now := of.now.get(model_id)) is None:
        if (offer := _last_offer(asked, key)) is not None:
            prices.last.setdefault(key, offer)
        return
    prices.current[key] = offer_of(asked.connection, of.name, model_id, now[1])
    before = of.then.get(model_id)
    if then is None or before is None or before == now:
        return
    offer = offer_of(asked.connection, of.name, model_id, before[1])
    if _rose(offer, prices.current[key]):
        prices.earlier[key] = PriceThen(offer, then, _note(asked, key))


def _own_offers(
    connection: sqlite3.Connection, current: Mapping[str, Offer], overrides: Overrides, now: datetime
) -> dict[str, Offer]:
    """Return all offers of the labs that a found offer belongs to."""
    labs = overrides.vocabulary.lab_providers()
    found = {key.partition("/")[0] for key in current} & labs
    try:
        _, latest = resolve(connection, "latest", now=now)
    except SnapshotNotFound:
        return {}
    return offers_of(connection, latest.id, providers=found) if found else {}


def _first_snapshot(asked: _Asked) -> Recorded | None:
    """Return the newest snapshot at or before `since`; the oldest one if all are later."""
    rows = asked.connection.execute(
        statements.for_kind(statements.SNAPSHOTS, "price_list"), {"source": asked.source, "until": to_sql(asked.now)}
    )
    known = [recorded_of(row) for row in rows]
    before = [one for one in known if one.taken_at <= asked.since]
    return before[-1] if before else next(iter(known), None)


def _rose(then: Offer, now: Offer) -> bool:
    return any(
        old is not None and new is not None and new > old
        for old, new in (
            (then.price_input_per_million, now.price_input_per_million),
            (then.price_output_per_million, now.price_output_per_million),
        )
    )


def _note(asked: _Asked, key: str) -> str | None:
    """Return why a price that rose is likely a correction; None if nothing says so."""
    changes = changes_at(asked.connection, key, now=asked.now, source=asked.source)
    notes = [
        why
        for change in changes
        if change.recorded.taken_at > asked.since
        for field, why in change.notes.items()
        if field in {"input", "output"}
    ]
    return notes[-1] if notes else None


def _last_offer(asked: _Asked, key: str) -> Offer | None:
    """Return what a source last said of an offer that it no longer lists."""
    provider, _, model_id = key.partition("/")
    points = points_of(asked.connection, provider, model_id, source=asked.source, until=asked.now)
    return next((point.offer for point in reversed(points) if point.offer is not None), None)


def _ratings(models: Iterable[CanonicalModel], offer_of_model: Mapping[str, str]) -> dict[str, Rating]:
    found: dict[str, Rating] = {}
    for model in models:
        # A rating at another setting says little about the model as it is called.
        if model.arena_score is not None and model.arena_setting is None:
            rating = Rating(model.arena_score, model.arena_ci_low, model.arena_ci_high)
            found[model.canonical_id] = rating
            if model.canonical_id in offer_of_model:
                found[offer_of_model[model.canonical_id]] = rating
    return found
