from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from llmhub.arena import Score
from llmhub.arena.boards import Board, Entry
from llmhub.arena.compare.ranks import best_first, rank_of, ranked, worst_ranks
from tests.support.made_up.boards import SOME_BOARDS, board, entries


def naive_rank(entry: Entry, everyone: Sequence[Entry]) -> int:
    return 1 + sum(other.rating > entry.rating for other in everyone)


def naive_rank_ub(entry: Entry, everyone: Sequence[Entry]) -> int | None:
    """Count by the definition; None as soon as one comparison cannot be decided."""
    if entry.upper is None:
        return None
    above = 0
    for other in everyone:
        if other.lower is None:
            # A lower bound is never above its rating, so only a rating above `upper` leaves it open.
            if other.rating > entry.upper:
                return None
        elif other.lower > entry.upper:
            above += 1
    return 1 + above


@given(SOME_BOARDS, st.randoms())
def test_ranks_are_those_of_the_definition(scores: Board, random: st.DataObject) -> None:
    everyone = entries(scores)
    random.shuffle(everyone)  # type: ignore[attr-defined]  # hypothesis's random.Random
    found = {line.model: (line.rank, line.rank_ub) for line in ranked(everyone)}
    assert found == {each.model: (naive_rank(each, everyone), naive_rank_ub(each, everyone)) for each in everyone}


@given(SOME_BOARDS)
def test_ranked_entries_keep_their_values_and_come_best_first(scores: Board) -> None:
    lines = ranked(entries(scores))
    assert {line.model: Score(line.rating, line.lower, line.upper, line.votes) for line in lines} == scores
    assert lines == sorted(lines, key=lambda line: (-line.rating, line.model))


def test_equal_ratings_share_a_rank_and_the_next_rank_is_skipped() -> None:
    assert rank_of([1300.0, 1400.0, 1200.0, 1400.0]) == {1400.0: 1, 1300.0: 3, 1200.0: 4}


def test_ties_come_by_name() -> None:
    assert [entry.model for entry in best_first(entries(board(b=1.0, c=2.0, a=1.0)))] == ["c", "a", "b"]


def test_rank_by_upper_bound_counts_only_models_that_are_surely_better() -> None:
    scores = {
        "a": Score(1400.0, 1390.0, 1410.0),
        "b": Score(1385.0, 1375.0, 1390.0),
        "c": Score(1380.0, 1370.0, 1389.0),
    }
    assert [(line.rank, line.rank_ub) for line in ranked(entries(scores))] == [(1, 1), (2, 1), (3, 2)]


def test_an_unknown_lower_bound_leaves_open_only_the_ranks_that_it_decides() -> None:
    scores = {"a": Score(1400.0, 1390.0, 1410.0), "b": Score(1300.0, None, 1310.0), "c": Score(1200.0, 1190.0, 1210.0)}
    assert [line.rank_ub for line in ranked(entries(scores))] == [1, 2, None]


def test_the_worst_rank_counts_all_models_that_are_not_surely_worse() -> None:
    scores = {
        "a": Score(1400.0, 1390.0, 1410.0),
        "b": Score(1385.0, 1375.0, 1390.0),
        "c": Score(1380.0, None, 1374.0),
        "d": Score(1300.0, 1290.0, None),
    }
    assert worst_ranks(ranked(entries(scores))) == {"a": 3, "b": 3, "d": 4}


def test_no_models_have_no_ranks() -> None:
    assert ranked([]) == []
    assert worst_ranks([]) == {}
