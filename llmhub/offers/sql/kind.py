"""Describe price lists and listings as a kind of snapshot: how they are verified, pruned and repaired."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from llmhub.arena.upkeep.kinds import Checked, Damaged, Fault, Kind, Lost, Salvaged
from llmhub.errors import counted
from llmhub.offers.fields import LIST_SOURCES, OFFER_SOURCES
from llmhub.offers.sql.digest import list_digest, listing_digest
from llmhub.offers.sql.reading import has_tables, listings_of, offers_of, proven_values, require
from llmhub.offers.sql.statements import DIGESTS_OF_LIST, MODELS_OF_LISTING, OFFERS
from llmhub.offers.sql.storing import OfferWriter
from llmhub.storage import sqlite_errors
from llmhub.storage.moments import from_sql, is_moment

if TYPE_CHECKING:
    from llmhub.remote.kinds import SharedKind

_MARKS = ", ".join("?" * len(OFFER_SOURCES))
_SNAPSHOTS = f"SELECT id, taken_at, source, revision FROM snapshot WHERE source IN ({_MARKS}) ORDER BY id"
_SNAPSHOTS_OF_INDEX = (
    f"SELECT id, taken_at, source, NULL FROM snapshot INDEXED BY sqlite_autoindex_snapshot_1 WHERE source IN ({_MARKS})"
)
_LINKED = "SELECT snapshot_id FROM snapshot_price_list UNION SELECT snapshot_id FROM snapshot_listing"
_EMPTY = f"""
    SELECT id FROM snapshot WHERE source IN ({_MARKS})
       AND id NOT IN (SELECT snapshot_id FROM snapshot_price_list)
       AND id NOT IN (SELECT snapshot_id FROM snapshot_listing)
"""
_LISTS = "SELECT l.id, p.name, l.digest FROM {kind} l LEFT JOIN provider p ON p.id = l.provider_id ORDER BY l.id"
# An offer or a list under the key of another provider.
_MISPLACED = """
    SELECT (SELECT count(*) FROM price_list_offer lo JOIN offer o ON o.id = lo.offer_id
             WHERE o.offered_id <> lo.offered_id)
         + (SELECT count(*) FROM snapshot_price_list sl JOIN price_list l ON l.id = sl.price_list_id
             WHERE l.provider_id <> sl.provider_id)
         + (SELECT count(*) FROM snapshot_listing sl JOIN listing l ON l.id = sl.listing_id
             WHERE l.provider_id <> sl.provider_id)
