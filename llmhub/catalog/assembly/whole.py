"""Build the catalog of every offer of models.dev, with quality, prices, and which offers can be called.

It is built from what the last refresh left on this machine, when it is first asked for, and kept in offers.kept for as
long as that refresh's catalog answers and the user's overrides.json stays the same.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from llmhub import settings
from llmhub.catalog.choosing.keys import briefs_from_json, briefs_of
from llmhub.catalog.stored.kept import keep, kept_parts, made_of, overrides_digest
from llmhub.catalog.stored.kept_catalog import PARTS, catalog_in, parts_of
from llmhub.catalog.stored.record import Record, as_json
from llmhub.errors import LlmhubError, NotFoundError
from llmhub.files import remove_own
from llmhub.offers.fields import LITELLM

if TYPE_CHECKING:
    from llmhub.catalog.assembly.joining import Boards
    from llmhub.catalog.choosing.keys import Brief
    from llmhub.catalog.schema import Catalog, ModelsDevModel, SourceStatus, WholeCatalog

__all__ = ["stored_briefs", "stored_offers", "stored_whole_catalog", "whole_catalog"]

_log = logging.getLogger(__name__)

_BRIEFS = "briefs"
# Early versions of 0.3.0 kept it in a file of this name, which began so.
_OLD_NAME, _OLD_BEGINS = "offers.json", re.compile(rb'\{"catalog_version"')


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
        return WholeCatalog.model_validate(as_json(kept))
    return _built(found)


def stored_whole_catalog(found: Catalog) -> WholeCatalog:
    """Return what `whole_catalog` returns for a catalog, to be read only: see `llmhub.catalog.cache.stored_catalog`."""
    kept = _kept(_made_of(found))
    return _built(found) if kept is None else kept


def stored_briefs(found: Catalog) -> dict[str, Brief]:
    """Return what each provider of `stored_whole_catalog` offers, by its name in models.dev; they are kept too."""
    if (parts := kept_parts(settings.whole_catalog_file(), _made_of(found), _BRIEFS)) is not None:
        return briefs_from_json(json.loads(parts[0]))
    return briefs_of(stored_whole_catalog(found))


def _made_of(found: Catalog) -> str | None:
    """Return a digest of what a whole catalog depends on: the stored one beside it, and the user's overrides.json."""
    try:
        # Who imports retirement dates writes the catalog again: then the moment is the same, and the file is another.
        status = os.stat(settings.catalog_file())  # noqa: PTH116 -- a Path costs as much again
    except OSError:
        return None
    file = (status.st_ino, status.st_size, status.st_mtime_ns)
    # Offline, a catalog answers though the overrides changed since; the offers' prices are of the overrides of now.
    facts = (file, found.built_at.isoformat(), overrides_digest(), settings.litellm_is_off())
    return made_of("every offer", *facts)


def _kept(made: str | None) -> WholeCatalog | None:
    parts = kept_parts(settings.whole_catalog_file(), made, *PARTS)
    return None if parts is None else cast("WholeCatalog | None", catalog_in(*parts))


def _built(found: Catalog) -> WholeCatalog:
    from llmhub.catalog.assembly.joining import offered_lines
    from llmhub.catalog.mapper import load_overrides
    from llmhub.catalog.offered.lives import with_lives
    from llmhub.catalog.schema import Catalog, WholeCatalog

    made = _made_of(found)
    # A catalog from a sealed file has attributes, but no methods.
    beside = Catalog.model_validate(as_json(found)) if isinstance(found, Record) else found
    overrides = load_overrides()
    offers, status = stored_offers()
    asked = next((one.status for one in beside.sources if one.source == "anyllm"), "failed")
    called = None if asked in {"failed", "skipped"} else beside.models
    boards, witness = _boards(beside), _witness()
    lines = offered_lines(offers, boards or {}, overrides, witness or {}, called)
    without_lives = WholeCatalog(
        **dict(beside)
        | {
            "models": lines,
            "sources": tuple(status if one.source == "modelsdev" else one for one in beside.sources),
        }
    )
    whole = with_lives(without_lives, today=datetime.now(UTC).date(), overrides=overrides)
    # It is the same object if the lives could not be read. The next process may be able to read all.
    is_complete = whole is not without_lives and None not in (boards, witness)
    if offers and is_complete:
        keep(settings.whole_catalog_file(), made, lambda: _parts_of(whole), now=_made_of(found))
        with suppress(OSError):
            remove_own(settings.catalog_file().with_name(_OLD_NAME), _OLD_BEGINS)
    return whole


def _parts_of(whole: WholeCatalog) -> dict[str, bytes]:
    return {_BRIEFS: json.dumps(briefs_of(whole), separators=(",", ":")).encode(), **parts_of(whole)}


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


def _witness() -> Mapping[str, ModelsDevModel] | None:
    """Return LiteLLM's newest stored offers, where there are some and it is asked; None if the store cannot be read."""
    from llmhub.offers.answers import offers_at
    from llmhub.store import SnapshotStore

    if settings.litellm_is_off():
        # What was stored before it was turned off may be old, and `show` does not have it either.
        return {}
    try:
        with SnapshotStore.open() as store, store.reading() as connection:
            return offers_at(connection, "latest", now=datetime.now(UTC), source=LITELLM)[1]
    except NotFoundError:
        return {}
    except LlmhubError as error:
        _log.debug("no prices of LiteLLM: %s", error)
        return None


def _boards(beside: Catalog) -> Boards | None:
    """Return the boards that a catalog's ratings are from, if they are still stored; None if they cannot be read."""
    from llmhub.catalog.arena_source import boards_of
    from llmhub.catalog.tiers.builder import BOARDS
    from llmhub.store import SnapshotStore

    if beside.arena_snapshot is None:
        return {}
    try:
        with SnapshotStore.open() as store:
            snapshot = store.resolve(str(beside.arena_snapshot.snapshot_id))
            # In the place of this store may be a backup, in which the id means another snapshot.
            return boards_of(store, snapshot, BOARDS) if snapshot.taken_at == beside.arena_snapshot.taken_at else {}
    except LlmhubError as error:
        _log.warning("the offers have no ratings: %s", error)
        return {} if isinstance(error, NotFoundError) else None
