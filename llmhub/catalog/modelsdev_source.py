"""Source of prices, limits and capabilities: models.dev, or the last good copy of its document.

Each refresh asks the site with the copy's ETag, so that an unchanged document costs a few bytes. If the site fails, the
last sound document answers. The request asks for models of all types: by default the site lists only chat models.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from llmhub import settings
from llmhub.ages import how_old
from llmhub.catalog.schema import ModelsDevModel, SourceState, SourceStatus
from llmhub.catalog.shrinking import GRACE, measure, shrunk
from llmhub.errors import CacheError, LlmhubError, SourceError, printable
from llmhub.files import read_regular, without_mark, write_own
from llmhub.offers.models_dev import Normalized, normalize, parse_document
from llmhub.progress import step
from llmhub.web.client import shown
from llmhub.web.document import MAX_BYTES, Answer, RefusedError, download

__all__ = ["ModelsDevLoaded", "fetch_modelsdev_json", "load_modelsdev", "normalize_modelsdev"]

DEADLINE_SECONDS = 10.0

_log = logging.getLogger(__name__)

# The copy is one JSON object: facts about the document on the first line, then the document as received. These are the
# first bytes of every copy that llmhub writes; no other program's file starts like this.
_BEGINS = re.compile(rb'\{"address": "[^"]*", "etag": ')
_BEFORE_DOCUMENT = b',\n"document":'
_AFTER_DOCUMENT = b"}\n"
_MAX_HEAD_BYTES = 4096
_MAX_ADDRESS = 300
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
        revision: the SHA-256 of the document, in hexadecimal; None where there is none.
    """

    models: dict[str, ModelsDevModel]
    status: SourceStatus
    problems: tuple[str, ...] = ()
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class _Copy:
    """The last good document, with the address and ETag to ask for it again.

    `refused` measures a smaller document that was not accepted in its place, and says since when the site serves it.
    """

    body: bytes
    address: str
    etag: str | None
    fetched_at: datetime
    refused: tuple[Mapping[str, int], datetime] | None = None


@dataclass(frozen=True, slots=True)
class _Document:
    data: dict[str, Any]
    found: Normalized
    as_of: datetime
    state: SourceState = "ok"
    reason: str | None = None
    revision: str | None = None


def load_modelsdev(*, seconds: float = DEADLINE_SECONDS, accept_shrunken: bool = False) -> ModelsDevLoaded:
    """Return the models of models.dev and the source's status. Never raises; warnings and errors are logged too.

    Args:
        seconds: how long the network may take in all.
        accept_shrunken: accept a document that lost more than a third of what could be used of the copy.
    """
    try:
        document = _obtain(seconds, accept_shrunken=accept_shrunken)
    except LlmhubError as error:
        # As for every source: an old answer in place of a new one is a warning, no answer is an error.
        _log.error("no prices, limits and capabilities from models.dev: %s", error)
        state: SourceState = "skipped" if settings.offline() else "failed"
        return ModelsDevLoaded({}, SourceStatus(source="modelsdev", status=state, reason=str(error)))
    found = document.found
    _tell(found)
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
    copy = _read_copy(settings.modelsdev_file())
    if copy is None:
        return None
    try:
        document = _sound(copy.body, copy.fetched_at, str(settings.modelsdev_file()))
    except LlmhubError as error:
        _log.warning("%s: it is ignored", error)
        return None
    found = document.found
    status = SourceStatus(source="modelsdev", status="ok", as_of=copy.fetched_at, count=len(found.models))
    return ModelsDevLoaded(found.models, status, found.problems, document.revision)


def fetch_modelsdev_json(*, seconds: float = DEADLINE_SECONDS) -> dict[str, Any]:
    """Return models.dev's document as parsed JSON: the site's, or else the last good copy, with a logged warning.

    Args:
        seconds: how long the network may take in all.

    Raises:
        SourceError: the site gave no sound document, and there is no copy.
    """
    return _obtain(seconds).data


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


def _obtain(seconds: float, *, accept_shrunken: bool = False) -> _Document:
    """Return the newest sound document.

    Raises:
        SourceError: there is none.
    """
    path = settings.modelsdev_file()
    copy = _read_copy(path)
    if settings.offline():
        return _from_copy(copy, "skipped", "LLMHUB_OFFLINE is set, so models.dev was not asked")
    try:
        url = settings.modelsdev_url()
        # An address is stored without its secrets, so two addresses can look alike; the ETag could belong to the other.
        plain = shown(url) == url
        known = copy if copy and plain and copy.address == url else None
        with step("asking models.dev"):
            answer = _asked_for_all_types(url, etag=known.etag if known else None, seconds=seconds)
        body = known.body if known and answer.body is None else answer.body or b""
        document = _sound(body, datetime.now(UTC), shown(url))
        if copy and copy.address == shown(url) and not accept_shrunken:
            _require_as_much(copy, document, path)
    except LlmhubError as error:
        document = _from_copy(copy, "stale", str(error))
        _log.warning("prices, limits and capabilities may be out of date: %s", document.reason)
        return document
    _keep(path, _Copy(body, shown(url), answer.etag if plain else None, document.as_of))
    return document


