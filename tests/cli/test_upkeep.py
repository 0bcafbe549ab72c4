"""`llmhub arena prune`, `verify`, `repair` and `backup`."""

from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest

from llmhub.arena.sources import Source
from llmhub.cli.arena.prune import prune
from tests.conftest import Llmhub
from tests.support.processes.commands import (
    SNAPSHOT_KEYS,
    ago,
    arena_db,
    board,
    document,
    error_line,
    files_in,
    output,
    seed,
)

FINDING_KEYS = {"level", "check", "message", "remedy"}
PRUNE_KEYS = {"dry_run", "kept", "removed", "size_bytes_before", "size_bytes_after"} | {
    *("boards", "scores", "rankings", "models")
}
REPAIR_KEYS = {"store", "dry_run", "sound", "damaged_file", "kept", "lost", "unknown"} | {
    *("boards", "scores", "other_snapshots")
}
LOSS_KEYS = {"id", "taken_at", "source", "leaderboard", "reason"}


@pytest.fixture
def four() -> None:
    """Store four daily snapshots, each with a board of its own."""
    for days in (4, 3, 2, 1):
        seed(board({"made-up-a": 1000.0 + days, f"made-up-{days}": 900.0}), ago(days=days))


def change(statement: str) -> None:
    with closing(sqlite3.connect(arena_db())) as connection, connection:
        connection.execute(statement)


def test_the_sources_are_those_of_the_store() -> None:
    (option,) = (option for option in prune.params if option.name == "sources")
    assert tuple(option.type.choices) == get_args(Source)  # type: ignore[attr-defined]  # click.Choice


@pytest.mark.usefixtures("four")
def test_a_dry_run_says_what_would_go_and_why_the_others_stay_and_changes_nothing(llmhub: Llmhub) -> None:
    before = arena_db().read_bytes()
    found = document(llmhub("arena", "prune", "--keep-last", "2", "--dry-run", "--json"))
    assert set(found) == PRUNE_KEYS
    assert (found["dry_run"], found["size_bytes_after"]) == (True, None)
    assert [(one["id"], one["reasons"]) for one in found["kept"]] == [
        (4, ["newest of script", "last 1"]),
        (3, ["last 2"]),
    ]
    assert all(set(one) == SNAPSHOT_KEYS for one in found["removed"])
    assert [one["id"] for one in found["removed"]] == [2, 1]
    assert (found["boards"], found["scores"], found["rankings"], found["models"]) == (2, 4, 0, 2)
    said = output(llmhub("arena", "prune", "--keep-last", "2", "--dry-run"))
    lines = [line.split() for line in said.splitlines()[2:6]]
    assert [(line[0], line[4]) for line in lines] == [("4", "keep"), ("3", "keep"), ("2", "remove"), ("1", "remove")]
    assert "newest of script, last 1" in said
    assert "would remove 2 of 4 snapshots, and 2 boards, 4 scores and 2 models that no other snapshot uses" in said
    assert arena_db().read_bytes() == before


@pytest.mark.usefixtures("four")
def test_prune_removes_what_the_dry_run_said(llmhub: Llmhub) -> None:
    assert "removed 2 of 4 snapshots" in output(llmhub("arena", "prune", "--keep-within", "30h"))
    assert [one["id"] for one in document(llmhub("arena", "history", "--json"))] == [4, 3]
    assert document(llmhub("arena", "prune", "--keep-daily", "1", "--json"))["removed"][0]["id"] == 3
    assert "is sound: 1 board with 2 scores" in output(llmhub("arena", "verify"))
    assert files_in(arena_db().parent) == {"arena.db", "upgrade.lock"}


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "give at least one --keep option"),
        (["--dry-run"], "give at least one --keep option"),
        (["--source", "script"], "give at least one --keep option"),
        (["--keep-last", "0"], "--keep-last"),
        (["--keep-within", "soon"], "--keep-within"),
        (["--orphans", "--keep-last", "1"], "--orphans keeps every snapshot"),
        (["--orphans", "--source", "script"], "--orphans keeps every snapshot"),
        (["--keep-last", "1", "--source", "rumour"], "--source"),
    ],
)
def test_a_policy_that_makes_no_sense_is_wrong_usage(llmhub: Llmhub, options: list[str], said: str) -> None:
    before = arena_db().read_bytes()
    assert said in error_line(llmhub("arena", "prune", *options), code=2)
    assert arena_db().read_bytes() == before


def test_without_a_store_there_is_nothing_to_prune_or_back_up_and_nothing_wrong(llmhub: Llmhub, tmp_path: Path) -> None:
    assert "nothing to prune" in error_line(llmhub("arena", "prune", "--keep-last", "1"), code=2)
    assert "nothing to back up" in error_line(llmhub("arena", "backup", tmp_path / "copy.db"), code=2)
    assert "does not exist yet" in output(llmhub("arena", "verify"))
    assert document(llmhub("arena", "verify", "--json"))["findings"] == []
    assert not arena_db().exists()


@pytest.mark.usefixtures("four")
def test_verify_tells_hints_from_errors_and_names_the_command_that_clears_them(llmhub: Llmhub) -> None:
    assert output(llmhub("arena", "verify")) == f"{arena_db()} is sound: 4 boards with 8 scores\n"
    change("INSERT INTO model (name) VALUES ('nobody')")
    said = output(llmhub("arena", "verify"))
    assert "hint: 1 model on no board" in said
    assert "remedy: `llmhub arena prune --orphans` removes it" in said
    assert "removed 0 of 4 snapshots, and 1 model that no other snapshot uses" in output(
        llmhub("arena", "prune", "--orphans")
    )
    assert "is sound" in output(llmhub("arena", "verify"))


