"""`llmhub arena import`: what a file is, which snapshot it joins, and what becomes of bad ones among good ones."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import Llmhub
from tests.support.processes.commands import arena_db, document, error_line, output, upstream_json

RATINGS = {"made-up-a": 1000.0, "made-up-b": 990.0}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder for leaderboard files."""
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


def leaderboard_file(folder: Path, path: str, ratings: Mapping[str, float] = RATINGS) -> Path:
    """Write a leaderboard in upstream's shape, compressed if its name ends in .gz."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    content = upstream_json(ratings).encode()
    file.write_bytes(gzip.compress(content) if file.suffix == ".gz" else content)
    return file


def test_the_files_of_one_date_gather_in_one_snapshot(llmhub: Llmhub, files: Path) -> None:
    given = [
        leaderboard_file(files, "2025-06-02/leaderboard-text.json"),
        leaderboard_file(files, "2025-06-01/leaderboard-vision.json.gz"),
        leaderboard_file(files, "2025-06-01/leaderboard-text.json.gz"),
        leaderboard_file(files, "2025-06-01/leaderboard-image.json"),
    ]
    said = output(llmhub("arena", "import", *given)).splitlines()
    assert said == [
        "stored: vision, text, text-to-image in snapshot 1 of 2025-06-01 (3 files)",
        f"stored: text in snapshot 2 of 2025-06-02 ({given[0]})",
        "4 files of 2 dates: 4 stored, 0 known already",
    ]
    assert document(llmhub("arena", "history", "--json")) == [
        {
            "id": number,
            "taken_at": f"{day}T00:00:00Z",
            "published_on": day,
            "source": "arena-catalog",
            "boards": boards,
            "models": 2,
        }
        for number, day, boards in ((2, "2025-06-02", 1), (1, "2025-06-01", 3))
    ]


def test_importing_the_same_again_adds_nothing(llmhub: Llmhub, files: Path) -> None:
    file = leaderboard_file(files, "2025-06-01/leaderboard-text.json")
    said = output(llmhub("arena", "import", file, file))
    assert said == "stored: text; known already: text in snapshot 1 of 2025-06-01 (2 files)\n"
    before = arena_db().read_bytes()
    assert output(llmhub("arena", "import", file)).startswith("known already: text in snapshot 1 of 2025-06-01")
    assert arena_db().read_bytes() == before


@pytest.mark.parametrize(
    ("path", "options", "taken_at"),
    [
        ("leaderboard-text-2025-06-01/leaderboard-text.json", [], "2025-06-01T00:00:00Z"),
        ("leaderboard-text.json", ["--taken-at", "2025-06-01"], "2025-06-01T00:00:00Z"),
        ("leaderboard-text.json", ["--taken-at", "2025-06-01T06:30+02:00"], "2025-06-01T04:30:00Z"),
        ("2024-01-01/leaderboard-text.json", ["--taken-at", "2025-06-01"], "2025-06-01T00:00:00Z"),
        ("2024-01-01/2025-06-01/leaderboard-text.json", [], "2025-06-01T00:00:00Z"),
    ],
)
def test_the_date_is_in_the_path_or_given(
    llmhub: Llmhub, files: Path, path: str, options: list[str], taken_at: str
) -> None:
    output(llmhub("arena", "import", leaderboard_file(files, path), *options))
    (snapshot,) = document(llmhub("arena", "history", "--json"))
    assert snapshot["taken_at"] == taken_at
    assert snapshot["published_on"] == "2025-06-01"


def test_the_leaderboard_is_in_the_name_or_given(llmhub: Llmhub, files: Path) -> None:
    file = leaderboard_file(files, "2025-06-01/ratings.json")
    output(llmhub("arena", "import", "--leaderboard", "webdev", file))
    scores = document(llmhub("arena", "show", "--leaderboard", "webdev", "--json"))["scores"]
    assert {line["model"]: line["rating"] for line in scores} == RATINGS


BAD = {
    "an unknown name": ("2025-06-03/ratings.json", "{}", "give --leaderboard NAME"),
    "no date": ("leaderboard-text.json", "{}", "give --taken-at DATE"),
    "a date that is none": ("2025-06-31/leaderboard-text.json", "{}", "give --taken-at DATE"),
    "half a file": ("2025-06-03/leaderboard-text.json", '{"full": {', "not valid JSON"),
    "a list": ("2025-06-03/leaderboard-text.json", "[]", "found []"),
    "no overall board": ("2025-06-03/leaderboard-text.json", upstream_json(RATINGS, "chinese"), "found chinese"),
    "no gzip": ("2025-06-03/leaderboard-text.json.gz", "plain text", "leaderboard-text.json.gz: "),
    "another board of a known date": ("2025-06-01/leaderboard-text.json", upstream_json({"x": 1.0}), "other boards"),
}


@pytest.mark.parametrize(("path", "content", "why"), BAD.values(), ids=BAD)
def test_a_bad_file_among_good_ones_is_named_and_the_others_are_stored(
    llmhub: Llmhub, files: Path, path: str, content: str, why: str
) -> None:
    good = leaderboard_file(files, "good/2025-06-01/leaderboard-text.json")
    later = leaderboard_file(files, "good/2025-06-04/leaderboard-text.json")
    bad = files / "bad" / path
    bad.parent.mkdir(parents=True)
    bad.write_text(content)
    run = llmhub("arena", "import", good, bad, later)
    stored = output(run, code=1).splitlines()
    assert stored == [
        f"stored: text in snapshot 1 of 2025-06-01 ({good})",
        f"stored: text in snapshot 2 of 2025-06-04 ({later})",
        "2 files of 2 dates: 2 stored, 0 known already",
    ]
    error, summary = run.stderr.splitlines()
    assert error.startswith("error: ")
    assert why in error
    assert "2025-06-01" in error if "other boards" in why else str(bad) in error
    assert summary == "1 of 3 files could not be stored"


def test_one_file_in_two_versions_keeps_the_first(llmhub: Llmhub, files: Path) -> None:
    first = leaderboard_file(files, "2025-06-01/a/leaderboard-text.json")
    second = leaderboard_file(files, "2025-06-01/b/leaderboard-text.json", {"made-up-a": 7.0})
    run = llmhub("arena", "import", first, second)
    assert "1 of 2 files could not be stored" in run.stderr
    assert "overall differ" in run.stderr
    assert output(run, code=1).count("\n") == 1
    scores = document(llmhub("arena", "show", "--json"))["scores"]
    assert {line["model"]: line["rating"] for line in scores} == RATINGS


def test_a_folder_stands_for_the_leaderboard_files_in_and_below_it(llmhub: Llmhub, files: Path) -> None:
    leaderboard_file(files, "2025-06-01/leaderboard-text.json")
    leaderboard_file(files, "2025-06-02/leaderboard-text.json", {"made-up-a": 7.0})
    (files / "2025-06-02" / "notes.json").write_text("{}")
    assert output(llmhub("arena", "import", files)).endswith("2 files of 2 dates: 2 stored, 0 known already\n")
    (files / "none").mkdir()
    assert "found no leaderboard file, expected leaderboard-*.json" in error_line(
        llmhub("arena", "import", files / "none")
    )


def test_a_folder_without_a_leaderboard_keeps_nothing_else_from_being_stored(llmhub: Llmhub, files: Path) -> None:
    given = leaderboard_file(files, "2025-06-01/leaderboard-text.json")
    empty = [files / "empty", files / "void"]
    for folder in empty:
        folder.mkdir()
    run = llmhub("arena", "import", empty[0], given)
    assert output(run, 1) == f"stored: text in snapshot 1 of 2025-06-01 ({given})\n"
    first, last = run.stderr.splitlines()
    assert first.startswith(f"error: {empty[0]}: found no leaderboard file")
    assert last == "1 of 2 files could not be stored"
    none = llmhub("arena", "import", *empty, "--json")
    assert [one["status"] for one in json.loads(output(none, 1))["files"]] == ["failed", "failed"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Missing argument 'FILES...'"),
        (["absent-\x1b[31m.json"], r"'absent-\x1b[31m.json' does not exist"),
        (["--taken-at", "yesterday", __file__], "'--taken-at'"),
    ],
)
def test_what_is_no_file_or_date_is_wrong_usage(llmhub: Llmhub, arguments: list[str], told: str) -> None:
    assert told in error_line(llmhub("arena", "import", *arguments), code=2)
    assert not arena_db().exists()
