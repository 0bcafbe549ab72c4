from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from llmhub.storage.moments import from_sql, to_sql

_offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=_offsets)  # noqa: DTZ001 -- made aware


@given(_moments)
def test_a_moment_is_read_back_as_it_was_written_in_utc(moment: datetime) -> None:
    found = from_sql(to_sql(moment))
    assert found == moment
    assert found.tzinfo is UTC


@given(_moments, _moments)
def test_stored_moments_sort_as_the_moments_do(one: datetime, other: datetime) -> None:
    assert (to_sql(one) < to_sql(other)) == (one < other)
