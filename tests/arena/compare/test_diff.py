from __future__ import annotations

from math import nextafter
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.arena import Score
from llmhub.arena.boards import Board, Entry
from llmhub.arena.compare.diff import BoardDiff, Renamed, diff_boards
from llmhub.arena.exchange.importing import read_leaderboard_file
from llmhub.arena.exchange.json_files import parse_leaderboard
from tests.support.made_up.boards import SOME_BOARDS, board, entries, replaced, score, snapshot


def diff(old: Board, new: Board) -> BoardDiff:
    return diff_boards(
        entries(old), entries(new), before=snapshot(1), after=snapshot(2), leaderboard="text", category="overall"
    )


def test_a_diff_says_what_came_went_moved_and_stayed() -> None:
    found = diff(
        board(stays=1400.0, moves=1390.0, goes=1380.0, goes_too=1395.0),
        board(stays=1400.0, moves=1410.0, comes=1370.0),
    )
    assert [tuple(line) for line in found.added] == [("comes", 1370.0, 3)]
    assert [tuple(line) for line in found.removed] == [("goes_too", 1395.0, 2), ("goes", 1380.0, 4)]
    assert [tuple(line) for line in found.changed] == [("moves", 1390.0, 1410.0, 20.0, 3, 1, False)]
    assert (found.renamed, found.unchanged, found.scale_shift, found.same) == ((), 1, 10.0, False)
    assert (found.before, found.after) == (snapshot(1), snapshot(2))
    assert (found.leaderboard, found.category) == ("text", "overall")


def test_a_rank_or_a_vote_count_alone_is_no_change() -> None:
    found = diff(
        {"a": score(1400.0, votes=10), "b": score(1300.0, votes=None)},
        {"a": score(1400.0, votes=11), "b": score(1300.0, votes=5), "c": score(1500.0)},
    )
    assert (found.changed, found.unchanged) == ((), 2)


@pytest.mark.parametrize("field", ["lower", "upper"])
def test_a_bound_alone_is_a_change(field: str) -> None:
    found = diff(board(a=1400.0), {"a": replaced(score(1400.0), field, None)})
    assert [(line.model, line.delta) for line in found.changed] == [("a", 0.0)]


def test_boards_without_a_model_in_common_have_no_scale_shift() -> None:
    found = diff(board(a=1400.0), board(b=1300.0))
    assert (found.scale_shift, found.changed, found.unchanged) == (None, (), 0)


@pytest.mark.parametrize(
    ("moved_by", "significant"),
    [(10.0, False), (10.5, True), (-10.0, False), (-10.5, True)],
)
def test_a_change_is_significant_when_the_intervals_do_not_overlap(moved_by: float, *, significant: bool) -> None:
    still = {"b": 1300.0, "c": 1200.0}
    found = diff(board(a=1400.0, **still), board(a=1400.0 + moved_by, **still))
    assert [(line.model, line.significant) for line in found.changed] == [("a", significant)]


def test_a_scale_shift_is_one_number_and_not_an_improvement_of_everyone() -> None:
    found = diff(board(a=1400.0, b=1300.0, c=1200.0), board(a=1460.0, b=1360.0, c=1290.0))
    assert found.scale_shift == 60.0
    assert {line.model: (line.delta, line.significant) for line in found.changed} == {
        "a": (60.0, False),
        "b": (60.0, False),
        "c": (90.0, True),
    }


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("field", ["lower", "upper"])
def test_an_unknown_bound_leaves_open_whether_a_change_is_significant(side: int, field: str) -> None:
    boards = [board(a=1400.0, b=1.0, c=1.0), board(a=1500.0, b=1.0, c=1.0)]
    boards[side]["a"] = replaced(boards[side]["a"], field, None)
    assert [(line.model, line.significant) for line in diff(*boards).changed] == [("a", None)]


@pytest.mark.parametrize(("votes_before", "votes_after"), [(10, 10), (None, 10), (10, None), (None, None)], ids=repr)
def test_a_model_that_only_changed_its_name_was_renamed(votes_before: int | None, votes_after: int | None) -> None:
    found = diff(
        {"old-thinking": score(1400.0, votes=votes_before), "b": score(1300.0)},
        {"old-high": score(1400.0, votes=votes_after), "b": score(1300.0)},
    )
    assert found.renamed == (Renamed("old-thinking", "old-high", 1400.0),)
    assert (found.added, found.removed, found.changed, found.unchanged) == ((), (), (), 1)
    assert not found.same


def test_several_renames_come_best_first() -> None:
    found = diff(board(a1=1300.0, b1=1400.0, c1=1350.0), board(a2=1300.0, b2=1400.0, c2=1350.0))
    assert [(pair.old, pair.new) for pair in found.renamed] == [("b1", "b2"), ("c1", "c2"), ("a1", "a2")]


WHO = score(1400.0)


