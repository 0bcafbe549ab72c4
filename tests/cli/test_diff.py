"""`llmhub arena diff`: what came, went, was renamed and moved, and its exit code."""

from __future__ import annotations

import pytest

from llmhub.arena import Score
from tests.conftest import Llmhub
from tests.support.processes.commands import ago, board, document, error_line, output, seed, table

BEFORE = board({"stays": 1000.0, "moves": 990.0, "leaps": 980.0, "goes": 970.0, "old-name": 960.0, "nudged": 950.0})
AFTER = {
    **board({"comes": 1100.0, "moves": 991.0, "leaps": 1040.0, "stays": 1000.0, "new-name": 960.0, "nudged": 950.0}),
    "nudged": Score(950.0, 944.0, 955.0, 1000),
}


@pytest.fixture
def pair() -> None:
    """Store two snapshots between which everything that a diff tells apart has happened."""
    seed({**BEFORE, "unbounded": Score(900.0)}, ago(days=2))
    seed({**AFTER, "unbounded": Score(901.0)}, ago(days=1))


@pytest.mark.usefixtures("pair")
def test_a_diff_tells_apart_what_happened(llmhub: Llmhub) -> None:
    found = document(llmhub("arena", "diff", "--json"))
    assert (found["from"]["id"], found["to"]["id"]) == (1, 2)
    assert found["added"] == [{"model": "comes", "rating": 1100.0, "rank": 1}]
    assert found["removed"] == [{"model": "goes", "rating": 970.0, "rank": 4}]
    assert found["renamed"] == [{"from": "old-name", "to": "new-name", "rating": 960.0}]
    assert (found["scale_shift"], found["unchanged"]) == (1.0, 1)
    moved = {change.pop("model"): change for change in found["changed"]}
    assert {model: (change["delta"], change["significant"]) for model, change in moved.items()} == {
        "leaps": (60.0, True),
        "moves": (1.0, False),
        "nudged": (0.0, False),
        "unbounded": (1.0, None),
    }
    leap = {"rating_from": 980.0, "rating_to": 1040.0, "delta": 60.0, "rank_from": 3, "rank_to": 2}
    assert moved["leaps"] == {**leap, "significant": True}


@pytest.mark.usefixtures("pair")
def test_the_table_has_a_section_for_each(llmhub: Llmhub) -> None:
    said = output(llmhub("arena", "diff"))
    assert said.startswith("text / overall\nfrom snapshot 1 of ")
    assert "\n1 came, 1 went, 1 renamed, 4 changed (1 significantly), 1 did not\n" in said
    for title in ("came (1)", "went (1)", "renamed (1)"):
        assert f"\n\n{title}\n" in said
    # `moves` stayed where it was, and neither `nudged` nor `unbounded` moved much.
    assert "\n\nchanged (2 of 4: significant, or moved in rank among the first 20)\n" in said
    assert said.endswith("--all lists the rest; --top N and --org NAME list everything about some models\n")
    assert "scale shift +1.0: the median change of the 5 models on both boards" in said
    rows = {" ".join(line.split()) for line in said.splitlines()}
    assert {"1 comes 1100.0", "4 goes 970.0", "old-name new-name 960.0"} <= rows
    assert "2 3 leaps 1040.0 +60.0 +59.0 yes" in rows
    assert not any("unbounded" in row for row in rows)
    said = output(llmhub("arena", "diff", "--all"))
    rows = {" ".join(line.split()) for line in said.splitlines()}
    assert {"2 3 leaps 1040.0 +60.0 +59.0 yes", "7 7 unbounded 901.0 +1.0 +0.0 unknown"} <= rows
    assert "\n\nchanged (4)\n" in said
    assert "--all" not in said


@pytest.fixture
def crowd() -> None:
    """Store two boards of 60 models each: all but a few moved a little, 15 came, and two organizations are known."""
    before = board({f"made-up-{number:02}": 1000.0 - 10 * number for number in range(45)} | {"old-name": 400.0})
    after = {f"made-up-{number:02}": 1000.5 - 10 * number for number in range(45)}
    after |= {"made-up-03": 1005.0, "made-up-40": 630.0, "new-name": 400.0}
    after |= {f"came-{number:02}": 300.0 - number for number in range(15)}
    labs = {
        "made-up-07": "Made-Up Labs",
        "made-up-40": "Made-Up Labs",
        "came-14": "Made-Up Labs",
        "made-up-01": "Other",
    }
    seed(before, ago(days=2), organizations=labs)
    seed(board(after), ago(days=1), organizations=labs)


def _models(said: str) -> list[str]:
    return [word for line in said.splitlines() for word in line.split() if word.startswith(("made-", "came-", "new-"))]


