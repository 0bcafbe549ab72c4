"""Read the prices of many offers over time, for the notes on price changes, with a few statements.

Digests are not checked here: a note only classifies a change and holds no price.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from llmhub.offers.corrections import Quote, notes_on
from llmhub.offers.fields import NUMBERS
from llmhub.offers.history import where_changed
from llmhub.offers.sql import statements
from llmhub.offers.sql.statements import for_kind
from llmhub.storage.moments import from_sql, to_sql

_Runs: TypeAlias = Sequence[tuple[str, int | None]]
"""A provider's price lists, each with the moment of the first snapshot that had it; None if it had none."""


def notes_of(
    connection: sqlite3.Connection, models: Iterable[str], *, source: str, until: datetime
) -> dict[str, list[tuple[datetime, dict[str, str]]]]:
    """Return for each offer the moments at which it changed, oldest first, with the notes on its prices.

    Args:
        connection: a connection to the store.
        models: the offers, as `provider/model_id`.
        source: the source of the snapshots.
        until: later snapshots do not count, timezone-aware.
    """
    wanted: dict[str, list[str]] = {}
    for model in models:
        provider, _, model_id = model.partition("/")
        wanted.setdefault(provider, []).append(model_id)
    asked = {"source": source, "until": to_sql(until)}
    moments = [row[2] for row in connection.execute(for_kind(statements.SNAPSHOTS, "price_list"), asked)]
    if not moments:
        return {}
    offered = {
        provider: (runs, _offered(connection, provider, wanted[provider], runs))
        for provider, runs in _runs(connection, list(wanted), moments, asked).items()
    }
    numbers = {number for _, lists in offered.values() for number in lists.values()}
    quotes = _quotes(connection, numbers, from_sql(moments[0]))
    found = {}
    for provider, (runs, lists) in offered.items():
        for model_id in wanted[provider]:
            line = _line(model_id, runs, lists)
            noted = notes_on(
                [None if number is None else quotes[number]._replace(at=from_sql(at)) for at, number in line],
                since=from_sql(moments[0]),
            )
            found[f"{provider}/{model_id}"] = [
                (from_sql(at), notes) for (at, _), notes in zip(line, noted, strict=True)
            ]
    return found


def _runs(
    connection: sqlite3.Connection, providers: list[str], moments: Sequence[str], asked: Mapping[str, str]
) -> dict[str, _Runs]:
    lists: dict[str, dict[str, int]] = {provider: {} for provider in providers}
    rows = connection.execute(statements.LISTS_OVER_TIME, {**asked, "providers": json.dumps(providers)})
    for provider, _, moment, number in rows:
        lists[provider][moment] = number
    found: dict[str, _Runs] = {}
    for provider, of_moment in lists.items():
        found[provider] = list(where_changed(((moment, of_moment.get(moment)) for moment in moments), None))
    return found


def _offered(
    connection: sqlite3.Connection, provider: str, model_ids: list[str], runs: _Runs
) -> dict[tuple[int, str], int]:
    """Return the row id of the offer that each price list has of each model."""
    lists = sorted({number for _, number in runs if number is not None})
    asked = {"provider": provider, "models": json.dumps(model_ids), "lists": json.dumps(lists)}
    rows = connection.execute(statements.OFFERED_OF_LISTS, asked)
    return {(price_list, model_id): number for price_list, model_id, number in rows}


def _quotes(connection: sqlite3.Connection, numbers: Iterable[int], at: datetime) -> dict[int, Quote]:
    found = {}
    rows = connection.execute(statements.QUOTES, {"numbers": json.dumps(sorted(numbers))})
    for number, released, open_weights, *prices in rows:
        is_open = None if open_weights is None else bool(open_weights)
        found[number] = Quote(at, dict(zip(NUMBERS, prices, strict=True)), released, is_open)
    return found


def _line(model_id: str, runs: _Runs, lists: Mapping[tuple[int, str], int]) -> list[tuple[str, int | None]]:
    """Return the moments at which an offer changed, each with the offer; None if it went."""
    offers = (
        (moment, None if price_list is None else lists.get((price_list, model_id))) for moment, price_list in runs
    )
    return list(where_changed(offers, None))