"""
SWEEP = (
    "DELETE FROM snapshot_price_list WHERE snapshot_id NOT IN (SELECT id FROM snapshot)",
    "DELETE FROM snapshot_listing WHERE snapshot_id NOT IN (SELECT id FROM snapshot)",
    "DELETE FROM price_list WHERE id NOT IN (SELECT price_list_id FROM snapshot_price_list)",
    "DELETE FROM price_list_offer WHERE price_list_id NOT IN (SELECT id FROM price_list)",
    "DELETE FROM offer WHERE id NOT IN (SELECT offer_id FROM price_list_offer)",
    "DELETE FROM listing WHERE id NOT IN (SELECT listing_id FROM snapshot_listing)",
    "DELETE FROM listing_model WHERE listing_id NOT IN (SELECT id FROM listing)",
    """DELETE FROM offered WHERE id NOT IN (SELECT offered_id FROM price_list_offer)
          AND id NOT IN (SELECT offered_id FROM listing_model) AND id NOT IN (SELECT offered_id FROM arena_match)""",
    """DELETE FROM provider WHERE id NOT IN (SELECT provider_id FROM offered)
          AND id NOT IN (SELECT provider_id FROM price_list) AND id NOT IN (SELECT provider_id FROM listing)""",
)
_LEFT_OVER = {
    "price lists": "SELECT count(*) FROM price_list WHERE id NOT IN (SELECT price_list_id FROM snapshot_price_list)",
    "offers": "SELECT count(*) FROM offer WHERE id NOT IN (SELECT offer_id FROM price_list_offer)",
    "listings": "SELECT count(*) FROM listing WHERE id NOT IN (SELECT listing_id FROM snapshot_listing)",
}


def faults(connection: sqlite3.Connection, checked: Checked) -> Iterator[Fault]:
    """Yield the faults; see `_faults`."""
    return (Fault("error", what) for what in _faults(connection, checked))


def _faults(connection: sqlite3.Connection, checked: Checked) -> Iterator[str]:
    """Yield the faults: lists and offers with another digest than stored, and snapshots without lists."""
    if not has_tables(connection):
        return
    proven = set[tuple[int, str, str]]()
    for number, provider, digest in connection.execute(_LISTS.format(kind="price_list")).fetchall():
        where = f"the price list {number} of {provider}"
        yield from _wrong(where, lambda: _require_price_list(connection, number, provider, digest, proven))  # noqa: B023 -- called at once
        checked.counts["price lists"] += 1
    for number, provider, digest in connection.execute(_LISTS.format(kind="listing")).fetchall():
        where = f"the listing {number} of {provider}"
        yield from _wrong(where, lambda: _require_listing(connection, number, provider, digest))  # noqa: B023 -- likewise
        checked.counts["listings"] += 1
    (misplaced,) = connection.execute(_MISPLACED).fetchone()
    if misplaced:
        yield f"{counted(misplaced, 'offer or list belongs', 'offers or lists belong')} to another provider"
    for (number,) in connection.execute(_EMPTY, OFFER_SOURCES).fetchall():
        yield f"snapshot {number} has neither a price list nor a listing"


def left_over(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield what no longer belongs to a snapshot."""
    if has_tables(connection):
        for what, statement in _LEFT_OVER.items():
            (number,) = connection.execute(statement).fetchone()
            if number:
                yield f"{number:,} {what} belong to no snapshot"


def salvage(file: Damaged, new: sqlite3.Connection) -> Salvaged:
    """Save each snapshot of which all lists have their digests; a missing list would say that its models went."""
    damaged = file.connection
    found, lost = _snapshots(damaged)
    writer, kept = OfferWriter(lambda: nullcontext(new)), 0
    for number, *identity in found:
        why = _why_not_saved(damaged, writer, number, identity)
        if why is None:
            kept += 1
        else:
            lost.append(_lost(number, f"cannot be read: {why}", *identity))
    return Salvaged(kept, tuple(lost), max((row[0] for row in found), default=0))


def _lost(number: int, reason: str, taken_at: str | None = None, source: str | None = None, *_: object) -> Lost:
    return Lost(
        number, from_sql(taken_at) if taken_at and is_moment(taken_at) else None, source, "prices or listings", reason
    )


def _snapshots(damaged: sqlite3.Connection) -> tuple[list[tuple[Any, ...]], list[Lost]]:
    """Return the rows of a damaged file's snapshots of these sources, and the snapshots with lost rows."""
    rows, whole = _rows_up_to_damage(damaged, _SNAPSHOTS, OFFER_SOURCES)
    found = {row[0]: row for row in rows}
    if whole:
        return rows, []
    backwards, _ = _rows_up_to_damage(damaged, f"{_SNAPSHOTS} DESC", OFFER_SOURCES)
    indexed, whole_index = _rows_up_to_damage(damaged, _SNAPSHOTS_OF_INDEX, OFFER_SOURCES)
    for row in (*backwards, *indexed):
        found.setdefault(row[0], row)
    linked, whole_links = _rows_up_to_damage(damaged, _LINKED, ())
    gone = sorted({number for (number,) in linked} - found.keys())
    lost = [_lost(number, "its moment and source cannot be read") for number in gone]
    if not (whole_index or whole_links):
        lost.append(_lost(0, "the list of snapshots cannot be read to the end"))
    return [found[number] for number in sorted(found)], lost


