"""The only way to store offers and listings: validated, content-addressed, each snapshot in one transaction.

A process that writes offers imports neither SQLModel nor SQLAlchemy, unless the file must be made or upgraded:
storing a refresh without changes takes milliseconds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import lru_cache
from itertools import count, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from llmhub.arena.database import database
from llmhub.arena.rules import NAME_RULE, is_name, moment_of
from llmhub.arena.sql.statements import to_sql
from llmhub.errors import InvalidOfferError, SnapshotConflictError, printable
from llmhub.offers.fields import ANY_LLM, LIST_SOURCES, MODELS_DEV, Recorded
from llmhub.offers.sql import statements
from llmhub.offers.sql.digest import known_values, list_digest, listing_digest, values_digest
from llmhub.offers.sql.statements import Kind, for_kind

if TYPE_CHECKING:
    from llmhub.offers.values import Offer

_SEPARATORS = (",", ":")
_LISTS = tuple(map(statements.COLUMNS.index, ("price_tiers", "input_modalities", "output_modalities")))
_AT_ONCE = 100
_MOST_NAMED = 3
_MOST_SHOWN = 80


class PriceList(NamedTuple):
    """A provider's offers and their digests by model id, and the digest of all of them."""

    offers: Mapping[str, Offer]
    digests: Mapping[str, bytes]
    digest: bytes


