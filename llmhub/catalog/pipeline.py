"""From the sources to the catalog: asks them side by side, fuses what they say, derives, and keeps the result.

No source stops another: one that fails, hangs or raises leaves the catalog without what it would have brought, and
its status says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextvars import copy_context
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from threading import Thread
from time import monotonic
from traceback import format_tb
from typing import TYPE_CHECKING, Any, TypeVar

from llmhub import settings
from llmhub.arena.boards import OVERALL
from llmhub.catalog.cache import load_cached_catalog, read_catalog, save_catalog, settings_digest
from llmhub.catalog.schema import CATALOG_VERSION, ArenaProvenance, Catalog, SourceName, SourceState, SourceStatus
from llmhub.catalog.shrinking import shrunken_list
from llmhub.errors import CacheError, LlmhubError, SettingsError
from llmhub.memory import REMEDY, WHAT, is_little_memory, require_room
from llmhub.progress import step

if TYPE_CHECKING:
    from llmhub.catalog.anyllm_source import Listing
    from llmhub.catalog.arena_source import ArenaBoards
    from llmhub.catalog.modelsdev_source import ModelsDevLoaded

__all__ = ["build_catalog", "build_now", "rebuild_catalog"]

# Beyond the deadlines that the sources have themselves: for one that does not keep its own.
_SECONDS_PER_SOURCE = 13.0
# The address space that the providers' libraries take: some are written in Rust, which aborts the process without it.
_ROOM_MIB = 700

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


def build_catalog(ttl_hours: int = 24, force_refresh: bool = False) -> Catalog:  # noqa: FBT001, FBT002 -- the plan's
    """Return the models that can be called from here, with prices, ratings and tiers.

    The cached catalog answers while it is fresh: for `ttl_hours`, but no longer than 15 minutes if a source failed, and
    only while the same keys and settings are set. Otherwise the sources are asked anew, side by side, and the catalog
    is built of what they give; what failed stands in its `sources` and `providers`. With no provider configured it is
    empty. With LLMHUB_OFFLINE the cached catalog answers, however old it is, and where there is none, one of what is
    stored on this machine.

    Examples:
        >>> catalog = build_catalog()  # with LLMHUB_OFFLINE, and nothing stored yet
        >>> len(catalog.models), [source.status for source in catalog.sources]
        (0, ['skipped', 'skipped', 'skipped'])

    Args:
        ttl_hours: how old a cached catalog may be, in hours.
        force_refresh: ask the sources even if the cached catalog is fresh; not with LLMHUB_OFFLINE.

    Raises:
        SettingsError: LLMHUB_PROVIDERS names a provider that there is none of, or the user's overrides.json is
            malformed (OverridesError). Nothing else that goes wrong raises.
    """
    return _built(ttl_hours, force_refresh=force_refresh, accept_shrunken=False)


def rebuild_catalog(*, accept_shrunken: bool = False) -> Catalog:
    """Do what `build_catalog` does with `force_refresh`.

    Args:
        accept_shrunken: take models.dev's document though it lost more than a third of what could be used of it.

    Raises:
        SettingsError: as `build_catalog`.
    """
    return _built(force_refresh=True, accept_shrunken=accept_shrunken)


def _built(ttl_hours: float = 24, *, force_refresh: bool, accept_shrunken: bool) -> Catalog:
    if (not force_refresh or settings.offline()) and (cached := load_cached_catalog(ttl_hours)) is not None:
        _log.debug("%s answers: built at %s", settings.catalog_file(), cached.built_at)
        return cached
    catalog = build_now(accept_shrunken=accept_shrunken)
    if not settings.offline():
        try:
            save_catalog(catalog)
        except CacheError as error:
            _log.warning("the catalog is not kept, so the next process builds it again: %s", error)
    return catalog


def build_now(now: datetime | None = None, *, accept_shrunken: bool = False) -> Catalog:
    """Ask the sources, and return the catalog of what they gave; it is not kept.

    Args:
        now: the moment to take for the clock's, timezone-aware; a snapshot that the arena brings is dated so.
        accept_shrunken: see `rebuild_catalog`.

    Raises:
        SettingsError: as `build_catalog`.
        LittleMemoryError: a limit leaves too little for the libraries that ask.
    """
    from llmhub.catalog.anyllm_source import warn_of  # noqa: PLC0415
    from llmhub.catalog.mapper import Fusion, load_overrides  # noqa: PLC0415
    from llmhub.catalog.tiers.builder import BOARDS, build_models, global_statistics  # noqa: PLC0415

    overrides = load_overrides()
    if not settings.offline():
        require_room(_ROOM_MIB, "asking the sources")
    listing, modelsdev, arena = _asked(BOARDS, now, accept_shrunken=accept_shrunken)
    listing = _compared(listing)
    for source in (listing.status, modelsdev.status, _arena_status(arena)):
        _log.info("%s: %s, %d models", source.source, source.status, source.count)
    warn_of(listing.providers)
    overrides = overrides.at_endpoints(listing.hosts)
    overall = arena.boards.get(OVERALL, {})
    # And not `fuse_sources`, so that progress can be shown model by model.
    fusion = Fusion(modelsdev.models, overall, overrides)
    fused = []
    with step("matching", "models") as matching:
        for model in listing.models:
            fused.append(fusion.fuse(model))
            matching.at(len(fused), len(listing.models))
    statistics = global_statistics(arena.boards, modelsdev.models)
    return Catalog(
        catalog_version=CATALOG_VERSION,
        built_at=now or datetime.now(UTC),
        models=build_models(fused, statistics),
        sources=(listing.status, modelsdev.status, _arena_status(arena)),
        providers=listing.providers,
        arena_snapshot=_provenance(arena),
        key_variables=listing.key_variables,
        known_key_variables=listing.known_key_variables,
        address_variables=listing.address_variables,
        settings_digest=settings_digest(listing.address_variables),
    )


def _compared(listing: Listing) -> Listing:
    """Return a listing whose providers say so if they list far fewer models than in the last catalog.

    The new list is taken all the same: what a provider does not list cannot be relied on to be callable.
    """
    try:
        before = read_catalog()
    except CacheError:
        # Whoever wants to answer with it says so.
        return listing
    if before is None:
        return listing
    counts = {status.provider: status.models for status in before.providers if status.callable}
    providers = list(listing.providers)
    for place, status in enumerate(providers):
        count = counts.get(status.provider, 0)
        if status.callable and shrunken_list(count, status.models):
            fewer = f"lists {status.models:,} models, and listed {count:,} on {before.built_at:%Y-%m-%d}"
            reason = f"{status.reason}; {fewer}" if status.reason else fewer
            providers[place] = status.model_copy(update={"reason": reason})
    return replace(listing, providers=tuple(providers))


def _asked(
    boards: tuple[str, ...], now: datetime | None, *, accept_shrunken: bool
) -> tuple[Listing, ModelsDevLoaded, ArenaBoards]:
    """Ask the three sources side by side.

    Raises:
        SettingsError: a setting of the user's makes no sense.
    """
    from llmhub.catalog.anyllm_source import Listing, list_providers  # noqa: PLC0415 -- a cached catalog needs none
    from llmhub.catalog.arena_source import ArenaBoards, load_arena_boards  # noqa: PLC0415
    from llmhub.catalog.modelsdev_source import ModelsDevLoaded, load_modelsdev  # noqa: PLC0415

    begun = monotonic()
    anyllm, modelsdev = _under_way(list_providers), _under_way(partial(load_modelsdev, accept_shrunken=accept_shrunken))
    # In this thread, so that an interrupt ends the update script too.
    try:
        arena = load_arena_boards(boards, now=now)
    except Exception as error:  # noqa: BLE001 -- see the module's first lines
        arena = ArenaBoards({}, problem=_told("arena", error))
    under_way: list[Future[Any]] = [anyllm, modelsdev]
    wait(under_way, timeout=max(0.0, begun + _SECONDS_PER_SOURCE - monotonic()))
    return (
        _answer("anyllm", anyllm, lambda status: Listing((), (), (), (), status)),
        _answer("modelsdev", modelsdev, lambda status: ModelsDevLoaded({}, status)),
        arena,
    )


def _under_way(ask: Callable[[], Answer]) -> Future[Answer]:
    """Ask in a thread that keeps no process from ending, as those of an executor would."""
    future: Future[Answer] = Future()

    def run() -> None:
        try:
            future.set_result(ask())
        except BaseException as error:  # noqa: BLE001 -- told by whoever waits
            future.set_exception(error)

    # What it does is part of this thread's progress.
    Thread(target=copy_context().run, args=(run,), daemon=True).start()
    return future


def _answer(source: SourceName, asked: Future[Answer], nothing: Callable[[SourceStatus], Answer]) -> Answer:
    """Return what a source answered, or `nothing` with the reason.

    Raises:
        SettingsError: the source was asked for what there is not.
    """
    if not asked.done():
        reason = f"did not answer within {_SECONDS_PER_SOURCE:g} s"
        _log.error("%s: %s", source, reason)
    elif (error := asked.exception()) is None:
        return asked.result()
    elif isinstance(error, SettingsError):
        raise error
    else:
        reason = _told(source, error)
    return nothing(SourceStatus(source=source, status="failed", reason=reason))


def _told(source: SourceName, error: BaseException) -> str:
    """Return an error's reason, and log it; of one that is not llmhub's the class alone: its text can hold a key."""
    reason = str(error) if isinstance(error, LlmhubError) else f"internal error ({type(error).__name__})"
    if is_little_memory(error):
        reason = f"{WHAT}: {REMEDY}"
    _log.error("%s: %s", source, reason)
    _log.info("%s: raised at\n%s", source, "".join(format_tb(error.__traceback__)))
    return reason


def _arena_status(arena: ArenaBoards) -> SourceStatus:
    state: SourceState = "stale" if arena.stale else "ok"
    if arena.snapshot is None:
        state = "skipped" if settings.offline() else "failed"
    return SourceStatus(
        source="arena",
        status=state,
        reason=arena.problem,
        as_of=None if arena.snapshot is None else arena.snapshot.taken_at,
        count=len(arena.boards.get(OVERALL, {})),
    )


def _provenance(arena: ArenaBoards) -> ArenaProvenance | None:
    if (snapshot := arena.snapshot) is None:
        return None
    published = snapshot.published_on
    return ArenaProvenance(
        snapshot_id=snapshot.id,
        taken_at=snapshot.taken_at,
        published_on=None if published is None else published.isoformat(),
        stale=arena.stale,
    )
