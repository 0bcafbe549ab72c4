"""Where labels and dates go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.charts.layout import date_ticks, spread, stack

_places = st.lists(st.floats(-50, 150, allow_nan=False), max_size=12)
_moments = st.datetimes(datetime(1999, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- see timezones


@given(_places)
def test_labels_are_apart_in_the_order_of_what_they_label_and_within_the_plot(wanted: list[float]) -> None:
    places = spread(wanted, 8.0, 0.0, 100.0)
    in_order = [places[index] for index in sorted(range(len(wanted)), key=wanted.__getitem__)]
    assert all(later - earlier >= 8.0 - 1e-9 for earlier, later in pairwise(in_order))
    assert all(-1e-9 <= place <= 100.0 + 1e-9 for place in places)


@given(st.lists(st.integers(0, 10), unique=True, max_size=11))
def test_labels_that_do_not_overlap_stay_where_they_are_wanted(tens: list[int]) -> None:
    wanted = [10.0 * ten for ten in tens]
    assert spread(wanted, 8.0, 0.0, 100.0) == pytest.approx(wanted)


def test_labels_are_nudged_no_further_than_they_must() -> None:
    assert spread([50.0, 50.0], 8.0, 0.0, 100.0) == [46.0, 54.0]
    assert spread([0.0, 1.0, 90.0], 8.0, 0.0, 100.0) == [0.0, 8.0, 90.0]
    assert spread([100.0, 99.0], 8.0, 0.0, 100.0) == [100.0, 92.0]


def test_labels_for_which_there_is_no_room_are_still_apart() -> None:
    assert spread([5.0] * 4, 8.0, 0.0, 10.0) == [0.0, 8.0, 16.0, 24.0]


@given(_places)
def test_stacked_labels_of_one_row_do_not_meet(places: list[float]) -> None:
    rows = stack(places, 20.0)
    for row in set(rows):
        in_row = sorted(place for place, its in zip(places, rows, strict=True) if its == row)
        assert all(right - left >= 20.0 - 1e-9 for left, right in pairwise(in_row))
    assert set(rows) == set(range(max(rows, default=-1) + 1))


@pytest.mark.parametrize(
    ("first", "last", "ticks", "form"),
    [
        ("2026-01-05T09:00", "2026-01-07T11:00", ["2026-01-06", "2026-01-07"], "%Y-%m-%d"),
        ("2026-01-05T09:00", "2026-01-05T11:00", ["2026-01-05T09:00"], "%Y-%m-%d"),
        ("2026-01-01", "2026-01-31", ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26"], "%Y-%m-%d"),
        ("2025-11-15", "2026-05-01", ["2025-12-01", "2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"], "%Y-%m"),
        ("2020-06-01", "2026-05-01", ["2021-01-01", "2022-01-01", "2023-01-01", "2024-01-01", "2025-01-01"], "%Y"),
    ],
)
def test_the_dates_below_a_chart_are_starts_of_days_weeks_months_or_years(
    first: str, last: str, ticks: list[str], form: str
) -> None:
    begin, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (first, last))
    found = date_ticks(begin, end, 6)
    assert [moment.replace(tzinfo=None) for moment in found.moments][: len(ticks)] == [
        datetime.fromisoformat(text) for text in ticks
    ]
    assert len(found.moments) <= 6
    assert found.format == form


@given(_moments, st.integers(0, 20_000))
def test_the_dates_below_a_chart_are_few_and_told_apart_by_what_is_written(first: datetime, days: int) -> None:
    last = first + timedelta(days=days)
    ticks = date_ticks(first, last, 7)
    assert 1 <= len(ticks.moments) <= 7
    assert all(first <= moment <= last for moment in ticks.moments)
    written = [f"{moment:{ticks.format}}" for moment in ticks.moments]
    assert written == sorted(set(written))