class OfferWriter:
    """Stores snapshots of offers and listings in one file; each in a transaction of its own, or all in the caller's."""

    def __init__(self, transaction: Callable[[], AbstractContextManager[sqlite3.Connection]]) -> None:
        self._begin = transaction
        self._connection: sqlite3.Connection | None = None
        self._digests: dict[str, tuple[Offer, bytes]] = {}
        self._known: dict[str, dict[str, Any]] = {}
        self._number: int | None = None

    @contextmanager
    def numbered(self, number: int) -> Iterator[None]:
        """Give the snapshot that is added in the block this id, because people note ids."""
        self._number = number
        try:
            yield
        finally:
            self._number = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction: either everything that is added in the block is stored, or nothing."""
        if self._connection is not None:
            yield self._connection
            return
        with self._begin() as connection:
            self._connection = connection
            try:
                yield connection
            finally:
                self._connection = None

    def add_offers(
        self,
        offers: Mapping[str, Offer],
        *,
        taken_at: datetime,
        source: str = MODELS_DEV,
        revision: str | None = None,
    ) -> tuple[Recorded, bool]:
        """Store all offers of a source at a moment, and return whether the snapshot was new.

        Raises:
            InvalidOfferError: there is no offer, a key breaks a rule, or the source or the moment is not valid.
            SnapshotConflictError: the snapshot exists with other price lists.
            StoreError: the store could not be written; see its children.
        """
        lists = {provider: self.price_list(provider, listed) for provider, listed in _by_provider(offers).items()}
        return self.add_lists(lists, taken_at=taken_at, source=source, revision=revision)

    def price_list(self, provider: str, offers: Mapping[str, Offer]) -> PriceList:
        """Make a provider's price list from its offers by model id.

        Raises:
            InvalidOfferError: a key breaks a rule.
        """
        for model_id, offer in offers.items():
            if offer.canonical_id not in self._digests:
                _require_key(provider, model_id)
        digests = self._digests_of(offers)
        return PriceList(offers, digests, list_digest(provider, digests))

    def add_lists(
        self,
        lists: Mapping[str, PriceList],
        *,
        taken_at: datetime,
        source: str = MODELS_DEV,
        revision: str | None = None,
    ) -> tuple[Recorded, bool]:
        """Store the price lists of all providers at a moment, each made by `price_list`; see `add_offers`."""
        if source not in LIST_SOURCES:
            raise InvalidOfferError(f"source {source!r} is none of {', '.join(LIST_SOURCES)}")
        moment = moment_of(taken_at, InvalidOfferError)
        if not lists:
            raise InvalidOfferError("a snapshot of prices needs at least one offer")
        addresses = {provider: listed.digest for provider, listed in lists.items()}
        with self.transaction() as connection:
            recorded, is_new = self._snapshot(connection, "price_list", addresses, (source, moment, revision))
            if is_new:
                ids = _Ids(connection)
                known = _list_ids(connection, "price_list", ids, addresses)
                new = [provider for provider in addresses if provider not in known]
                known |= _add_lists(connection, "price_list", ids, {name: addresses[name] for name in new})
                for provider in new:
                    keys = ids.offered(provider, lists[provider].offers.keys())
                    _add_offers(connection, keys, known[provider], lists[provider], self._known)
                _add_to_snapshot(connection, "price_list", recorded.id, ids, known)
        self._known.clear()
        return recorded, is_new

    def add_unchanged(self, *, taken_at: datetime, source: str, revision: str) -> tuple[Recorded, bool] | None:
        """Store another snapshot of a document that is stored already, without parsing it; None if it is not stored.

        Raises:
            InvalidOfferError: the moment is not valid.
            StoreError: the store could not be written; see its children.
        """
        moment = moment_of(taken_at, InvalidOfferError)
        with self.transaction() as connection:
            at = connection.execute(statements.SNAPSHOT, (source, to_sql(moment))).fetchone()
            if at is not None:
                return (Recorded(at[0], source, moment, revision), False) if at[1] == revision else None
            before = connection.execute(statements.OF_REVISION, (source, revision)).fetchone()
            if before is None:
                return None
            number = _add_snapshot(connection, moment, source, revision)
            connection.execute(statements.COPY_LISTS, (number, before[0]))
            return Recorded(number, source, moment, revision), True

    def add_listings(
        self, listings: Mapping[str, Collection[str]], *, taken_at: datetime, source: str = ANY_LLM
    ) -> tuple[Recorded, bool]:
        """Store the ids that each provider listed at a moment, and return whether the snapshot was new.

        Raises:
            InvalidOfferError: there is no provider, a name breaks a rule, or the moment is not valid.
            SnapshotConflictError: the snapshot exists with other listings.
            StoreError: the store could not be written; see its children.
        """
        moment = moment_of(taken_at, InvalidOfferError)
        if not listings:
            raise InvalidOfferError("a snapshot of listings needs at least one provider")
        for provider, listed in listings.items():
            for model_id in listed:
                _require_key(provider, model_id)
        addresses = {provider: listing_digest(provider, listed) for provider, listed in listings.items()}
        with self.transaction() as connection:
            recorded, is_new = self._snapshot(connection, "listing", addresses, (source, moment, None))
            if is_new:
                ids = _Ids(connection)
                known = _list_ids(connection, "listing", ids, addresses)
                new = {name: address for name, address in addresses.items() if name not in known}
                known |= _add_lists(connection, "listing", ids, new)
                for provider in new:
                    keys = ids.offered(provider, set(listings[provider]))
                    rows = sorted((known[provider], key) for key in keys.values())
                    connection.executemany(statements.ADD_TO_LISTING, rows)
                _add_to_snapshot(connection, "listing", recorded.id, ids, known)
        return recorded, is_new

    def add_matches(self, matches: Mapping[tuple[str, str], str]) -> None:
        """Store the leaderboard models that the catalog matched offers to, by provider and id."""
        with self.transaction() as connection:
            ids = _Ids(connection)
            of_provider = groupby(sorted(matches), key=lambda key: key[0])
            for provider, keys in of_provider:
                found = ids.offered(provider, {model_id for _, model_id in keys})
                rows = [(number, matches[provider, model_id]) for model_id, number in found.items()]
                connection.executemany(statements.MATCH, rows)

    def _snapshot(
        self,
        connection: sqlite3.Connection,
        kind: Kind,
        addresses: Mapping[str, bytes],
        identity: tuple[str, datetime, str | None],
    ) -> tuple[Recorded, bool]:
        """Return the snapshot (source, moment), and whether it is new; a new one is inserted first.

        Raises:
            SnapshotConflictError: it exists with other content.
        """
        source, moment, revision = identity
        at = connection.execute(statements.SNAPSHOT, (source, to_sql(moment))).fetchone()
        if at is None:
            number = _add_snapshot(connection, moment, source, revision, self._number)
            return Recorded(number, source, moment, revision), True
        rows = connection.execute(for_kind(statements.LISTS_OF_SNAPSHOT, kind), {"snapshot": at[0]})
        present = {provider: digest for provider, _, digest in rows}
        if differing := sorted(name for name in {*present, *addresses} if present.get(name) != addresses.get(name)):
            named = ", ".join(printable(name, _MOST_SHOWN) for name in differing[:_MOST_NAMED])
            more = f" and {len(differing) - _MOST_NAMED:,} more" if len(differing) > _MOST_NAMED else ""
            raise SnapshotConflictError(
                f"the snapshot of {source} at {moment.isoformat()} says something else already of {named}{more}: check "
                "the date, or whether the file was changed; nothing was written"
            )
        return Recorded(at[0], source, moment, at[1]), False

    def _digests_of(self, listed: Mapping[str, Offer]) -> dict[str, bytes]:
        """Return the digests of a provider's offers by id; those of known offers are reused."""
        found = {}
        for model_id, offer in listed.items():
            before = self._digests.get(offer.canonical_id)
            if before is None or before[0] is not offer:
                # Most offers with a new digest are stored next, so their values are kept until then.
                known = self._known[offer.canonical_id] = known_values(offer)
                before = offer, values_digest(offer.provider, model_id, known)
                self._digests[offer.canonical_id] = before
            found[model_id] = before[1]
        return found