@pytest.mark.parametrize(
    ("went", "came"),
    [
        pytest.param([WHO._replace(lower=None)], [WHO._replace(lower=None)], id="unknown lower bound"),
        pytest.param([WHO._replace(upper=None)], [WHO._replace(upper=None)], id="unknown upper bound"),
        pytest.param([WHO._replace(lower=None)], [WHO], id="lower bound unknown on one side"),
        pytest.param([WHO, WHO], [WHO], id="two that went"),
        pytest.param([WHO], [WHO, WHO], id="two that came"),
        pytest.param([WHO, WHO], [WHO, WHO], id="two on either side"),
        pytest.param([WHO], [WHO._replace(votes=None), WHO], id="two that came, votes unknown of one"),
        pytest.param([WHO], [WHO._replace(votes=999)], id="different votes"),
        pytest.param([WHO], [WHO._replace(lower=nextafter(1395.0, 0))], id="lower differs in the last bit"),
        pytest.param([WHO], [WHO._replace(upper=nextafter(1405.0, 2000))], id="upper differs in the last bit"),
        pytest.param([WHO], [WHO._replace(rating=nextafter(1400.0, 0))], id="rating differs in the last bit"),
    ],
)
def test_look_alikes_are_not_renamed(went: list[Score], came: list[Score]) -> None:
    old = {f"old{number}": line for number, line in enumerate(went)}
    new = {f"new{number}": line for number, line in enumerate(came)}
    found = diff(old, new)
    assert found.renamed == ()
    assert {line.model for line in found.removed} == set(old)
    assert {line.model for line in found.added} == set(new)


def test_known_votes_tell_look_alikes_apart() -> None:
    found = diff(
        {"old1": WHO._replace(votes=1), "old2": WHO._replace(votes=2)},
        {"new1": WHO._replace(votes=1), "new2": WHO._replace(votes=2)},
    )
    assert [(pair.old, pair.new) for pair in found.renamed] == [("old1", "new1"), ("old2", "new2")]


@given(SOME_BOARDS)
def test_a_board_is_the_same_as_itself(one: Board) -> None:
    found = diff(one, one)
    assert found.same
    assert (found.unchanged, found.scale_shift) == (len(one), 0.0 if one else None)


@given(SOME_BOARDS, SOME_BOARDS)
def test_swapping_the_boards_mirrors_the_diff(one: Board, other: Board) -> None:
    there, back = diff(one, other), diff(other, one)
    assert (there.added, there.removed) == (back.removed, back.added)
    assert {(pair.old, pair.new) for pair in there.renamed} == {(pair.new, pair.old) for pair in back.renamed}
    assert there.scale_shift == (None if back.scale_shift is None else -back.scale_shift)
    assert {line.model: line.delta for line in there.changed} == {line.model: -line.delta for line in back.changed}
    assert there.unchanged == back.unchanged


@given(SOME_BOARDS, SOME_BOARDS)
def test_every_model_is_in_exactly_one_list_or_unchanged(one: Board, other: Board) -> None:
    found = diff(one, other)
    unchanged = [name for name in one if name in other and one[name][:3] == other[name][:3]]
    assert found.unchanged == len(unchanged)
    before = [line.model for line in found.removed] + [pair.old for pair in found.renamed]
    after = [line.model for line in found.added] + [pair.new for pair in found.renamed]
    both = [line.model for line in found.changed] + unchanged
    assert sorted(before + both) == sorted(one)
    assert sorted(after + both) == sorted(other)


@given(SOME_BOARDS, SOME_BOARDS, st.randoms())
def test_the_order_of_the_lines_does_not_matter(one: Board, other: Board, random: st.DataObject) -> None:
    shuffled = list(other.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis's random.Random
    assert diff(one, dict(shuffled)) == diff(one, other)


def real_board(data: Path, day: str, name: str) -> list[Entry]:
    file = data / "arena-catalog" / day / f"leaderboard-{name}.json.gz"
    return entries(parse_leaderboard(read_leaderboard_file(file), str(file)).boards["overall"])


@pytest.mark.needs_shared
@pytest.mark.parametrize(
    ("name", "days", "common", "shift", "came", "went", "significant", "significant_with_the_shift_left_in"),
    [
        ("text", ("2025-05-24", "2025-11-05"), 199, 23.0, 43, 37, 9, 184),
        ("text-style-control", ("2025-05-07", "2025-05-20"), 227, 59.9, None, None, 0, None),
    ],
)
def test_real_pairs_of_boards_give_the_measured_diff(
    shared_data: Path,
    name: str,
    days: tuple[str, str],
    common: int,
    shift: float,
    came: int | None,
    went: int | None,
    significant: int,
    significant_with_the_shift_left_in: int | None,
) -> None:
    old, new = (real_board(shared_data, day, name) for day in days)
    found = diff_boards(old, new, before=snapshot(1), after=snapshot(2), leaderboard=name, category="overall")
    assert found.scale_shift is not None
    assert len(found.changed) + found.unchanged == common
    assert round(found.scale_shift, 1) == shift
    assert found.scale_shift == median(line.delta for line in found.changed)
    assert sum(line.significant is True for line in found.changed) == significant
    if came is not None:
        assert (len(found.added) + len(found.renamed), len(found.removed) + len(found.renamed)) == (came, went)
        assert len(found.added) == came
    if significant_with_the_shift_left_in is not None:
        before = {entry.model: entry for entry in old}
        pairs = [(before[entry.model], entry) for entry in new if entry.model in before]
        apart = sum(a.upper < b.lower or b.upper < a.lower for a, b in pairs)  # type: ignore[operator]  # all known
        assert apart == significant_with_the_shift_left_in
