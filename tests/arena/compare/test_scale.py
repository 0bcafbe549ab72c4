from __future__ import annotations

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.arena.compare.scale import scale_break, scale_shift

_changes = st.lists(st.floats(-100, 100), max_size=30)


def test_the_shift_is_the_median_change_and_unknown_without_a_common_model() -> None:
    assert scale_shift([1.0, 50.0, 2.0]) == 2.0
    assert scale_shift([]) is None


@pytest.mark.parametrize("shift", [-3.1, 59.9, 23.0, -4.4, 5.0, 2.0, -2.0])
def test_a_shift_of_most_models_is_a_break(shift: float) -> None:
    changes = [shift - 0.5, shift, shift, shift + 0.5, 100.0]
    assert scale_break(changes) == shift


@pytest.mark.parametrize("shift", [0.0, 0.1, -0.4, 1.9])
def test_what_new_votes_do_is_no_break(shift: float) -> None:
    assert scale_break([shift] * 200) is None


def test_of_four_models_nobody_can_tell() -> None:
    assert scale_break([60.0] * 4) is None
    assert scale_break([60.0] * 5) == 60.0


def test_models_that_move_both_ways_are_no_break() -> None:
    assert scale_break([-5.0, -4.0, -1.0, 2.5, 3.0, 4.0, 5.0]) is None


@given(_changes)
def test_a_break_is_the_shift_and_mirrors(changes: list[float]) -> None:
    found = scale_break(changes)
    assert found is None or found == median(changes)
    mirrored = scale_break([-change for change in changes])
    assert mirrored == (None if found is None else -found)