@pytest.mark.usefixtures("four")
def test_verify_exits_with_3_on_damage_and_its_document_says_what(llmhub: Llmhub) -> None:
    change("UPDATE score SET votes = 7 WHERE board_id = 2")
    run = llmhub("arena", "verify", "--json")
    found = json.loads(output(run, code=3))
    assert set(found) == {"store", "errors", "hints", "boards", "scores", "price_lists", "listings", "findings"}
    assert (found["errors"], found["hints"], found["boards"]) == (1, 0, 4)
    (finding,) = found["findings"]
    assert set(finding) == FINDING_KEYS
    assert (finding["level"], finding["check"]) == ("error", "digests")
    assert "text / overall (board 2)" in finding["message"]
    said = output(llmhub("arena", "verify"), code=3)
    assert "error: text / overall (board 2)" in said
    assert "remedy: `llmhub arena repair` saves what still holds; or restore the store from a backup" in said


@pytest.mark.parametrize("content", [b"rubbish" * 1000, b"SQLite format 3\0" + b"\xa5" * 9000])
def test_a_damaged_file_is_a_finding(llmhub: Llmhub, content: bytes) -> None:
    arena_db().parent.mkdir(parents=True)
    arena_db().write_bytes(content)
    said = output(llmhub("arena", "verify"), code=3)
    assert said.startswith(f"error: {arena_db()} is ")
    assert arena_db().read_bytes() == content


@pytest.mark.usefixtures("four")
def test_a_backup_can_take_the_stores_place(llmhub: Llmhub, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / "copy.db"
    before = document(llmhub("arena", "history", "--json"))
    assert f"backed up to {copy}: 4 boards with 8 scores" in output(llmhub("arena", "backup", "copy.db"))
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert "give --force" in error_line(llmhub("arena", "backup", copy))
    output(llmhub("arena", "backup", copy, "--force"))
    output(llmhub("arena", "prune", "--keep-last", "1"))
    copy.replace(arena_db())
    assert document(llmhub("arena", "history", "--json")) == before


@pytest.mark.usefixtures("four")
def test_a_damaged_store_is_not_backed_up(llmhub: Llmhub, tmp_path: Path) -> None:
    change("UPDATE score SET votes = 7")
    assert "`llmhub arena verify` lists 4 errors" in error_line(llmhub("arena", "backup", tmp_path / "copy.db"))
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.usefixtures("four")
def test_repair_saves_what_holds_says_what_is_lost_and_exits_with_3(llmhub: Llmhub) -> None:
    history = document(llmhub("arena", "history", "--json"))
    change("UPDATE score SET votes = 7 WHERE board_id = 2")
    damaged = arena_db().read_bytes()
    told = json.loads(output(llmhub("arena", "repair", "--dry-run", "--json"), code=3))
    assert (told["dry_run"], told["damaged_file"], arena_db().read_bytes()) == (True, None, damaged)
    said = output(llmhub("arena", "repair"), code=3)
    lines = said.splitlines()
    assert lines[0].startswith("lost: text of snapshot 2 of ")
    assert lines[0].endswith("(script): overall: cannot be read, or the digest does not hold")
    assert lines[1] == "saved 3 leaderboards of 3 snapshots (3 boards with 6 scores); 1 leaderboard is lost"
    (kept,) = (name for name in files_in(arena_db().parent) if "damaged" in name)
    assert f"the damaged file is kept as {kept}" in lines[2]
    assert arena_db().with_name(kept).read_bytes() == damaged
    assert document(llmhub("arena", "history", "--json")) == [one for one in history if one["id"] != 2]
    assert "is sound: 3 boards with 6 scores" in output(llmhub("arena", "verify"))
    assert "is sound: nothing was changed" in output(llmhub("arena", "repair"))


@pytest.mark.usefixtures("four")
def test_the_document_of_a_repair_says_what_was_kept_and_lost(llmhub: Llmhub) -> None:
    change("UPDATE score SET votes = 7 WHERE board_id = 2")
    done = json.loads(output(llmhub("arena", "repair", "--json"), code=3))
    assert set(done) == REPAIR_KEYS
    assert [(one["id"], one["leaderboards"]) for one in done["kept"]] == [(4, ["text"]), (3, ["text"]), (1, ["text"])]
    assert all(set(one) == SNAPSHOT_KEYS | {"leaderboards"} for one in done["kept"])
    assert [(one["id"], one["leaderboard"], one["source"]) for one in done["lost"]] == [(2, "text", "script")]
    assert set(done["lost"][0]) == LOSS_KEYS
    assert (done["sound"], done["boards"], done["scores"], done["unknown"]) == (False, 3, 6, [])
    assert document(llmhub("arena", "repair", "--json"))["sound"] is True


@pytest.mark.usefixtures("four")
def test_a_repair_that_loses_nothing_exits_with_0(llmhub: Llmhub) -> None:
    change("DELETE FROM alembic_version")
    for command in (["refresh"], ["status"], ["history"]):
        assert "it was not touched: run `llmhub arena repair`" in error_line(llmhub("arena", *command))
    assert "saved 4 leaderboards of 4 snapshots (4 boards with 8 scores); none is lost" in output(
        llmhub("arena", "repair")
    )


def test_where_nothing_can_be_saved_or_nothing_is_there_repair_says_so(llmhub: Llmhub) -> None:
    assert "does not exist yet: there is nothing to repair" in output(llmhub("arena", "repair"))
    assert not arena_db().parent.exists()
    arena_db().parent.mkdir(parents=True)
    arena_db().write_bytes(b"rubbish" * 1000)
    assert "nothing can be saved of" in error_line(llmhub("arena", "repair"))
    assert arena_db().read_bytes() == b"rubbish" * 1000
