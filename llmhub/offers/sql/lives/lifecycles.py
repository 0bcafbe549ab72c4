"""Read the lives of offers: the last statement of each source, and the evidence of providers' listings."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from llmhub.offers.fields import ANY_LLM, LIST_SOURCES
from llmhub.offers.lives.lifecycle import (
    ACTIVE,
    Lifecycle,
    Said,
    doubted_days,
    is_birthday,
    lifecycle_of,
    without_notice,
)
from llmhub.offers.sql import statements
from llmhub.offers.sql.lives.withdrawn import Notice, withdrawn_notices
from llmhub.offers.sql.reading import has_tables, offers_by_number
from llmhub.storage.moments import from_sql, to_sql

_PREFIX = re.compile(r"^(?:[a-z][a-z-]*\.)+", re.ASCII)
_VERSION = re.compile(r"(?:@.*|:.*|-v\d+(?::\d+)?|-20\d{6}(?:-v\d+(?::\d+)?)?|-20\d\d-\d\d-\d\d)$", re.ASCII)
_DATED = re.compile(r"(?<!\d)(20\d\d)-?(\d\d)-?(\d\d)(?!\d)", re.ASCII)
# A provider has retired a model if two of its listings, at least a day apart, lack it.
_SEEN_AGAIN_AFTER = timedelta(days=1)
# A listing that lost over half of the other models is broken or another account's, and proves nothing.
_OTHERS_STAYED = 0.5


class _Asked(NamedTuple):
    """Offers whose lives are asked for, and the rows of the store on which these depend.

    Attributes:
        keys: the offers, as `provider/model_id`.
        offered: their ids in the table `offered`, as JSON.
        providers: the names under which their providers may be listed, as JSON.
        models: the models' ids at the providers.
    """

    keys: frozenset[str]
    offered: str
    providers: str
    models: frozenset[str]


class _LastSaid(NamedTuple):
    """The last statement of a source on an offer.

    Attributes:
        last: the moment at which it last stood so, as the store has it.
        number: the offer's.
        says: whether it says anything of the offer's life.
        ends: the offer's last day, if it names one.
        released: when the offer came out.
    """

    key: str
    provider: str
    model_id: str
    source: str
    last: str
    number: int
    says: int
    ends: str | None
    released: str | None


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
    ending: tuple[date, date] | None = None,
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
        ending: only offers whose last day, as some source says, is one of these: the first and the last of them.

    Raises:
        OddValueError: an offer differs from what was stored.
    """
    if connection is None or not has_tables(connection):
        return {}
    until = until or datetime.combine(today, time.max, UTC)
    span = None if ending is None else (ending[0].isoformat(), ending[1].isoformat())
    asked = _asked(connection, None if only is None else frozenset(only), span, called or {})
    rows = _last_said(connection, until, None if asked is None else asked.offered)
    wanted = None if asked is None else asked.keys
    if span is not None:
        wanted = frozenset(row.key for row in rows if row.ends is not None and span[0] <= row.ends <= span[1])
    said: dict[str, list[Said]] = {row.key: [] for row in rows}
    withdrawn = _withdrawn(connection, rows, wanted, until)
    for key, one in _of_sources(connection, rows, wanted):
        at = withdrawn.get((one.source, key))
        said[key].append(one if at is None else without_notice(one, at))
    for provider, model_id, of_listing in _of_listings(connection, until, local, asked):
        for name in dict.fromkeys((provider, *(called or {}).get(provider, ()))):
            key = f"{name}/{model_id}"
            # A provider can have several names in models.dev: the names that list the model count.
            if name == provider or key in said:
                said.setdefault(key, []).extend(() if of_listing is None else (of_listing,))
    said = {key: each for key, each in said.items() if wanted is None or key in wanted}
    released = _release_days(rows)
    born = _births(connection, said, released, until, every=asked is None)
    return {
        key: lifecycle_of(each, today, released=born.get(key, ())) if each else ACTIVE for key, each in said.items()
    }


def _asked(
    connection: sqlite3.Connection,
    only: frozenset[str] | None,
    span: tuple[str, str] | None,
    called: Mapping[str, Sequence[str]],
) -> _Asked | None:
    """Return the offers that are asked for; None: all."""
    if span is not None:
        rows = connection.execute(statements.ENDING, {"first": span[0], "last": span[1]})
    elif only is not None:
        wanted = json.dumps([key.partition("/")[::2] for key in only])
        rows = connection.execute(statements.KEYS_OF, {"wanted": wanted})
    else:
        return None
    numbers = {f"{provider}/{model_id}": number for provider, number, model_id in rows}
    keys = frozenset(numbers) if only is None else only
    offered = [number for key, number in numbers.items() if key in keys]
    names = {key.partition("/")[0] for key in keys}
    names |= {name for name, others in called.items() if names.intersection(others)}
    models = frozenset(key.partition("/")[2] for key in keys)
    return _Asked(keys, json.dumps(offered), json.dumps(sorted(names)), models)


