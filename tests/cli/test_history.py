"""`llmhub arena history`: the snapshots, and how models moved."""

from __future__ import annotations

from datetime import date

import pytest

from tests.cli.support import SNAPSHOT_KEYS, ago, board, document, error_line, output, seed, table
from tests.conftest import Llmhub

POINT_KEYS = {"id", "taken_at", "rating", "lower", "upper", "rank", "votes"}


@pytest.fixture
def three() -> date:
    """Store three snapshots: made-up-b overtakes made-up-a, made-up-c comes with the last.

    Returns the day that the first was published; the others do not know theirs.
    """
    published_on = ago(days=4).date()
    seed(board({"made-up-a": 1010.0, "made-up-b": 1000.0}), ago(days=3), published_on=published_on)
    seed(board({"made-up-a": 1012.5, "made-up-b": 1020.0}), ago(days=2))
    seed(board({"made-up-a": 1012.5, "made-up-b": 1019.0, "made-up-c": 1030.0}), ago(days=1), source="dataset")
    return published_on


def test_snapshots_are_listed_newest_first_in_every_form(llmhub: Llmhub, three: date) -> None:
    listed = document(llmhub("arena", "history", "--json"))
    assert all(set(snapshot) == SNAPSHOT_KEYS for snapshot in listed)
    assert [(s["id"], s["source"], s["boards"], s["models"]) for s in listed] == [
        (3, "dataset", 1, 3),
        (2, "script", 1, 2),
        (1, "script", 1, 2),
    ]
    assert [snapshot["published_on"] for snapshot in listed] == [None, None, three.isoformat()]
    assert all(snapshot["taken_at"].endswith("Z") for snapshot in listed)
    as_csv = table(llmhub("arena", "history", "--csv"))
    assert as_csv == [{key: "" if value is None else str(value) for key, value in s.items()} for s in listed]
    for_people = output(llmhub("arena", "history")).splitlines()
    assert [line.split()[0] for line in for_people] == ["id", for_people[1], "3", "2", "1"]
    assert "unknown" in for_people[2]


@pytest.mark.usefixtures("three")
def test_a_limit_keeps_the_newest(llmhub: Llmhub) -> None:
    assert [s["id"] for s in document(llmhub("arena", "history", "--limit", "2", "--json"))] == [3, 2]
    (points,) = document(llmhub("arena", "history", "made-up-a", "--limit", "2", "--json")).values()
    assert [point["id"] for point in points] == [2, 3]


@pytest.mark.parametrize("limit", ["0", "-1", "many", "99999999999999999999"])
def test_a_limit_that_cannot_be_is_wrong_usage(llmhub: Llmhub, limit: str) -> None:
    assert "--limit" in error_line(llmhub("arena", "history", "--limit", limit), code=2)


@pytest.mark.usefixtures("three")
def test_models_are_followed_oldest_first_in_every_form(llmhub: Llmhub) -> None:
    tracks = document(llmhub("arena", "history", "made-up-b", "made-up-c", "--json"))
    assert list(tracks) == ["made-up-b", "made-up-c"]
    assert all(set(point) == POINT_KEYS for track in tracks.values() for point in track)
    assert [(p["id"], p["rating"], p["lower"], p["upper"], p["rank"]) for p in tracks["made-up-b"]] == [
        (1, 1000.0, 995.0, 1005.0, 2),
        (2, 1020.0, 1015.0, 1025.0, 1),
        (3, 1019.0, 1014.0, 1024.0, 2),
    ]
    assert [point["id"] for point in tracks["made-up-c"]] == [3]
    rows = table(llmhub("arena", "history", "made-up-b", "made-up-c", "--csv"))
    assert [(row["model"], row["id"], row["rating"]) for row in rows] == [
        ("made-up-b", "1", "1000.0"),
        ("made-up-b", "2", "1020.0"),
        ("made-up-b", "3", "1019.0"),
        ("made-up-c", "3", "1030.0"),
    ]
    said = output(llmhub("arena", "history", "made-up-b", "made-up-c"))
    assert "made-up-b on text / overall" in said
    assert "made-up-c on text / overall" in said
    assert "+20.0" in said
    assert "-1.0" in said


def test_history_follows_the_board_that_is_asked_for(llmhub: Llmhub) -> None:
    seed(board({"made-up-a": 1000.0}), ago(days=2))
    seed(board({"made-up-a": 900.0}), ago(days=1), leaderboard="vision", category="ocr")
    of_board = ("--leaderboard", "vision", "--category", "ocr", "--json")
    (points,) = document(llmhub("arena", "history", "made-up-a", *of_board)).values()
    assert [(point["id"], point["rating"]) for point in points] == [(2, 900.0)]
    assert [snapshot["id"] for snapshot in document(llmhub("arena", "history", *of_board))] == [2]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("output_option", [[], ["--json"], ["--csv"]])
def test_an_unknown_model_is_wrong_usage_and_nothing_is_shown(llmhub: Llmhub, output_option: list[str]) -> None:
    said = error_line(llmhub("arena", "history", "made-up-a", "made-up-z", *output_option), code=2)
    assert said.startswith("'made-up-z' is on text / overall in no snapshot: ")


@pytest.mark.parametrize("name", [b"\xff\xfe", b"two\nlines", "\u202e[red]".encode()])
def test_an_odd_name_is_an_unknown_model(llmhub: Llmhub, name: bytes) -> None:
    seed(board({"made-up-a": 1000.0}), ago(days=1))
    # As the shell would pass it on: bytes that are no UTF-8 come as surrogates.
    error_line(llmhub("arena", "history", name.decode("utf-8", "surrogateescape")), code=2)


def test_an_empty_store_has_an_empty_history(llmhub: Llmhub) -> None:
    assert document(llmhub("arena", "history", "--json")) == []
    assert table(llmhub("arena", "history", "--csv")) == []
    run = llmhub("arena", "history")
    assert (output(run), run.stderr.count("\n")) == ("", 1)
    assert "run `llmhub arena refresh` or `llmhub arena import`" in run.stderr
    assert "has no snapshot yet" in error_line(llmhub("arena", "history", "made-up-a"), code=2)
