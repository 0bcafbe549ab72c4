"""What a refresh of the catalog leaves in the store: the offers that models.dev listed, and the ids that providers did.

It comes after the answer, and whatever goes wrong costs the answer nothing.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from llmhub import settings
from llmhub.errors import LlmhubError
from llmhub.offers.fields import MODELS_DEV
from llmhub.offers.sql.storing import OfferWriter, offer_writer
from llmhub.storage.sqlite_errors import waiting_at_most

if TYPE_CHECKING:
    from datetime import datetime

    from llmhub.catalog.anyllm_source import Listing
    from llmhub.catalog.modelsdev_source import ModelsDevLoaded
    from llmhub.catalog.schema import Catalog

# For another process that writes to the store: it does so in well under a second.
_SECONDS = 2.0

_log = logging.getLogger(__name__)


def record(listing: Listing, modelsdev: ModelsDevLoaded, catalog: Catalog, *, taken_at: datetime | None = None) -> None:
    """Store what the sources brought, in one transaction; an earlier copy and what nobody answered are not stored.

    Never raises: what could not be stored is logged as a warning.

    Args:
        listing: what the providers listed.
        modelsdev: what models.dev said.
        catalog: what was built of them.
        taken_at: the moment to use in place of the one at which models.dev answered.
    """
    fresh = modelsdev.status.status in {"ok", "partial"} and modelsdev.revision is not None
    listings: dict[str, list[str]] = {status.provider: [] for status in listing.providers if status.callable}
    for model in listing.models:
        listings.setdefault(model.provider, []).append(model.model_id)
    if settings.offline() or not (fresh or listings):
        return
    try:
        with waiting_at_most(_SECONDS), offer_writer(settings.arena_db()) as writer, writer.transaction():
            if fresh:
                _record_offers(writer, modelsdev, taken_at or modelsdev.status.as_of)
                writer.add_matches(_matches(catalog))
            if listings:
                writer.add_listings(listings, taken_at=catalog.built_at)
    except (LlmhubError, OSError) as error:
        _log.warning("what models.dev and the providers list is not kept for later comparison: %s", error)


def _record_offers(writer: OfferWriter, modelsdev: ModelsDevLoaded, taken_at: datetime | None) -> None:
    revision = modelsdev.revision
    if taken_at is None or revision is None or not modelsdev.models:
        return
    if writer.add_unchanged(taken_at=taken_at, source=MODELS_DEV, revision=revision) is None:
        writer.add_offers(modelsdev.models, taken_at=taken_at, revision=revision)


def _matches(catalog: Catalog) -> dict[tuple[str, str], str]:
    """Return the leaderboard's model of each offer that can be called, where the catalog found one."""
    found: dict[tuple[str, str], str] = {}
    for model in catalog.models:
        offer, rated = model.modelsdev_match, model.arena_match
        if offer is not None and offer.target and rated is not None and rated.target:
            provider, _, model_id = offer.target.partition("/")
            found[provider, model_id] = rated.target
    return found
