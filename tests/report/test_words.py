from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from llmhub.errors import counted
from llmhub.report import words


@pytest.mark.parametrize(
    ("value", "text"), [(0.04, "0.0"), (-0.04, "0.0"), (1.26, "+1.3"), (-1.26, "\u22121.3"), (None, "unknown")]
)
def test_a_change_has_its_sign_and_what_rounds_to_zero_has_none(value: float | None, text: str) -> None:
    assert words.signed(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "free"), (2.5, "2.50"), (0.075, "0.075"), (1234.0, "1234.00"), (None, "unknown")]
)
def test_a_price_has_the_digits_that_it_takes_and_nothing_is_free(value: float | None, text: str) -> None:
    assert words.dollars(value) == text


def test_a_computed_price_is_short() -> None:
    assert [words.blended(value) for value in (0.0568, 3.4375, 0.0, None)] == ["0.0568", "3.44", "free", "unknown"]


def test_an_interval_has_two_ends_or_is_unknown() -> None:
    assert words.span(1.0, 2.0) == "1.0 to 2.0"
    assert words.span(None, 2.0) == "unknown to 2.0"
    assert words.span(None, None) == "unknown"


def test_dates_and_moments_read_well() -> None:
    assert words.day(date(2026, 1, 5)) == "5 January 2026"
    assert words.day(None) == "unknown"
    assert words.moment(datetime(2026, 1, 5, 7, 30, tzinfo=UTC)) == "2026-01-05 07:30 UTC"


def test_names_from_outside_are_harmless_and_cut_only_in_tables() -> None:
    assert words.name("a\u202eb" * 60) == "a\\u202eb" * 60
    assert len(words.short("long-" * 60)) == 90
    assert words.listed(("text", "\x1b[0m")) == "text, \\x1b[0m"
    assert words.listed(()) == "unknown"


def test_one_thing_is_no_things() -> None:
    assert (counted(1, "model"), counted(2000, "model")) == ("1 model", "2,000 models")
