from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.arena.compare.renames import follow_renames

Lines = Mapping[str, str]
Renames = Mapping[tuple[int, str], str]


def names(asked: str, listed: Lines, renames: Renames | None = None) -> str:
    """Return the name at each moment, a letter each and a dot for none.

    ``listed`` says with a letter at which moments a name is listed; ``renames`` which name at a moment another name
    has at the next.
    """
    known = renames or {}
    moments = len(next(iter(listed.values())))

    def lines_of(name: str) -> list[str | None]:
        return [None if mark == "." else f"{name}{moment}" for moment, mark in enumerate(listed[name])]

    def partner(name: str, here: int, there: int) -> str | None:
        assert listed[name][here] != "."
        assert listed[name][there] == "."
        assert abs(here - there) == 1
        if here < there:
            return known.get((here, name))
        return next((old for (moment, old), new in known.items() if (moment, new) == (there, name)), None)

    found = follow_renames(asked, lines_of, partner)
    assert len(found) == moments
    assert all(one is None or one[1] == f"{one[0]}{moment}" for moment, one in enumerate(found))
    return "".join("." if one is None else one[0] for one in found)


@pytest.mark.parametrize("asked", "abc")
def test_a_model_is_followed_through_its_renames_both_ways_whichever_name_is_asked_for(asked: str) -> None:
    listed = {"a": "xx....", "b": "..xx..", "c": "....xx"}
    assert names(asked, listed, {(1, "a"): "b", (3, "b"): "c"}) == "aabbcc"


def test_without_a_rename_only_the_name_that_was_asked_for_is_found() -> None:
    listed = {"a": ".xx.x.", "b": "x..x.x"}
    assert names("a", listed) == ".aa.a."


def test_a_new_name_is_followed_over_a_moment_at_which_it_is_not_listed() -> None:
    assert names("a", {"a": "xx.....", "b": "..x.xx."}, {(1, "a"): "b"}) == "aab.bb."
    assert names("b", {"a": "x.xx...", "b": "....xxx"}, {(3, "a"): "b"}) == "a.aabbb"


def test_a_rename_that_was_taken_back_fills_the_gap() -> None:
    assert names("a", {"a": "xx..xx", "b": "..xx.."}, {(1, "a"): "b", (3, "b"): "a"}) == "aabbaa"


def test_where_the_name_that_was_asked_for_is_listed_it_counts() -> None:
    listed = {"a": "xx.xx", "b": "..xxx"}
    assert names("a", listed, {(1, "a"): "b"}) == "aabaa"
    assert names("b", listed, {(1, "a"): "b"}) == "aabbb"


def test_the_name_before_the_gap_is_not_looked_for_behind_it() -> None:
    """The two ends of a gap are searched from their own side."""
    assert names("a", {"a": "x...x", "b": "..xx."}, {(3, "b"): "a"}) == "a.bba"


def test_a_name_that_is_found_on_the_way_back_is_followed_to_the_name_that_it_got() -> None:
    listed = {"a": "...x", "b": "x.x.", "c": ".xx."}
    assert names("a", listed, {(0, "b"): "c", (2, "b"): "a"}) == "bcba"


def test_a_model_that_is_listed_nowhere_is_found_nowhere() -> None:
    assert names("a", {"a": "..."}) == "..."
    assert names("a", {"a": ""}) == ""


_moments = st.integers(0, 8)


@st.composite
def _worlds(draw: st.DrawFn) -> tuple[Lines, Renames]:
    moments = draw(_moments)
    listed = {name: draw(st.text("x.", min_size=moments, max_size=moments)) for name in "abcd"}
    possible = [
        (moment, old, new)
        for moment in range(moments - 1)
        for old in listed
        for new in listed
        if listed[old][moment : moment + 2] == "x." and listed[new][moment : moment + 2] == ".x"
    ]
    chosen = draw(st.lists(st.sampled_from(possible), unique=True)) if possible else []
    renames: dict[tuple[int, str], str] = {}
    for moment, old, new in chosen:
        taken = {(when, to) for (when, _), to in renames.items()}
        if (moment, old) not in renames and (moment, new) not in taken:
            renames[moment, old] = new
    return listed, renames


@given(_worlds())
def test_every_step_to_another_name_is_a_rename_a_return_to_the_name_asked_for_or_where_a_gaps_two_ends_meet(
    world: tuple[Lines, Renames],
) -> None:
    listed, renames = world
    found = names("a", listed, renames)
    for moment, mark in enumerate(listed["a"]):
        assert mark == "." or found[moment] == "a"
    seams = 0
    for moment, (here, there) in enumerate(pairwise(found)):
        if here == "a":
            seams = 0
        if here != there and "." not in here + there and "a" not in (here, there):
            seams += renames.get((moment, here)) != there
        assert seams <= 1


@given(_worlds())
def test_a_name_that_goes_at_a_rename_is_never_left_without_its_new_one(world: tuple[Lines, Renames]) -> None:
    listed, renames = world
    found = names("a", listed, renames)
    for (moment, old), new in renames.items():
        if found[moment] == old:
            assert found[moment + 1] in (new, "a")
        if found[moment + 1] == new:
            assert found[moment] != "."
