"""The reading commands and import on small made-up boards."""

from __future__ import annotations

import gzip
import json
import os
import pty
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import Llmhub
from tests.support.processes.commands import (
    HOSTILE,
    SNAPSHOT_KEYS,
    ago,
    arena_db,
    board,
    document,
    error_line,
    output,
    seed,
    table,
    upstream_json,
)


@pytest.fixture
def two(home: Path) -> None:
    seed(board({"alpha": 1400.0, "beta": 1300.0, "gone": 1200.0}), ago(days=3), published_on=date(2026, 1, 5))
    seed(board({"alpha": 1410.0, "beta": 1300.0, "new": 1250.0}), ago(hours=2), organizations={"alpha": "Lab"})


@pytest.mark.usefixtures("two")
def test_history_lists_snapshots_newest_first(llmhub: Llmhub) -> None:
    found = document(llmhub("arena", "history", "--json"))
    assert [one["id"] for one in found] == [2, 1]
    assert set(found[0]) == SNAPSHOT_KEYS
    assert (found[0]["published_on"], found[1]["published_on"]) == (None, "2026-01-05")
    assert [row["id"] for row in table(llmhub("arena", "history", "--csv", "--limit", "1"))] == ["2"]
    assert "unknown" in output(llmhub("arena", "history"))
    assert error_line(llmhub("arena", "history", "--category", "none"), 2).startswith("no snapshot has text / none")


@pytest.mark.usefixtures("two")
def test_history_of_models_is_oldest_first_with_rank_and_change(llmhub: Llmhub) -> None:
    found = document(llmhub("arena", "history", "alpha", "new", "--json"))
    assert [(point["id"], point["rating"], point["rank"]) for point in found["alpha"]] == [(1, 1400, 1), (2, 1410, 1)]
    assert {"id", "taken_at", "rating", "lower", "upper", "rank", "votes"} <= set(found["alpha"][0])
    assert [point["id"] for point in found["new"]] == [2]
    assert "+10.0" in output(llmhub("arena", "history", "alpha"))
    assert "no snapshot lists 'nobody' on text / overall" in error_line(llmhub("arena", "history", "nobody"), 2)


@pytest.mark.usefixtures("two")
def test_show_names_what_the_reference_resolved_to(llmhub: Llmhub) -> None:
    shown = output(llmhub("arena", "show", "--top", "2"))
    assert shown.startswith("text / overall: the first 2 of 3 models, snapshot 2 of ")
    assert [row["model"] for row in table(llmhub("arena", "show", "1", "--csv"))] == ["alpha", "beta", "gone"]
    assert document(llmhub("arena", "show", "previous", "--json"))["snapshot"]["id"] == 1
    assert "Lab" in shown


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("show", "latest~9"), "no snapshot answers 'latest~9'"),
        (("show", "nonsense"), "names no snapshot"),
        (("show", "--leaderboard", "none"), "there are text"),
        (("show", "--top", "0"), "--help"),
        (("shwo",), "No such command"),
        (("diff", "1", "99"), "no snapshot answers '99'"),
        (("import",), "Missing argument"),
    ],
)
def test_wrong_usage_exits_2_with_one_line(llmhub: Llmhub, words: tuple[str, ...], why: str) -> None:
    assert why in error_line(llmhub("arena", *words), 2)


@pytest.mark.usefixtures("two")
def test_diff_tells_what_came_went_and_moved_and_can_exit_with_3(llmhub: Llmhub) -> None:
    found = document(llmhub("arena", "diff", "--json"))
    assert (found["from"]["id"], found["to"]["id"]) == (1, 2)
    assert [one["model"] for one in found["added"] + found["removed"]] == ["new", "gone"]
    assert found["changed"][0]["delta"] == 10.0
    assert llmhub("arena", "diff", "--exit-code").returncode == 3
    assert llmhub("arena", "diff", "2", "2", "--exit-code").returncode == 0
    assert [row["what"] for row in table(llmhub("arena", "diff", "--csv"))] == ["added", "removed", "changed"]
    text = output(llmhub("arena", "diff"))
    counts = "1 came, 1 went, 0 renamed, 1 changed (0 significantly), 1 did not"
    for part in ("scale shift +5.0", counts, "came (1)", "went (1)", "--all lists the rest"):
        assert part in text


def test_diff_on_one_snapshot_says_that_nothing_is_previous(llmhub: Llmhub) -> None:
    seed(board({"alpha": 1400.0}), ago(days=1))
    assert "has no previous board" in error_line(llmhub("arena", "diff"), 2)


def test_without_a_store_every_command_says_what_to_do(llmhub: Llmhub) -> None:
    assert document(llmhub("arena", "history", "--json")) == []
    assert "llmhub arena refresh" in error_line(llmhub("arena", "show"), 2)
    assert "does not exist yet" in output(llmhub("arena", "status"))
    assert document(llmhub("arena", "status", "--json"))["newest"] is None
    assert not arena_db().exists()


def test_a_damaged_store_is_one_line_with_the_remedy(llmhub: Llmhub) -> None:
    seed(board({"alpha": 1400.0}), ago(days=1))
    arena_db().write_bytes(b"damaged" * 1000)
    for command in ("status", "history", "show", "diff", "refresh"):
        assert "restore it from a copy" in error_line(llmhub("arena", command), 1)
    assert arena_db().read_bytes() == b"damaged" * 1000