@pytest.mark.usefixtures("crowd")
def test_a_long_diff_begins_with_counts_and_lists_what_is_notable(llmhub: Llmhub) -> None:
    said = output(llmhub("arena", "diff"))
    assert "15 came, 0 went, 1 renamed, 45 changed (2 significantly), 0 did not\n\ncame (10 of 15)\n" in said
    # 00 to 03: one overtook three. 40 moved significantly.
    first = [f"came-{number:02}" for number in range(10)]
    assert _models(said) == [*first, "new-name", "made-up-03", "made-up-00", "made-up-01", "made-up-02", "made-up-40"]
    assert "changed (5 of 45: significant, or moved in rank among the first 20)" in said
    assert len(_models(output(llmhub("arena", "diff", "--all")))) == 15 + 1 + 45


@pytest.mark.usefixtures("crowd")
def test_a_diff_can_be_narrowed_to_the_first_models_or_to_an_organization(llmhub: Llmhub) -> None:
    assert _models(output(llmhub("arena", "diff", "--top", "6"))) == [
        f"made-up-0{number}" for number in (3, 0, 1, 2, 4, 5)
    ]
    said = output(llmhub("arena", "diff", "--org", "made-up labs"))
    assert _models(said) == ["came-14", "made-up-07", "made-up-40"]
    assert "changed (2 of 45)" in said
    found = document(llmhub("arena", "diff", "--org", "Made-Up Labs", "--top", "9", "--json"))
    assert ([one["model"] for one in found["changed"]], found["added"]) == (["made-up-07"], [])
    assert len(document(llmhub("arena", "diff", "--json"))["changed"]) == 45
    line = error_line(llmhub("arena", "diff", "--org", "Made-Up Lab"), code=2)
    assert line.startswith("no model on either board is of the organization 'Made-Up Lab' (did you mean Made-Up Labs?)")


@pytest.mark.usefixtures("pair")
def test_csv_has_a_line_for_each(llmhub: Llmhub) -> None:
    rows = table(llmhub("arena", "diff", "--csv"))
    assert [(row["what"], row["model"], row["renamed_to"]) for row in rows] == [
        ("added", "comes", ""),
        ("removed", "goes", ""),
        ("renamed", "old-name", "new-name"),
        ("changed", "leaps", ""),
        ("changed", "moves", ""),
        ("changed", "nudged", ""),
        ("changed", "unbounded", ""),
    ]
    assert rows[3] == {
        "what": "changed",
        "model": "leaps",
        "renamed_to": "",
        "rating_from": "980.0",
        "rating_to": "1040.0",
        "delta": "60.0",
        "rank_from": "3",
        "rank_to": "2",
        "significant": "True",
    }


@pytest.mark.usefixtures("pair")
@pytest.mark.parametrize("output_option", [[], ["--json"], ["--csv"]])
def test_the_exit_code_tells_a_difference_only_when_asked(llmhub: Llmhub, output_option: list[str]) -> None:
    plain = llmhub("arena", "diff", *output_option)
    asked = llmhub("arena", "diff", "--exit-code", *output_option)
    same = llmhub("arena", "diff", "2", "2", "--exit-code", *output_option)
    assert (plain.returncode, asked.returncode, same.returncode) == (0, 3, 0)
    assert asked.stdout == plain.stdout


@pytest.mark.usefixtures("pair")
def test_a_board_does_not_differ_from_itself(llmhub: Llmhub) -> None:
    said = output(llmhub("arena", "diff", "latest", "latest"))
    assert said.endswith("nothing changed\n")
    assert table(llmhub("arena", "diff", "1", "1", "--csv")) == []


@pytest.mark.usefixtures("pair")
def test_a_diff_can_go_back_in_time(llmhub: Llmhub) -> None:
    found = document(llmhub("arena", "diff", "latest", "previous", "--json"))
    assert (found["from"]["id"], found["to"]["id"], found["scale_shift"]) == (2, 1, -1.0)
    assert [model["model"] for model in found["added"]] == ["goes"]


def test_boards_without_a_common_model_have_no_shift(llmhub: Llmhub) -> None:
    seed(board({"made-up-a": 1000.0}), ago(days=2))
    seed(board({"made-up-b": 1001.0}), ago(days=1))
    assert document(llmhub("arena", "diff", "--json"))["scale_shift"] is None
    assert "no model is on both boards" in output(llmhub("arena", "diff"))


@pytest.mark.parametrize(
    ("snapshots", "why"), [(1, "snapshot 1 is its only one"), (2, "no earlier snapshot has another board")]
)
def test_without_an_earlier_board_that_differs_the_default_is_wrong_usage(
    llmhub: Llmhub, snapshots: int, why: str
) -> None:
    for number in range(snapshots):
        seed(BEFORE, ago(days=3 - number))
    assert error_line(llmhub("arena", "diff"), code=2) == f"text / overall has no previous board: {why}"


@pytest.mark.usefixtures("pair")
@pytest.mark.parametrize("arguments", [["7"], ["1", "7"], ["1", "2", "3"], ["--category", "coding"]])
def test_an_unknown_side_is_wrong_usage(llmhub: Llmhub, arguments: list[str]) -> None:
    error_line(llmhub("arena", "diff", *arguments), code=2)
