"""Read the lives of offers: the last statement of each source, and the evidence of providers' listings."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from llmhub.arena.sql.statements import from_sql, to_sql
from llmhub.offers.fields import ANY_LLM, LIST_SOURCES
from llmhub.offers.lives.lifecycle import ACTIVE, Lifecycle, Said, lifecycle_of
from llmhub.offers.sql import statements
from llmhub.offers.sql.reading import has_tables, offer_of

_PREFIX = re.compile(r"^(?:[a-z][a-z-]*\.)+", re.ASCII)
_VERSION = re.compile(r"(?:@.*|:.*|-v\d+(?::\d+)?|-20\d{6}(?:-v\d+(?::\d+)?)?|-20\d\d-\d\d-\d\d)$", re.ASCII)
_DATED = re.compile(r"(?<!\d)(20\d\d)-?(\d\d)-?(\d\d)(?!\d)", re.ASCII)
# A provider has retired a model if two of its listings, at least a day apart, lack it.
_SEEN_AGAIN_AFTER = timedelta(days=1)
# A listing that lost over half of the other models is broken or another account's, and proves nothing.
_OTHERS_STAYED = 0.5


class _Only(NamedTuple):
    """Offers whose lives are asked for, and the rows of the store on which these depend.

    Attributes:
        keys: the offers, as `provider/model_id`.
        offered: the ids in the table `offered` of these and of the same models at other providers, as JSON.
        providers: the names under which their providers may be listed, as JSON.
        models: the models' ids at the providers.
    """

    keys: frozenset[str]
    offered: str
    providers: str
    models: frozenset[str]


class _Listing(NamedTuple):
    """What a provider listed at a moment, by the ids of the table `offered`."""

    taken_at: datetime
    ids: frozenset[int]


def lifecycles(
    connection: sqlite3.Connection | None,
    *,
    today: date,
    called: Mapping[str, Sequence[str]] | None = None,
    local: frozenset[str] = frozenset(),
    until: datetime | None = None,
    only: Collection[str] | None = None,
) -> dict[str, Lifecycle]:
    """Return the life of each offer that any source ever listed, by `provider/model_id`.

    Args:
        connection: a connection to the store; None if there is no store yet.
        today: the day, in UTC.
        called: models.dev's names of any-llm's providers; a listing counts under both names. See
            `catalog.offered.lives.known_lifecycles`.
        local: any-llm's names of the providers that serve a user's own models, which are never retired.
        until: later snapshots do not count, timezone-aware; by default the end of `today`.
        only: the wanted offers, as `provider/model_id`; by default all. Fewer offers are read faster.

    Raises:
        OddValueError: an offer differs from what was stored.
    """
    if connection is None or not has_tables(connection):
        return {}
    until = until or datetime.combine(today, time.max, UTC)
    said: dict[str, list[Said]] = {}
    released: dict[str, list[date]] = {}
    asked = None if only is None else _only(connection, frozenset(only), called or {})
    for source in LIST_SOURCES:
        for key, one, day in _of_source(connection, source, until, asked):
            said.setdefault(key, []).extend(() if one is None else (one,))
            released.setdefault(key, []).extend(() if day is None else (day,))
    for provider, model_id, one in _of_listings(connection, until, local, asked):
        for name in dict.fromkeys((provider, *(called or {}).get(provider, ()))):
            key = f"{name}/{model_id}"
            # A provider can have several names in models.dev: the names that list the model count.
            if name == provider or key in said:
                said.setdefault(key, []).extend(() if one is None else (one,))
    births = births_of(released)
    return {
        key: lifecycle_of(each, today, released=[*released.get(key, ()), *_days_in(key), *births.get(_bare(key), ())])
        if each
        else ACTIVE
        for key, each in said.items()
        if asked is None or key in asked.keys
    }


def _only(connection: sqlite3.Connection, keys: frozenset[str], called: Mapping[str, Sequence[str]]) -> _Only:
    bare = {_bare(key) for key in keys}
    # An id contains its bare name: this excludes most ids.
    may_be = re.compile("|".join(map(re.escape, bare))).search
    offered = [
        number
        for number, provider, model_id in connection.execute(statements.ALL_OFFERED).fetchall()
        if may_be(model_id.lower()) and _bare(f"{provider}/{model_id}") in bare
    ]
    names = {key.partition("/")[0] for key in keys}
    names |= {name for name, others in called.items() if names.intersection(others)}
    models = frozenset(key.partition("/")[2] for key in keys)
    return _Only(keys, json.dumps(offered), json.dumps(sorted(names)), models)


def _of_source(
    connection: sqlite3.Connection, source: str, until: datetime, only: _Only | None
) -> Iterator[tuple[str, Said | None, date | None]]:
    """Yield each offer that a source ever listed: its key, its last known life, and its release date."""
    asked = {"source": source, "until": to_sql(until)}
    if only is None:
        rows = connection.execute(statements.LAST_SAID, asked).fetchall()
    else:
        rows = connection.execute(statements.LAST_SAID_OF, asked | {"offered": only.offered}).fetchall()
    for provider, model_id, last, number, says, released in rows:
        key, life = f"{provider}/{model_id}", None
        if says and (only is None or key in only.keys):
            offer = offer_of(connection, provider, model_id, number)
            life = Said(
                source=source,
                recorded=from_sql(last),
                status=offer.status,
                retires_on=_day(offer.retires_on),
                retires_earliest=_day(offer.retires_earliest),
                replacement=offer.replacement,
                citation=offer.retires_source,
            )
        yield key, life, _day(released)


def births_of(released: Mapping[str, Sequence[date]]) -> dict[str, frozenset[date]]:
    """Return when each model came out, by its bare name: the first day of all its offers, and the most frequent one.

    Resellers give the day on which they began to serve a model, so not every date is the model's.
    """
    days: dict[str, Counter[date]] = {}
    for key, found in released.items():
        days.setdefault(_bare(key), Counter()).update(found)
    return {name: frozenset({min(counts), counts.most_common(1)[0][0]}) for name, counts in days.items() if counts}


def _bare(key: str) -> str:
    """Return a model's name without provider, folder, region and version: `claude-opus-4-5`."""
    return _VERSION.sub("", _PREFIX.sub("", key.rpartition("/")[2].lower()))


