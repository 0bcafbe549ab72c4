from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from llmhub.offers.corrections import Quote, notes_on
from tests.offers.offers import DAY, NOW

LONG_AGO = NOW - 99 * DAY
OLD = "2023-11-06"


def notes(
    *prices: float | None,
    every: timedelta = 40 * DAY,
    since: datetime = LONG_AGO,
    first: datetime = LONG_AGO,
    **more: object,
) -> list[str | None]:
    """Return the notes on prices of input, one each `every`."""
    quotes = [Quote(first + number * every, {"input": price}, **more) for number, price in enumerate(prices)]  # type: ignore[arg-type]
    return [each.get("input") for each in notes_on(quotes, since=since)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (1.0, 2.0, None),
        (1.0, 0.5, None),
        (0.0, 2.0, "from zero"),
        (2.0, 0.0, "to zero"),
        (0.0, 0.0, None),
        (1.0, 10.0, "tenfold or more"),
        (10.0, 1.0, "tenfold or more"),
        (10.0, 1.1, None),
        (None, 0.0, None),
        (3.0, None, None),
    ],
)
def test_a_change_that_is_odd_in_itself_is_marked(old: float | None, new: float | None, expected: str | None) -> None:
    assert notes(old, new) == [None, expected]


@pytest.mark.parametrize(("days", "marked"), [(7, True), (8, False)])
def test_a_change_in_the_offers_first_week_is_marked(days: int, marked: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    why = "in the offer's first week"
    assert notes(1.0, 1.5, every=days * DAY, since=LONG_AGO - DAY) == [None, why if marked else None]
    # When an offer came that was there from the beginning of recording, nobody knows.
    assert notes(1.0, 1.5, every=days * DAY) == [None, None]


@pytest.mark.parametrize(
    ("new", "released", "open_weights", "marked"),
    [
        (30.0, "2023-11", False, True),
        (20.0, OLD, False, True),
        (19.0, OLD, False, False),
        (30.0, OLD, True, False),
        (30.0, OLD, None, False),
        (30.0, "2025-06-01", False, False),
        (30.0, None, False, False),
        (30.0, "soon", False, False),
    ],
)
def test_a_closed_model_that_is_twice_as_dear_a_year_after_its_release_is_marked(
    new: float,
    released: str | None,
    open_weights: bool | None,  # noqa: FBT001 -- a parameter of the test
    marked: bool,  # noqa: FBT001 -- likewise
) -> None:
    why = "doubled or more over a year after the model's release"
    assert notes(10.0, new, released=released, open_weights=open_weights) == [None, why if marked else None]


@pytest.mark.parametrize(("days", "marked"), [(30, True), (31, False)])
def test_a_change_that_was_taken_back_within_30_days_is_marked_on_both_sides(days: int, marked: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    one, other = (f"{LONG_AGO + number * days * DAY:%Y-%m-%d}" for number in (1, 2))
    expected = [None, f"taken back on {other}", f"takes back the change of {one}"] if marked else [None] * 3
    assert notes(1.0, 1.5, 1.0, every=days * DAY) == expected


def test_an_offer_that_came_back_is_compared_with_nothing_before_it_went() -> None:
    quotes = [Quote(LONG_AGO, {"input": 1.0}), None, Quote(LONG_AGO + 9 * DAY, {"input": 20.0})]
    assert notes_on(quotes, since=LONG_AGO - 99 * DAY) == [{}, {}, {}]
    assert notes_on([], since=NOW) == []
