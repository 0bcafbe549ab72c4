"""`llmhub arena history`: the snapshots, and how models moved."""

from __future__ import annotations

from datetime import date

import pytest

from tests.conftest import Llmhub
from tests.support.processes.commands import SNAPSHOT_KEYS, ago, board, document, error_line, output, seed, table

POINT_KEYS = {"id", "taken_at", "rating", "lower", "upper", "rank", "votes", "listed_as", "scale_break", "published_on"}


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
    assert [line.split()[0] for line in for_people] == ["id", for_people[1], "3", "2", "1", "published,"]
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
    assert said.startswith("no snapshot lists 'made-up-z' on text / overall (did you mean made-up-")


@pytest.mark.parametrize("name", [b"\xff\xfe", b"two\nlines", "\u202e[red]".encode()])
def test_an_odd_name_is_an_unknown_model(llmhub: Llmhub, name: bytes) -> None:
    seed(board({"made-up-a": 1000.0}), ago(days=1))
    # As the shell would pass it on: bytes that are no UTF-8 come as surrogates.
    error_line(llmhub("arena", "history", name.decode("utf-8", "surrogateescape")), code=2)


@pytest.fixture
def moving() -> None:
    """Store four snapshots: a model is renamed with the third, and everyone is 60 points up with the fourth."""
    others = {f"made-up-{number}": 1000.0 + number for number in range(6)}
    moved = {name: rating + 60.0 for name, rating in others.items()}
    for days, scores in (
        (4, others | {"was-thinking": 1100.0}),
        (3, others | {"was-thinking": 1110.0}),
        (2, others | {"was-high": 1110.0}),
        (1, moved | {"was-high": 1170.0}),
    ):
        seed(board(scores), ago(days=days))


@pytest.mark.usefixtures("moving")
@pytest.mark.parametrize("asked", ["was-thinking", "was-high"])
def test_a_model_is_followed_through_its_rename_and_a_scale_break_is_marked(llmhub: Llmhub, asked: str) -> None:
    (points,) = document(llmhub("arena", "history", asked, "--json")).values()
    assert [(p["id"], p["rating"], p["listed_as"], p["scale_break"]) for p in points] == [
        (1, 1100.0, "was-thinking", None),
        (2, 1110.0, "was-thinking", None),
        (3, 1110.0, "was-high", None),
        (4, 1170.0, "was-high", 60.0),
    ]
    rows = table(llmhub("arena", "history", asked, "--csv"))
    assert [(row["model"], row["listed_as"], row["scale_break"]) for row in rows] == [
        (asked, "was-thinking", ""),
        (asked, "was-thinking", ""),
        (asked, "was-high", ""),
        (asked, "was-high", "60.0"),
    ]
    said = output(llmhub("arena", "history", asked))
    for part in ("▁▂▂█ 1100.0 to 1170.0", "scale break +60.0", "now was-high", "in 4 of 4 publications"):
        assert part in said
    assert f"from was-thinking to was-high on {ago(days=2):%Y-%m-%d}" in said
    assert [point["id"] for point in document(llmhub("arena", "history", asked, "--no-follow", "--json"))[asked]] == (
        [1, 2] if asked == "was-thinking" else [3, 4]
    )


@pytest.mark.usefixtures("moving")
def test_a_terminal_without_blocks_gets_digits(llmhub: Llmhub) -> None:
    said = output(llmhub("arena", "history", "was-high", PYTHONIOENCODING="ascii", PYTHONUTF8="0"))
    assert "ratings    1228 1100.0 to 1170.0" in said


@pytest.mark.usefixtures("moving")
def test_a_span_of_time_narrows_both_kinds_of_history(llmhub: Llmhub) -> None:
    span = ("--since", f"{ago(days=3):%Y-%m-%d}", "--until", f"{ago(days=2):%Y-%m-%d}")
    assert [one["id"] for one in document(llmhub("arena", "history", *span, "--json"))] == [3, 2]
    assert [one["id"] for one in document(llmhub("arena", "history", "--since", "60h", "--json"))] == [4, 3]
    (points,) = document(llmhub("arena", "history", "was-high", *span, "--json")).values()
    assert [point["id"] for point in points] == [2, 3]
    nothing = ("--until", "2020-01-01")
    assert document(llmhub("arena", "history", *nothing, "--json")) == []
    assert document(llmhub("arena", "history", "was-high", *nothing, "--json")) == {"was-high": []}
    run = llmhub("arena", "history", *nothing)
    assert (output(run), run.stderr) == ("", "no snapshot lies between these dates: give another --since or --until\n")
    run = llmhub("arena", "history", "was-high", *nothing)
    assert "first seen" in output(run)
    assert "no snapshot lists it between these dates" in run.stderr


@pytest.mark.parametrize("option", ["--since", "--until"])
@pytest.mark.parametrize("value", ["yesterday", "2025-13-01", "latest", ""])
def test_what_is_no_date_is_wrong_usage(llmhub: Llmhub, option: str, value: str) -> None:
    assert option in error_line(llmhub("arena", "history", option, value), code=2)


def test_publications_whose_boards_did_not_change_are_one_line_and_with_all_each_has_its_own(llmhub: Llmhub) -> None:
    for days, rating in ((5, 1.0), (4, 1.0), (3, 1.0), (2, 2.0), (1, 1.0)):
        seed(board({"made-up-a": rating}), ago(days=days))
    folded = output(llmhub("arena", "history")).splitlines()[2:-1]
    assert [line.split()[0] for line in folded] == ["5", "4", "3"]
    assert f"3 snapshots since 1 of {ago(days=5):%Y-%m-%d}" in folded[-1]
    assert len(output(llmhub("arena", "history", "--limit", "2")).splitlines()[2:-1]) == 2
    for options in (["--all"], ["--csv"]):
        lines = output(llmhub("arena", "history", *options)).splitlines()
        assert len(lines) == 5 + (3 if options == ["--all"] else 1)
    assert [one["id"] for one in document(llmhub("arena", "history", "--json"))] == [5, 4, 3, 2, 1]


def test_an_empty_store_has_an_empty_history(llmhub: Llmhub) -> None:
    assert document(llmhub("arena", "history", "--json")) == []
    assert table(llmhub("arena", "history", "--csv")) == []
    run = llmhub("arena", "history")
    assert (output(run), run.stderr.count("\n")) == ("", 1)
    assert "run `llmhub arena refresh` or `llmhub arena import`" in run.stderr
    assert "has no snapshot yet" in error_line(llmhub("arena", "history", "made-up-a"), code=2)
