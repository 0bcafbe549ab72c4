from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmhub.report.frontier import Priced, frontier

NUMBERS = st.sampled_from([1.0, 2.0, 3.0, 4.0])
MODELS = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=12).map(
    lambda pairs: [Priced(f"made-up-{number}", *pair) for number, pair in enumerate(pairs)]
)


def beats(one: Priced, other: Priced) -> bool:
    return one.price <= other.price and one.rating >= other.rating and one[1:] != other[1:]


@given(MODELS)
def test_on_the_frontier_is_exactly_what_no_other_model_beats(models: list[Priced]) -> None:
    unbeaten = {one for one in models if not any(beats(other, one) for other in models)}
    assert set(frontier(models)) == unbeaten


@given(MODELS)
def test_the_frontier_rises_with_the_price_and_has_nobody_twice(models: list[Priced]) -> None:
    found = frontier(models)
    assert [one.price for one in found] == sorted(one.price for one in found)
    assert [one.rating for one in found] == sorted(one.rating for one in found)
    assert len(set(found)) == len(found)


def test_of_two_that_are_equal_in_both_none_beats_the_other() -> None:
    twins = [Priced("made-up-b", 1.0, 1300.0), Priced("made-up-a", 1.0, 1300.0)]
    assert [one.name for one in frontier(twins)] == ["made-up-a", "made-up-b"]
