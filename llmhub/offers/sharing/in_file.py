"""Read and write price lists and listings in a store's file, to synchronise it with a remote."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmhub.errors import LlmhubError
from llmhub.offers.sharing.bundles import LISTINGS, PRICES, OffersBundle, bundles
from llmhub.offers.sql.digest import list_digest, listing_digest
from llmhub.offers.sql.reading import has_tables, proven, require
from llmhub.offers.sql.receiving import ReceivedPrices, ReceivingWriter, receiving_writer
from llmhub.offers.sql.statements import COLUMNS, DIGESTS_OF_LIST, LIST_ID, MODELS_OF_LISTING, Kind, for_kind
from llmhub.remote.kinds import DigestLookup
from llmhub.remote.snapshots import Content, Wanted
from llmhub.storage.sqlite_errors import OddValueError

if TYPE_CHECKING:
    from llmhub.offers.values import Offer

_CONTENTS = """
    SELECT sl.snapshot_id, p.name, l.digest
      FROM json_each(:ids) j
     CROSS JOIN snapshot_{kind} sl ON sl.snapshot_id = j.value
     CROSS JOIN {kind} l ON l.id = sl.{kind}_id
     CROSS JOIN provider p ON p.id = sl.provider_id
"""
_LIST = "SELECT l.id, p.name FROM {kind} l JOIN provider p ON p.id = l.provider_id WHERE l.digest = ?"
_OFFER = f"""
    SELECT p.name, k.model_id, {", ".join(f"o.{name}" for name in COLUMNS)}
      FROM offer o JOIN offered k ON k.id = o.offered_id JOIN provider p ON p.id = k.provider_id WHERE o.digest = ?
"""  # noqa: S608 -- of this file
_MATCHES = """
    SELECT p.name, k.model_id, a.arena_model
      FROM arena_match a JOIN offered k ON k.id = a.offered_id JOIN provider p ON p.id = k.provider_id
"""
_OFFER_ID = "SELECT id FROM offer WHERE digest = ?"
_ROWS = {"lists": for_kind(LIST_ID, "price_list"), "listings": for_kind(LIST_ID, "listing"), "offers": _OFFER_ID}
_PARTS: dict[str, Kind] = {PRICES: "price_list", LISTINGS: "listing"}


class OffersInFile:
    """The price lists and listings in a store's file, behind a connection that reads it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._has_tables: bool | None = None

    def contents(self, ids: Sequence[int]) -> Mapping[int, Content]:
        """Return the digests of these snapshots' lists, by part and provider."""
        found: dict[int, dict[str, dict[str, bytes]]] = {}
        for part, kind in _PARTS.items() if self._has() else ():
            for number, provider, digest in self._connection.execute(
                for_kind(_CONTENTS, kind), {"ids": json.dumps(ids)}
            ):
                found.setdefault(number, {}).setdefault(part, {})[provider] = digest
        return found

    def present(self, digests: Collection[bytes], /, *, rows: str = "lists") -> set[bytes]:
        """Return the digests of the lists, listings or offers that exist; see `DigestLookup`."""
        if not self._has():
            return set()
        ask = _ROWS[rows]
        return {digest for digest in digests if self._connection.execute(ask, (digest,)).fetchone() is not None}

    def bundles(self, wanted: Sequence[Wanted], present: DigestLookup) -> Iterator[OffersBundle | LlmhubError]:
        """Yield what the destination lacks of each snapshot; see `ReadableKind.bundles`."""
        return bundles(wanted, present, self)

    def facts(self, after: int) -> Iterator[tuple[str, str, str]]:
        """Yield which models of the leaderboard a catalog matched offers to."""
        del after
        if self._has():
            yield from self._connection.execute(_MATCHES)

    def price_lists(self, digests: Collection[bytes]) -> dict[bytes, tuple[str, dict[str, bytes]]]:
        """Return price lists as they were stored.

        Raises:
            OddValueError: a list does not have its digest: the file is damaged, and must not be passed on.
        """
        found = {}
        for digest in digests:
            number, provider = self._list(digest, "price_list")
            rows = self._connection.execute(DIGESTS_OF_LIST, {"list": number})
            listed = {model_id: of_offer for model_id, of_offer, _ in rows}
            require(list_digest(provider, listed), digest, f"the price list of {provider}")
            found[digest] = provider, listed
        return found

    def offers(self, digests: Collection[bytes]) -> dict[bytes, Offer | LlmhubError]:
        """Return offers as they were stored; see `price_lists`."""
        found: dict[bytes, Offer | LlmhubError] = {}
        for digest in digests:
            row = self._connection.execute(_OFFER, (digest,)).fetchone()
            if row is None:
                raise OddValueError("an offer is missing")
            provider, model_id, *values = row
            found[digest] = proven(provider, model_id, digest, values)
        return found

    def listings(self, digests: Collection[bytes]) -> dict[bytes, tuple[str, Collection[str]]]:
        """Return listings as they were stored; see `price_lists`."""
        found: dict[bytes, tuple[str, Collection[str]]] = {}
        for digest in digests:
            number, provider = self._list(digest, "listing")
            ids = frozenset(model_id for (model_id,) in self._connection.execute(MODELS_OF_LISTING, {"list": number}))
            require(listing_digest(provider, ids), digest, f"the listing of {provider}")
            found[digest] = provider, ids
        return found

    def _list(self, digest: bytes, kind: Kind) -> tuple[int, str]:
        row = self._connection.execute(for_kind(_LIST, kind), (digest,)).fetchone()
        if row is None:
            raise OddValueError("a price list or a listing is missing")
        return row[0], row[1]

    def _has(self) -> bool:
        # A store that is only read may have an older schema, without offers.
        if not self._has_tables:
            self._has_tables = has_tables(self._connection)
        return self._has_tables


class OffersInStore(OffersInFile):
    """The price lists and listings of the local store, written through its one door."""

    def __init__(self, connection: sqlite3.Connection, begin: Callable[[], ReceivingWriter]) -> None:
        super().__init__(connection)
        self._begin = begin
        self._writer: ReceivingWriter | None = None

    def add(self, wanted: Wanted, bundle: OffersBundle) -> None:
        """Store the lists of a snapshot in one transaction; see `LocalKind.add`."""
        if self._writer is None:
            self._writer = self._begin()
        writer, snapshot = self._writer, wanted.snapshot
        taken_at, source = snapshot.taken_at, snapshot.source
        with writer.transaction():
            if prices := wanted.parts.get(PRICES):
                new = ReceivedPrices(bundle.lists, bundle.offers)
                writer.receive_prices(prices, new, taken_at=taken_at, source=source, revision=snapshot.revision)
            if listings := wanted.parts.get(LISTINGS):
                writer.receive_listings(listings, bundle.listings, taken_at=taken_at, source=source)

    def finish(self, facts: Iterable[tuple[Any, ...]]) -> None:
        """Ignore the matches: the local catalog matches offers by itself."""


@contextmanager
def in_store(path: Path, connection: sqlite3.Connection, many: bool) -> Iterator[OffersInStore]:  # noqa: FBT001 -- of the protocol
    """Give the price lists and listings of the local store, to write; the file is opened for the first snapshot."""
    del many
    from contextlib import ExitStack

    with ExitStack() as opened:
        yield OffersInStore(connection, lambda: opened.enter_context(receiving_writer(path)))
