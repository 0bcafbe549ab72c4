"""Build the catalog of a past moment: its listing, offers and board, joined as today's are."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple, overload

from llmhub.arena.boards import OVERALL, TEXT
from llmhub.arena.references import ById, dated_moment, parse_reference
from llmhub.errors import NotFoundError, SnapshotNotFound
from llmhub.offers.fields import ANY_LLM, LITELLM, MODELS_DEV
from llmhub.offers.sql.finding import end_of_refresh, moment_of_snapshot, neighbours, oldest, resolve
from llmhub.offers.sql.reading import listings_of, offers_of

if TYPE_CHECKING:
    from llmhub.catalog.assembly.joining import Boards
    from llmhub.catalog.schema import ArenaProvenance, Catalog, ModelsDevModel, SourceName, SourceStatus, WholeCatalog
    from llmhub.offers.sql.statements import Kind
    from llmhub.store import SnapshotStore

__all__ = ["Past", "catalog_at", "moment_of", "past_at"]


_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
# No two moments are closer.
_INSTANT = timedelta(microseconds=1)


class Past(NamedTuple):
    """The catalog of a past moment, and for how long it was the same.

    Attributes:
        catalog: the catalog.
        since: the first moment at which it was the same, but for `built_at`.
        before: the first moment after `since` at which it was another.
        is_complete: whether all that is stored could be read.
    """

    catalog: Catalog
    since: datetime
    before: datetime
    is_complete: bool


@dataclass(slots=True)
class _Then:
    """What was stored by a moment, and a status for each source."""

    moment: datetime
    statuses: list[SourceStatus] = field(default_factory=list)
    listings: Mapping[str, frozenset[str]] = field(default_factory=dict)
    offers: Mapping[str, ModelsDevModel] = field(default_factory=dict)
    witness: Mapping[str, ModelsDevModel] = field(default_factory=dict)
    boards: Boards = field(default_factory=dict)
    snapshot: ArenaProvenance | None = None
    since: datetime = _FIRST
    before: datetime = _LAST

    def note(self, source: SourceName, *, as_of: datetime | None = None, count: int = 0, lacks: str = "") -> None:
        """Record the result of a source."""
        from llmhub.catalog.schema import SourceStatus

        self.statuses.append(
            SourceStatus(
                source=source, status="failed" if lacks else "ok", reason=lacks or None, as_of=as_of, count=count
            )
        )

    def changes_at(self, moment: datetime) -> None:
        """Record that the catalog is another one from a moment on."""
        if moment <= self.moment:
            self.since = max(self.since, moment)
        else:
            self.before = min(self.before, moment)

    def lacks(self, source: SourceName) -> bool:
        """Say whether nothing of a source was stored."""
        return any(status.source == source and status.status == "failed" for status in self.statuses)


@overload
def catalog_at(reference: str, *, whole: Literal[False] = False, now: datetime | None = None) -> Catalog: ...
@overload
def catalog_at(reference: str, *, whole: Literal[True], now: datetime | None = None) -> WholeCatalog: ...
def catalog_at(reference: str, *, whole: bool = False, now: datetime | None = None) -> Catalog:
    """Return the catalog as it was: the models that could be called, with their prices and ratings at that moment.

    It is built from the newest listing, price lists of models.dev and board of text / overall that are stored at or
    before that moment, joined by the same matcher as today's. `sources` says which of the three were not stored yet:
    without a listing the catalog has no models, without price lists no prices, without a board no ratings.

    Examples:
        >>> from llmhub import Score, open_store
        >>> board = {"text": {"overall": {"made-up": Score(1400.0)}}}
        >>> with open_store() as store:
        ...     _ = store.add(board, taken_at=datetime(2026, 1, 5, tzinfo=UTC))
        >>> then = catalog_at("2026-01-06")
        >>> [source.source for source in then.sources if source.status == "ok"]
        ['arena']

    Args:
        reference: a date, an ISO time, an age (`7d`), a snapshot's id, `latest`, `latest~N` or `previous`; the last
            three count the snapshots of listings, or where there is none, those of price lists or boards.
        whole: return every offer of models.dev instead, as `whole_catalog` does for today.
        now: the moment that ages are counted from, timezone-aware; by default the clock's.

    Raises:
        InvalidReferenceError: the text is not a reference.
        SnapshotNotFound: nothing is stored of that moment; the message names what is.
        OverridesError: the user's overrides.json is malformed.
        StoreError: the store cannot be read; see its children.
    """
    now = (now or datetime.now(UTC)).astimezone(UTC)
    return past_at(moment_of(reference, now=now), whole=whole).catalog


def past_at(moment: datetime, *, whole: bool) -> Past:
    """Return the catalog of a moment; see `catalog_at`.

    Raises:
        SnapshotNotFound: as `catalog_at`.
        OverridesError: as `catalog_at`.
        StoreError: as `catalog_at`.
    """
    from llmhub.catalog.assembly.joining import fused_models, lines_of, offered_lines
    from llmhub.catalog.mapper import load_overrides
    from llmhub.catalog.offered.lives import with_lives
    from llmhub.catalog.schema import AnyLLMModel, Catalog, ProviderStatus, WholeCatalog
    from llmhub.catalog.stored.format import CATALOG_VERSION
    from llmhub.store import SnapshotStore

    overrides = load_overrides()
    with SnapshotStore.open() as store:
        then = _then(store, moment)
    listed = [
        AnyLLMModel(provider=provider, model_id=model_id)
        for provider, ids in sorted(then.listings.items())
        for model_id in sorted(ids)
    ]
    fused = fused_models(listed, then.offers, then.boards, overrides)
    lines = lines_of(fused, then.offers, then.boards, overrides, then.witness)
    known = {
        "catalog_version": CATALOG_VERSION,
        "built_at": then.moment,
        "sources": tuple(then.statuses),
        "providers": tuple(
            ProviderStatus(provider=provider, callable=True, models=len(ids))
            for provider, ids in sorted(then.listings.items())
        ),
        "arena_snapshot": then.snapshot,
    }
    if whole:
        called = None if then.lacks("anyllm") else lines
        lines = offered_lines(then.offers, then.boards, overrides, then.witness, called)
    without = (WholeCatalog if whole else Catalog)(models=lines, **known)
    catalog = with_lives(without, today=then.moment.date(), overrides=overrides, until=then.moment)
    # It is the same object if the lives could not be read.
    return Past(catalog, then.since, then.before, is_complete=catalog is not without)


def moment_of(reference: str, *, now: datetime) -> datetime:
    """Return the moment that a reference means; see `catalog_at`.

    Raises:
        InvalidReferenceError: as `catalog_at`.
        SnapshotNotFound: as `catalog_at`.
        StoreError: as `catalog_at`.
    """
    if (dated := dated_moment(reference, now)) is not None:
        return dated
    from llmhub.store import SnapshotStore

    with SnapshotStore.open() as store:
        with store.reading() as connection:
            moment = _moment(connection, reference, now)
        # Where no offers are stored, words such as `latest` count boards.
        return store.resolve(reference, now=now).taken_at if moment is None else moment


def _then(store: SnapshotStore, moment: datetime) -> _Then:
    """Return what was stored by a moment."""
    then = _Then(moment)
    day = datetime.combine(moment.date(), time(), UTC)
    then.changes_at(day)
    then.changes_at(day + timedelta(days=1))
    with store.reading() as connection:
        for other in neighbours(connection, moment):
            then.changes_at(other)
        _read_listings(then, connection)
        _read_offers(then, connection)
        _read_witness(then, connection)
    _read_boards(then, store)
    if all(status.status == "failed" for status in then.statuses):
        raise SnapshotNotFound("; ".join(status.reason or "" for status in then.statuses))
    return then


def _moment(connection: sqlite3.Connection | None, text: str, now: datetime) -> datetime | None:
    """Return the moment that an id or a word means; None for a word such as `latest` if no snapshot has offers."""
    reference = parse_reference(text, now)
    if isinstance(reference, ById):
        if connection is None or (taken_at := moment_of_snapshot(connection, reference.id)) is None:
            raise SnapshotNotFound(
                f"there is no snapshot {reference.id}: `llmhub catalog show --at DATE` takes a date too"
            )
        return end_of_refresh(connection, reference.id, taken_at, now=now)
    kinds: tuple[tuple[Kind, str], ...] = (("listing", ANY_LLM), ("price_list", MODELS_DEV))
    for kind, source in kinds:
        if connection is not None and oldest(connection, source, kind) is not None:
            return resolve(connection, text, now=now, source=source, kind=kind)[1].taken_at
    return None


def _read_listings(then: _Then, connection: sqlite3.Connection | None) -> None:
    try:
        connection, found = resolve(connection, _text(then), now=then.moment, source=ANY_LLM, kind="listing")
    except NotFoundError:
        lacks = (
            f"which models could be called then is unknown: {_since(then, connection, ANY_LLM, 'listing', 'listing')}"
        )
        then.note("anyllm", lacks=lacks)
        return
    then.listings = listings_of(connection, found.id)
    then.note("anyllm", as_of=found.taken_at, count=sum(map(len, then.listings.values())))


def _read_offers(then: _Then, connection: sqlite3.Connection | None) -> None:
    try:
        connection, found = resolve(connection, _text(then), now=then.moment)
    except NotFoundError:
        then.note("modelsdev", lacks=_since(then, connection, MODELS_DEV, "price_list", "price list of models.dev"))
        return
    then.offers = offers_of(connection, found.id)
    then.note("modelsdev", as_of=found.taken_at, count=len(then.offers))


def _read_witness(then: _Then, connection: sqlite3.Connection | None) -> None:
    """Read LiteLLM's prices, where there are some: they count for offers that models.dev has no price for."""
    with suppress(NotFoundError):
        connection, found = resolve(connection, _text(then), now=then.moment, source=LITELLM)
        then.witness = offers_of(connection, found.id)
        then.note("litellm", as_of=found.taken_at, count=len(then.witness))


