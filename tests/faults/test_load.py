"""Many processes at once: one run of the script for all, whole boards beside a writer, one upgrade."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from llmhub.arena import Score, SnapshotStore
from llmhub.arena.database import REVISIONS
from llmhub.arena.exchange.importing import import_dataset
from tests.faults.aftermath import Run, contents, no_traceback, nothing_left_behind
from tests.faults.callers import DATES, FIRST, models_of
from tests.faults.scenarios import Home
from tests.support.made_up.publications import FULL, row, write_publication
from tests.support.made_up.scripts import GOOD_RATINGS, LEAVES_GOOD_FILE, UpdateScript, update_script
from tests.support.processes.forks import Forks, Job

_MANY = 32
_OLD_RATINGS = {"made-up-stored": 1300.5}

# All the others wait on the lock by then.
_ALL_WAIT = f"""
give_up = time.monotonic() + 60
while len(list(NOTES.glob("waits-*"))) < {_MANY - 1}:
    time.monotonic() < give_up or sys.exit("error: not all came")
    time.sleep(0.02)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return a home with nothing in it."""
    return Home(tmp_path)


def seed_stale(home: Home) -> None:
    with SnapshotStore.open(home.db) as store:
        board = {name: Score(rating) for name, rating in _OLD_RATINGS.items()}
        store.add({"text": {"overall": board}}, taken_at=datetime.now(UTC) - timedelta(days=2))


def all_ask(forks: Forks, home: Home, script: UpdateScript) -> list[dict[str, Any]]:
    """Let 32 processes ask for the models at once, and return what each got."""
    variables = home.variables | {"LLMHUB_ARENA_SCRIPT": str(script.path)}
    jobs = [Job("tests.faults.callers:ask", [str(script.notes)], variables, str(home.folder))] * _MANY
    runs = [ended.run for ended in forks.run_all(jobs)]
    assert [(run.returncode, run.stderr) for run in runs] == [(0, "")] * _MANY
    return [json.loads(run.stdout) for run in runs]


def ratings(answer: dict[str, Any]) -> dict[str, float]:
    return {name: model["rating"] for name, model in answer["models"].items()}


@pytest.mark.parametrize("stale", [True, False], ids=["a stale store", "no store"])
def test_32_processes_that_find_no_fresh_store_run_the_script_once_and_get_equal_answers(
    forks: Forks, home: Home, *, stale: bool
) -> None:
    if stale:
        seed_stale(home)
    script = update_script(home.folder, _ALL_WAIT + LEAVES_GOOD_FILE)
    found = all_ask(forks, home, script)
    assert script.runs == 1
    assert ratings(found[0]) == GOOD_RATINGS
    assert found == [{"models": found[0]["models"], "said": []}] * _MANY
    assert len(contents(home.db)) == 2 + stale
    nothing_left_behind(home.arena)


@pytest.mark.parametrize("stale", [True, False], ids=["a stale store", "no store"])
def test_32_processes_that_find_no_fresh_store_take_the_fallback_at_once_when_the_one_run_fails(
    forks: Forks, home: Home, *, stale: bool
) -> None:
    if stale:
        seed_stale(home)
    script = update_script(home.folder, _ALL_WAIT + "sys.exit('error: no luck today')")
    found = all_ask(forks, home, script)
    assert script.runs == 1
    assert list(map(ratings, found)) == [_OLD_RATINGS if stale else {}] * _MANY
    assert [[level for level, _ in answer["said"]] for answer in found] == [["WARNING" if stale else "ERROR"]] * _MANY
    assert all("no luck today" in answer["said"][0][1] for answer in found)
    assert sum("another process" in answer["said"][0][1] for answer in found) == _MANY - 1
    assert len(contents(home.db)) == stale
    nothing_left_behind(home.arena)


# -- readers beside an import


def publication(folder: Path, days: Sequence[int]) -> Path:
    """Write a dataset file of these days, of more than 100,000 rows if it has them all."""
    rows = [
        row(name, rating, published_on=str(FIRST + timedelta(days=day)))
        for day in days
        for name, rating in models_of(day).items()
    ]
    return write_publication(folder, "text", rows, name=FULL)


def test_8_readers_beside_a_large_import_see_whole_boards_that_were_committed_and_no_error(
    forks: Forks, home: Home
) -> None:
    with SnapshotStore.open(home.db) as store:
        import_dataset(store, publication(home.folder / "begun", range(2)))
    file = publication(home.folder / "all", range(DATES))
    variables = home.variables | {"LLMHUB_OFFLINE": "1"}
    readers = [
        Job("tests.faults.callers:read_until_all_is_there", [kind], variables, str(home.folder))
        for kind in ("load", "show", "diff", "history") * 2
    ]
    importing = Job.command("arena", "import", file, variables=variables, folder=home.folder)
    imported, *read = (ended.run for ended in forks.run_all([importing, *readers]))
    succeeded(imported)
    seen = [json.loads(succeeded(run)) for run in read]
    assert all(days == sorted(days) for days in seen), "nothing that was there is ever gone"
    for days in seen:
        between = {day for day in days if 1 < day < DATES - 1}
        assert len(between) > 1, "it must have read between one commit and the next"
    with SnapshotStore.open(home.db) as store:
        counts = store.counts()
    assert (counts.snapshots, counts.scores) == (DATES, DATES * len(models_of(0)))
    assert counts.scores > 100_000


def succeeded(run: Run) -> str:
    assert run.returncode == 0, run.stderr
    no_traceback(run)
    return str(run.stdout)


# -- upgrades


def revision(path: Path) -> list[tuple[str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchall()


def test_16_processes_that_make_the_store_at_once_make_one_and_each_finds_its_place(forks: Forks, home: Home) -> None:
    jobs = [
        Job("tests.faults.callers:add_one", [str(home.db), str(day)], home.variables, str(home.folder))
        for day in range(16)
    ]
    assert {succeeded(ended.run) for ended in forks.run_all(jobs)} == {"1\n"}
    assert revision(home.db) == [(REVISIONS[-1],)]
    assert len(contents(home.db)) == 16
    nothing_left_behind(home.arena)
