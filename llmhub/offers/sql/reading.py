"""Read stored offers and listings, and check their digests, so that a flipped bit cannot become a wrong price."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from llmhub.offers.fields import CAPABILITY_FIELDS, FIELDS, PRICE_FIELDS, Recorded
from llmhub.offers.history import Point
from llmhub.offers.plain_offer import plain_offer, plain_tier
from llmhub.offers.sql import statements
from llmhub.offers.sql.digest import list_digest, listing_digest, values_digest
from llmhub.offers.sql.statements import Kind, for_kind
from llmhub.storage.moments import from_sql, to_sql
from llmhub.storage.sqlite_errors import OddValueError

if TYPE_CHECKING:
    from llmhub.offers.values import Offer, PriceTier

_LISTS = frozenset({"price_tiers", "input_modalities", "output_modalities"})
_FLAGS = frozenset(CAPABILITY_FIELDS) - _LISTS


class Listed(NamedTuple):
    """A provider's list in a snapshot: its id and its digest."""

    id: int
    digest: bytes


def has_tables(connection: sqlite3.Connection) -> bool:
    """Say whether a file has the tables of offers; an old file that could not be upgraded lacks them."""
    found: tuple[int] = connection.execute(statements.HAS_TABLES).fetchone()
    return found == (1,)


def recorded_of(row: Sequence[Any]) -> Recorded:
    """Return the snapshot in the first columns of a row."""
    number, source, taken_at, revision = row[:4]
    return Recorded(number, source, from_sql(taken_at), revision)


def lists_of(connection: sqlite3.Connection, snapshot: int, kind: Kind = "price_list") -> dict[str, Listed]:
    """Return the lists of a snapshot by provider."""
    rows = connection.execute(for_kind(statements.LISTS_OF_SNAPSHOT, kind), {"snapshot": snapshot})
    return {provider: Listed(number, digest) for provider, number, digest in rows}


def offers_of(
    connection: sqlite3.Connection, snapshot: int, *, providers: Container[str] | None = None
) -> dict[str, Offer]:
    """Return the offers of a snapshot by `provider/model_id`: all, or only those of `providers`.

    Raises:
        OddValueError: they differ from what was stored.
    """
    found: dict[str, Offer] = {}
    for provider, listed in sorted(lists_of(connection, snapshot).items()):
        if providers is not None and provider not in providers:
            continue
        digests = {}
        for model_id, digest, *values in connection.execute(statements.OFFERS_OF_LIST, {"list": listed.id}):
            found[f"{provider}/{model_id}"] = proven(provider, model_id, digest, values)
            digests[model_id] = digest
        require(list_digest(provider, digests), listed.digest, f"the price list of {provider}")
    return found


def digests_of(connection: sqlite3.Connection, provider: str, listed: Listed) -> dict[str, tuple[bytes, int]]:
    """Return the digest and the id of each offer on a price list, by the model's id.

    Raises:
        OddValueError: it differs from the stored list.
    """
    rows = connection.execute(statements.DIGESTS_OF_LIST, {"list": listed.id}).fetchall()
    require(
        list_digest(provider, {model_id: digest for model_id, digest, _ in rows}),
        listed.digest,
        f"the price list of {provider}",
    )
    return {model_id: (digest, number) for model_id, digest, number in rows}


def models_of_lists(connection: sqlite3.Connection, lists: Mapping[str, Listed]) -> Iterator[str]:
    """Yield the ids of the offers on price lists, as `provider/model_id`; nothing else is read, and nothing proven."""
    providers = {listed.id: provider for provider, listed in lists.items()}
    for number, model_id in connection.execute(statements.MODELS_OF_LISTS, {"lists": json.dumps(list(providers))}):
        yield f"{providers[number]}/{model_id}"


