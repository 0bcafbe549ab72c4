"""A clock that is wrong, goes backwards or runs out, in a real child; and time zones, which must not matter."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import Llmhub
from tests.faults.aftermath import contents, no_traceback, nothing_left_behind
from tests.faults.stage import Stage, set_stage
from tests.support.processes.children import forked
from tests.support.processes.commands import document, utc_now

# Before time stands elsewhere: pydantic makes no sense of classes defined then. The clock goes on from there.
_SHIFTED = """
import sys
import llmhub.arena.sql.inserting, llmhub.arena.exchange.json_files
import llmhub.arena.exchange.update_script, llmhub.catalog.arena_source
from freezegun import freeze_time
from llmhub.cli import main
# Large, and none of them says what time it is in these commands: to look through them takes most of a second.
large = "alembic altair anthropic any_llm anyio duckdb httpx openai pydantic rich sqlalchemy".split()
with freeze_time(sys.argv[1], tick=True, ignore=["filelock", "subprocess", *large]):
    main(sys.argv[2:])
"""


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a home with a store."""
    return set_stage(tmp_path, monkeypatch)


def at(moment: str, stage: Stage, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a child whose clock shows this moment."""
    done = forked(_SHIFTED, moment, *stage.words(command))
    no_traceback(done)
    return done


# What the clock shows during one refresh, and which snapshot answers when it is right again.
MOMENTS = {
    "an hour backwards": (f"{utc_now() - timedelta(hours=31):%Y-%m-%d %H:%M:%S}", "made-up-a"),
    "a year ahead": (f"{utc_now() + timedelta(days=365):%Y-%m-%d %H:%M:%S}", "made-up-a"),
    "the last year": ("9999-12-31 23:59:50", "made-up-a"),
}


@pytest.mark.parametrize("what", MOMENTS)
def test_a_run_under_a_wrong_clock_is_kept_and_never_answers_in_place_of_a_right_one(stage: Stage, what: str) -> None:
    moment, _ = MOMENTS[what]
    stored = at(moment, stage, "refresh --force")
    assert stored.returncode == 0, stored
    for command in ("status", "show", "prune --keep-last 1 --dry-run"):
        assert at(moment, stage, command).returncode == 0, command
    shown = document(stage.run("show --json"))
    assert shown["snapshot"]["id"] == 2
    assert stage.run("verify").returncode == 0
    held = contents(stage.db)
    assert stage.whole.items() <= held.items()
    assert len(held) == 3
    refreshed = stage.run("refresh")
    assert refreshed.returncode == 0, refreshed
    assert held.items() <= contents(stage.db).items()
    assert document(stage.run("show --json"))["snapshot"]["id"] == 4
    nothing_left_behind(stage.arena)


def test_a_store_that_holds_the_future_only_answers_with_a_warning(stage: Stage) -> None:
    stage.db.unlink()
    ahead = f"{utc_now() + timedelta(days=365):%Y-%m-%d %H:%M:%S}"
    assert at(ahead, stage, "refresh").returncode == 0
    assert document(stage.run("show --json"))["scores"][0]["model"] == "made-up-a"
    status = document(stage.run("status --json"))
    assert (status["fresh"], status["newest_run"]) == (False, None)
    assert stage.run("refresh").returncode == 0
    assert document(stage.run("status --json"))["fresh"] is True


# Half an hour of summer time, the first day and the last, and a place that moves its clock at midnight.
@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "Pacific/Kiritimati", "Etc/GMT+12", "America/Havana"])
def test_the_time_zone_of_the_machine_changes_no_answer(stage: Stage, llmhub: Llmhub, zone: str) -> None:
    for command in ("history --json", "show --json 48h", "diff --json 1 2"):
        words = stage.words(command)
        assert llmhub(*words, TZ=zone).stdout == llmhub(*words, TZ="UTC").stdout
