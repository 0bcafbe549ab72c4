"""Build the catalog: ask the sources side by side, join their answers, derive tiers, and save the result.

No source stops another: if one fails, hangs or raises, the catalog lacks its data and its status says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from threading import Event
from time import monotonic
from traceback import format_tb
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from llmhub import background, settings
from llmhub.arena.boards import OVERALL
from llmhub.catalog.cache import load_cached_catalog, read_catalog, save_catalog, settings_digest
from llmhub.catalog.schema import ArenaProvenance, Catalog, SourceName, SourceState, SourceStatus
from llmhub.catalog.shrinking import shrunken_list
from llmhub.catalog.stored.format import CATALOG_VERSION
from llmhub.errors import CacheError, LlmhubError, SettingsError, counted
from llmhub.memory import REMEDY, TOO_LITTLE, is_out_of_memory, require_room

if TYPE_CHECKING:
    from llmhub.catalog.anyllm_source import Listing
    from llmhub.catalog.arena_source import ArenaBoards
    from llmhub.catalog.modelsdev_source import ModelsDevLoaded
    from llmhub.catalog.sources.litellm_source import LiteLLMLoaded

__all__ = ["build_catalog", "build_now", "rebuild_catalog"]

# For a source that does not keep its own deadline. Much longer than those: any-llm takes seconds to import on a busy
# machine, and where this ends the wait, the answers of all providers are lost.
_SECONDS_PER_SOURCE = 25.0
# Seconds to wait, after the other sources, for one that the catalog can do without; it was asked as early as they were.
_SECONDS_MORE_FOR_LITELLM = 0.5
# The address space that the providers' libraries need: some are written in Rust, which aborts the process without it.
_ROOM_MIB = 700

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


def build_catalog(ttl_hours: int = 24, force_refresh: bool = False) -> Catalog:  # noqa: FBT001, FBT002 -- the signature that the project's plan fixed
    """Return the models that can be called from here, with prices, ratings and tiers.

    The cached catalog answers while it is fresh: for `ttl_hours`, but only 15 minutes if a source failed, and only
    while the same keys and settings are set. Otherwise the sources are asked again, side by side, and the catalog is
    built from their answers; its `sources` and `providers` name what failed. With no provider configured it is empty.
    With LLMHUB_OFFLINE the cached catalog answers, whatever its age; if there is none, one is built from what is stored
    on this machine.

    Examples:
        >>> catalog = build_catalog()  # with LLMHUB_OFFLINE, and nothing stored yet
        >>> len(catalog.models), {source.status for source in catalog.sources}
        (0, {'skipped'})

    Args:
        ttl_hours: how old a cached catalog may be, in hours.
        force_refresh: ask the sources even if the cached catalog is fresh; ignored with LLMHUB_OFFLINE.

    Raises:
        SettingsError: LLMHUB_PROVIDERS names an unknown provider, or the user's overrides.json is malformed
            (OverridesError). No other failure raises.
    """
    return _built(ttl_hours, force_refresh=force_refresh, accept_shrunken=False)


def rebuild_catalog(*, accept_shrunken: bool = False) -> Catalog:
    """Build the catalog as `build_catalog` does with `force_refresh`.

    Args:
        accept_shrunken: accept models.dev's document even if it lost more than a third of what could be used of it.

    Raises:
        SettingsError: as `build_catalog`.
    """
    return _built(force_refresh=True, accept_shrunken=accept_shrunken)


def _built(ttl_hours: float = 24, *, force_refresh: bool, accept_shrunken: bool) -> Catalog:
    if (not force_refresh or settings.offline()) and (cached := load_cached_catalog(ttl_hours)) is not None:
        _log.debug("%s answers: built at %s", settings.catalog_file(), cached.built_at)
        return cached
    catalog, answers = _build(None, accept_shrunken=accept_shrunken)
    if settings.offline():
        return _with_lives(catalog)
    from llmhub.catalog.recording import record

    # The offers' lives are read from the store, which also remembers what the sources said before.
    record(catalog, *answers)
    catalog = _with_lives(catalog)
    try:
        save_catalog(catalog)
    except CacheError as error:
        _log.warning("the catalog was not saved, so the next process builds it again: %s", error)
    return catalog


def _with_lives(catalog: Catalog) -> Catalog:
    from llmhub.catalog.offered.lives import with_lives

    return with_lives(catalog, today=datetime.now(UTC).date())


def build_now(now: datetime | None = None, *, accept_shrunken: bool = False, recorded: bool = False) -> Catalog:
    """Ask the sources and return the catalog built from their answers; it is not saved.

    Args:
        now: the moment to use in place of the clock's, timezone-aware; a snapshot that the arena brings has this date.
        accept_shrunken: see `rebuild_catalog`.
        recorded: store what models.dev and the providers listed, as a refresh does.

    Raises:
        SettingsError: as `build_catalog`.
        LittleMemoryError: a limit leaves too little for the libraries that ask.
    """
    catalog, answers = _build(now, accept_shrunken=accept_shrunken)
    if recorded:
        from llmhub.catalog.recording import record

        record(catalog, *answers, taken_at=now)
    return catalog


class SourceAnswers(NamedTuple):
    """The answers of the sources of offers and listings."""

    listing: Listing
    modelsdev: ModelsDevLoaded
    litellm: LiteLLMLoaded


def _build(now: datetime | None, *, accept_shrunken: bool) -> tuple[Catalog, SourceAnswers]:
    """Do what `build_now` does, and also return the answers of the sources of offers and listings."""
    from llmhub.catalog.anyllm_source import warn_of
    from llmhub.catalog.assembly.joining import fused_models, lines_of
    from llmhub.catalog.mapper import load_overrides
    from llmhub.catalog.tiers.builder import BOARDS

    overrides = load_overrides()
    if not settings.offline():
        require_room(_ROOM_MIB, "asking the sources")
    litellm_request = _LiteLLMRequest(accept_shrunken=accept_shrunken)
    listing, modelsdev, arena = _ask_sources(BOARDS, now, accept_shrunken=accept_shrunken)
    listing = _with_shrunken_lists_noted(listing)
    for source in (listing.status, modelsdev.status, _arena_status(arena)):
        _log.info("%s: %s, %d models", source.source, source.status, source.count)
    warn_of(listing.providers)
    overrides = overrides.at_endpoints(listing.hosts)
    fused = fused_models(listing.models, modelsdev.models, arena.boards, overrides)
    litellm = litellm_request.answer()
    statuses = (listing.status, modelsdev.status, _arena_status(arena), *filter(None, [litellm.status]))
    catalog = Catalog(
        catalog_version=CATALOG_VERSION,
        built_at=now or datetime.now(UTC),
        models=lines_of(fused, modelsdev.models, arena.boards, overrides, litellm.offers),
        sources=statuses,
        providers=listing.providers,
        arena_snapshot=_provenance(arena),
        key_variables=listing.key_variables,
        known_key_variables=listing.known_key_variables,
        address_variables=listing.address_variables,
        settings_digest=settings_digest(listing.address_variables),
    )
    return catalog, SourceAnswers(listing, modelsdev, litellm)


class _LiteLLMRequest:
    """LiteLLM, asked from the start, and not waited for longer than for the other sources."""

    def __init__(self, *, accept_shrunken: bool) -> None:
        from llmhub.catalog.sources.litellm_source import load_litellm

        self._given_up = Event()
        ask = partial(load_litellm, accept_shrunken=accept_shrunken, given_up=self._given_up)
        self._asked = background.start(ask, name="llmhub-litellm")

    def answer(self) -> LiteLLMLoaded:
        """Return what LiteLLM said by now, or why there is nothing of it."""
        from llmhub.catalog.sources.litellm_source import LiteLLMLoaded

        ended = background.has_ended(self._asked, seconds=_SECONDS_MORE_FOR_LITELLM)
        self._given_up.set()
        if not ended:
            _log.info("litellm: did not answer in the time of the other sources: the catalog is built without it")
            reason = "did not answer while the other sources did; what is stored of it still counts"
            return LiteLLMLoaded(SourceStatus(source="litellm", status="failed", reason=reason))
        return _answer("litellm", self._asked, LiteLLMLoaded)


def _with_shrunken_lists_noted(listing: Listing) -> Listing:
    """Return a listing in which each provider that lists far fewer models than in the last catalog says so.

    The new list counts all the same: a model that a provider does not list may not be callable.
    """
    try:
        before = read_catalog()
    except CacheError:
        # The code that answers with the last catalog reports this error.
        return listing
    if before is None:
        return listing
    counts = {status.provider: status.models for status in before.providers if status.callable}
    providers = list(listing.providers)
    for place, status in enumerate(providers):
        count = counts.get(status.provider, 0)
        if status.callable and shrunken_list(count, status.models):
            fewer = f"lists {counted(status.models, 'model')}, and listed {count:,} on {before.built_at:%Y-%m-%d}"
            reason = f"{status.reason}; {fewer}" if status.reason else fewer
            providers[place] = status.model_copy(update={"reason": reason})
    return replace(listing, providers=tuple(providers))


def _ask_sources(
    boards: tuple[str, ...], now: datetime | None, *, accept_shrunken: bool
) -> tuple[Listing, ModelsDevLoaded, ArenaBoards]:
    """Ask the sources that the catalog is built of side by side.

    Raises:
        SettingsError: a setting is invalid.
    """
    from llmhub.catalog.anyllm_source import Listing, list_providers
    from llmhub.catalog.arena_source import ArenaBoards, load_arena_boards
    from llmhub.catalog.modelsdev_source import ModelsDevLoaded, load_modelsdev

    begun = monotonic()
    anyllm = background.start(partial(list_providers, within=_SECONDS_PER_SOURCE), name="llmhub-anyllm")
    modelsdev = background.start(partial(load_modelsdev, accept_shrunken=accept_shrunken), name="llmhub-modelsdev")
    # In this thread, so that an interrupt ends the update script too.
    try:
        arena = load_arena_boards(boards, now=now)
    except Exception as error:  # noqa: BLE001 -- see the module's docstring
        arena = ArenaBoards({}, problem=_told("arena", error))
    background.has_ended(anyllm, modelsdev, seconds=begun + _SECONDS_PER_SOURCE - monotonic())
    return (
        _answer("anyllm", anyllm, lambda status: Listing((), (), (), (), status)),
        _answer("modelsdev", modelsdev, lambda status: ModelsDevLoaded({}, status)),
        arena,
    )


def _answer(source: SourceName, asked: Future[Answer], nothing: Callable[[SourceStatus], Answer]) -> Answer:
    """Return a source's answer, or `nothing` with the reason.

    Raises:
        SettingsError: a setting asks the source for something that does not exist.
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
    """Log an error and return its reason; for an unexpected error only its class, because its text can hold a key."""
    reason = str(error) if isinstance(error, LlmhubError) else f"internal error ({type(error).__name__})"
    if is_out_of_memory(error):
        reason = f"{TOO_LITTLE}: {REMEDY}"
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
