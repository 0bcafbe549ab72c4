"""Read and write price lists and listings on a remote in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llmhub.errors import LlmhubError, UnprovenError, printable
from llmhub.offers.sharing.bundles import LISTINGS, PRICES, OffersBundle, bundles
from llmhub.offers.sql.digest import known_values
from llmhub.offers.sql.inserting import columns_of
from llmhub.offers.sql.reading import known_of
from llmhub.offers.sql.receiving import checked_offer
from llmhub.offers.sql.statements import COLUMNS, Kind, for_kind
from llmhub.remote.kinds import DigestLookup
from llmhub.remote.snapshots import Content, Wanted

if TYPE_CHECKING:
    from llmhub.offers.values import Offer
    from llmhub.remote.server import Server, Transaction

_CONTENTS = """
    SELECT sl.snapshot_id, p.name, l.digest
      FROM llmhub.snapshot_{kind} sl
      JOIN llmhub.{kind} l ON l.id = sl.{kind}_id
      JOIN llmhub.provider p ON p.id = sl.provider_id
     WHERE sl.snapshot_id = ANY(%s)
"""
_PRESENT = "SELECT digest FROM llmhub.{table} WHERE digest = ANY(%s)"
_TABLES = {"lists": "price_list", "listings": "listing", "offers": "offer"}
_PRICE_LISTS = """
    SELECT l.digest, p.name, k.model_id, o.digest
      FROM llmhub.price_list l
      JOIN llmhub.provider p ON p.id = l.provider_id
      LEFT JOIN llmhub.price_list_offer lo ON lo.price_list_id = l.id
      LEFT JOIN llmhub.offered k ON k.id = lo.offered_id
      LEFT JOIN llmhub.offer o ON o.id = lo.offer_id
     WHERE l.digest = ANY(%s)
"""
_OFFERS = f"""
    SELECT o.digest, p.name, k.model_id, {", ".join(f"o.{name}" for name in COLUMNS)}
      FROM llmhub.offer o
      JOIN llmhub.offered k ON k.id = o.offered_id
      JOIN llmhub.provider p ON p.id = k.provider_id
     WHERE o.digest = ANY(%s)
"""  # noqa: S608 -- of this file
_LISTINGS = """
    SELECT l.digest, p.name, k.model_id
      FROM llmhub.listing l
      JOIN llmhub.provider p ON p.id = l.provider_id
      LEFT JOIN llmhub.listing_model lm ON lm.listing_id = l.id
      LEFT JOIN llmhub.offered k ON k.id = lm.offered_id
     WHERE l.digest = ANY(%s)
"""
_PROVIDERS = "SELECT name, id FROM llmhub.provider WHERE name = ANY(%s)"
_OFFERED = "SELECT model_id, id FROM llmhub.offered WHERE provider_id = %s AND model_id = ANY(%s)"
_DIGEST_IDS = "SELECT digest, id FROM llmhub.{table} WHERE digest = ANY(%s)"
_MATCHED = """
    SELECT p.name, k.model_id, k.id, a.arena_model
      FROM llmhub.offered k JOIN llmhub.provider p ON p.id = k.provider_id
      LEFT JOIN llmhub.arena_match a ON a.offered_id = k.id