@contextmanager
def offer_writer(path: Path) -> Iterator[OfferWriter]:
    """Give a writer for a store; the store is made or upgraded first if needed.

    Raises:
        StoreError: see its children; the current snapshot was not stored, those before it were.
    """
    with database.plain_transactions(path) as transaction:
        yield OfferWriter(transaction)


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


def _by_provider(offers: Mapping[str, Offer]) -> dict[str, dict[str, Offer]]:
    """Return the offers by provider and id, both sorted, so that equal documents are stored equally."""
    lists: dict[str, dict[str, Offer]] = {}
    for key in sorted(offers):
        offer = offers[key]
        if key != f"{offer.provider}/{offer.model_id}":
            raise InvalidOfferError(f"the offer of {offer.provider}/{offer.model_id} stands under {key!r}")
        lists.setdefault(offer.provider, {})[offer.model_id] = offer
    return lists


def _require_key(provider: str, model_id: str) -> None:
    if not is_name(provider) or "/" in provider:
        raise InvalidOfferError(f"{provider!r} is not a valid provider's name: expected {NAME_RULE}, without a slash")
    if not is_name(model_id):
        raise InvalidOfferError(f"{provider}: {model_id!r} is not a valid model's id: expected {NAME_RULE}")


def _add_snapshot(
    connection: sqlite3.Connection, moment: datetime, source: str, revision: str | None, number: int | None = None
) -> int:
    row = (number, to_sql(moment), source, revision)
    number = connection.execute(statements.ADD_SNAPSHOT, row).lastrowid
    if number is None:
        raise TypeError("SQLite gave no id")
    return number


class _Ids:
    """The ids of providers and of their models; new ones are inserted."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._providers: dict[str, int] = dict(connection.execute("SELECT name, id FROM provider"))

    def provider(self, name: str) -> int:
        if name not in self._providers:
            self._providers[name] = self._connection.execute(statements.ADD_PROVIDER, (name,)).lastrowid or 0
        return self._providers[name]

    def offered(self, provider: str, model_ids: Collection[str]) -> dict[str, int]:
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


def _list_ids(connection: sqlite3.Connection, kind: Kind, ids: _Ids, addresses: Mapping[str, bytes]) -> dict[str, int]:
    """Return the ids of those lists that are stored already."""
    found = {}
    for provider, address in addresses.items():
        ids.provider(provider)
        row = connection.execute(for_kind(statements.LIST_ID, kind), (address,)).fetchone()
        if row is not None:
            found[provider] = int(row[0])
    return found


def _add_lists(connection: sqlite3.Connection, kind: Kind, ids: _Ids, new: Mapping[str, bytes]) -> dict[str, int]:
    statement = for_kind(statements.ADD_LIST, kind)
    return {
        provider: connection.execute(statement, (ids.provider(provider), address)).lastrowid or 0
        for provider, address in new.items()
    }


def _add_offers(
    connection: sqlite3.Connection,
    keys: Mapping[str, int],
    list_id: int,
    listed: PriceList,
    values: Mapping[str, dict[str, Any]],
) -> None:
    """Store a provider's price list, and those of its offers that no earlier list had.

    Args:
        connection: in a transaction.
        keys: the number of each model's key.
        list_id: the price list's number.
        listed: the price list.
        values: known fields of offers by `provider/model_id`, as far as computed already.
    """
    numbers = _numbers_of(connection, list(listed.digests.values()))
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


def _numbers_of(connection: sqlite3.Connection, digests: Sequence[bytes]) -> dict[bytes, int]:
    """Return the numbers of those offers that are stored already."""
    found: dict[bytes, int] = {}
    for place in range(0, len(digests), _AT_ONCE):
        asked = digests[place : place + _AT_ONCE]
        found.update(connection.execute(statements.offer_ids(len(asked)), asked).fetchall())
    return found


def _add_to_snapshot(
    connection: sqlite3.Connection, kind: Kind, snapshot: int, ids: _Ids, lists: Mapping[str, int]
) -> None:
    rows = sorted((snapshot, ids.provider(provider), number) for provider, number in lists.items())
    connection.executemany(for_kind(statements.ADD_LIST_OF_SNAPSHOT, kind), rows)
