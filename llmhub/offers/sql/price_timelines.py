"""Read many offers and listings over time with few statements."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from llmhub.offers.fields import ANY_LLM, FIELDS, MODELS_DEV, Recorded
from llmhub.offers.history import Change, Point, changes_of, where_changed
from llmhub.offers.sql import statements
from llmhub.offers.sql.reading import Listed, has_tables, models_of_listing, offers_by_number, points_of, recorded_of
from llmhub.offers.sql.statements import Kind, for_kind
from llmhub.storage.moments import from_sql, to_sql

# Snapshots, oldest first, with a provider's price list from each on; None while they lack the provider.
_Runs: TypeAlias = list[tuple[Recorded, int | None]]

# How many of a provider's newest lists are read first: most offers changed not long ago.
_FIRST_LISTS = 4
_BOTH = 2


class ListingChange(NamedTuple):
    """The ids that a provider began or ceased to list in a snapshot; the provider has any-llm's name."""

    recorded: Recorded
    provider: str
    came: tuple[str, ...]
    went: tuple[str, ...]


def changes_of_many(
    connection: sqlite3.Connection | None, models: Iterable[str], *, until: datetime, source: str = MODELS_DEV
) -> dict[str, list[Change]]:
    """Return how offers changed, by `provider/model_id`, oldest first, without those that no snapshot has.

    Args:
        connection: a connection to the store; None if there is no store yet.
        models: the offers, as `provider/model_id`.
        until: later snapshots do not count, timezone-aware.
        source: the source of the snapshots.

    Raises:
        OddValueError: an offer differs from what was stored.
    """
    if connection is None or not has_tables(connection):
        return {}
    found: dict[str, list[Change]] = {}
    for provider, numbers, runs in _timelines(connection, models, until, source):
        offered = _offered(connection, runs, numbers)
        asked = {offer: (provider, numbers[number]) for (_, number), offer in offered.items()}
        offers = offers_by_number(connection, asked)
        for number, model_id in numbers.items():
            points = []
            for recorded, listed in runs:
                offer_id = offered.get((listed, number)) if listed is not None else None
                points.append(Point(recorded, None if offer_id is None else offers[offer_id]))
            if any(point.offer for point in points):
                found[f"{provider}/{model_id}"] = changes_of(points)
    return found


def changes_of_one(connection: sqlite3.Connection, key: str, *, until: datetime, source: str) -> list[Change]:
    """Return how an offer changed in a source, oldest first; an empty list if the source never had it."""
    provider, _, model_id = key.partition("/")
    points = points_of(connection, provider, model_id, source=source, until=until)
    return changes_of(points) if any(point.offer for point in points) else []


def last_states(
    connection: sqlite3.Connection, models: Iterable[str], *, until: datetime, source: str
) -> dict[str, Point]:
    """Return the last state of offers, and the snapshot that first had them so; one that went has no offer.

    These are the snapshots and the offers of the last changes that `changes_of_many` returns, read faster.

    Raises:
        OddValueError: an offer differs from what was stored.
    """
    ends: dict[str, list[tuple[Recorded, int | None]]] = {}
    for provider, numbers, runs in _timelines(connection, models, until, source):
        for offered, states in _last_two_states(connection, runs, numbers).items():
            if any(number is not None for _, number in states):
                ends[f"{provider}/{numbers[offered]}"] = states
    keys = {each[0][1]: key.partition("/")[::2] for key, each in ends.items() if each[0][1] is not None}
    offers = offers_by_number(connection, keys)
    same = _alike(connection, [(each[0][1], each[1][1]) for each in ends.values() if len(each) > 1])
    found: dict[str, Point] = {}
    for key, ((recorded, number), *_) in ends.items():
        if number in same:
            # Another row that may say the same: the change is then an earlier one.
            change = changes_of_one(connection, key, until=until, source=source)[-1]
            found[key] = Point(change.recorded, change.offer)
        else:
            found[key] = Point(recorded, None if number is None else offers[number])
    return found


def _alike(connection: sqlite3.Connection, pairs: Iterable[tuple[int | None, int | None]]) -> set[int]:
    """Return the first of each pair of offers that differ at most in their base models."""
    known = {one: other for one, other in pairs if one is not None and other is not None}
    fields = tuple(name for name in FIELDS if name != "base_model")
    asked = {"pairs": json.dumps(list(known.items()))}
    return known.keys() - {number for (number,) in connection.execute(statements.changed_in(fields), asked)}


def _last_two_states(
    connection: sqlite3.Connection, runs: _Runs, numbers: Iterable[int]
) -> dict[int, list[tuple[Recorded, int | None]]]:
    """Return the last two states of offers, the last one first: since when, and the offer's id, None if it is missing.

    Of the second one only the id is sure. The lists are read from the newest one back, as far as they are needed.
    """
    found: dict[int, list[tuple[Recorded, int | None]]] = {number: [] for number in numbers}
    left, end, step = list(found), len(runs), _FIRST_LISTS
    while left and end:
        part = runs[max(end - step, 0) : end]
        end, step = end - len(part), step * 4
        offered = _offered(connection, part, left)
        for number in left:
            states = found[number]
            for recorded, listed in reversed(part):
                state = offered.get((listed, number))
                if states and states[-1][1] == state:
                    states[-1] = (recorded, state)
                else:
                    states.append((recorded, state))
                    if len(states) == _BOTH:
                        break
        left = [number for number in left if len(found[number]) < _BOTH]
    return found


