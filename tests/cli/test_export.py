"""`llmhub arena export`: what it writes, `import` brings back."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import Llmhub
from tests.support.processes.commands import ago, arena_db, board, document, error_line, files_in, output, seed


@pytest.fixture
def two() -> None:
    """Store a text snapshot and, a day later, another one with a leaderboard that upstream has no file for."""
    seed(board({"made-up-a": 1000.0, "made-up-b": 1001 / 3}), ago(days=2), published_on=date(2026, 1, 5))
    moment = ago(days=1)
    seed(board({"made-up-a": 1010.0}), moment, organizations={"made-up-a": "Made-Up Labs"})
    seed(board({"made-up-w": 900.1}), moment, leaderboard="../webdev")


@pytest.mark.usefixtures("two")
def test_an_export_is_imported_as_it_is_called_into_another_store(llmhub: Llmhub, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere" / "out"
    run = llmhub("arena", "export", "-o", "out")
    said = output(run)
    assert said.startswith("snapshot 2 of ")
    assert f"text: 1 board with 1 score in {folder / 'leaderboard-text.json'}" in said
    assert run.stderr == ""
    assert len(files_in(folder)) == 3
    assert files_in(folder.parent) == {"out"}
    # As a shell expands out/*.json: leaderboard-meta.json is among them.
    files = sorted(folder.glob("*.json"))
    other = {"LLMHUB_ARENA_CACHE_DIR": str(tmp_path / "other")}
    imported = llmhub("arena", "import", *files, **other)
    assert output(imported).startswith("stored: ")
    assert output(imported).endswith(" (2 files)\n")
    meta = folder / "leaderboard-meta.json"
    assert imported.stderr == f"{meta} describes the files beside it and holds no leaderboard: passed over\n"
    assert "give those files" in error_line(llmhub("arena", "import", meta, **other), code=2)
    for words in (["show"], ["show", "--leaderboard", "../webdev"]):
        here = document(llmhub("arena", *words, "--json"))
        there = document(llmhub("arena", *words, "--json", **other))
        assert here["scores"] == there["scores"]
        assert here["snapshot"]["taken_at"] == there["snapshot"]["taken_at"]
    assert output(llmhub("arena", "import", *files, **other)).startswith("known already: ")


@pytest.mark.usefixtures("two")
def test_parquet_and_a_reference_and_one_leaderboard_can_be_asked_for(llmhub: Llmhub, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    output(llmhub("arena", "export", "latest~1", "-o", folder, "--format", "parquet"))
    (file,) = folder.glob("*/*.parquet")
    assert file == folder / "text" / "latest-00000-of-00001.parquet"
    other = {"LLMHUB_ARENA_CACHE_DIR": str(tmp_path / "other")}
    assert "1 date stored (2026-01-05)" in output(llmhub("arena", "import", file, **other))
    found = document(llmhub("arena", "show", "--json", **other))
    assert [line["rating"] for line in found["scores"]] == [1000.0, 1001 / 3]
    output(llmhub("arena", "export", "-o", tmp_path / "one", "--leaderboard", "../webdev"))
    meta = json.loads((tmp_path / "one" / "leaderboard-meta.json").read_text())
    assert list(meta["leaderboards"]) == ["../webdev"]


@pytest.mark.usefixtures("two")
def test_nothing_is_written_over_without_force(llmhub: Llmhub, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    output(llmhub("arena", "export", "-o", folder))
    before = {path: path.stat().st_ino for path in folder.iterdir()}
    assert "is there already: give --force" in error_line(llmhub("arena", "export", "1", "-o", folder))
    assert {path: path.stat().st_ino for path in folder.iterdir()} == before
    output(llmhub("arena", "export", "1", "-o", folder, "--force"))
    assert "made-up-b" in (folder / "leaderboard-text.json").read_text()


@pytest.mark.usefixtures("two")
def test_what_there_is_not_is_wrong_usage_and_writes_nothing(llmhub: Llmhub, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert "--output" in error_line(llmhub("arena", "export"), code=2)
    for words in (["nonsense"], ["99"], ["--leaderboard", "search"], ["--format", "csv"]):
        error_line(llmhub("arena", "export", "-o", folder, *words), code=2)
    assert not folder.exists()


def test_a_file_that_does_not_come_back_whole_is_said(llmhub: Llmhub, tmp_path: Path) -> None:
    seed(board({"made-up-a": 1000.0}), ago(days=1), category="coding")
    run = llmhub("arena", "export", "-o", tmp_path / "out")
    output(run)
    assert run.stderr == "text: it has no overall board, which import asks for: use Parquet\n"


def test_without_a_store_there_is_nothing_to_export(llmhub: Llmhub, tmp_path: Path) -> None:
    assert "has no snapshot yet" in error_line(llmhub("arena", "export", "-o", tmp_path / "out"), code=2)
    assert not arena_db().exists()
    assert not (tmp_path / "out").exists()