def _why_not_saved(
    damaged: sqlite3.Connection, writer: OfferWriter, number: int, identity: Sequence[Any]
) -> str | None:
    """Save a snapshot, or return why it cannot be saved."""
    try:
        _save(damaged, writer, number, identity)
    except MemoryError:
        raise
    except Exception as error:
        if isinstance(error, sqlite3.DatabaseError) and sqlite_errors.says_nothing_of_the_content(error):
            raise
        return str(error) or type(error).__name__
    return None


def _save(damaged: sqlite3.Connection, writer: OfferWriter, number: int, identity: Sequence[Any]) -> None:
    taken_at, source, revision = identity
    if not is_moment(taken_at):
        raise sqlite_errors.OddValueError("its moment is not valid")
    moment = from_sql(taken_at)
    with writer.numbered(number):
        if source in LIST_SOURCES:
            offers = offers_of(damaged, number)
            _, is_new = writer.add_offers(offers, taken_at=moment, source=source, revision=_text(revision))
        else:
            _, is_new = writer.add_listings(listings_of(damaged, number), taken_at=moment)
    if not is_new:
        raise sqlite_errors.OddValueError("its moment is another snapshot's")


def _rows_up_to_damage(
    connection: sqlite3.Connection, statement: str, parameters: Sequence[object]
) -> tuple[list[tuple[Any, ...]], bool]:
    rows: list[tuple[Any, ...]] = []
    try:
        for row in connection.execute(statement, parameters):
            rows.append(row)  # noqa: PERF402 -- what came before an error stays
    except sqlite3.DatabaseError as error:
        if sqlite_errors.says_nothing_of_the_content(error):
            raise
        return rows, False
    return rows, True


def _wrong(where: str, check: Callable[[], None]) -> Iterator[str]:
    try:
        check()
    except sqlite_errors.OddValueError as error:
        yield str(error)
    except sqlite3.DatabaseError as error:
        if sqlite_errors.says_nothing_of_the_content(error):
            raise
        yield f"{where} cannot be read: {error}"
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        yield f"{where} has values of a wrong type ({type(error).__name__})"


def _require_price_list(
    connection: sqlite3.Connection, number: int, provider: str, digest: bytes, proven: set[tuple[int, str, str]]
) -> None:
    """Check a price list, and the offers on it that are not `proven` yet: most are on many lists."""
    rows = connection.execute(DIGESTS_OF_LIST, {"list": number}).fetchall()
    new = {offer: model_id for model_id, _, offer in rows if (offer, provider, model_id) not in proven}
    for offer, of_offer, *values in connection.execute(OFFERS, {"numbers": json.dumps(list(new))}):
        proven_values(provider, new[offer], of_offer, values)
        proven.add((offer, provider, new[offer]))
    listed = {model_id: of_offer for model_id, of_offer, _ in rows}
    require(list_digest(provider, listed), digest, f"the price list {number} of {provider}")


def _require_listing(connection: sqlite3.Connection, number: int, provider: str, digest: bytes) -> None:
    ids = {model_id for (model_id,) in connection.execute(MODELS_OF_LISTING, {"list": number})}
    require(listing_digest(provider, ids), digest, f"the listing {number} of {provider}")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _shared() -> SharedKind:
    from llmhub.offers.sharing.in_file import OffersInFile, in_store
    from llmhub.offers.sharing.on_server import OffersOnServer
    from llmhub.remote.kinds import SharedKind

    return SharedKind(
        name="prices and listings",
        sources=OFFER_SOURCES,
        in_file=OffersInFile,
        in_store=in_store,
        on_server=OffersOnServer,
    )


KIND = Kind(
    name="prices and listings",
    sources=OFFER_SOURCES,
    checks={"others": faults},
    left_over=left_over,
    sweep=SWEEP,
    salvage=salvage,
    shared=_shared,
)