def _last_said(connection: sqlite3.Connection, until: datetime, offered: str | None = None) -> list[_LastSaid]:
    """Return the last statement of each source on each offer that it ever listed, or on some, by their ids as JSON."""
    statement = statements.LAST_SAID if offered is None else statements.LAST_SAID_OF
    asked = {"until": to_sql(until)} | ({} if offered is None else {"offered": offered})
    return [
        _LastSaid(f"{provider}/{model_id}", provider, model_id, source, *others)
        for source in LIST_SOURCES
        for provider, model_id, *others in connection.execute(statement, asked | {"source": source})
    ]


def _of_sources(
    connection: sqlite3.Connection, rows: Iterable[_LastSaid], wanted: frozenset[str] | None
) -> Iterator[tuple[str, Said]]:
    """Yield what sources last said of the lives of the wanted offers."""
    telling = [row for row in rows if row.says and (wanted is None or row.key in wanted)]
    offers = offers_by_number(connection, {row.number: (row.provider, row.model_id) for row in telling})
    for row in telling:
        offer = offers[row.number]
        yield (
            row.key,
            Said(
                source=row.source,
                recorded=from_sql(row.last),
                status=offer.status,
                retires_on=_day(offer.retires_on),
                retires_earliest=_day(offer.retires_earliest),
                replacement=offer.replacement,
                citation=offer.retires_source,
            ),
        )


def _withdrawn(
    connection: sqlite3.Connection, rows: Iterable[_LastSaid], wanted: frozenset[str] | None, until: datetime
) -> dict[tuple[str, str], datetime]:
    """Return when the notices of the wanted offers were withdrawn, by their sources and the offers."""
    notices = [
        Notice(row.source, row.provider, row.model_id, row.last, day)
        for row in rows
        if (wanted is None or row.key in wanted) and (day := _day(row.ends)) is not None
    ]
    found = withdrawn_notices(connection, notices, until, bare=_bare)
    return {(notice.source, f"{notice.provider}/{notice.model_id}"): at for notice, at in found}


def _release_days(rows: Iterable[_LastSaid]) -> dict[str, list[date]]:
    """Return when each offer came out, as its sources last said it."""
    found: dict[str, list[date]] = {}
    for row in rows:
        if (day := _day(row.released)) is not None:
            found.setdefault(row.key, []).append(day)
    return found


def _births(
    connection: sqlite3.Connection,
    said: Mapping[str, Sequence[Said]],
    released: Mapping[str, Sequence[date]],
    until: datetime,
    *,
    every: bool,
) -> dict[str, frozenset[date]]:
    """Return when the models came out whose last days may be birthdays, by `provider/model_id`.

    Args:
        connection: a connection to the store.
        said: what the sources say of the lives of offers.
        released: when offers came out, as their sources last said it.
        until: later snapshots do not count.
        every: whether `released` has all offers, and not only those of `said`.
    """
    born: dict[str, frozenset[date]] = {}
    open_days: dict[str, set[str]] = {}
    for key, each in said.items():
        if days := doubted_days(each):
            born[key] = frozenset((*released.get(key, ()), *_days_in(key)))
            if not all(is_birthday(day, born[key]) for day in days):
                open_days.setdefault(_bare(key), set()).update(f"{day:%m-%d}" for day in days)
    if open_days:
        if not every:
            released = _release_days(_last_said(connection, until, _of_same_models(connection, open_days)))
        births = _births_of(released, open_days)
        born = {key: days | births.get(_bare(key), frozenset()) for key, days in born.items()}
    return born


def _of_same_models(connection: sqlite3.Connection, days: Mapping[str, Collection[str]]) -> str:
    """Return the ids, as JSON, of all offers of the models one of whose offers ever came out on a day of these.

    Args:
        connection: a connection to the store.
        days: the days (08-31) by the models' bare names.
    """
    model_ids = dict(connection.execute(statements.ALL_OFFERED).fetchall())
    asked = json.dumps(sorted({day for each in days.values() for day in each}))
    born = connection.execute(statements.BORN_ON, {"days": asked})
    names = {name for number, day in born if day in days.get(name := _bare(model_ids[number]), ())}
    # An id contains its bare name: this excludes most ids.
    may_be = re.compile("|".join(map(re.escape, names)) or "(?!)").search
    return json.dumps([number for number, id_ in model_ids.items() if may_be(id_.lower()) and _bare(id_) in names])


def _births_of(released: Mapping[str, Sequence[date]], names: Container[str]) -> dict[str, frozenset[date]]:
    """Return when models came out, by these bare names: the first day of all offers of each, and the most frequent one.

    Resellers give the day on which they began to serve a model, so not every date is the model's. The first one of
    several most frequent days counts.
    """
    days: dict[str, Counter[date]] = {}
    for key, found in released.items():
        if (name := _bare(key)) in names:
            days.setdefault(name, Counter()).update(found)
    return {
        name: frozenset({min(counts), min(counts, key=lambda day: (-counts[day], day))})
        for name, counts in days.items()
    }


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
    connection: sqlite3.Connection, until: datetime, local: frozenset[str], only: _Asked | None
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
