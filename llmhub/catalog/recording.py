"""What a refresh of the catalog leaves in the store: the offers that models.dev listed, and the ids that providers did.

It is stored after the catalog is built, and no failure here affects the catalog.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from llmhub import settings
from llmhub.errors import LlmhubError
from llmhub.offers.fields import LITELLM, MODELS_DEV, OFFER_SOURCES
from llmhub.offers.sql.storing import OfferWriter, offer_writer
from llmhub.storage.sqlite_errors import waiting_at_most

if TYPE_CHECKING:
    from datetime import datetime

    from llmhub.catalog.anyllm_source import Listing
    from llmhub.catalog.modelsdev_source import ModelsDevLoaded
    from llmhub.catalog.schema import Catalog, SourceStatus
    from llmhub.catalog.sources.litellm_source import LiteLLMLoaded
    from llmhub.offers.values import Offer

# For another process that writes to the store: it does so in well under a second.
_SECONDS = 2.0

_log = logging.getLogger(__name__)


def record(
    catalog: Catalog,
    listing: Listing,
    modelsdev: ModelsDevLoaded,
    litellm: LiteLLMLoaded,
    *,
    taken_at: datetime | None = None,
) -> None:
    """Store the answers of the sources in one transaction, but neither earlier copies nor missing answers.

    Never raises: what could not be stored is logged as a warning.

    Args:
        catalog: what was built of the answers.
        listing: what the providers answered.
        modelsdev: what models.dev answered.
        litellm: what LiteLLM answered.
        taken_at: the moment to use in place of the one at which the sources of prices answered.
    """
    of_modelsdev = _moment(modelsdev.status, modelsdev.revision)
    of_litellm = _moment(litellm.status, litellm.revision)
    listings: dict[str, list[str]] = {status.provider: [] for status in listing.providers if status.callable}
    for model in listing.models:
        listings.setdefault(model.provider, []).append(model.model_id)
    if settings.offline() or not (of_modelsdev or of_litellm or listings):
        return
    try:
        with waiting_at_most(_SECONDS), offer_writer(settings.arena_db()) as writer, writer.transaction():
            if of_modelsdev:
                _record_offers(writer, modelsdev.models, MODELS_DEV, taken_at or of_modelsdev, modelsdev.revision)
                writer.add_matches(_matches(catalog))
            if of_litellm:
                # One moment for both sources of prices, so that their snapshots can be compared.
                moment = taken_at or of_modelsdev or of_litellm
                _record_offers(writer, litellm.offers, LITELLM, moment, litellm.revision)
            if listings:
                writer.add_listings(listings, taken_at=catalog.built_at)
    except (LlmhubError, OSError) as error:
        _log.warning("what models.dev, LiteLLM and the providers list is not kept for later comparison: %s", error)
        return
    if settings.remote_url() is not None:
        _share()


def _share() -> None:
    """Push news to the team's store; never raises."""
    from llmhub.arena.team.refresh import tell_trouble
    from llmhub.arena.team.store import push_news_from_here, server_of, shared_address

    try:
        address = shared_address()
        if address.kind == "postgres":
            with server_of(address) as server:
                tell_trouble(address, push_news_from_here(server, settings.arena_db(), sources=OFFER_SOURCES))
    except (LlmhubError, OSError) as error:
        _log.warning("%s; what models.dev and the providers list is pushed with the next refresh", error)


def _moment(status: SourceStatus | None, revision: str | None) -> datetime | None:
    """Return the moment of what a source said now; None if an earlier copy or nothing answered."""
    fresh = status is not None and status.status in {"ok", "partial"} and status.count
    return status.as_of if status is not None and fresh and revision is not None else None


def _record_offers(
    writer: OfferWriter, offers: Mapping[str, Offer], source: str, taken_at: datetime, revision: str | None
) -> None:
    unchanged = None if revision is None else writer.add_unchanged(taken_at=taken_at, source=source, revision=revision)
    if unchanged is None:
        writer.add_offers(offers, taken_at=taken_at, source=source, revision=revision)


def _matches(catalog: Catalog) -> dict[tuple[str, str], str]:
    """Return the leaderboard's model of each offer that can be called, where the catalog found one."""
    found: dict[tuple[str, str], str] = {}
    for model in catalog.models:
        offer, rated = model.modelsdev_match, model.arena_match
        if offer is not None and offer.target and rated is not None and rated.target:
            provider, _, model_id = offer.target.partition("/")
            found[provider, model_id] = rated.target
    return found