def test_hostile_names_are_harmless_in_tables_and_unchanged_in_documents(llmhub: Llmhub) -> None:
    seed(board({name: 1000.0 + number for number, name in enumerate(HOSTILE)}), ago(days=1))
    shown = output(llmhub("arena", "show"))
    assert all(line.isprintable() for line in shown.splitlines())
    assert "[red]x[/red]" in shown
    assert "long-" * 60 in shown
    in_json = document(llmhub("arena", "show", "--json"))
    assert {line["model"] for line in in_json["scores"]} == set(HOSTILE)
    run = llmhub("arena", "history", "\x1b[31mnobody")
    assert "\\x1b[31mnobody" in error_line(run, 2)


def test_a_table_on_a_narrow_terminal_is_whole(two: None) -> None:
    master, terminal = pty.openpty()
    command = [sys.executable, "-m", "llmhub", "arena", "show"]
    environment = {**os.environ, "COLUMNS": "60", "TERM": "xterm"}
    run = subprocess.Popen(command, stdout=terminal, stderr=subprocess.PIPE, env=environment)
    os.close(terminal)
    _, errors = run.communicate(timeout=60)
    with os.fdopen(master, "rb") as screen:
        shown = screen.read1(65536)
    assert (run.returncode, errors) == (0, b"")
    assert b"alpha" in shown


def test_a_reader_that_stops_early_is_no_failure(two: None) -> None:
    command = f"{sys.executable} -m llmhub arena show | head -n 1"
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert run.stderr == ""


def test_a_traceback_is_shown_only_when_asked_for(llmhub: Llmhub) -> None:
    run = llmhub("arena", "show", LLMHUB_DEBUG="1")
    assert "Traceback" in run.stderr
    assert "Traceback" not in llmhub("arena", "show").stderr


def test_import_takes_leaderboard_and_date_from_the_path_and_gathers_a_date(llmhub: Llmhub, tmp_path: Path) -> None:
    folder = tmp_path / "2025-05-20"
    folder.mkdir()
    text, vision = folder / "leaderboard-text.json", folder / "leaderboard-vision.json.gz"
    text.write_text(upstream_json({"alpha": 1400.0}))
    vision.write_bytes(gzip.compress(upstream_json({"eye": 1100.0}).encode()))
    output(llmhub("arena", "import", vision, text))
    (snapshot,) = document(llmhub("arena", "history", "--json"))
    assert (snapshot["taken_at"], snapshot["source"]) == ("2025-05-20T00:00:00Z", "arena-catalog")
    assert (snapshot["published_on"], snapshot["boards"]) == ("2025-05-20", 2)
    before = arena_db().read_bytes()
    assert output(llmhub("arena", "import", vision, text)).startswith("known already: vision, text in snapshot 1")
    assert arena_db().read_bytes() == before


def test_import_stores_the_good_files_names_the_bad_ones_and_exits_1(llmhub: Llmhub, tmp_path: Path) -> None:
    files = {
        "2025-05-20/leaderboard-text.json": upstream_json({"alpha": 1400.0}),
        "2025-05-21/leaderboard-text.json": "{",
        "2025-05-22/other.json": upstream_json({"alpha": 1400.0}),
        "undated/leaderboard-text.json": upstream_json({"alpha": 1400.0}),
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    run = llmhub("arena", "import", *(tmp_path / name for name in files))
    assert run.returncode == 1
    assert run.stdout.count("stored: ") == 1
    for why in ("not valid JSON", "give --leaderboard NAME", "give --taken-at DATE", "3 of 4 files"):
        assert why in run.stderr


def test_import_options_say_what_the_path_does_not(llmhub: Llmhub, tmp_path: Path) -> None:
    file = tmp_path / "anything.json"
    file.write_text(upstream_json({"alpha": 1400.0}))
    output(llmhub("arena", "import", file, "--leaderboard", "webdev", "--taken-at", "2025-01-02"))
    assert document(llmhub("arena", "show", "--leaderboard", "webdev", "--json"))["snapshot"]["id"] == 1
    file.write_text(upstream_json({"alpha": 1500.0}))
    again = llmhub("arena", "import", file, "--leaderboard", "webdev", "--taken-at", "2025-01-02")
    assert again.returncode == 1
    assert "other boards of webdev already" in again.stderr


def test_help_and_history_import_nothing_heavy(home: Path) -> None:
    seed(board({"alpha": 1400.0}), ago(days=1))
    heavy = {"alembic", "sqlmodel", "sqlalchemy", "any_llm", "duckdb", "pydantic", "rich", "httpx"}
    code = (
        "import atexit, json, sys\n"
        f"atexit.register(lambda: print(json.dumps(sorted({heavy!r} & sys.modules.keys())), file=sys.stderr))\n"
        "from llmhub.cli import main\nmain(sys.argv[1:])"
    )
    for words in (["--help"], ["arena", "--help"], ["arena", "history", "--json"], ["arena", "show", "--csv"]):
        run = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
        assert json.loads(run.stderr) == []


def test_a_character_set_without_the_names_letters_is_no_failure(llmhub: Llmhub) -> None:
    seed(board({"名前": 1400.0}), ago(days=1))
    shown = output(llmhub("arena", "show", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C"))
    assert "1400.0" in shown
