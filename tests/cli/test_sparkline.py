from __future__ import annotations

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.cli.arena.sparkline import sparkline


@given(st.lists(st.floats(0, 3000), max_size=200), st.integers(1, 60))
def test_a_sparkline_is_as_long_as_its_numbers_up_to_its_width_and_keeps_their_order(
    values: list[float], width: int
) -> None:
    drawn = sparkline(values, width=width, levels="12345678")
    assert len(drawn) == min(len(values), width)
    if len(values) <= width:
        pairs = sorted(zip(values, drawn, strict=True))
        assert [level for _, level in pairs] == sorted(drawn)


def test_the_newest_number_is_always_the_last() -> None:
    assert sparkline([0.0] * 99 + [1.0], width=10, levels="12")[-1] == "2"
    assert sparkline([1.0, 1.0], levels="123") == "22"


@pytest.mark.parametrize(
    ("encoding", "expected"), [("utf-8", "▁█"), ("cp437", "18"), ("ascii", "18"), ("latin-1", "18")]
)
def test_where_the_character_set_has_no_blocks_digits_are_drawn(
    monkeypatch: pytest.MonkeyPatch, encoding: str, expected: str
) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert sparkline([0.0, 1.0]) == expected
