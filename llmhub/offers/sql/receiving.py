"""Store the price lists and listings of another store; a list that this store has already is known by its digest.

Everything new must have the digest that the other store claims, and keep the rules of offers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from llmhub.arena.database import database
from llmhub.arena.rules import moment_of
from llmhub.errors import InvalidOfferError, UnprovenError, printable
from llmhub.offers.fields import FIELDS, OFFER_SOURCES, PRICE_FIELDS
from llmhub.offers.sql import statements
from llmhub.offers.sql.digest import known_values, list_digest, listing_digest, values_digest
from llmhub.offers.sql.inserting import (
    Ids,
    PriceList,
    insert_into_snapshot,
    insert_lists,
    insert_offers,
    list_ids,
    numbers_of,
    require_key,
)
from llmhub.offers.sql.storing import OfferWriter

if TYPE_CHECKING:
    import sqlite3

    from llmhub.offers.sql.statements import Kind
    from llmhub.offers.values import Offer


class ReceivedPrices(NamedTuple):
    """The price lists that are new to a store: the digests of their offers by model, and the offers that are new."""

    lists: Mapping[str, Mapping[str, bytes]]
    offers: Mapping[bytes, Offer]


class ReceivingWriter(OfferWriter):
    """Stores snapshots of another store."""

    def receive_prices(
        self,
        claimed: Mapping[str, bytes],
        new: ReceivedPrices,
        *,
        taken_at: datetime,
        source: str,
        revision: str | None,
    ) -> None:
        """Store a snapshot of price lists, known by their digests.

        Raises:
            UnprovenError: a list or an offer does not have its digest, or was left out and is not here.
            InvalidOfferError: a key or the moment breaks a rule.
            SnapshotConflictError: the snapshot exists with other price lists.
            StoreError: the store could not be written.
        """
        identity = (_checked_source(source), moment_of(taken_at, InvalidOfferError), revision)
        for provider, listed in new.lists.items():
            for model_id, digest in listed.items():
                _require_offer(provider, model_id, digest, new.offers.get(digest))
            if list_digest(provider, listed) != claimed.get(provider):
                raise UnprovenError(f"the price list of {provider} is not what its digest says; nothing was stored")

        def add_rows(connection: sqlite3.Connection, ids: Ids, provider: str, list_id: int) -> None:
            digests = new.lists[provider]
            left_out = list(digests.values() - new.offers.keys())
            if len(numbers_of(connection, left_out)) < len(left_out):
                raise UnprovenError(f"an offer of {provider} was left out, and is not in the store: try again")
            keys = ids.offered(provider, digests.keys())
            brought = {name: new.offers[digest] for name, digest in digests.items() if digest in new.offers}
            insert_offers(connection, keys, list_id, PriceList(brought, digests, claimed[provider]), {})

        self._receive("price_list", claimed, new.lists, identity, add_rows)

    def receive_listings(
        self,
        claimed: Mapping[str, bytes],
        new: Mapping[str, Collection[str]],
        *,
        taken_at: datetime,
        source: str,
    ) -> None:
        """Store a snapshot of listings, known by their digests; see `receive_prices`."""
        identity = (_checked_source(source), moment_of(taken_at, InvalidOfferError), None)
        for provider, model_ids in new.items():
            for model_id in model_ids:
                require_key(provider, model_id)
            if listing_digest(provider, model_ids) != claimed.get(provider):
                raise UnprovenError(f"the listing of {provider} is not what its digest says; nothing was stored")

        def add_rows(connection: sqlite3.Connection, ids: Ids, provider: str, list_id: int) -> None:
            keys = ids.offered(provider, set(new[provider]))
            rows = sorted((list_id, key) for key in keys.values())
            connection.executemany(statements.ADD_TO_LISTING, rows)

        self._receive("listing", claimed, new, identity, add_rows)

    def _receive(
        self,
        table: Kind,
        claimed: Mapping[str, bytes],
        brought: Mapping[str, object],
        identity: tuple[str, datetime, str | None],
        add_rows: Callable[[sqlite3.Connection, Ids, str, int], None],
    ) -> None:
        """Store a snapshot; `add_rows` stores the content of a provider's list that is new here."""
        with self.transaction() as connection:
            recorded, is_new = self._snapshot(connection, table, claimed, identity)
            if not is_new:
                return
            ids = Ids(connection)
            known = list_ids(connection, table, ids, claimed)
            missing = {name: digest for name, digest in claimed.items() if name not in known}
            _require_brought(missing, brought)
            known |= insert_lists(connection, table, ids, missing)
            for provider in missing:
                add_rows(connection, ids, provider, known[provider])
            insert_into_snapshot(connection, table, recorded.id, ids, known)


@contextmanager
def receiving_writer(path: Path) -> Iterator[ReceivingWriter]:
    """Give a writer for a store; the store is made or upgraded first if needed.

    Raises:
        StoreError: see its children; the current snapshot was not stored, those before it were.
    """
    with database.plain_transactions(path) as transaction:
        yield ReceivingWriter(transaction)


def checked_offer(provider: str, model_id: str, known: Mapping[str, Any]) -> Offer:
    """Return an offer made of the fields that another store has, by their short names.

    Raises:
        UnprovenError: a value breaks a rule.
    """
    from pydantic import ValidationError

    from llmhub.offers.values import Offer

    values = {FIELDS[name]: tuple(value) if isinstance(value, list) else value for name, value in known.items()}
    try:
        if "price_tiers" in values:
            values["price_tiers"] = tuple(
                {PRICE_FIELDS.get(name, name): value for name, value in tier.items()} for tier in values["price_tiers"]
            )
        key = {"canonical_id": f"{provider}/{model_id}", "provider": provider, "model_id": model_id}
        return Offer.model_validate({**values, **key}, strict=True)
    except (ValidationError, AttributeError, TypeError) as error:
        what = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise UnprovenError(f"the offer of {printable(f'{provider}/{model_id}')} is not valid: {what}") from None


def _require_offer(provider: str, model_id: str, digest: bytes, offer: Offer | None) -> None:
    require_key(provider, model_id)
    if offer is None:
        return
    derived = values_digest(offer.provider, offer.model_id, known_values(offer))
    if (offer.provider, offer.model_id) != (provider, model_id) or derived != digest:
        raise UnprovenError(f"the offer of {provider}/{model_id} is not what its digest says; nothing was stored")


def _require_brought(missing: Mapping[str, bytes], new: Mapping[str, object]) -> None:
    for provider in missing:
        if provider not in new:
            raise UnprovenError(f"the list of {provider} was left out, and is not in the store: try again")


def _checked_source(source: str) -> str:
    if source not in OFFER_SOURCES:
        raise InvalidOfferError(f"source {source!r} is none of {', '.join(OFFER_SOURCES)}")
    return source
