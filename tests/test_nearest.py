from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.nearest import MOST, did_you_mean, listed, nearest, shortened

MODELS = ["gpt-4o-2024-08-06", "gpt-4o-2024-05-13", "GPT-4o-mini", "claude-opus-4-1", "gemini-2.5-pro", "o3"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("gpt-4o", ["GPT-4o-mini", "gpt-4o-2024-05-13", "gpt-4o-2024-08-06"]),
        ("gpt-4o-2024-08-07", ["gpt-4o-2024-08-06", "gpt-4o-2024-05-13"]),
        ("Claude-Opus-4-1", ["claude-opus-4-1"]),
        ("claude-opus-4-1-thinking", ["claude-opus-4-1"]),
        ("opus", ["claude-opus-4-1"]),
        ("gemni-2.5-pro", ["gemini-2.5-pro"]),
        ("nothing-like-it", []),
        ("", []),
        ("  ", []),
        ("\x1b[31m", []),
    ],
)
def test_the_nearest_are_those_that_contain_it_then_those_that_it_contains_then_those_that_look_alike(
    wanted: str, found: list[str]
) -> None:
    assert nearest(wanted, MODELS)[: len(found) or None] == found


def test_a_name_that_only_differs_in_case_goes_first() -> None:
    assert nearest("OVERALL", ["overall-x", "overall"])[0] == "overall"


@given(st.text(max_size=200), st.lists(st.text(max_size=120), max_size=30))
def test_what_is_found_is_among_the_names_each_once_and_at_most_three(wanted: str, names: list[str]) -> None:
    found = nearest(wanted, names)
    assert len(found) <= MOST
    assert len({name.casefold() for name in found}) == len(found)
    assert set(found) <= set(names)


def test_however_much_is_asked_of_however_many_names_the_answer_comes() -> None:
    names = [f"made-up-model-{number}-of-a-long-name-instruct" for number in range(5000)]
    assert nearest("x" * 1_000_000, names) == []
    assert nearest("made-up", ["made-up" * 200_000]) == []
    assert len(nearest("mad-up-modl-77-of-a-long-nme", names)) == MOST
    assert len(shortened("x" * 1_000_000)) == 100


def test_the_words_of_a_message() -> None:
    assert did_you_mean("zzz", MODELS) == ""
    assert did_you_mean("gemni-2.5-pro", MODELS) == " (did you mean gemini-2.5-pro?)"
    assert [listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a or b", "a, b or c"]
