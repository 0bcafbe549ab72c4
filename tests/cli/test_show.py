"""`llmhub arena show`: a board in every form, by every reference."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from llmhub.arena import Score
from tests.conftest import Llmhub
from tests.support.processes.commands import ago, board, document, error_line, output, seed, table

UNKNOWN = {"made-up-a": Score(1010.0, 1000.0, 1015.0, 12_345), "made-up-b": Score(1000.0), "made-up-c": Score(1000.0)}


def test_a_board_is_shown_in_every_form(llmhub: Llmhub) -> None:
    seed(UNKNOWN, ago(days=1), organizations={"made-up-a": "Made-Up Labs"})
    shown = document(llmhub("arena", "show", "--json"))
    assert (shown["leaderboard"], shown["category"], shown["snapshot"]["id"]) == ("text", "overall", 1)
    nothing_known = {"rank": 2, "rank_ub": None, "rating": 1000.0, "lower": None, "upper": None, "votes": None}
    assert shown["scores"] == [
        {
            "rank": 1,
            "rank_ub": 1,
            "model": "made-up-a",
            "rating": 1010.0,
            "lower": 1000.0,
            "upper": 1015.0,
            "votes": 12_345,
            "organization": "Made-Up Labs",
            "license": None,
        },
        {"model": "made-up-b", "organization": None, "license": None, **nothing_known},
        {"model": "made-up-c", "organization": None, "license": None, **nothing_known},
    ]
    assert table(llmhub("arena", "show", "--csv")) == [
        {key: "" if value is None else str(value) for key, value in line.items()} for line in shown["scores"]
    ]
    said = output(llmhub("arena", "show"))
    assert said.startswith("text / overall: 3 models, snapshot 1 of ")
    cells = [" ".join(line.split()) for line in said.splitlines()[3:]]
    assert cells == [
        "1 1 made-up-a 1010.0 1000.0 to 1015.0 12,345 Made-Up Labs",
        "2 unknown made-up-b 1000.0 unknown unknown unknown",
        "2 unknown made-up-c 1000.0 unknown unknown unknown",
    ]


def test_top_keeps_the_first_lines_and_the_ranks_of_the_whole(llmhub: Llmhub) -> None:
    seed(board({"made-up-a": 1000.0, "made-up-b": 1020.0, "made-up-c": 1010.0}), ago(days=1))
    top = document(llmhub("arena", "show", "--top", "2", "--json"))["scores"]
    assert [(line["rank"], line["rank_ub"], line["model"]) for line in top] == [
        (1, 1, "made-up-b"),
        (2, 1, "made-up-c"),
    ]
    assert [row["model"] for row in table(llmhub("arena", "show", "--top", "1", "--csv"))] == ["made-up-b"]
    assert "the first 2 of 3 models" in output(llmhub("arena", "show", "--top", "2"))
    assert "--top" in error_line(llmhub("arena", "show", "--top", "0"), code=2)


@pytest.fixture
def four() -> list[datetime]:
    """Store four snapshots, of which the last two have the same board; return their moments."""
    moments = [ago(days=10), ago(days=4), ago(days=2), ago(hours=1)]
    for moment, rating in zip(moments, (1000.0, 1001.0, 1002.0, 1002.0), strict=True):
        seed(board({"made-up-a": rating}), moment)
    return moments


@pytest.mark.parametrize(
    ("reference", "number"),
    [
        ("latest", 4),
        ("latest~0", 4),
        ("latest~1", 3),
        ("latest~3", 1),
        ("previous", 2),
        ("2", 2),
        ("{2:%Y-%m-%d}", 3),
        ("{1:%Y-%m-%d}", 2),
        ("{1:%Y-%m-%dT%H:%M:%SZ}", 2),
        ("{2:%Y-%m-%dT%H:%M:%S.%f+00:00}", 3),
        ("36h", 3),
        ("7d", 1),
        ("1w", 1),
    ],
)
def test_every_form_of_reference_finds_its_snapshot(
    llmhub: Llmhub, four: list[datetime], reference: str, number: int
) -> None:
    shown = document(llmhub("arena", "show", reference.format(*four), "--json"))
    assert shown["snapshot"]["id"] == number
    assert datetime.fromisoformat(shown["snapshot"]["taken_at"]) - four[number - 1] < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nonsense"], "'nonsense' names no snapshot: write latest, previous, "),
        ([""], "'' names no snapshot"),
        (["2025-02-30"], "2025-02-30"),
        (["\x1b[31m[red]\u202e"], r"'\x1b[31m[red]\u202e' names no snapshot"),
        (["99"], "there are 4, with ids from 1 to 4"),
        (["latest~4"], "no snapshot answers 'latest~4' for text / overall"),
        (["2020-01-01"], "no snapshot answers '2020-01-01'"),
        (["52w"], "no snapshot answers '52w'"),
        (["--leaderboard", "vision"], "no snapshot has leaderboard 'vision'; there are text"),
        (
            ["--category", "full"],
            "no snapshot has text / full (upstream's full is called overall here); there are overall",
        ),
        (["--leaderboard", "\udcff"], "is not text in UTF-8"),
        (["latest", "previous"], "unexpected extra argument"),
        (["--colour"], "No such option"),
    ],
)
@pytest.mark.usefixtures("four")
def test_what_is_not_there_is_wrong_usage_and_the_line_says_what_is(
    llmhub: Llmhub, arguments: list[str], told: str
) -> None:
    assert told in error_line(llmhub("arena", "show", *arguments), code=2)
