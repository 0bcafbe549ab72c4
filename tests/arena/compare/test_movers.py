from __future__ import annotations

import pytest
from hypothesis import given

from llmhub.arena import SnapshotStore
from llmhub.arena.boards import Board
from llmhub.arena.compare.diff import diff_boards
from llmhub.arena.compare.movers import Movers, find_movers
from llmhub.errors import SnapshotNotFound
from tests.support.made_up.boards import DAY, NOW, SOME_BOARDS, board, entries, replaced, score, snapshot, text


def movers(old: Board, new: Board) -> Movers:
    return find_movers(
        entries(old), entries(new), before=snapshot(1), after=snapshot(2), leaderboard="text", category="overall"
    )


def test_the_scale_shift_is_taken_out_so_that_who_stays_has_fallen() -> None:
    found = movers(
        board(a=1400.0, b=1300.0, c=1200.0, d=1100.0, went=1.0),
        board(a=1460.0, b=1360.0, c=1290.0, d=1100.0, came=1.0),
    )
    assert (found.scale_shift, found.common) == (60.0, 4)
    assert [tuple(one) for one in found.risen] == [("c", 1200.0, 1290.0, 90.0, 30.0, 3, 3, True)]
    assert [tuple(one) for one in found.fallen] == [("d", 1100.0, 1100.0, 0.0, -60.0, 4, 4, True)]


def test_who_moved_most_comes_first_and_ties_go_by_name() -> None:
    found = movers(
        board(a=1.0, b=2.0, c=3.0, d=4.0, e=5.0, f=6.0, g=7.0),
        board(a=2.0, b=4.0, c=2.0, d=3.0, e=5.0, f=4.0, g=8.0),
    )
    assert [one.model for one in found.risen] == ["b", "a", "g"]
    assert [one.model for one in found.fallen] == ["f", "c", "d"]
    assert [one.model for one in (*found.top(1).risen, *found.top(1).fallen)] == ["b", "f"]
    assert found.top(None) == found


@pytest.mark.parametrize("field", ["lower", "upper"])
def test_an_unknown_bound_leaves_open_whether_it_is_significant(field: str) -> None:
    old = board(a=1.0, b=1.0, c=1.0) | {"a": replaced(score(1.0), field, None)}
    (one,) = movers(old, board(a=100.0, b=1.0, c=1.0)).risen
    assert one.significant is None


def test_boards_without_a_model_in_common_have_no_movers() -> None:
    found = movers(board(a=1.0), board(b=1.0))
    assert (found.scale_shift, found.common, found.risen, found.fallen) == (None, 0, (), ())


@given(SOME_BOARDS, SOME_BOARDS)
def test_movers_agree_with_the_diff(old: Board, new: Board) -> None:
    found = movers(old, new)
    diff = diff_boards(
        entries(old), entries(new), before=snapshot(1), after=snapshot(2), leaderboard="text", category="overall"
    )
    assert (found.scale_shift, found.common) == (diff.scale_shift, len(diff.changed) + diff.unchanged)
    moved = {one.model: one for one in (*found.risen, *found.fallen)}
    assert len(moved) == len(found.risen) + len(found.fallen) <= found.common
    for change in diff.changed:
        if (one := moved.get(change.model)) is not None:
            assert (one.delta, one.significant) == (change.delta, change.significant)
            assert (one.rank_from, one.rank_to) == (change.rank_from, change.rank_to)
    for models in (found.risen, found.fallen):
        sizes = [abs(one.delta_less_shift) for one in models]
        assert sizes == sorted(sizes, reverse=True)


@given(SOME_BOARDS, SOME_BOARDS)
def test_swapping_the_boards_swaps_who_rose_and_who_fell(old: Board, new: Board) -> None:
    there, back = movers(old, new), movers(new, old)
    assert {one.model for one in there.risen} == {one.model for one in back.fallen}
    assert {one.model for one in there.fallen} == {one.model for one in back.risen}


def test_the_store_compares_previous_and_latest_unless_told_otherwise(store: SnapshotStore) -> None:
    store.add(text(a=1.0, b=1.0, c=1.0), taken_at=NOW - DAY)
    with pytest.raises(SnapshotNotFound, match="has no previous board"):
        store.movers()
    store.add(text(a=9.0, b=1.0, c=1.0), taken_at=NOW)
    found = store.movers(now=NOW)
    assert ([one.model for one in found.risen], found.before.id, found.after.id) == (["a"], 1, 2)
    assert [one.model for one in store.movers("2", "1").fallen] == ["a"]
