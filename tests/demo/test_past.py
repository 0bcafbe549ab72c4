"""The made-up half year before the demonstration: what changes in it is what changes in reality."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from statistics import median

from llmhub.demo.past import past_editions
from llmhub.demo.publications import FIRST, FIRST_MOMENT

BOARDS = [{line.model: line for line in board} for _, board in past_editions()]


def test_the_publications_are_a_week_apart_and_end_a_week_before_the_first_refresh() -> None:
    moments = [moment for moment, _ in past_editions()]
    assert moments == [FIRST_MOMENT - timedelta(weeks=26 - week) for week in range(26)]


def test_the_last_one_is_what_the_first_refresh_finds() -> None:
    assert BOARDS[-1].keys() == {line.model for line in FIRST}
    for line in FIRST:
        assert abs(BOARDS[-1][line.model].rating - line.rating) < 0.1
        assert BOARDS[-1][line.model].votes == line.votes


def test_the_scale_is_re_anchored_once() -> None:
    shifts = [
        median(after[name].rating - before[name].rating for name in before.keys() & after.keys())
        for before, after in pairwise(BOARDS)
    ]
    assert [week for week, shift in enumerate(shifts, start=1) if abs(shift) > 20] == [12]


def test_one_model_gets_a_new_name_and_keeps_its_numbers() -> None:
    went, came = BOARDS[19]["imaginary-opus-2-preview"], BOARDS[20]["imaginary-opus-2"]
    assert (went.rating, went.half_width, went.votes) == (came.rating, came.half_width, came.votes)
    assert "imaginary-opus-2-preview" not in BOARDS[20]


def test_votes_only_grow_and_intervals_only_narrow_while_a_model_is_listed() -> None:
    for before, after in pairwise(BOARDS):
        for name in before.keys() & after.keys():
            assert after[name].votes >= before[name].votes
            assert after[name].half_width <= before[name].half_width