def _read_boards(then: _Then, store: SnapshotStore) -> None:
    from llmhub.arena.freshness import DEFAULT_TTL, is_fresh
    from llmhub.catalog.arena_source import boards_of
    from llmhub.catalog.schema import ArenaProvenance
    from llmhub.catalog.tiers.builder import BOARDS

    try:
        found = store.resolve(_text(then), now=then.moment)
    except NotFoundError:
        try:
            first = store.snapshots_with(TEXT, OVERALL)[-1].taken_at
        except NotFoundError:
            first = None
        then.note("arena", lacks=_not_yet(then, first, f"board of {TEXT} / {OVERALL}"))
        return
    then.boards = boards_of(store, found, BOARDS)
    then.snapshot = ArenaProvenance(
        snapshot_id=found.id,
        taken_at=found.taken_at,
        published_on=None if found.published_on is None else found.published_on.isoformat(),
        stale=not is_fresh(found, now=then.moment),
    )
    then.changes_at(found.taken_at + DEFAULT_TTL + _INSTANT)
    then.note("arena", as_of=found.taken_at, count=len(then.boards[OVERALL]))


def _text(then: _Then) -> str:
    # With its fraction: without one a time means the end of its second.
    return then.moment.isoformat(timespec="microseconds")


def _since(then: _Then, connection: sqlite3.Connection | None, source: str, kind: Kind, what: str) -> str:
    return _not_yet(then, None if connection is None else oldest(connection, source, kind), what)


def _not_yet(then: _Then, first: datetime | None, what: str) -> str:
    """Say that nothing of a kind was stored by then, and when the oldest was stored."""
    if first is None:
        return f"no {what} is stored"
    form = "%Y-%m-%d"
    if first.date() == then.moment.date():
        # Only the time tells them apart, so that the sentence is another one at each moment.
        form = "%Y-%m-%d %H:%M:%S.%f UTC"
        then.changes_at(then.moment)
        then.changes_at(then.moment + _INSTANT)
    return f"no {what} of {then.moment:{form}} or earlier is stored, the oldest is of {first:{form}}"
