"""Build the catalog of every offer of models.dev, with quality, prices, and which offers can be called.

It is built from what the last refresh left on this machine, when it is first asked for, and kept in offers.json for as
long as that refresh's catalog answers.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from llmhub import settings
from llmhub.catalog.choosing.keys import Brings, briefs_from_json, briefs_of
from llmhub.catalog.stored.format import CATALOG_VERSION
from llmhub.catalog.stored.record import Record, as_catalog, as_json
from llmhub.catalog.stored.seal import sealed, unsealed
from llmhub.errors import CacheError, LlmhubError
from llmhub.files import open_regular, read_regular, write_own
from llmhub.offers.fields import LITELLM

if TYPE_CHECKING:
    from llmhub.catalog.assembly.joining import Boards
    from llmhub.catalog.choosing.keys import Brief
    from llmhub.catalog.schema import Catalog, ModelsDevModel, SourceStatus, WholeCatalog

__all__ = ["stored_briefs", "stored_offers", "stored_whole_catalog", "whole_catalog"]

_log = logging.getLogger(__name__)

_MAX_BYTES = 256 << 20
_HEAD_BYTES = 300
# Several times the size of the briefs of all providers.
_MAX_BRIEF_BYTES = 1 << 20
_BRIEF = re.compile(rb',"brief_bytes":(\d{1,7}),"brief":')
# The first bytes of every such catalog; no other program's file starts like this.
_BEGINS = re.compile(rb'\{"catalog_version"')


def whole_catalog(ttl_hours: int = 24) -> WholeCatalog:
    """Return every offer of models.dev, with prices, limits, ratings and tiers, and which of them can be called.

    No key is needed. A model's `canonical_id` is models.dev's `provider/model_id`; `callable_as` has the ids under
    which this machine's keys can call it. Prices and ratings are those of `build_catalog()`, which is asked first.

    Examples:
        >>> len(whole_catalog().models)  # with LLMHUB_OFFLINE, and nothing stored yet
        0

    Args:
        ttl_hours: as for `build_catalog`.

    Raises:
        SettingsError: as `build_catalog`.
    """
    from llmhub.catalog.pipeline import build_catalog
    from llmhub.catalog.schema import WholeCatalog

    found = build_catalog(ttl_hours)
    if (kept := _kept(_made_of(found))) is not None:
        return WholeCatalog.model_validate(kept)
    return _built(found)


def stored_whole_catalog(found: Catalog) -> WholeCatalog:
    """Return what `whole_catalog` returns for a catalog, to be read only: see `llmhub.catalog.cache.stored_catalog`."""
    kept = _kept(_made_of(found))
    return _built(found) if kept is None else cast("WholeCatalog", as_catalog(kept))


def stored_briefs(found: Catalog) -> dict[str, Brief]:
    """Return what each provider of `stored_whole_catalog` offers, by its name in models.dev, from the file's head."""
    kept = _kept_briefs(_made_of(found))
    return briefs_of(stored_whole_catalog(found)) if kept is None else kept


def _kept_briefs(made_of: str) -> dict[str, Brief] | None:
    """Return the briefs in the head of the kept catalog; None if it has none, or stands beside another catalog."""
    try:
        with open_regular(settings.whole_catalog_file()) as file:
            head = file.read(_HEAD_BYTES)
            if (found := _BRIEF.search(head)) is None:
                return None
            brief = (head + file.read(_MAX_BRIEF_BYTES))[found.end() :][: int(found[1])]
    except OSError:
        return None
    # The head has a seal of its own, since that of the file covers every byte.
    document = unsealed(brief)
    if document is None or (document["made_of"], document["fields"]) != (made_of, list(Brings._fields)):
        return None
    return briefs_from_json(document["providers"])


