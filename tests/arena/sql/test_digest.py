from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.arena import Score
from llmhub.arena.boards import Board
from llmhub.arena.sql.digest import board_digest
from tests.support.made_up.boards import ANY_BOARDS, SOME_BOARDS, replaced, score

SMALL = {
    "gpt-x": Score(1400.25, 1390.5, 1410.0, 12_345),
    "modèle-y": Score(1300.0, None, 1310.0, None),
    "z": Score(-1.5, -2.5, None, 0),
}


def digest(board: Board) -> bytes:
    return board_digest("text", "overall", board)


def test_the_digest_of_a_board_never_changes() -> None:
    """Stores that exist hold digests: another format would make every board in them a new one."""
    assert digest(SMALL).hex() == "3214f51d8d283f857e89efe48fe39b4243eadb581a7dfaea90dc2002d413e679"


def test_a_digest_has_32_bytes_even_of_an_empty_board() -> None:
    assert len(digest({})) == 32


@given(SOME_BOARDS, SOME_BOARDS)
def test_two_boards_have_one_digest_if_and_only_if_they_are_equal(one: Board, other: Board) -> None:
    assert (digest(one) == digest(other)) == (one == other)


@given(ANY_BOARDS, st.randoms())
def test_the_order_of_insertion_does_not_matter(board: Board, random: st.DataObject) -> None:
    lines = list(board.items())
    random.shuffle(lines)  # type: ignore[attr-defined]  # hypothesis's random.Random
    assert digest(dict(lines)) == digest(board)


@given(ANY_BOARDS.filter(bool), st.data())
def test_changing_any_one_field_changes_the_digest(board: Board, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(board)))
    field = data.draw(st.sampled_from(Score._fields))
    value = getattr(board[name], field)
    other = data.draw(
        (st.integers(0, 1 << 62) if field == "votes" else st.floats(allow_nan=False)).filter(lambda x: x != value)
    )
    assert digest({**board, name: replaced(board[name], field, other)}) != digest(board)


@given(ANY_BOARDS.filter(bool), st.data())
def test_renaming_a_model_changes_the_digest(board: Board, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(board)))
    other = data.draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda x: x not in board))
    assert digest({other if key == name else key: line for key, line in board.items()}) != digest(board)


@pytest.mark.parametrize(
    "known",
    [
        *(Score(0.0, lower=number) for number in (-1.0, 0.0, 1.0)),
        *(Score(0.0, upper=number) for number in (-1.0, 0.0, 1.0)),
        *(Score(0.0, votes=number) for number in (0, 1)),
    ],
)
def test_an_unknown_value_differs_from_every_number(known: Score) -> None:
    assert digest({"a": Score(0.0)}) != digest({"a": known})


@pytest.mark.parametrize("field", ["rating", "lower", "upper"])
def test_minus_zero_is_zero(field: str) -> None:
    zero = Score(0.0, 0.0, 0.0)
    assert digest({"a": replaced(zero, field, -0.0)}) == digest({"a": zero})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"ab": score(1.0), "c": score(1.0)}, {"a": score(1.0), "bc": score(1.0)}),
        ({"a": score(1.0), "": score(1.0)}, {"a": score(1.0)}),
        ({"a\0": score(1.0)}, {"a": score(1.0)}),
        ({"é": score(1.0)}, {"e\u0301": score(1.0)}),
    ],
)
def test_names_that_run_together_do_not_collide(one: Board, other: Board) -> None:
    assert digest(one) != digest(other)


def test_the_leaderboard_and_the_category_are_part_of_the_digest() -> None:
    places = [("text", "overall"), ("text", "coding"), ("vision", "overall"), ("textover", "all"), ("overall", "text")]
    assert len({board_digest(leaderboard, category, SMALL) for leaderboard, category in places}) == len(places)
