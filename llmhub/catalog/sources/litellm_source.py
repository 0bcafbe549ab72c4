"""Source of a second witness of prices, and of the days on which offers end: LiteLLM's price map.

The catalog is whole without it. So no refresh waits for it longer than for the other sources, a failure is a warning,
and a refresh that goes on without it tells it so.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from threading import Event

from llmhub import settings
from llmhub.catalog.schema import SourceState, SourceStatus
from llmhub.catalog.sources.kept_document import Site, obtain
from llmhub.errors import LlmhubError, SourceError
from llmhub.offers.litellm.prices import Parsed, parse_prices
from llmhub.offers.values import Offer
from llmhub.web.document import download

DEADLINE_SECONDS = 10.0

_log = logging.getLogger(__name__)

_MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class LiteLLMLoaded:
    """The result of asking for LiteLLM's price map.

    Attributes:
        status: as `ModelsDevLoaded.status`; None if the user does not want it to be asked.
        offers: every sound offer, by `provider/model_id` in models.dev's spelling.
        revision: the SHA-256 of the document, in hexadecimal; None if there is none.
    """

    status: SourceStatus | None
    offers: Mapping[str, Offer] = field(default_factory=dict)
    revision: str | None = None


def load_litellm(
    *, seconds: float = DEADLINE_SECONDS, accept_shrunken: bool = False, given_up: Event | None = None
) -> LiteLLMLoaded:
    """Return the offers of LiteLLM's price map and the source's status. Never raises; a failure is logged as a warning.

    Args:
        seconds: how long the network may take in all.
        accept_shrunken: accept a document that lost more than a third of what could be used of the copy.
        given_up: set when nobody waits for the answer any more: then nothing is kept and nothing is logged.
    """
    if settings.litellm_is_off():
        return LiteLLMLoaded(None)
    try:
        found = obtain(_SITE, seconds=seconds, accept_shrunken=accept_shrunken, given_up=given_up)
    except LlmhubError as error:
        if not settings.offline() and (given_up is None or not given_up.is_set()):
            _log.warning("no prices and retirement dates from LiteLLM: %s", error)
        state: SourceState = "skipped" if settings.offline() else "failed"
        return LiteLLMLoaded(SourceStatus(source="litellm", status=state, reason=str(error)))
    parsed = found.content
    for problem in parsed.problems:
        _log.info("%s", problem)
    if parsed.summary:
        _log.info("litellm: of %d rows: %s", parsed.rows, parsed.summary)
    status = SourceStatus(
        source="litellm", status=found.state, reason=found.reason, as_of=found.as_of, count=len(parsed.offers)
    )
    return LiteLLMLoaded(status, parsed.offers, found.revision)


def _read(body: bytes) -> Parsed:
    """Return a map that has at least one offer with a price or a day on which it ends.

    Raises:
        SourceError: it has none.
    """
    parsed = parse_prices(body)
    if not any(offer.price_input_per_million is not None or offer.retires_on for offer in parsed.offers.values()):
        why = f" ({'; '.join(parsed.problems[:_MOST_TOLD])})" if parsed.problems else ""
        raise SourceError(f"found no offer with a price{why}, expected LiteLLM's price map")
    return parsed


def _measure(parsed: Parsed) -> Mapping[str, int]:
    """Count what can be used of a map, as `catalog.shrinking.measure` does for models.dev."""
    counts: Counter[str] = Counter({"models": len(parsed.offers)})
    for offer in parsed.offers.values():
        counts["models with an input price"] += offer.price_input_per_million is not None
        counts["models with an output price"] += offer.price_output_per_million is not None
        counts["models with a day on which they end"] += offer.retires_on is not None
    return counts


def _url() -> str:
    url = settings.litellm_url()
    if url is None:
        raise SourceError("LLMHUB_LITELLM_URL is off")
    return url


_SITE = Site(
    called="LiteLLM",
    file=settings.litellm_file,
    url=_url,
    ask=partial(download, raw=True),
    read=_read,
    measure=_measure,
    without_it="LiteLLM's prices and retirement dates may be out of date",
)
