"""Source of prices, limits and capabilities: models.dev, or the last good copy of its document.

The request asks for models of all types: by default the site lists only chat models.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from llmhub import settings
from llmhub.catalog.schema import ModelsDevModel, SourceState, SourceStatus
from llmhub.catalog.shrinking import measure
from llmhub.catalog.sources.kept_document import Site, obtain
from llmhub.catalog.sources.last_copy import read_copy
from llmhub.errors import LlmhubError, SourceError
from llmhub.offers.models_dev import Normalized, normalize, parse_document
from llmhub.web.document import Answer, RefusedError, download

__all__ = ["ModelsDevLoaded", "fetch_modelsdev_json", "load_modelsdev", "normalize_modelsdev", "stored_modelsdev"]

DEADLINE_SECONDS = 10.0

_log = logging.getLogger(__name__)

_MOST_WARNINGS = 3
_ALL_TYPES = "?type=all"


@dataclass(frozen=True, slots=True)
class ModelsDevLoaded:
    """The result of asking models.dev.

    Attributes:
        models: every sound model, by models.dev's `provider/model_id`.
        status: `ok`; `partial`: models were left out; `stale`: the copy answered; `skipped`: not asked, with the copy's
            models if there is one; or `failed`: no models.
        problems: why models were left out, one line each, of bounded number.
        revision: the SHA-256 of the document, in hexadecimal; None if there is none.
    """

    models: dict[str, ModelsDevModel]
    status: SourceStatus
    problems: tuple[str, ...] = ()
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class _Document:
    data: dict[str, Any]
    found: Normalized


def load_modelsdev(*, seconds: float = DEADLINE_SECONDS, accept_shrunken: bool = False) -> ModelsDevLoaded:
    """Return the models of models.dev and the source's status. Never raises; warnings and errors are logged too.

    Args:
        seconds: how long the network may take in all.
        accept_shrunken: accept a document that lost more than a third of what could be used of the copy.
    """
    try:
        document = obtain(_SITE, seconds=seconds, accept_shrunken=accept_shrunken)
    except LlmhubError as error:
        # As for every source: an old answer in place of a new one is a warning, no answer is an error.
        _log.error("no prices, limits and capabilities from models.dev: %s", error)
        nothing: SourceState = "skipped" if settings.offline() else "failed"
        return ModelsDevLoaded({}, SourceStatus(source="modelsdev", status=nothing, reason=str(error)))
    found = document.content.found
    _tell(found)
    state: SourceState
    state, reason = document.state, document.reason
    if state == "ok" and found.problems:
        state, reason = "partial", f"{found.left_out:,} left out, {len(found.models):,} kept: {found.problems[0]}"
    elif state == "ok":
        reason = found.remark
    status = SourceStatus(
        source="modelsdev", status=state, reason=reason, as_of=document.as_of, count=len(found.models)
    )
    return ModelsDevLoaded(found.models, status, found.problems, document.revision)


def stored_modelsdev() -> ModelsDevLoaded | None:
    """Return the models of the last good copy of models.dev's document, without asking; None if there is none."""
    copy = read_copy(settings.modelsdev_file())
    if copy is None:
        return None
    try:
        found = _read(copy.body).found
    except SourceError as error:
        _log.warning("%s: %s: it is ignored", settings.modelsdev_file(), error)
        return None
    status = SourceStatus(source="modelsdev", status="ok", as_of=copy.fetched_at, count=len(found.models))
    return ModelsDevLoaded(found.models, status, found.problems)


def fetch_modelsdev_json(*, seconds: float = DEADLINE_SECONDS) -> dict[str, Any]:
    """Return models.dev's document as parsed JSON: the site's, or else the last good copy, with a logged warning.

    Args:
        seconds: how long the network may take in all.

    Raises:
        SourceError: the site gave no sound document, and there is no copy.
    """
    return obtain(_SITE, seconds=seconds).content.data


def normalize_modelsdev(data: Mapping[str, Any]) -> dict[str, ModelsDevModel]:
    """Return the models of a parsed document by `provider/model_id`; log models left out as a warning.

    Raises:
        SourceError: `data` is not an object.
    """
    found = normalize(data)
    _tell(found)
    return found.models


def _tell(found: Normalized) -> None:
    """Log models left out and values taken as unknown: a few lines, however many there are."""
    for number, problem in enumerate(found.problems):
        _log.log(logging.WARNING if number < _MOST_WARNINGS else logging.INFO, "%s", problem)
    if found.left_out > _MOST_WARNINGS:
        more = f"{found.left_out - _MOST_WARNINGS:,}"
        _log.warning("models.dev: %s more are left out: --verbose says why", more)
    if found.remark:
        _log.warning("models.dev: %s", found.remark)
    for remark in found.remarks:
        _log.info("%s", remark)


def _asked_for_all_types(url: str, *, etag: str | None, seconds: float) -> Answer:
    """Ask for models of all types; an address that has a query is requested unchanged.

    If a server refuses the query, it is asked again without it.

    Raises:
        SourceError: no JSON document came in that time.
    """
    if "?" in url:
        return download(url, etag=etag, seconds=seconds)
    begun = perf_counter()
    try:
        return download(f"{url}{_ALL_TYPES}", etag=etag, seconds=seconds)
    except RefusedError as error:
        left = seconds - (perf_counter() - begun)
        if left <= 0:
            raise
        _log.info("%s: asked again without %s", error, _ALL_TYPES)
        return download(url, etag=etag, seconds=left)


def _read(body: bytes) -> _Document:
    """Return a document that has at least one sound model.

    Raises:
        SourceError: it has none.
    """
    data = parse_document(body)
    found = normalize(data)
    if not found.models:
        why = f" ({found.problems[0]})" if found.problems else ""
        raise SourceError(f"found no sound model{why}, expected models.dev's document")
    return _Document(data, found)


_SITE = Site(
    called="models.dev",
    file=settings.modelsdev_file,
    url=settings.modelsdev_url,
    ask=_asked_for_all_types,
    read=_read,
    measure=lambda document: measure(document.found.models.values()),
    without_it="prices, limits and capabilities may be out of date",
)