def offers_by_number(connection: sqlite3.Connection, keys: Mapping[int, tuple[str, str]]) -> dict[int, Offer]:
    """Return offers by their row ids, to be read only: see `llmhub.offers.plain_offer`.

    Args:
        connection: a connection to the store.
        keys: the provider and the model id of each row id.

    Raises:
        OddValueError: one is missing, or differs from what was stored.
    """
    rows = connection.execute(statements.OFFERS, {"numbers": json.dumps(list(keys))})
    found = {number: _kept(*keys[number], digest, values) for number, digest, *values in rows}
    if missing := keys.keys() - found.keys():
        raise OddValueError(f"offer {min(missing)} is missing")
    return found


def numbers_in(
    connection: sqlite3.Connection, snapshot: int, models: Iterable[str], *, ending: bool = False
) -> dict[str, int]:
    """Return the row ids of the offers that a snapshot has of some models, by `provider/model_id`.

    Args:
        connection: to the store.
        snapshot: its id.
        models: as `provider/model_id`.
        ending: only offers with a last day.
    """
    wanted = json.dumps([(provider, model_id) for provider, _, model_id in (model.partition("/") for model in models)])
    rows = connection.execute(statements.NUMBERS_IN, {"snapshot": snapshot, "wanted": wanted, "ending": ending})
    return {f"{provider}/{model_id}": number for provider, model_id, number in rows}


def offers_in(
    connection: sqlite3.Connection, snapshot: int, models: Iterable[str], *, ending: bool = False
) -> dict[str, Offer]:
    """Return the offers that a snapshot has of some models, to be read only; see `numbers_in`.

    Raises:
        OddValueError: one differs from what was stored.
    """
    numbers = numbers_in(connection, snapshot, models, ending=ending)
    keys = {number: model.partition("/")[::2] for model, number in numbers.items()}
    read = offers_by_number(connection, keys)
    return {model: read[number] for model, number in numbers.items()}


def points_of(
    connection: sqlite3.Connection, provider: str, model_id: str, *, source: str, until: datetime
) -> list[Point]:
    """Return the offer in the oldest snapshot of a source, and in each that has another one than the snapshot before.

    An empty list if no snapshot ever had it.

    Raises:
        OddValueError: an offer differs from what was stored.
    """
    key = connection.execute(statements.KEY, {"provider": provider, "model_id": model_id}).fetchone()
    if key is None:
        return []
    asked = {"offered": key[0], "provider": key[1], "source": source, "until": to_sql(until)}
    # In most snapshots an offer is as it was in the one before.
    rows = [next(run) for _, run in groupby(connection.execute(statements.POINTS, asked), itemgetter(4))]
    offers = offers_by_number(connection, {row[4]: (provider, model_id) for row in rows if row[4] is not None})
    return [Point(recorded_of(row), offers.get(row[4])) for row in rows] if offers else []


def last_offers(
    connection: sqlite3.Connection, models: Iterable[str], *, source: str, until: datetime
) -> dict[str, Offer]:
    """Return some offers as a source last had them, to be read only; those that it never had are left out.

    Args:
        connection: to the store.
        models: as `provider/model_id`.
        source: the source of the snapshots.
        until: later snapshots do not count, timezone-aware.

    Raises:
        OddValueError: one differs from what was stored.
    """
    wanted = json.dumps([model.partition("/")[::2] for model in models])
    offered = [number for _, number, _ in connection.execute(statements.KEYS_OF, {"wanted": wanted})]
    asked = {"offered": json.dumps(offered), "source": source, "until": to_sql(until)}
    rows = connection.execute(statements.LAST_SAID_OF, asked)
    keys = {number: (provider, model_id) for provider, model_id, _, number, *_ in rows}
    offers = offers_by_number(connection, keys)
    return {f"{provider}/{model_id}": offers[number] for number, (provider, model_id) in keys.items()}


