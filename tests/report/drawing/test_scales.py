from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.report.drawing.scales import Linear, Log, log_ticks, ticks, time_ticks

POINTS = st.floats(-3000, 3000)
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def test_a_linear_scale_goes_from_end_to_end_and_may_be_upside_down() -> None:
    scale = Linear(1000, 1500, 300, 0)
    assert (scale(1000), scale(1250), scale(1500)) == (300, 150, 0)


def test_a_scale_of_one_value_is_in_the_middle() -> None:
    assert Linear(5, 5, 0, 100)(5) == 50
    assert Log(5, 5, 0, 100)(5) == 50


def test_equal_ratios_are_equally_far_apart_on_a_logarithmic_scale() -> None:
    scale = Log(0.01, 100, 0, 400)
    assert [scale(value) for value in (0.01, 0.1, 1, 10, 100)] == pytest.approx([0, 100, 200, 300, 400])


@given(POINTS, st.floats(0.01, 3000), st.integers(1, 12))
def test_ticks_are_round_inside_and_not_too_many(low: float, length: float, most: int) -> None:
    found = ticks(low, low + length, most)
    assert len(found) <= most + 1
    assert all(low - 1e-6 * length <= value <= low + length * (1 + 1e-6) + 1e-6 for value in found)
    steps = {round(b - a, 9) for a, b in pairwise(found)}
    assert len(steps) <= 1
    assert all(f"{step:.0e}"[0] in "125" for step in steps)


def test_prices_have_ticks_at_one_two_and_five_while_there_is_room() -> None:
    assert log_ticks(0.09, 1.1, 12) == pytest.approx([0.1, 0.2, 0.5, 1.0])
    assert log_ticks(0.001, 1000, 8) == pytest.approx([0.001, 0.01, 0.1, 1, 10, 100, 1000])


@given(DAYS, st.integers(0, 9000), st.integers(3, 12))
def test_dates_are_inside_in_order_and_not_too_many(first: date, length: int, most: int) -> None:
    last = min(first + timedelta(days=length), date(2110, 1, 1))
    found = time_ticks(first, last, most)
    assert found == sorted(set(found))
    assert all(first <= day <= last for day in found)
    assert len(found) <= most + 1
    # A single date would not say how long the span is.
    assert len(found) >= 2 or not 10 < length < 365 * 8


def test_a_long_span_has_the_first_days_of_months_and_a_short_one_single_days() -> None:
    quarters = [date(2025, month, 1) for month in (4, 7, 10)]
    assert time_ticks(date(2025, 3, 7), date(2025, 12, 11), 3) == quarters
    assert len(time_ticks(date(2025, 3, 7), date(2025, 12, 11), 4)) == 4
    assert time_ticks(date(2026, 1, 5), date(2026, 1, 7), 8) == [date(2026, 1, day) for day in (5, 6, 7)]
    assert time_ticks(date(2026, 1, 5), date(2026, 1, 5), 8) == [date(2026, 1, 5)]
