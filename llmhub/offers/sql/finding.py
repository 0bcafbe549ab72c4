"""Find the snapshot of offers or listings that a reference names, or say that there is none."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from llmhub.arena.references import AtOrBefore, ById, Latest, Previous, Reference, parse_reference
from llmhub.errors import ModelNotFoundError, SnapshotNotFound
from llmhub.nearest import did_you_mean, first_few, shortened
from llmhub.offers.fields import LITELLM, MODELS_DEV, Recorded
from llmhub.offers.sql import statements
from llmhub.offers.sql.reading import has_tables, recorded_of
from llmhub.offers.sql.statements import Kind, for_kind
from llmhub.storage.moments import from_sql, to_sql

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)
# The sources of one refresh answer one after another: their snapshots are at most this far apart.
_ONE_REFRESH = timedelta(minutes=5)
_JUST_BEFORE = timedelta(microseconds=1)
_WHAT: dict[Kind, str] = {"price_list": "prices", "listing": "listings"}


class PriceMoment(NamedTuple):
    """A moment whose prices are asked for, and the connection to read them.

    Attributes:
        connection: a connection to the store.
        recorded: the newest snapshot of models.dev at that moment.
        until: later snapshots of any source do not count.
    """

    connection: sqlite3.Connection
    recorded: Recorded
    until: datetime


def resolve(
    maybe: sqlite3.Connection | None,
    text: str,
    *,
    now: datetime,
    source: str = MODELS_DEV,
    kind: Kind = "price_list",
) -> tuple[sqlite3.Connection, Recorded]:
    """Return the snapshot that a reference names among a source's snapshots with price lists, or with listings.

    Raises:
        InvalidReferenceError: the text is not a reference.
        SnapshotNotFound: no snapshot matches it; the message names those that exist.
    """
    reference = parse_reference(text, now)
    if maybe is None or not has_tables(maybe) or not _count(maybe, source, kind)[0]:
        raise SnapshotNotFound(_nothing_yet(source, kind))
    row = _row(maybe, reference, now, source, kind)
    if row is None:
        raise _no_such(maybe, text, reference, source, kind)
    return maybe, recorded_of(row)


def oldest(connection: sqlite3.Connection, source: str, kind: Kind = "price_list") -> datetime | None:
    """Return the moment of the oldest snapshot of a source that has price lists, or listings; None if there is none."""
    if not has_tables(connection):
        return None
    first = _count(connection, source, kind)[1]
    return None if first is None else from_sql(first)


def moment_of_snapshot(connection: sqlite3.Connection, number: int) -> datetime | None:
    """Return the moment of the snapshot with an id, whatever it holds; None if there is none."""
    row = connection.execute(statements.MOMENT, {"id": number}).fetchone()
    return None if row is None else from_sql(row[0])


def moment_after_snapshot(connection: sqlite3.Connection, number: int, *, since: datetime) -> datetime | None:
    """Return when a source that a snapshot's refresh had stored was stored again; None if none was.

    Args:
        connection: a connection to the store.
        number: the snapshot's id.
        since: the earliest moment that a snapshot of the same refresh can have.
    """
    row = connection.execute(statements.NEXT_MOMENT, {"id": number, "since": to_sql(since)}).fetchone()
    return None if row[0] is None else from_sql(row[0])


def neighbours(connection: sqlite3.Connection | None, moment: datetime) -> list[datetime]:
    """Return the moments of the last snapshot until a moment and of the first after it, whatever they hold."""
    if connection is None:
        return []
    found = connection.execute(statements.NEIGHBOURS, {"moment": to_sql(moment)}).fetchone()
    return [from_sql(each) for each in found if each is not None]


def _nothing_yet(source: str, kind: Kind) -> str:
    return (
        f"the store has no {_WHAT[kind]} of {source} yet: `llmhub catalog refresh` stores today's, "
        "`llmhub catalog import` those of dated documents"
    )


def moment_of_prices(connection: sqlite3.Connection | None, text: str, *, now: datetime) -> PriceMoment:
    """Return the snapshot of models.dev that a reference names, and the moment until which snapshots count with it.

    Another source may have answered the same refresh a little later. Where models.dev's prices were never stored,
    LiteLLM's count.

    Raises:
        InvalidReferenceError: the text is not a reference.
        SnapshotNotFound: no snapshot matches it; the message names those that exist.
    """
    try:
        reading, found = resolve(connection, text, now=now)
    except SnapshotNotFound:
        if connection is None or not has_tables(connection) or _count(connection, MODELS_DEV, "price_list")[0]:
            raise
        if not _count(connection, LITELLM, "price_list")[0]:
            raise
        reading, found = resolve(connection, text, now=now, source=LITELLM)
    reference = parse_reference(text, now)
    if isinstance(reference, AtOrBefore):
        return PriceMoment(reading, found, max(found.taken_at, min(reference.moment, now)))
    if isinstance(reference, Latest) and not reference.back:
        return PriceMoment(reading, found, max(found.taken_at, now))
    return PriceMoment(reading, found, end_of_refresh(reading, found.id, found.taken_at, now=now))


def end_of_refresh(connection: sqlite3.Connection, number: int, taken_at: datetime, *, now: datetime) -> datetime:
    """Return the last moment at which a source may have answered the refresh of a snapshot."""
    later = moment_after_snapshot(connection, number, since=taken_at - _ONE_REFRESH)
    ends = (taken_at + _ONE_REFRESH, max(now, taken_at))
    return min(*ends, *(() if later is None else (later - _JUST_BEFORE,)))


def _row(
    connection: sqlite3.Connection, reference: Reference, now: datetime, source: str, kind: Kind
) -> tuple[Any, ...] | None:
    asked: dict[str, Any] = {"source": source, "until": to_sql(now), "back": 0}
    at_or_before = for_kind(statements.AT_OR_BEFORE, kind)
    row: tuple[Any, ...] | None
    if isinstance(reference, Latest | Previous):
        back = reference.back if isinstance(reference, Latest) else 0
        row = connection.execute(at_or_before, asked | {"back": back}).fetchone()
        if row is None and connection.execute(at_or_before, asked).fetchone() is None:
            # Snapshots dated in the future count only if there are no others.
            row = connection.execute(at_or_before, asked | {"until": to_sql(_END_OF_TIME), "back": back}).fetchone()
        if isinstance(reference, Latest) or row is None:
            return row
        row = connection.execute(
            for_kind(statements.LAST_CHANGE, kind), {"source": source, "latest": row[0]}
        ).fetchone()
    elif isinstance(reference, ById):
        row = connection.execute(for_kind(statements.BY_ID, kind), {"id": reference.id, "source": source}).fetchone()
    else:
        asked["until"] = to_sql(min(reference.moment, now))
        row = connection.execute(at_or_before, asked).fetchone()
    return row


def _count(connection: sqlite3.Connection, source: str, kind: Kind) -> tuple[int, str | None, int, int]:
    found: tuple[int, str | None, int, int] = connection.execute(
        for_kind(statements.COUNT, kind), {"source": source}
    ).fetchone()
    return found


def _no_such(
    connection: sqlite3.Connection, text: str, reference: Reference, source: str, kind: Kind
) -> SnapshotNotFound:
    count, _, first, last = _count(connection, source, kind)
    what = f"{_WHAT[kind]} of {source}"
    if isinstance(reference, Previous):
        return SnapshotNotFound(f"{what}: there is no previous one: no earlier snapshot has others")
    return SnapshotNotFound(
        f"no snapshot with {what} answers {shortened(text)!r}: there {'is' if count == 1 else 'are'} {count:,}, "
        f"the oldest of {oldest(connection, source, kind):%Y-%m-%d}, with ids from {first} to {last}"
    )


def no_such_offer(
    connection: sqlite3.Connection | None,
    model: str,
    source: str,
    *,
    labs: Callable[[], Collection[str]] = frozenset,
) -> ModelNotFoundError:
    """Return the error for an unknown offer; it names the most similar ids.

    Args:
        connection: a connection to the store; None if there is no store yet.
        model: the name that no offer has.
        source: the source of the offers.
        labs: returns the providers that are labs: their offers of an id without a provider are named first.
    """
    keys = known_keys(connection, source)
    if not keys:
        return ModelNotFoundError(_nothing_yet(source, "price_list"))
    # The name may lack its provider.
    offered = labs_first((key for key in keys if key.partition("/")[2] == model), labs)
    hint = f": it is offered as {first_few(offered)}" if offered else did_you_mean(model, keys)
    return ModelNotFoundError(f"no snapshot of {source} lists {shortened(model)!r}{hint}")


def known_keys(connection: sqlite3.Connection | None, source: str) -> list[str]:
    """Return every offer that a source ever listed, as `provider/model_id`; none if there is no store yet."""
    if connection is None or not has_tables(connection):
        return []
    rows = connection.execute(statements.KEYS, {"source": source})
    return [f"{provider}/{model_id}" for provider, model_id in rows]


def labs_first(names: Iterable[str], labs: Callable[[], Collection[str]]) -> list[str]:
    """Return providers, or offers as `provider/model_id`, in their order by name, those of labs before the others."""
    sorted_names = sorted(names)
    known = labs() if len(sorted_names) > 1 else ()
    return sorted(sorted_names, key=lambda name: name.partition("/")[0] not in known)