def _timelines(
    connection: sqlite3.Connection, models: Iterable[str], until: datetime, source: str
) -> Iterator[tuple[str, dict[int, str], _Runs]]:
    """Yield each provider of some offers with their row ids and model ids, and its price lists over time."""
    snapshots = [recorded_of(row) for row in connection.execute(*_asked("price_list", source, until))]
    keys = _keys(connection, models)
    lists: dict[str, dict[int, int]] = {provider: {} for provider in keys}
    asked = {"source": source, "until": to_sql(until), "providers": json.dumps(list(keys))}
    for provider, snapshot, _, number in connection.execute(statements.LISTS_OVER_TIME, asked):
        lists[provider][snapshot] = number
    for provider, numbers in keys.items():
        yield provider, numbers, list(_runs(snapshots, lists[provider]))


def listing_changes(connection: sqlite3.Connection | None, *, until: datetime) -> list[ListingChange]:
    """Return the ids that providers began or ceased to list, oldest first; snapshots without the provider do not count.

    Raises:
        OddValueError: a listing differs from what was stored.
    """
    if connection is None or not has_tables(connection):
        return []
    rows = connection.execute(statements.LISTINGS_OVER_TIME, {"source": ANY_LLM, "until": to_sql(until)}).fetchall()
    found = []
    for provider, run in groupby(rows, itemgetter(4)):
        before: frozenset[str] | None = None
        known: int | None = None
        for row in run:
            if row[5] == known:
                continue
            known = row[5]
            now = models_of_listing(connection, provider, Listed(row[5], row[6]))
            if before is not None:
                found.append(
                    ListingChange(recorded_of(row), provider, tuple(sorted(now - before)), tuple(sorted(before - now)))
                )
            before = now
    return sorted(found, key=lambda one: (one.recorded.taken_at, one.provider))


def rated_offers(connection: sqlite3.Connection | None) -> dict[str, str]:
    """Return the leaderboard's model of each offer that a catalog ever matched to one, by `provider/model_id`."""
    if connection is None or not has_tables(connection):
        return {}
    return {f"{provider}/{model_id}": rated for provider, model_id, rated in connection.execute(statements.MATCHES)}


def _asked(kind: Kind, source: str, until: datetime) -> tuple[str, dict[str, str]]:
    return for_kind(statements.SNAPSHOTS, kind), {"source": source, "until": to_sql(until)}


def _keys(connection: sqlite3.Connection, models: Iterable[str]) -> dict[str, dict[int, str]]:
    """Return the row ids and model ids of the wanted offers, by provider."""
    wanted = json.dumps([model.partition("/")[::2] for model in dict.fromkeys(models)])
    found: dict[str, dict[int, str]] = {}
    for provider, number, model_id in connection.execute(statements.KEYS_OF, {"wanted": wanted}):
        found.setdefault(provider, {})[number] = model_id
    return found


def _runs(snapshots: Sequence[Recorded], lists: Mapping[int, int]) -> Iterator[tuple[Recorded, int | None]]:
    """Return a provider's price lists, one for each snapshot whose list differs from the snapshot before.

    The first one is the oldest snapshot's, None if that lacks the provider.
    """
    # No list has this number: the first one counts as a change, also if it is None.
    return where_changed(((recorded, lists.get(recorded.id)) for recorded in snapshots), -1)


def _offered(connection: sqlite3.Connection, runs: _Runs, numbers: Iterable[int]) -> dict[tuple[int | None, int], int]:
    """Return the id of the offer that each list has of each model."""
    lists = sorted({listed for _, listed in runs if listed is not None})
    asked = {"lists": json.dumps(lists), "offered": json.dumps(sorted(numbers))}
    rows = connection.execute(statements.OFFERS_OF_LISTS, asked)
    return {(listed, number): offer for listed, number, offer in rows}


def recorded_span(
    connection: sqlite3.Connection | None, *, until: datetime, source: str = MODELS_DEV
) -> tuple[datetime, datetime] | None:
    """Return the moments of a source's first and last snapshot; None if there is none."""
    if connection is None or not has_tables(connection):
        return None
    oldest: str | None = connection.execute(for_kind(statements.COUNT, "price_list"), {"source": source}).fetchone()[1]
    asked = {"source": source, "until": to_sql(until), "back": 0}
    newest = connection.execute(for_kind(statements.AT_OR_BEFORE, "price_list"), asked).fetchone()
    return None if newest is None or oldest is None else (from_sql(oldest), recorded_of(newest).taken_at)