def _days_in(key: str) -> Iterator[date]:
    """Yield the days in an id: 20250929 or 2025-09-29."""
    for found in _DATED.finditer(key):
        try:
            yield date(*map(int, found.groups()))
        except ValueError:
            continue


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None


def _of_listings(
    connection: sqlite3.Connection, until: datetime, local: frozenset[str], only: _Only | None
) -> Iterator[tuple[str, str, Said | None]]:
    """Yield what the providers' listings prove of each model: it is listed, or it went while the others stayed.

    The proof is None if the last listing lacks the model, and nothing shows that the provider retired it.
    """
    names = dict(connection.execute(statements.IDS_OF_LISTINGS).fetchall())
    asked = {"until": to_sql(until)} | ({} if only is None else {"providers": only.providers})
    statement = statements.LISTINGS if only is None else statements.LISTINGS_OF
    ids: dict[int, frozenset[int]] = {}
    listings: dict[str, list[_Listing]] = {}
    for provider, taken_at, number in connection.execute(statement, asked):
        if number not in ids:
            rows = connection.execute("SELECT offered_id FROM listing_model WHERE listing_id = ?", (number,))
            ids[number] = frozenset(offered for (offered,) in rows.fetchall())
        listings.setdefault(provider, []).append(_Listing(from_sql(taken_at), ids[number]))
    for provider, listed in listings.items():
        if provider in local:
            continue
        last = listed[-1]
        ever = frozenset().union(*(each.ids for each in listed))
        wanted = ever if only is None else {number for number in ever if names[number] in only.models}
        gone = went(listed) if wanted - last.ids else {}
        for number in wanted:
            one = None
            if number in last.ids:
                one = Said(ANY_LLM, last.taken_at, status="active")
            elif number in gone:
                one = Said(ANY_LLM, last.taken_at, status="retired", since=gone[number])
            yield provider, names[number], one


def went(listings: Sequence[_Listing]) -> dict[int, datetime]:
    """Return the models that went from a provider's listings while others stayed, with the first listing without them.

    Args:
        listings: all listings of one provider, oldest first.
    """
    seen: dict[int, int] = {}
    for place, listing in enumerate(listings):
        seen.update(dict.fromkeys(listing.ids, place))
    last = listings[-1]
    found = {}
    for number, place in seen.items():
        if number in last.ids:
            continue
        others = listings[place].ids - {number}
        without = [each for each in listings[place + 1 :] if _stayed(others, each.ids)]
        if without and without[-1] is last and last.taken_at - without[0].taken_at >= _SEEN_AGAIN_AFTER:
            found[number] = without[0].taken_at
    return found


def _stayed(others: frozenset[int], ids: frozenset[int]) -> bool:
    return bool(others & ids) and len(others & ids) >= _OTHERS_STAYED * len(others)
