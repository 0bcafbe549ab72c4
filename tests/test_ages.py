"""Lengths of time in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from llmhub.ages import age_text, days_ago, how_old


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(), "0 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=24, seconds=1), "24 h"),
        (timedelta(hours=26, minutes=30), "26.5 h"),
        (timedelta(hours=71, minutes=54), "71.9 h"),
        (timedelta(hours=72), "3 days"),
        (timedelta(days=2000), "2,000 days"),
    ],
)
def test_an_age_is_told_in_the_unit_that_reads_well(age: timedelta, text: str) -> None:
    assert age_text(age) == text
    assert how_old(age) == f"{text} old"


def test_what_lies_ahead_is_dated_in_the_future() -> None:
    assert how_old(timedelta(days=-4)) == "dated 4 days in the future"


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(days=-1), "today"),
        (timedelta(hours=23), "today"),
        (timedelta(days=1, hours=23), "1 day ago"),
        (timedelta(days=1500), "1,500 days ago"),
    ],
)
def test_days_ago_are_whole_days(age: timedelta, text: str) -> None:
    assert days_ago(age) == text
