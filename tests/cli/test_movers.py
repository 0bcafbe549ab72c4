"""`llmhub arena movers`: who rose and fell most."""

from __future__ import annotations

import pytest

from tests.conftest import Llmhub
from tests.support.processes.commands import SNAPSHOT_KEYS, ago, board, document, error_line, output, seed, table

KEYS = {"model", "rating_from", "rating_to", "delta", "delta_less_shift", "rank_from", "rank_to", "significant"}


@pytest.fixture
def two() -> None:
    """Store two snapshots, everyone 50 points up but one that rose by 80 and two that rose less."""
    seed(board({"a": 1000.0, "b": 1010.0, "c": 1020.0, "d": 1030.0, "e": 1040.0, "gone": 1.0}), ago(days=2))
    seed(board({"a": 1080.0, "b": 1060.0, "c": 1070.0, "d": 1076.0, "e": 1045.0, "new": 2.0}), ago(days=1))


@pytest.mark.usefixtures("two")
def test_movers_are_shown_in_every_form_with_the_scale_shift_taken_out(llmhub: Llmhub) -> None:
    found = document(llmhub("arena", "movers", "--json"))
    assert set(found) == {"from", "to", "leaderboard", "category", "scale_shift", "common", "risen", "fallen"}
    assert set(found["from"]) == set(found["to"]) == SNAPSHOT_KEYS
    assert (found["scale_shift"], found["common"], found["leaderboard"]) == (50.0, 5, "text")
    assert all(set(one) == KEYS for one in found["risen"] + found["fallen"])
    assert [(one["model"], one["delta"], one["delta_less_shift"]) for one in found["risen"]] == [("a", 80.0, 30.0)]
    assert [(one["model"], one["delta_less_shift"], one["significant"]) for one in found["fallen"]] == [
        ("e", -45.0, True),
        ("d", -4.0, False),
    ]
    rows = table(llmhub("arena", "movers", "--csv", "--top", "1"))
    assert [(row["what"], row["model"], row["rank_from"], row["rank_to"]) for row in rows] == [
        ("risen", "a", "5", "1"),
        ("fallen", "e", "1", "5"),
    ]
    said = output(llmhub("arena", "movers", "1", "2", "--top", "1"))
    for part in ("scale shift +50.0", "rose most (1)", "fell most (1 of 2)", "+30.0", "-45.0"):
        assert part in said


@pytest.mark.usefixtures("two")
def test_between_a_board_and_itself_no_model_moved(llmhub: Llmhub) -> None:
    assert "no model moved" in output(llmhub("arena", "movers", "2", "2"))
    assert document(llmhub("arena", "movers", "2", "2", "--json"))["risen"] == []


@pytest.mark.usefixtures("two")
def test_what_there_is_not_is_wrong_usage(llmhub: Llmhub) -> None:
    assert "names no snapshot" in error_line(llmhub("arena", "movers", "nonsense"), code=2)
    assert "vision" in error_line(llmhub("arena", "movers", "--leaderboard", "vision"), code=2)
    assert "--top" in error_line(llmhub("arena", "movers", "--top", "0"), code=2)
