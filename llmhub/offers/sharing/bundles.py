"""Collect what a destination lacks of snapshots of price lists and listings, whatever store they come from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from llmhub.errors import LlmhubError, UnprovenError
from llmhub.remote.kinds import DigestLookup
from llmhub.remote.snapshots import Wanted, groups

if TYPE_CHECKING:
    from llmhub.offers.values import Offer

Rows = TypeVar("Rows")

PRICES = "prices"
LISTINGS = "listings"
"""The two parts that a snapshot can have; each is copied whole."""

# A provider has up to a few thousand models: together some megabytes at a time.
_LISTS_AT_ONCE = 200


class OffersBundle(NamedTuple):
    """What the destination lacks: price lists by provider, the offers on them by digest, and listings by provider."""

    lists: Mapping[str, Mapping[str, bytes]]
    offers: Mapping[bytes, Offer]
    listings: Mapping[str, Collection[str]]


class Reader(Protocol):
    """Reads rows by digests."""

    def price_lists(self, digests: Collection[bytes]) -> Mapping[bytes, tuple[str, Mapping[str, bytes]]]:
        """Return the provider and the offers' digests of price lists."""

    def offers(self, digests: Collection[bytes]) -> Mapping[bytes, Offer | LlmhubError]:
        """Return offers, or the error that says why one cannot be read."""

    def listings(self, digests: Collection[bytes]) -> Mapping[bytes, tuple[str, Collection[str]]]:
        """Return the provider and the ids of listings."""


class _Found(NamedTuple):
    """What was read of a group of snapshots: lists and listings by digest, and the offers that are new."""

    lists: Mapping[bytes, tuple[str, Mapping[str, bytes]]]
    listings: Mapping[bytes, tuple[str, Collection[str]]]
    offers: Mapping[bytes, Offer | LlmhubError]


def bundles(wanted: Sequence[Wanted], present: DigestLookup, reader: Reader) -> Iterator[OffersBundle | LlmhubError]:
    """Yield for each snapshot what the destination lacks of it, each list and offer once."""
    lists = _digests(wanted, PRICES)
    listings = _digests(wanted, LISTINGS)
    lacking = (lists - present(lists)) | (listings - present(listings, rows="listings"))
    sent: set[bytes] = set()
    for group in groups(wanted, lacking, _LISTS_AT_ONCE):
        found = reader.price_lists(_digests(group, PRICES) & lacking)
        named = {digest for _, offers in found.values() for digest in offers.values()} - sent
        new = named - present(named, rows="offers")
        offers = reader.offers(new) if new else {}
        read = _Found(found, reader.listings(_digests(group, LISTINGS) & lacking), offers)
        for each in group:
            yield _bundle(each, read, lacking, sent)


def _digests(wanted: Sequence[Wanted], part: str) -> set[bytes]:
    return {digest for each in wanted for digest in each.parts.get(part, {}).values()}


def _bundle(wanted: Wanted, read: _Found, lacking: set[bytes], sent: set[bytes]) -> OffersBundle | LlmhubError:
    try:
        lists = _of_part(wanted, PRICES, read.lists, lacking)
        listings = _of_part(wanted, LISTINGS, read.listings, lacking)
    except UnprovenError as error:
        return error
    named = {digest for listed in lists.values() for digest in listed.values()} - sent
    brought: dict[bytes, Offer] = {}
    for digest in named & read.offers.keys():
        offer = read.offers[digest]
        if isinstance(offer, LlmhubError):
            return offer
        brought[digest] = offer
    # The bundles of later snapshots need not hold them again.
    sent |= brought.keys()
    lacking.difference_update(digest for places in wanted.parts.values() for digest in places.values())
    return OffersBundle(lists, brought, listings)


def _of_part(
    wanted: Wanted, part: str, found: Mapping[bytes, tuple[str, Rows]], lacking: Collection[bytes]
) -> dict[str, Rows]:
    """Return the rows of the lists that the destination lacks, by provider.

    Raises:
        UnprovenError: a list is missing, or belongs to another provider.
    """
    rows: dict[str, Rows] = {}
    for provider, digest in wanted.parts.get(part, {}).items():
        if digest in lacking:
            if digest not in found or found[digest][0] != provider:
                raise UnprovenError(f"the {part} of {provider} are missing there")
            rows[provider] = found[digest][1]
    return rows
