from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from llmhub.arena.compare.equal_snapshots import EqualSnapshots, grouped_by_boards
from tests.support.made_up.boards import snapshot


def test_neighbours_with_equal_boards_are_one_and_others_are_not() -> None:
    listed = [snapshot(number) for number in (6, 5, 4, 3, 2, 1)]
    found = grouped_by_boards(listed, {6: "a", 5: "a", 4: "b", 3: "a", 2: "a", 1: "a"})
    assert [(group.newest.id, group.oldest.id, group.count) for group in found] == [(6, 5, 2), (4, 4, 1), (3, 1, 3)]


@given(st.lists(st.sampled_from("abc"), max_size=20))
def test_folds_lose_no_snapshot_and_no_change(boards: list[str]) -> None:
    listed = [snapshot(number) for number in range(len(boards))]
    found = grouped_by_boards(listed, dict(enumerate(boards)))
    assert sum(group.count for group in found) == len(listed)
    newest = [boards[group.newest.id] for group in found]
    assert [boards[group.oldest.id] for group in found] == newest
    assert all(one != other for one, other in pairwise(newest))
    assert grouped_by_boards([group.newest for group in found], dict(enumerate(boards))) == [
        EqualSnapshots(group.newest, group.newest, 1) for group in found
    ]
