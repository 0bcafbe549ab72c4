"""Which models a chart is of."""

from __future__ import annotations

import pytest

from llmhub.arena.boards import Entry
from llmhub.charts.choice import choose
from llmhub.errors import ModelNotFoundError

BOARD = [
    Entry("made-up-b", 1010.0, None, None, None, "Made-Up Labs"),
    Entry("made-up-c", 1005.0, None, None, None, None),
    Entry("made-up-a", 1000.0, None, None, None, "Invented Trees"),
    Entry("made-up-d", 990.0, None, None, None, "Made-Up Labs"),
]


def test_models_are_chosen_best_first_whatever_the_capitals_of_their_organization() -> None:
    assert choose(BOARD, None) == ["made-up-b", "made-up-c", "made-up-a", "made-up-d"]
    assert choose(BOARD, "made-up labs") == ["made-up-b", "made-up-d"]


def test_an_organization_without_a_model_on_the_board_is_an_error_that_names_those_with_one() -> None:
    with pytest.raises(
        ModelNotFoundError,
        match=r"'Made-Up' \(did you mean Made-Up Labs\?\): it has those of Made-Up Labs, Invented Trees$",
    ):
        choose(BOARD, "Made-Up")
    with pytest.raises(ModelNotFoundError, match="it names none"):
        choose(BOARD[1:2], "Made-Up")
    many = [Entry(f"made-up-{n}", 1.0, None, None, None, f"Labs {n}") for n in range(20)]
    with pytest.raises(ModelNotFoundError, match=r"Labs 11 and 8 more$"):
        choose(many, "")