def listings_of(connection: sqlite3.Connection, snapshot: int) -> dict[str, frozenset[str]]:
    """Return the ids that each provider listed in a snapshot.

    Raises:
        OddValueError: they differ from what was stored.
    """
    lists = lists_of(connection, snapshot, "listing")
    return {provider: models_of_listing(connection, provider, listed) for provider, listed in lists.items()}


def models_of_listing(connection: sqlite3.Connection, provider: str, listed: Listed) -> frozenset[str]:
    """Return the ids on a provider's listing.

    Raises:
        OddValueError: they differ from what was stored.
    """
    rows = connection.execute(statements.MODELS_OF_LISTING, {"list": listed.id})
    found = frozenset(model_id for (model_id,) in rows)
    require(listing_digest(provider, found), listed.digest, f"the listing of {provider}")
    return found


def proven(provider: str, model_id: str, digest: bytes, values: Sequence[Any]) -> Offer:
    """Return the offer in these columns.

    Raises:
        OddValueError: they differ from what was stored.
    """
    known = proven_values(provider, model_id, digest, values)
    # The offer was valid when it was stored. A copy takes a tenth of the time of model_construct.
    return _blank().model_copy(update=_attributes(provider, model_id, known, _tier))


def _kept(provider: str, model_id: str, digest: bytes, values: Sequence[Any]) -> Offer:
    """Return what `proven` does, to be read only and without pydantic."""
    known = proven_values(provider, model_id, digest, values)
    return plain_offer(_attributes(provider, model_id, known, plain_tier))


def proven_values(provider: str, model_id: str, digest: bytes, values: Sequence[Any]) -> dict[str, Any]:
    """Return the known fields of the offer in these columns, by their short names.

    Raises:
        OddValueError: they differ from what was stored.
    """
    where = f"the offer of {provider}/{model_id}"
    try:
        known = known_of(values)
        require(values_digest(provider, model_id, known), digest, where)
    except (TypeError, ValueError, KeyError) as error:
        raise OddValueError(f"{where} has values that no offer has") from error
    return known


def known_of(values: Sequence[Any]) -> dict[str, Any]:
    """Return the known fields of the offer in these columns, by their short names.

    Raises:
        ValueError, TypeError, KeyError: a column does not hold what the store writes there.
    """
    known = {name: value for name, value in zip(statements.COLUMNS, values, strict=True) if value is not None}
    for name in known.keys() & _LISTS:
        known[name] = _parsed(known[name])
    for name in known.keys() & _FLAGS:
        known[name] = {0: False, 1: True}[known[name]]
    return known


def require(derived: bytes, stored: bytes, what: str) -> None:
    """Check a digest.

    Raises:
        OddValueError: the derived digest is another than the stored one.
    """
    if derived != stored:
        raise OddValueError(f"{what} is not what was stored: its digest is another")


def _attributes(
    provider: str, model_id: str, known: Mapping[str, Any], tier: Callable[[Mapping[str, Any]], PriceTier]
) -> dict[str, Any]:
    """Return the known fields of an offer by the names of its attributes."""
    values = {FIELDS[name]: value for name, value in known.items()}
    for name in ("input_modalities", "output_modalities"):
        if name in values:
            values[name] = tuple(values[name])
    if "price_tiers" in values:
        values["price_tiers"] = tuple(
            tier({PRICE_FIELDS.get(name, name): value for name, value in told.items()})
            for told in values["price_tiers"]
        )
    return values | {"canonical_id": f"{provider}/{model_id}", "provider": provider, "model_id": model_id}


def _tier(values: Mapping[str, Any]) -> PriceTier:
    from llmhub.offers.values import PriceTier

    return PriceTier.model_construct(**values)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Any:
    """Return a shared tuple: many offers have the same one."""
    return json.loads(text)


@cache
def _blank() -> Offer:
    """Return an offer without known fields; only readers of whole lists import pydantic."""
    from llmhub.offers.values import Offer

    return Offer.model_construct(canonical_id="", provider="", model_id="", display_name="")
