"""Insert the rows of offers and listings: one statement each, in the caller's transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from llmhub.arena.rules import NAME_RULE, is_name
from llmhub.errors import InvalidOfferError
from llmhub.offers.sql import statements
from llmhub.offers.sql.digest import known_values
from llmhub.offers.sql.statements import Kind, for_kind
from llmhub.storage.moments import to_sql

if TYPE_CHECKING:
    from llmhub.offers.values import Offer

_SEPARATORS = (",", ":")
_LISTS = tuple(map(statements.COLUMNS.index, ("price_tiers", "input_modalities", "output_modalities")))
_AT_ONCE = 100


class PriceList(NamedTuple):
    """A provider's offers and their digests by model id, and the digest of all of them."""

    offers: Mapping[str, Offer]
    digests: Mapping[str, bytes]
    digest: bytes


def columns_of(known: Mapping[str, Any]) -> list[Any]:
    """Return an offer's columns from the result of `known_values`."""
    values: list[Any] = [known.get(name) for name in statements.COLUMNS]
    for place in _LISTS:
        if (value := values[place]) is not None:
            values[place] = _words_text(value) if type(value) is tuple else json.dumps(value, separators=_SEPARATORS)
    return values


@lru_cache(maxsize=4096)
def _words_text(words: tuple[str, ...]) -> str:
    """Return words as JSON, cached: most offers have the same few."""
    return json.dumps(words, separators=_SEPARATORS)


def require_key(provider: str, model_id: str) -> None:
    """Check the names of a provider and of a model.

    Raises:
        InvalidOfferError: one breaks a rule.
    """
    if not is_name(provider) or "/" in provider:
        raise InvalidOfferError(f"{provider!r} is not a valid provider's name: expected {NAME_RULE}, without a slash")
    if not is_name(model_id):
        raise InvalidOfferError(f"{provider}: {model_id!r} is not a valid model's id: expected {NAME_RULE}")


def insert_snapshot(
    connection: sqlite3.Connection, moment: datetime, source: str, revision: str | None, number: int | None = None
) -> int:
    """Insert a snapshot, and return its id: `number`, or the next one."""
    row = (number, to_sql(moment), source, revision)
    number = connection.execute(statements.ADD_SNAPSHOT, row).lastrowid
    if number is None:
        raise TypeError("SQLite gave no id")
    return number


class Ids:
    """Gives the ids of providers and of their models; new ones are inserted."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._providers: dict[str, int] = dict(connection.execute("SELECT name, id FROM provider"))

    def provider(self, name: str) -> int:
        """Return the id of a provider."""
        if name not in self._providers:
            self._providers[name] = self._connection.execute(statements.ADD_PROVIDER, (name,)).lastrowid or 0
        return self._providers[name]

    def offered(self, provider: str, model_ids: Collection[str]) -> dict[str, int]:
        """Return the ids of a provider's models, by model id."""
        number = self.provider(provider)
        rows = self._connection.execute("SELECT model_id, id FROM offered WHERE provider_id = ?", (number,))
        known: dict[str, int] = dict(rows)
        if new := [model_id for model_id in sorted(model_ids) if model_id not in known]:
            first = _first_free(self._connection, "offered")
            made = dict(zip(new, count(first), strict=False))
            self._connection.executemany(statements.ADD_OFFERED, [(key, number, name) for name, key in made.items()])
            known |= made
        return {model_id: known[model_id] for model_id in model_ids}


def _first_free(connection: sqlite3.Connection, table: str) -> int:
    (last,) = connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()
    return int(last) + 1


def list_ids(connection: sqlite3.Connection, kind: Kind, ids: Ids, addresses: Mapping[str, bytes]) -> dict[str, int]:
    """Return the ids of the lists that are stored already, by provider."""
    found = {}
    for provider, address in addresses.items():
        ids.provider(provider)
        row = connection.execute(for_kind(statements.LIST_ID, kind), (address,)).fetchone()
        if row is not None:
            found[provider] = int(row[0])
    return found


def insert_lists(connection: sqlite3.Connection, kind: Kind, ids: Ids, new: Mapping[str, bytes]) -> dict[str, int]:
    """Insert price lists or listings without their content, and return their ids by provider."""
    statement = for_kind(statements.ADD_LIST, kind)
    return {
        provider: connection.execute(statement, (ids.provider(provider), address)).lastrowid or 0
        for provider, address in new.items()
    }


def insert_offers(
    connection: sqlite3.Connection,
    keys: Mapping[str, int],
    list_id: int,
    listed: PriceList,
    values: Mapping[str, dict[str, Any]],
) -> None:
    """Insert the rows of a provider's price list, and the offers on it that no earlier list had.

    Args:
        connection: a connection in a transaction.
        keys: the row id of each model's key.
        list_id: the price list's row id.
        listed: the price list.
        values: the known fields of offers by `provider/model_id`, as far as they were computed already.
    """
    numbers = numbers_of(connection, list(listed.digests.values()))
    known = {model_id: numbers[digest] for model_id, digest in listed.digests.items() if digest in numbers}
    new = [model_id for model_id in listed.offers if model_id not in known]
    numbered = dict(zip(new, count(_first_free(connection, "offer")), strict=False))
    rows = []
    for name, number in numbered.items():
        offer = listed.offers[name]
        told = values.get(offer.canonical_id) or known_values(offer)
        rows.append((number, keys[name], listed.digests[name], *columns_of(told)))
    connection.executemany(statements.ADD_OFFER, rows)
    known |= numbered
    connection.executemany(
        statements.ADD_TO_LIST, sorted((list_id, key, known[model_id]) for model_id, key in keys.items())
    )


def numbers_of(connection: sqlite3.Connection, digests: Sequence[bytes]) -> dict[bytes, int]:
    """Return the row ids of the offers that are stored already, by digest."""
    found: dict[bytes, int] = {}
    for place in range(0, len(digests), _AT_ONCE):
        asked = digests[place : place + _AT_ONCE]
        found.update(connection.execute(statements.offer_ids(len(asked)), asked).fetchall())
    return found


def insert_into_snapshot(
    connection: sqlite3.Connection, kind: Kind, snapshot: int, ids: Ids, lists: Mapping[str, int]
) -> None:
    """Insert which list of each provider a snapshot has."""
    rows = sorted((snapshot, ids.provider(provider), number) for provider, number in lists.items())
    connection.executemany(for_kind(statements.ADD_LIST_OF_SNAPSHOT, kind), rows)