"""


class OffersOnServer:
    """The price lists and listings of a remote."""

    def __init__(self, server: Server) -> None:
        self._server = server

    # -- reading

    def contents(self, ids: Sequence[int]) -> Mapping[int, Content]:
        """Return the digests of these snapshots' lists, by part and provider."""
        found: dict[int, dict[str, dict[str, bytes]]] = {}
        kinds: dict[str, Kind] = {PRICES: "price_list", LISTINGS: "listing"}
        for part, kind in kinds.items():
            rows = self._server.rows(for_kind(_CONTENTS, kind), [list(ids)], types=(int, str, bytes))
            for number, provider, digest in rows:
                found.setdefault(number, {}).setdefault(part, {})[provider] = digest
        return found

    def present(self, digests: Collection[bytes], /, *, rows: str = "lists") -> set[bytes]:
        """Return the digests of the lists, listings or offers that exist; see `DigestLookup`."""
        if not digests:
            return set()
        found = self._server.rows(_PRESENT.format(table=_TABLES[rows]), [list(digests)], types=(bytes,))
        return {digest for (digest,) in found}

    def bundles(self, wanted: Sequence[Wanted], present: DigestLookup) -> Iterator[OffersBundle | LlmhubError]:
        """Yield what the destination lacks of each snapshot; see `ReadableKind.bundles`."""
        return bundles(wanted, present, self)

    def facts(self, after: int) -> Iterator[tuple[Any, ...]]:
        """Yield nothing: only the remote's own views use the matches."""
        del after
        return iter(())

    def price_lists(self, digests: Collection[bytes]) -> dict[bytes, tuple[str, dict[str, bytes]]]:
        """Return the provider and the offers' digests of price lists."""
        found: dict[bytes, tuple[str, dict[str, bytes]]] = {}
        types = (bytes, str, str | None, bytes | None)
        rows = self._server.rows(_PRICE_LISTS, [list(digests)], types=types) if digests else ()
        for digest, provider, model_id, offer in rows:
            listed = found.setdefault(digest, (provider, {}))[1]
            if model_id is not None and offer is not None:
                listed[model_id] = offer
        return found

    def offers(self, digests: Collection[bytes]) -> dict[bytes, Offer | LlmhubError]:
        """Return offers, checked against the rules, or the error that says which rule one breaks."""
        found: dict[bytes, Offer | LlmhubError] = {}
        for digest, provider, model_id, *values in self._server.rows(_OFFERS, [list(digests)], types=(bytes, str, str)):
            try:
                found[digest] = checked_offer(provider, model_id, known_of(values))
            except UnprovenError as error:
                found[digest] = error
            except (TypeError, ValueError, KeyError, RecursionError):
                where = printable(f"{provider}/{model_id}")
                found[digest] = UnprovenError(f"the offer of {where} has values that no offer has")
        return found

    def listings(self, digests: Collection[bytes]) -> dict[bytes, tuple[str, Collection[str]]]:
        """Return the provider and the ids of listings."""
        found: dict[bytes, tuple[str, set[str]]] = {}
        rows = self._server.rows(_LISTINGS, [list(digests)], types=(bytes, str, str | None)) if digests else ()
        for digest, provider, model_id in rows:
            ids = found.setdefault(digest, (provider, set()))[1]
            if model_id is not None:
                ids.add(model_id)
        return {**found}

    # -- writing

    def add(self, transaction: Transaction, number: int, wanted: Wanted, bundle: OffersBundle) -> None:
        """Write a snapshot's lists, and those of their rows that are new."""
        if prices := wanted.parts.get(PRICES):
            self._add_lists(transaction, number, "price_list", prices, bundle)
        if listings := wanted.parts.get(LISTINGS):
            self._add_lists(transaction, number, "listing", listings, bundle)

    def finish(self, transaction: Transaction, facts: Iterable[tuple[Any, ...]]) -> None:
        """Store which model of the leaderboard a catalog matched each offer to; the last one counts."""
        from sqlalchemy.dialects.postgresql import insert

        from llmhub.offers.sharing.tables import ArenaMatchRow

        matches = {(provider, model_id): model for provider, model_id, model in facts}
        if not matches:
            return
        there = {(a, b): (key, matched) for a, b, key, matched in transaction.rows(_MATCHED)}
        rows = [
            {"offered_id": there[key][0], "arena_model": model}
            for key, model in matches.items()
            if key in there and there[key][1] != model
        ]
        if rows:
            put = insert(ArenaMatchRow)
            put = put.on_conflict_do_update(
                index_elements=["offered_id"], set_={"arena_model": put.excluded.arena_model}
            )
            transaction.execute(put, rows)

    def _add_lists(
        self, transaction: Transaction, number: int, kind: Kind, lists: Mapping[str, bytes], bundle: OffersBundle
    ) -> None:
        from llmhub.offers.sharing import tables

        rows: dict[Kind, tuple[Any, Any]] = {
            "price_list": (tables.PriceListRow, tables.SnapshotPriceListRow),
            "listing": (tables.ListingRow, tables.SnapshotListingRow),
        }
        row, link = rows[kind]
        named = {name: {"name": name} for name in lists}
        providers = _numbered(transaction, _PROVIDERS, [list(lists)], tables.ProviderRow, named)
        ask = _DIGEST_IDS.format(table=kind)
        known: dict[bytes, int] = dict(transaction.rows(ask, [list(lists.values())]))
        new = {provider: digest for provider, digest in lists.items() if digest not in known}
        brought = bundle.lists if kind == "price_list" else bundle.listings
        for provider in new:
            if provider not in brought:
                raise UnprovenError(f"the list of {provider} was left out, and is not there: try again")
        transaction.add_missing(row, [{"provider_id": providers[a], "digest": b} for a, b in new.items()])
        if new:
            known |= dict(transaction.rows(ask, [list(new.values())]))
        for provider, digest in new.items():
            keys = _numbered(
                transaction,
                _OFFERED,
                [providers[provider], list(brought[provider])],
                tables.OfferedRow,
                {name: {"provider_id": providers[provider], "model_id": name} for name in brought[provider]},
            )
            if kind == "price_list":
                _fill_price_list(transaction, known[digest], keys, bundle.lists[provider], bundle.offers)
            else:
                transaction.add_missing(
                    tables.ListingModelRow,
                    [{"listing_id": known[digest], "offered_id": keys[name]} for name in brought[provider]],
                )
        transaction.add_missing(
            link,
            [{"snapshot_id": number, "provider_id": providers[a], f"{kind}_id": known[b]} for a, b in lists.items()],
        )


def _fill_price_list(
    transaction: Transaction,
    list_id: int,
    keys: Mapping[str, int],
    listed: Mapping[str, bytes],
    offers: Mapping[bytes, Offer],
) -> None:
    from llmhub.offers.sharing.tables import OfferRow, PriceListOfferRow

    ask = _DIGEST_IDS.format(table="offer")
    known: dict[bytes, int] = dict(transaction.rows(ask, [list(listed.values())]))
    missing = {model_id: digest for model_id, digest in listed.items() if digest not in known}
    for model_id, digest in missing.items():
        if digest not in offers:
            raise UnprovenError(f"the offer of {model_id} was left out, and is not there: try again")
    transaction.add_missing(
        OfferRow,
        [
            {
                "offered_id": keys[model_id],
                "digest": digest,
                **dict(zip(COLUMNS, columns_of(known_values(offers[digest])), strict=True)),
            }
            for model_id, digest in missing.items()
        ],
    )
    if missing:
        known |= dict(transaction.rows(ask, [list(missing.values())]))
    transaction.add_missing(
        PriceListOfferRow,
        [
            {"price_list_id": list_id, "offered_id": keys[model_id], "offer_id": known[digest]}
            for model_id, digest in listed.items()
        ],
    )


def _numbered(
    transaction: Transaction, find: str, asked: Sequence[Any], table: Any, wanted: Mapping[str, dict[str, Any]]
) -> dict[str, int]:
    """Return the ids of rows by their names; new ones are inserted first."""
    known: dict[str, int] = dict(transaction.rows(find, asked))
    if missing := [row for name, row in wanted.items() if name not in known]:
        transaction.add_missing(table, missing)
        known = dict(transaction.rows(find, asked))
    return known
