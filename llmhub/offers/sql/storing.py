"""The only way to store offers and listings: validated, content-addressed, each snapshot in one transaction.

A process that writes offers imports neither SQLModel nor SQLAlchemy, unless the file must be made or upgraded:
storing a refresh without changes takes milliseconds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmhub.arena.database import database
from llmhub.arena.rules import moment_of
from llmhub.errors import InvalidOfferError, SnapshotConflictError, printable
from llmhub.offers.fields import ANY_LLM, LIST_SOURCES, MODELS_DEV, Recorded
from llmhub.offers.sql import statements
from llmhub.offers.sql.digest import known_values, list_digest, listing_digest, values_digest
from llmhub.offers.sql.inserting import (
    Ids,
    PriceList,
    insert_into_snapshot,
    insert_lists,
    insert_offers,
    insert_snapshot,
    list_ids,
    require_key,
)
from llmhub.offers.sql.statements import Kind, for_kind
from llmhub.storage.moments import to_sql

if TYPE_CHECKING:
    from llmhub.offers.values import Offer

_MOST_NAMED = 3
_MOST_SHOWN = 80


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
                require_key(provider, model_id)
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
                ids = Ids(connection)
                known = list_ids(connection, "price_list", ids, addresses)
                new = [provider for provider in addresses if provider not in known]
                known |= insert_lists(connection, "price_list", ids, {name: addresses[name] for name in new})
                for provider in new:
                    keys = ids.offered(provider, lists[provider].offers.keys())
                    insert_offers(connection, keys, known[provider], lists[provider], self._known)
                insert_into_snapshot(connection, "price_list", recorded.id, ids, known)
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
            number = insert_snapshot(connection, moment, source, revision)
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
                require_key(provider, model_id)
        addresses = {provider: listing_digest(provider, listed) for provider, listed in listings.items()}
        with self.transaction() as connection:
            recorded, is_new = self._snapshot(connection, "listing", addresses, (source, moment, None))
            if is_new:
                ids = Ids(connection)
                known = list_ids(connection, "listing", ids, addresses)
                new = {name: address for name, address in addresses.items() if name not in known}
                known |= insert_lists(connection, "listing", ids, new)
                for provider in new:
                    keys = ids.offered(provider, set(listings[provider]))
                    rows = sorted((known[provider], key) for key in keys.values())
                    connection.executemany(statements.ADD_TO_LISTING, rows)
                insert_into_snapshot(connection, "listing", recorded.id, ids, known)
        return recorded, is_new

    def add_matches(self, matches: Mapping[tuple[str, str], str]) -> None:
        """Store the leaderboard models that the catalog matched offers to, by provider and id."""
        with self.transaction() as connection:
            ids = Ids(connection)
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
            number = insert_snapshot(connection, moment, source, revision, self._number)
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


def _by_provider(offers: Mapping[str, Offer]) -> dict[str, dict[str, Offer]]:
    """Return the offers by provider and id, both sorted, so that equal documents are stored equally."""
    lists: dict[str, dict[str, Offer]] = {}
    for key in sorted(offers):
        offer = offers[key]
        if key != f"{offer.provider}/{offer.model_id}":
            raise InvalidOfferError(f"the offer of {offer.provider}/{offer.model_id} stands under {key!r}")
        lists.setdefault(offer.provider, {})[offer.model_id] = offer
    return lists
