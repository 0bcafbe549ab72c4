"""Commands that find no room, wherever they are: they say so, lose nothing, and the next run completes them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from tests.faults.aftermath import complaint
from tests.faults.scenarios import SCENARIOS, Home, files, stored
from tests.faults.trial import Trial, Trying, only
from tests.support.effort import by_profile
from tests.support.processes.forks import Ended, Forks, Job
from tests.support.processes.injection import Fault

Start = Callable[[str | None], Home]

_STEPS = by_profile(ci=2, nightly=8)
_NO_ROOM = re.compile("takes no more|disk is full|File too large|No space left")
_MIB = 1 << 20
# What a download that will be continued has left, and what a reader rolls back before it looks.
_MAY_WAIT = re.compile(r"config/arena/(backfill\.lock|\.llmhub-backfill.*|arena\.db-journal|refresh-failure\.json)")


def check_told(trial: Trial, home: Home, ended: Ended, before: set[str]) -> None:
    """Check that a command that found no room said so in one line, and left nothing that nobody needs."""
    if trial.scenario.arguments == ("catalog", "refresh"):
        # A catalog that cannot be kept is shown all the same.
        assert ended.run.returncode == 0
        assert _NO_ROOM.search(ended.run.stderr) or ended.run.stderr == ""
    elif ended.run.returncode != 0:
        assert _NO_ROOM.search(complaint(ended.run)), ended.run.stderr
    left = files(home) - before - trial.whole.files
    assert all(_MAY_WAIT.fullmatch(name) for name in left), left


def check_all_told(trial: Trial, short: Callable[[int], AbstractContextManager[tuple[Home, Ended]]]) -> None:
    """Check what `check_told` does where room is short at each of the trial's sizes, by what `short` does with one."""
    before = files(trial.start)
    failed = 0
    for size in trial.sizes(_STEPS):
        with short(size) as (after, ended):
            check_told(trial, after, ended, before)
            failed += ended.run.stderr != ""
    assert failed > 1


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_command_that_may_make_no_larger_file_says_so_and_loses_nothing(trying: Trying, name: str) -> None:
    with trying(name) as trial:
        check_all_told(trial, lambda size: trial.disturbed(Fault(most_bytes=size)))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of a few MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("no file system can be mounted here: only limits on the size of files are tried, beside this test")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


# A disk in memory costs as much as all the limits above, and tells the same of commands that write in the same way.
_ON_A_DISK = ("refresh", "import of Parquet", "prune", "catalog refresh")


@pytest.mark.parametrize("name", _ON_A_DISK)
def test_a_command_on_a_full_disk_says_so_and_loses_nothing(trying: Trying, small_disk: Path, name: str) -> None:
    with trying(name, small_disk) as trial:
        check_all_told(trial, lambda size: trial.disturbed(Fault(), room=size))


# -- what the catalog is given meanwhile


def answer(forks: Forks, home: Home, fault: Fault) -> tuple[dict[str, float], str, str]:
    """Return what `load_arena_models` gives in a process with that fault, and the one thing that it logs."""
    job = Job("tests.faults.callers:ask", [str(home.folder)], home.variables, str(home.folder), fault)
    ended = forks.run(job)
    assert (ended.run.returncode, ended.run.stderr) == (0, "")
    found = json.loads(ended.run.stdout)
    ((level, message),) = found["said"]
    return {name: model["rating"] for name, model in found["models"].items()}, level, message


def check_falls_back(forks: Forks, home: Home, fault: Fault) -> None:
    """Check that the newest stored snapshot answers, with a warning that says why it has to."""
    with SnapshotStore.open(home.db) as store:
        expected = {name: score.rating for name, score in store.scores().items()}
    before = stored(home.db)
    models, level, message = answer(forks, home, fault)
    assert (models, level) == (expected, "WARNING")
    assert _NO_ROOM.search(message), message
    # The home was made some time ago, for all workers.
    assert re.search(r"\(4[89](\.\d)? h old\)", message), message
    assert stored(home.db) == before


# No room for what the script leaves, and none for the journal of what it brought.
@pytest.mark.parametrize("most", [0, 4_096, 30_000])
def test_a_stale_store_without_room_answers_with_what_it_has(
    forks: Forks, start: Start, tmp_path: Path, most: int
) -> None:
    check_falls_back(forks, start("stale").copied_to(tmp_path), Fault(most_bytes=most))


@pytest.mark.parametrize("room", [0, 4_096])
def test_a_stale_store_on_a_full_disk_answers_with_what_it_has(
    forks: Forks, start: Start, small_disk: Path, room: int
) -> None:
    home = start("stale").copied_to(small_disk / "home")
    with only(room, small_disk / "ballast"):
        check_falls_back(forks, home, Fault())
