from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from llmhub.arena.compare.equal_runs import Fold, folded
from tests.support.boards import snapshot


def test_neighbours_with_equal_boards_are_one_and_others_are_not() -> None:
    listed = [snapshot(number) for number in (6, 5, 4, 3, 2, 1)]
    found = folded(listed, {6: "a", 5: "a", 4: "b", 3: "a", 2: "a", 1: "a"})
    assert [(fold.newest.id, fold.oldest.id, fold.snapshots) for fold in found] == [(6, 5, 2), (4, 4, 1), (3, 1, 3)]


@given(st.lists(st.sampled_from("abc"), max_size=20))
def test_folds_lose_no_snapshot_and_no_change(boards: list[str]) -> None:
    listed = [snapshot(number) for number in range(len(boards))]
    found = folded(listed, dict(enumerate(boards)))
    assert sum(fold.snapshots for fold in found) == len(listed)
    newest = [boards[fold.newest.id] for fold in found]
    assert [boards[fold.oldest.id] for fold in found] == newest
    assert all(one != other for one, other in pairwise(newest))
    assert folded([fold.newest for fold in found], dict(enumerate(boards))) == [
        Fold(fold.newest, fold.newest, 1) for fold in found
    ]
