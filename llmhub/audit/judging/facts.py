"""Gather what the store and the last catalog know of the offers that an audit found. Asks no server."""

from __future__ import annotations

import sqlite3
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple

from llmhub.catalog.cache import last_catalog
from llmhub.catalog.matching.overrides import Overrides
from llmhub.catalog.offered.lives import known_lifecycles
from llmhub.errors import SnapshotNotFound
from llmhub.offers.fields import PRICE_SOURCES, Recorded
from llmhub.offers.sql import statements
from llmhub.offers.sql.finding import resolve
from llmhub.offers.sql.quotes import notes_of
from llmhub.offers.sql.reading import (
    Listed,
    digests_of,
    has_tables,
    last_offers,
    lists_of,
    offers_by_number,
    offers_of,
    recorded_of,
)
from llmhub.storage.moments import to_sql

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel
    from llmhub.offers.lives.lifecycle import Lifecycle
    from llmhub.offers.values import Offer


_PRICES = frozenset({"input", "output"})


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
    left = _by_provider(wanted - prices.current.keys())
    lists_now = lists_of(asked.connection, latest.id)
    now = _numbers(asked, left, lists_now)
    current = _offers(asked, now)
    prices.current.update(current)
    for key, offer in _last_offers(asked, left, current).items():
        prices.last.setdefault(key, offer)
    if then is None:
        return
    lists_then = lists_of(asked.connection, then.id)
    # An unchanged list has unchanged prices.
    changed = {provider: listed for provider, listed in lists_then.items() if lists_now.get(provider) != listed}
    before = {key: number for key, number in _numbers(asked, left, changed).items() if now.get(key, number) != number}
    dearer = {key: offer for key, offer in _offers(asked, before).items() if _rose(offer, current[key])}
    notes = _notes(asked, dearer)
    prices.earlier.update({key: PriceThen(offer, then, notes.get(key)) for key, offer in dearer.items()})


def _by_provider(keys: Iterable[str]) -> dict[str, list[str]]:
    """Return the models' ids of each provider, sorted."""
    found: dict[str, list[str]] = {}
    for key in sorted(keys):
        provider, _, model_id = key.partition("/")
        found.setdefault(provider, []).append(model_id)
    return found


def _numbers(asked: _Asked, wanted: Mapping[str, Sequence[str]], lists: Mapping[str, Listed]) -> dict[str, int]:
    """Return the row ids of the wanted offers that stand on these lists."""
    found = {}
    for provider, model_ids in wanted.items():
        if (listed := lists.get(provider)) is None:
            continue
        of_list = digests_of(asked.connection, provider, listed)
        found.update({f"{provider}/{each}": of_list[each][1] for each in model_ids if each in of_list})
    return found


def _offers(asked: _Asked, numbers: Mapping[str, int]) -> dict[str, Offer]:
    keys = {number: key.partition("/")[::2] for key, number in numbers.items()}
    read = offers_by_number(asked.connection, keys)
    return {key: read[number] for key, number in numbers.items()}


def _last_offers(asked: _Asked, wanted: Mapping[str, Sequence[str]], current: Container[str]) -> dict[str, Offer]:
    """Return what a source last said of the offers that it lists no more."""
    gone = [f"{provider}/{each}" for provider, ids in wanted.items() for each in ids]
    return last_offers(
        asked.connection, [key for key in gone if key not in current], source=asked.source, until=asked.now
    )


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


def _notes(asked: _Asked, keys: Iterable[str]) -> dict[str, str]:
    """Return why prices that rose are likely corrections; offers without such a reason are left out."""
    noted = notes_of(asked.connection, keys, source=asked.source, until=asked.now)
    found = {}
    for key, line in noted.items():
        whys = [why for at, notes in line if at > asked.since for field, why in notes.items() if field in _PRICES]
        if whys:
            found[key] = whys[-1]
    return found


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
