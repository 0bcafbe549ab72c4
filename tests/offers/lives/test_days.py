"""Days as notices write them: what names one day is read, anything else is unknown with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.offers.lives.days import NO_DAY, OF_SOME_REGIONS, TOO_FAR, Told, day_of, told_day


@pytest.mark.parametrize(
    "written",
    [
        "2026-08-05",
        "2026-8-5",
        "2026-08-05T00:00:00Z",
        "2026-08-05T05:22:17.646538+00:00",
        "August 5, 2026",
        "August 5th, 2026",
        "Aug. 5 2026",
        " 5 August 2026 ",
        "August 5, 2026 (all Regions)",
        "2026/08/05",
        "2026\N{NON-BREAKING HYPHEN}08\N{NON-BREAKING HYPHEN}05",
        "August\N{NO-BREAK SPACE}5, 2026",
        "August 5, 2026, 00:00:00",
        "August 5, 2026 at 12:00 PM PT",
        "Wed, 05 Aug 2026 00:00:00 GMT",
        "5. August 2026",
    ],
)
def test_each_way_to_write_one_day_is_that_day(written: str) -> None:
    assert told_day(written) == Told(date(2026, 8, 5))


@pytest.mark.parametrize(
    "written",
    [
        "Not sooner than August 5, 2026",
        "no earlier than 2026-08-05",
        "Not before 5 Aug 2026",
        "August 5, 2026 or later",
        "Earliest 2026-08-05",
        "At the earliest August 5, 2026",
        "August 5, 2026 at the earliest",
        "At least until August 5, 2026",
    ],
)
def test_a_promise_is_the_earliest_day_and_not_the_day(written: str) -> None:
    assert told_day(written) == Told(date(2026, 8, 5), earliest=True)


@pytest.mark.parametrize(
    "written", ["Earliest August 2026", "Not before Aug. 2026", "No sooner than 2026-08", "August 2026 or later"]
)
def test_a_promise_of_a_month_holds_from_its_first_day(written: str) -> None:
    assert told_day(written) == Told(date(2026, 8, 1), earliest=True)


NOT_YET = ("No shutdown date announced", "Not yet announced", "No retirement date set", "Not scheduled", "null")


@pytest.mark.parametrize(
    "written", [None, "", "N/A", "TBD", "-", "\N{EM DASH}", "\N{EN DASH}", "To be announced", "TBA", *NOT_YET]
)
def test_a_source_that_has_no_day_is_in_no_doubt(written: str | None) -> None:
    assert told_day(written) == Told()


@pytest.mark.parametrize(
    ("written", "doubt"),
    [
        ("Q3 2026", NO_DAY),
        ("August 2026", NO_DAY),
        ("mid-August 2026", NO_DAY),
        ("2026-08", NO_DAY),
        ("08/16/26", NO_DAY),
        ("Not before mid-August 2026", NO_DAY),
        ("Not announced for August 5, 2026", NO_DAY),
        ("August 5, 2026 (tentative)", NO_DAY),
        ("2026-13-01", NO_DAY),
        ("2026-02-30", NO_DAY),
        ("February 30, 2026", NO_DAY),
        ("08/05/2026", NO_DAY),
        ("2026-08-05, 2026-09-05", NO_DAY),
        ("2026-08-05 to 2026-09-05", NO_DAY),
        ("August 5 or 6, 2026", NO_DAY),
        ("after August 5, 2026", NO_DAY),
        ("soon", NO_DAY),
        ("٢٠٢٦-08-05", NO_DAY),
        (20260805, NO_DAY),
        (["2026-08-05"], NO_DAY),
        ("1970-01-01", TOO_FAR),
        ("9999-12-31", TOO_FAR),
        ("August 5, 2026 (only in us-west-2)", OF_SOME_REGIONS),
        ("Mar 1, 2026 (us-east-1, us-east-2, and eu-west-3\n   Regions)", OF_SOME_REGIONS),
    ],
)
def test_what_may_be_another_day_is_unknown_with_the_reason(written: Any, doubt: str) -> None:
    assert told_day(written) == Told(doubt=doubt)


@given(st.text(max_size=40))
def test_any_text_is_a_day_or_none(text: str) -> None:
    told = told_day(text)
    assert (told.day is None) or (told.doubt is None)
    assert day_of(text) is None or day_of(text) == told.day or told.doubt == TOO_FAR