def _require_as_much(copy: _Copy, document: _Document, path: Path) -> None:
    """Check that a document did not lose more than a third of what can be used of the copy.

    Such a document is far more often broken than truly smaller. The refusal is noted in the copy; if the site serves
    nothing better for a week, the document is accepted.

    Raises:
        SourceError: it lost that much.
    """
    try:
        before = measure(normalize(parse_document(copy.body)).models.values())
    except SourceError:
        # A copy without usable content is no reason to refuse a new document.
        return
    now = measure(document.found.models.values())
    lost = shrunk(before, now)
    if lost is None:
        return
    noted = copy.refused if copy.refused and shrunk(copy.refused[0], now) is None else (now, document.as_of)
    if document.as_of - noted[1] >= GRACE:
        _log.warning("models.dev: %s: taken, since it has been so for %d days", lost, GRACE.days)
        return
    if noted is not copy.refused:
        _keep(path, replace(copy, refused=noted))
    taken = f"if it stays so it is taken from {noted[1] + GRACE:%Y-%m-%d} on, with `llmhub catalog refresh --force` now"
    raise SourceError(f"{copy.address}: lost more than a third of what can be used ({lost}); {taken}")


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


def _sound(body: bytes, as_of: datetime, where: str) -> _Document:
    """Return a document that has at least one sound model.

    Raises:
        SourceError: it has none; the message names `where` it came from.
    """
    try:
        data = parse_document(body)
    except SourceError as error:
        raise SourceError(f"{where}: {error}") from None
    found = normalize(data)
    if not found.models:
        why = f" ({found.problems[0]})" if found.problems else ""
        raise SourceError(f"{where}: found no sound model{why}, expected models.dev's document")
    return _Document(data, found, as_of, revision=hashlib.sha256(body).hexdigest())


def _from_copy(copy: _Copy | None, state: SourceState, reason: str) -> _Document:
    """Return the copy's document.

    Raises:
        SourceError: there is no copy, or it has no sound model.
    """
    if copy is None:
        raise SourceError(f"{reason}; there is no earlier copy")
    document = _sound(copy.body, copy.fetched_at, f"{reason}; {settings.modelsdev_file()}")
    return _Document(document.data, document.found, copy.fetched_at, state, f"{reason}; used is {_dated(copy)}")


def _dated(copy: _Copy) -> str:
    """Return a message's name for the copy, with its age."""
    when = how_old(datetime.now(UTC) - copy.fetched_at)
    return f"the copy of {copy.fetched_at:%Y-%m-%d %H:%M} UTC ({when}) from {copy.address}"


def _keep(path: Path, copy: _Copy) -> None:
    """Write the copy; if it cannot be written, only the next refresh suffers."""
    head: dict[str, Any] = {
        "address": copy.address,
        "etag": copy.etag,
        "fetched_at": copy.fetched_at.isoformat(),
        "sha256": hashlib.sha256(copy.body).hexdigest(),
    }
    if copy.refused:
        measured, since = copy.refused
        head["refused"] = {"since": since.isoformat(), "measured": dict(measured)}
    data = json.dumps(head).encode().removesuffix(b"}") + _BEFORE_DOCUMENT + copy.body + _AFTER_DOCUMENT
    try:
        write_own(path, data, begins=_BEGINS)
    except CacheError as error:
        _log.warning("models.dev's document could not be saved for when the site is down: %s", error)


def _read_copy(path: Path) -> _Copy | None:
    """Return the copy; None if it cannot be used, with a logged warning unless the file does not exist."""
    try:
        data = without_mark(read_regular(path, MAX_BYTES + _MAX_HEAD_BYTES))
    except FileNotFoundError:
        return None
    except OSError as error:
        _log.warning("%s cannot be read (%s): it is ignored", path, error.strerror)
        return None
    head, _, rest = data.partition(_BEFORE_DOCUMENT)
    body = rest.removesuffix(_AFTER_DOCUMENT)
    try:
        known = json.loads(head + b"}")
        if known["sha256"] != hashlib.sha256(body).hexdigest():
            raise ValueError("the document is not the one that was written")  # noqa: TRY301 -- handled like the others
        fetched_at = datetime.fromisoformat(known["fetched_at"]).astimezone(UTC)
        etag = None if known["etag"] is None else str(known["etag"])
        address = printable(str(known["address"]), _MAX_ADDRESS)
        return _Copy(body, address, etag, fetched_at, _refused(known.get("refused")))
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        _log.warning("%s is damaged (%s): it is ignored", path, type(error).__name__)
        return None


def _refused(known: Any) -> tuple[Mapping[str, int], datetime] | None:
    """Return what a copy's head says about the refused document; None if it says nothing.

    Raises:
        ValueError, KeyError, TypeError, OverflowError: the head is not as it was written.
    """
    if known is None:
        return None
    measured = {str(what): int(count) for what, count in dict(known["measured"]).items()}
    return measured, datetime.fromisoformat(known["since"]).astimezone(UTC)
