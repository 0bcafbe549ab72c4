"""`llmhub arena refresh`: when the script runs, what is said of it, and that a failure changes nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Script
from tests.conftest import Llmhub
from tests.support.made_up.publications import row, small_publication, write_publication
from tests.support.made_up.scripts import is_alive
from tests.support.processes.commands import (
    ago,
    arena_db,
    arena_folder,
    board,
    document,
    error_line,
    files_in,
    output,
    seed,
    upstream_json,
    utc_now,
)
from tests.support.servers.http import DatasetServer, status

OLD = board({"made-up-old": 1000.0, "made-up-other": 990.0})
GOOD = (
    f"open('data/leaderboard-text.json', 'w').write({upstream_json({'made-up-new': 1100.0, 'made-up-old': 1000.0})!r})"
)


def test_a_folder_of_experiments_for_a_cache_keeps_all_that_is_in_it(
    llmhub: Llmhub, script: Script, tmp_path: Path
) -> None:
    experiments = tmp_path / "experiments"
    kept = ["run-3/weights", ".repair/notes", "backfill/text/full-00000-of-00001.parquet", "refresh-failure.json"]
    for name in kept:
        (experiments / name).parent.mkdir(parents=True, exist_ok=True)
        (experiments / name).write_text("mine")
    script("raise SystemExit('error: made up')")
    assert llmhub("arena", "refresh", LLMHUB_ARENA_CACHE_DIR=str(experiments)).returncode == 1
    script(GOOD)
    assert llmhub("arena", "refresh", LLMHUB_ARENA_CACHE_DIR=str(experiments)).returncode == 0
    assert [(experiments / name).read_text() for name in kept] == ["mine"] * 4
    assert files_in(experiments) == {
        *(name.partition("/")[0] for name in kept),
        "arena.db",
        "refresh.lock",
        "upgrade.lock",
    }


def test_the_first_refresh_stores_what_the_published_dataset_has(
    llmhub: Llmhub, publication: DatasetServer, tmp_path: Path
) -> None:
    run = llmhub("arena", "refresh")
    assert "stored snapshot 1 of " in output(run)
    assert "(script, published 2026-01-05): 5 leaderboards, 12 boards, 5 models on text / overall" in run.stdout
    (snapshot,) = document(llmhub("arena", "history", "--json"))
    assert (snapshot["source"], snapshot["published_on"], snapshot["models"]) == ("script", "2026-01-05", 5)
    assert len(publication.requests) == 5
    assert files_in(arena_folder()) <= {"arena.db", "upgrade.lock", "refresh.lock"}
    assert files_in(tmp_path / "elsewhere") == set(), "the folder that the command runs in is the user's"


def test_a_refresh_says_what_changed_since_the_run_before(llmhub: Llmhub, publication: DatasetServer) -> None:
    output(llmhub("arena", "refresh"))
    again = output(llmhub("arena", "refresh", "--force"))
    assert "text / overall since snapshot 1: nothing changed" in again
    small_publication(publication.folder, shift=20.0)
    moved = output(llmhub("arena", "refresh", "--force"))
    assert "text / overall since snapshot 2: 0 came, 0 went, 0 renamed, 5 changed (0 significantly)" in moved
    assert "scale shift +20.0" in moved
    assert "`llmhub arena diff 2 3`" in moved


@pytest.mark.parametrize(
    ("options", "hours", "runs"),
    [
        ([], 23, False),
        ([], 25, True),
        (["--force"], 1, True),
        (["--max-age", "12h"], 11, False),
        (["--max-age", "12h"], 13, True),
        (["--max-age", "2d"], 47, False),
        (["--max-age", "1w"], 169, True),
    ],
)
def test_the_script_runs_only_if_the_newest_run_is_too_old(
    llmhub: Llmhub, script: Script, tmp_path: Path, options: list[str], hours: int, *, runs: bool
) -> None:
    seed(OLD, ago(hours=hours))
    mark = tmp_path / "the-script-ran"
    script(f"open({str(mark)!r}, 'w')\n{GOOD}")
    said = output(llmhub("arena", "refresh", *options))
    assert mark.exists() is runs
    assert said.startswith("stored snapshot 2" if runs else "fresh: snapshot 1 of ")
    if runs:
        assert "1 came, 1 went, 0 renamed, 0 changed (0 significantly)" in said


@pytest.mark.parametrize("age", ["12", "h", "-1h", "12m", "1.5h", "", "tomorrow", "999999999w"])
def test_an_age_of_another_form_is_wrong_usage(llmhub: Llmhub, age: str) -> None:
    said = error_line(llmhub("arena", "refresh", "--max-age", age), code=2)
    assert "'--max-age'" in said
    assert "such as 36h, 7d or 2w" in said
    assert not arena_folder().exists()


HANGS = "import time; time.sleep(600)"
FAILURES = {
    "exits with 1": ("import sys; sys.exit('made-up: no luck today')", "exited with 1: made-up: no luck today"),
    "writes a file and exits with 1": (f"{GOOD}\nraise SystemExit(1)", "exited with 1 and said nothing"),
    "leaves no file": ("", "left no data/leaderboard-text.json"),
    "leaves half a file": ("open('data/leaderboard-text.json', 'w').write('{\"full\": {')", "is not valid JSON"),
    "leaves a board that is not overall": (
        f"open('data/leaderboard-text.json', 'w').write({upstream_json({'made-up': 1.0}, 'chinese')!r})",
        "data/leaderboard-text.json: full: found chinese, expected an overall board",
    ),
    "says hostile things": (
        r"import sys; print('\x1b[2J[red]x[/red]\u202e', file=sys.stderr); sys.exit(7)",
        r"exited with 7: \x1b[2J[red]x[/red]\u202e",
    ),
    "is killed": ("import os; os.kill(os.getpid(), 9)", "ended by SIGKILL"),
    "hangs": (HANGS, "it had not ended after 1 s (LLMHUB_ARENA_TIMEOUT)"),
}


@pytest.mark.parametrize(("code", "reason"), FAILURES.values(), ids=FAILURES)
def test_a_failing_refresh_says_why_in_one_line_and_changes_nothing(
    llmhub: Llmhub, script: Script, code: str, reason: str
) -> None:
    script(code)
    seed(OLD, ago(hours=48))
    before = arena_db().read_bytes()
    said = error_line(llmhub("arena", "refresh", LLMHUB_ARENA_TIMEOUT="1" if code == HANGS else None))
    assert reason in said
    assert "nothing was written, snapshot 1 of " in said
    assert said.endswith(" still answers")
    assert arena_db().read_bytes() == before
    assert files_in(arena_folder()) <= {"arena.db", "upgrade.lock", "refresh.lock", "refresh-failure.json"}
    shown = document(llmhub("arena", "show", "--json"))
    assert (shown["snapshot"]["id"], [line["model"] for line in shown["scores"]]) == (1, list(OLD))


def test_a_failing_first_refresh_leaves_no_store(llmhub: Llmhub, publication: DatasetServer) -> None:
    publication.fail("text", status(404), always=True)
    said = error_line(llmhub("arena", "refresh"))
    assert "404" in said
    assert "there is no earlier snapshot" in said
    assert not arena_db().exists()


def test_a_missing_script_is_named_with_its_setting(llmhub: Llmhub, tmp_path: Path) -> None:
    absent = tmp_path / "nowhere.py"
    said = error_line(llmhub("arena", "refresh", LLMHUB_ARENA_SCRIPT=str(absent)))
    assert str(absent) in said
    assert "LLMHUB_ARENA_SCRIPT" in said


@pytest.mark.parametrize("timeout", ["soon", "-1", "0", "nan", "inf"])
def test_a_timeout_that_is_no_number_is_named_with_its_setting(llmhub: Llmhub, script: Script, timeout: str) -> None:
    script(GOOD)
    assert "LLMHUB_ARENA_TIMEOUT" in error_line(llmhub("arena", "refresh", LLMHUB_ARENA_TIMEOUT=timeout))
    assert not arena_db().exists()


def test_offline_no_script_runs_and_a_stale_store_is_an_error(llmhub: Llmhub, script: Script, tmp_path: Path) -> None:
    mark = tmp_path / "the-script-ran"
    script(f"open({str(mark)!r}, 'w')\n{GOOD}")
    seed(OLD, ago(hours=25))
    said = error_line(llmhub("arena", "refresh", LLMHUB_OFFLINE="1"))
    assert "LLMHUB_OFFLINE is set" in said
    assert "snapshot 1 of " in said
    assert "fresh: snapshot 1" in output(llmhub("arena", "refresh", "--max-age", "2d", LLMHUB_OFFLINE="1"))
    assert not mark.exists()
    assert "stored snapshot 2" in output(llmhub("arena", "refresh", LLMHUB_OFFLINE="0"))


@pytest.mark.parametrize(("days", "old"), [(20, True), (12, False)])
def test_data_published_long_ago_is_warned_of_although_the_run_succeeds(
    llmhub: Llmhub, publication: DatasetServer, days: int, *, old: bool
) -> None:
    published = (utc_now() - timedelta(days=days)).date().isoformat()
    write_publication(publication.folder, "text", [row("made-up-a", 1000.0, published_on=published)])
    refreshed, asked = llmhub("arena", "refresh"), llmhub("arena", "status")
    assert "stored snapshot 1" in output(refreshed)
    assert "(fresh)" in output(asked)
    for run in (refreshed, asked):
        warnings = [line for line in run.stderr.splitlines() if "warning: the runs succeed but" in line]
        assert len(warnings) == old, run.stderr
        assert not old or "the data is old: the text leaderboard was published 2" in warnings[0]


def test_an_interrupted_refresh_ends_the_script_and_leaves_nothing(script: Script, tmp_path: Path) -> None:
    seed(OLD, ago(hours=48))
    before = arena_db().read_bytes()
    numbers = tmp_path / "process-numbers"
    script(
        "import os, subprocess, sys, time\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(numbers)!r} + '.new', 'w').write(f'{{os.getpid()}} {{other.pid}}')\n"
        f"os.rename({str(numbers)!r} + '.new', {str(numbers)!r})\n"
        "time.sleep(600)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "llmhub", "arena", "refresh"],
        cwd=tmp_path,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Where pytest itself runs in the background, its children ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,  # noqa: PLW1509 -- no other thread runs
    )
    try:
        while not numbers.exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, stdout, stderr.strip()) == (130, "", "interrupted")
    assert not any(is_alive(int(number)) for number in numbers.read_text().split())
    assert files_in(arena_folder()) <= {"arena.db", "upgrade.lock", "refresh.lock"}
    assert arena_db().read_bytes() == before


@pytest.mark.parametrize("command", [["refresh"], ["refresh", "--force"]])
def test_a_damaged_store_is_refused_before_the_script_runs(
    llmhub: Llmhub, script: Script, tmp_path: Path, command: list[str]
) -> None:
    mark = tmp_path / "the-script-ran"
    script(f"open({str(mark)!r}, 'w')\n{GOOD}")
    arena_folder().mkdir(parents=True)
    arena_db().write_bytes(b"no database" * 1000)
    said = error_line(llmhub("arena", *command))
    assert "run `llmhub arena repair`, restore it from a copy, or move it away" in said
    assert not mark.exists()
    assert arena_db().read_bytes() == b"no database" * 1000
