"""Store one snapshot of offers or of listings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

from llmhub.offers.fields import MODELS_DEV
from llmhub.offers.sql.storing import offer_writer
from llmhub.offers.values import Offer


def store_offers(
    path: Path,
    offers: Mapping[str, Offer],
    *,
    taken_at: datetime,
    source: str = MODELS_DEV,
    revision: str | None = None,
) -> bool:
    """Store one snapshot of offers; see `OfferWriter.add_offers`."""
    with offer_writer(path) as writer:
        return writer.add_offers(offers, taken_at=taken_at, source=source, revision=revision)[1]


def store_listings(path: Path, listings: Mapping[str, Collection[str]], *, taken_at: datetime) -> bool:
    """Store one snapshot of listings; see `OfferWriter.add_listings`."""
    with offer_writer(path) as writer:
        return writer.add_listings(listings, taken_at=taken_at)[1]
