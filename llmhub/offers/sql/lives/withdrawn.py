"""Read which notices of ends were withdrawn: their source's later documents name other days, and not theirs."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple, get_args

from llmhub.offers.fields import NoticeSource
from llmhub.offers.lives.days import day_of
from llmhub.offers.lives.withdrawn import Named, withdrawn_at
from llmhub.offers.sql import statements
from llmhub.storage.moments import from_sql, to_sql

NOTICE_SOURCES: frozenset[str] = frozenset(get_args(NoticeSource))
"""The sources that withdraw notices; that a price list no longer has an offer says nothing of its end."""


class Notice(NamedTuple):
    """A notice of an end.

    Attributes:
        source: the list of notices.
        provider: the provider's name.
        model_id: the model.
        last: the moment of the last document that has it, as the store has it.
        day: the last day that it names.
    """

    source: str
    provider: str
    model_id: str
    last: str
    day: date


def withdrawn_notices(
    connection: sqlite3.Connection, notices: Iterable[Notice], until: datetime, *, bare: Callable[[str], str]
) -> Iterator[tuple[Notice, datetime]]:
    """Yield the notices that were withdrawn, each with the moment of the first document that shows it.

    Args:
        connection: a connection to the store.
        notices: the last notices of some offers.
        until: later documents do not count, timezone-aware.
        bare: returns a model's id without region and version.
    """
    documents: dict[str, _Documents] = {}
    for notice in notices:
        if notice.source not in NOTICE_SOURCES:
            continue
        if notice.source not in documents:
            documents[notice.source] = _Documents(connection, notice.source, until)
        of_source = documents[notice.source]
        if of_source.is_newest(notice.last):
            continue
        before = of_source.named(notice.provider, notice.last)
        later = of_source.later(notice.provider, notice.last)
        if (moment := withdrawn_at(notice.model_id, notice.day, before, later, bare=bare)) is not None:
            yield notice, moment


class _Documents:
    """The documents of a source, read as far as they are asked for."""

    def __init__(self, connection: sqlite3.Connection, source: str, until: datetime) -> None:
        self._connection = connection
        self._source = source
        asked = {"source": source, "until": to_sql(until)}
        self._moments: list[str] = [at for (at,) in connection.execute(statements.MOMENTS_OF, asked)]
        self._named: dict[tuple[str, str], Named] = {}

    def is_newest(self, at: str) -> bool:
        """Say whether no document is later than a moment."""
        return not self._moments or self._moments[-1] <= at

    def named(self, provider: str, at: str) -> Named:
        """Return the last days that the document of a moment names of a provider's models."""
        if (found := self._named.get((provider, at))) is None:
            asked = {"source": self._source, "at": at, "provider": provider}
            rows = self._connection.execute(statements.LAST_DAYS_AT, asked).fetchall()
            days = {model_id: day_of(text) for model_id, text in rows}
            found = self._named[provider, at] = {model_id: day for model_id, day in days.items() if day is not None}
        return found

    def later(self, provider: str, at: str) -> Iterator[tuple[datetime, Named]]:
        """Yield the later documents with their moments, oldest first."""
        for moment in self._moments[bisect_right(self._moments, at) :]:
            yield from_sql(moment), self.named(provider, moment)
