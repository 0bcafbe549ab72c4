"""`llmhub arena status`: what it says of an absent, fresh, stale, failing and damaged store."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Script
from tests.conftest import Llmhub
from tests.support.made_up.stored_offers import store_listings
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
    utc_now,
)

BOARD = board({"made-up-a": 1010.0, "made-up-b": 1000.0})
STATUS_KEYS = {
    *("store", "size_bytes", "snapshots", "boards", "scores", "models", "newest", "newest_run", "fresh"),
    *("run_age_hours", "data_age_days", "data_is_old", "revision", "script", "offline", "last_failure", "remote"),
}


def test_without_a_store_status_says_so_and_makes_none(llmhub: Llmhub, home: Path) -> None:
    status = document(llmhub("arena", "status", "--json"))
    assert set(status) == STATUS_KEYS
    assert status["store"] == str(arena_db())
    assert [status[name] for name in ("size_bytes", "snapshots", "boards", "scores", "models")] == [0] * 5
    assert [status[name] for name in ("newest", "newest_run", "run_age_hours", "last_failure")] == [None] * 4
    assert (status["fresh"], status["offline"]) == (False, False)
    said = output(llmhub("arena", "status"))
    assert "does not exist yet: `llmhub arena refresh` makes it" in said
    assert files_in(home) == set()


@pytest.mark.parametrize(("hours", "fresh"), [(1, True), (25, False)])
def test_status_says_whether_the_newest_run_is_fresh(llmhub: Llmhub, hours: int, *, fresh: bool) -> None:
    seed(BOARD, ago(hours=hours), published_on=ago(days=3).date())
    status = document(llmhub("arena", "status", "--json"))
    assert status["fresh"] is fresh
    assert status["run_age_hours"] == pytest.approx(hours, abs=0.5)
    assert status["data_age_days"] in {3, 4}
    assert status["data_is_old"] is False
    assert set(status["newest"]) == SNAPSHOT_KEYS
    assert [status[name] for name in ("snapshots", "boards", "scores", "models")] == [1, 1, 2, 2]
    said = output(llmhub("arena", "status"))
    assert f"{hours} h ago (" in said
    assert ("(fresh)" in said) is fresh


def test_status_names_what_the_store_holds_beside_boards(llmhub: Llmhub) -> None:
    seed(BOARD, ago(hours=1))
    store_listings(arena_db(), {"made-up": ["one"]}, taken_at=ago(days=2))
    newest = f"1 snapshot of any-llm, the newest of {ago(days=2):%Y-%m-%d}"
    assert output(llmhub("arena", "status")).splitlines()[-1].strip() == newest


def test_data_that_was_published_today_is_zero_days_old(llmhub: Llmhub) -> None:
    seed(BOARD, ago(minutes=1), published_on=utc_now().date())
    assert document(llmhub("arena", "status", "--json"))["data_age_days"] in {0, 1}


def test_an_import_is_the_newest_snapshot_and_no_run(llmhub: Llmhub) -> None:
    seed(BOARD, ago(hours=1), source="arena-catalog")
    status = document(llmhub("arena", "status", "--json"))
    assert (status["newest"]["source"], status["newest_run"], status["fresh"]) == ("arena-catalog", None, False)
    assert "the update script has not run yet" in output(llmhub("arena", "status"))


def test_status_shows_the_last_failure_until_a_refresh_succeeds(llmhub: Llmhub, script: Script) -> None:
    seed(BOARD, ago(hours=30))
    script("import sys; sys.exit('made-up reason')")
    error_line(llmhub("arena", "refresh"))
    failure = document(llmhub("arena", "status", "--json"))["last_failure"]
    assert set(failure) == {"failed_at", "reason"}
    assert failure["failed_at"].endswith("Z")
    assert failure["reason"] == "the update script exited with 1: made-up reason"
    assert "made-up reason" in output(llmhub("arena", "status"))
    rows = '{"full": {"made-up-a": {"rating": 1.0, "rating_q025": null, "rating_q975": null}}}'
    script(f"open('data/leaderboard-text.json', 'w').write({rows!r})")
    output(llmhub("arena", "refresh"))
    assert document(llmhub("arena", "status", "--json"))["last_failure"] is None


def test_status_says_that_no_script_will_run_offline(llmhub: Llmhub) -> None:
    assert document(llmhub("arena", "status", "--json", LLMHUB_OFFLINE="1"))["offline"] is True
    assert "LLMHUB_OFFLINE is set: it will not be run" in output(llmhub("arena", "status", LLMHUB_OFFLINE="1"))


def _garbage(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def _cut_off(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _foreign(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmark (url TEXT)")
    connection.close()


def _newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


UNUSABLE = {
    "garbage": (_garbage, "restore it from a copy, or move it away"),
    "cut off": (_cut_off, "restore it from a copy, or move it away"),
    "another program's": (_foreign, "move it away, or set LLMHUB_ARENA_CACHE_DIR"),
    "of a newer version": (_newer, "upgrade llmhub"),
    "a folder": (_folder, "move it away"),
    "a link to nowhere": (_dangling, "remove it, or restore"),
}


@pytest.mark.parametrize(("spoil", "remedy"), UNUSABLE.values(), ids=UNUSABLE)
def test_an_unusable_store_is_one_line_with_the_remedy_and_is_not_touched(
    llmhub: Llmhub, spoil: Callable[[Path], None], remedy: str
) -> None:
    seed(BOARD, ago(hours=1))
    spoil(arena_db())
    before = arena_db().read_bytes() if arena_db().is_file() else None
    said = error_line(llmhub("arena", "status"))
    assert str(arena_db()) in said
    assert remedy in said
    assert (arena_db().read_bytes() if arena_db().is_file() else None) == before
    assert files_in(arena_db().parent) <= {"arena.db", "upgrade.lock"}


@pytest.mark.parametrize("command", [["status", "--json"], ["history"], ["show"], ["diff"], ["history", "made-up-a"]])
def test_every_reading_command_refuses_a_damaged_store(llmhub: Llmhub, command: list[str]) -> None:
    seed(BOARD, ago(hours=1))
    _garbage(arena_db())
    assert "move it away" in error_line(llmhub("arena", *command))