def _made_of(found: Catalog) -> str:
    """Return a digest of the catalog that a whole one stands beside."""
    snapshot = found.arena_snapshot
    facts = [
        found.built_at.isoformat(),
        found.settings_digest,
        None if snapshot is None else snapshot.snapshot_id,
        [status.as_of.isoformat() for status in found.sources if status.as_of is not None],
        [(model.canonical_id, model.modelsdev_match and model.modelsdev_match.target) for model in found.models],
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _kept(made_of: str) -> dict[str, object] | None:
    """Return the kept catalog if it stands beside that catalog; None if there is none, or it is another's."""
    try:
        data = read_regular(settings.whole_catalog_file(), _MAX_BYTES)
    except OSError:
        return None
    # The beginning says what it was made from: an outdated file need not be read to its end.
    if made_of.encode() not in data[:_HEAD_BYTES] or (document := unsealed(data)) is None:
        return None
    kept: dict[str, object] = document["catalog"]
    return kept


def _built(found: Catalog) -> WholeCatalog:
    from llmhub.catalog.assembly.joining import offered_lines
    from llmhub.catalog.mapper import load_overrides
    from llmhub.catalog.offered.lives import with_lives
    from llmhub.catalog.schema import Catalog, WholeCatalog

    # A catalog from a sealed file has attributes, but no methods.
    beside = Catalog.model_validate(as_json(found)) if isinstance(found, Record) else found
    overrides = load_overrides()
    offers, status = stored_offers()
    asked = next((one.status for one in beside.sources if one.source == "anyllm"), "failed")
    called = None if asked in {"failed", "skipped"} else beside.models
    lines = offered_lines(offers, _boards(beside), overrides, _witness(), called)
    whole = WholeCatalog(
        **dict(beside)
        | {
            "models": lines,
            "sources": tuple(status if one.source == "modelsdev" else one for one in beside.sources),
        }
    )
    whole = with_lives(whole, today=datetime.now(UTC).date(), overrides=overrides)
    if offers:
        _keep(whole, _made_of(found))
    return whole


def stored_offers() -> tuple[Mapping[str, ModelsDevModel], SourceStatus]:
    """Return models.dev's offers as this machine has them, without asking, and the source's status.

    They are those of the last good copy of the document, or where there is none, the newest ones in the store.
    """
    from llmhub.catalog.modelsdev_source import stored_modelsdev
    from llmhub.catalog.schema import SourceStatus
    from llmhub.offers.answers import offers_at
    from llmhub.store import SnapshotStore

    if (copy := stored_modelsdev()) is not None:
        return copy.models, copy.status
    try:
        with SnapshotStore.open() as store, store.reading() as connection:
            recorded, offers = offers_at(connection, "latest", now=datetime.now(UTC))
    except LlmhubError as error:
        return {}, SourceStatus(source="modelsdev", status="failed", reason=str(error))
    status = SourceStatus(source="modelsdev", status="ok", as_of=recorded.taken_at, count=len(offers))
    return offers, status


def _witness() -> Mapping[str, ModelsDevModel]:
    """Return LiteLLM's newest stored offers; none where it has none."""
    from llmhub.offers.answers import offers_at
    from llmhub.store import SnapshotStore

    try:
        with SnapshotStore.open() as store, store.reading() as connection:
            return offers_at(connection, "latest", now=datetime.now(UTC), source=LITELLM)[1]
    except LlmhubError as error:
        _log.debug("no prices of LiteLLM: %s", error)
        return {}


def _boards(beside: Catalog) -> Boards:
    """Return the boards that a catalog's ratings are from; none where they are no longer stored."""
    from llmhub.catalog.arena_source import boards_of
    from llmhub.catalog.tiers.builder import BOARDS
    from llmhub.store import SnapshotStore

    if beside.arena_snapshot is None:
        return {}
    try:
        with SnapshotStore.open() as store:
            return boards_of(store, store.resolve(str(beside.arena_snapshot.snapshot_id)), BOARDS)
    except LlmhubError as error:
        _log.warning("the offers have no ratings: %s", error)
        return {}


def _keep(whole: WholeCatalog, made_of: str) -> None:
    """Keep a catalog for the next process; if it cannot be written, the next process builds it again."""
    told = {"made_of": made_of, "fields": Brings._fields, "providers": briefs_of(whole)}
    brief = sealed(json.dumps(told, separators=(",", ":")).encode())
    head = f'{{"catalog_version":{CATALOG_VERSION},"made_of":"{made_of}","brief_bytes":{len(brief)},"brief":'.encode()
    document = b'%b%b,"catalog":%b}' % (head, brief, whole.model_dump_json().encode())
    try:
        write_own(settings.whole_catalog_file(), sealed(document), begins=_BEGINS)
    except CacheError as error:
        _log.info("the catalog of all offers is not kept: %s", error)
