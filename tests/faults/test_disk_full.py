"""Commands that find no room, wherever they are: they say so, nothing is lost or left, and the next run completes it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.aftermath import complaint
from tests.faults.forks import Ended, Forks
from tests.faults.injection import Fault
from tests.faults.scenarios import SCENARIOS, Home, files
from tests.faults.tally import RecordProperty
from tests.faults.trial import Trial

Start = Callable[[str | None], Home]

_STEPS = 10
_NO_ROOM = re.compile("takes no more|disk is full|File too large|No space left")
_MIB = 1 << 20
# What a download that will be continued has left, and what a reader rolls back before it looks.
_MAY_WAIT = re.compile(r"config/arena/(backfill.*|arena\.db-journal|refresh-failure\.json)")


def check_told(trial: Trial, home: Home, ended: Ended, before: set[str]) -> None:
    """Check that a command that found no room said so in one line, and left nothing that nobody needs."""
    if trial.scenario.arguments[0] == "catalog":
        # A catalog that cannot be kept is shown all the same.
        assert ended.run.returncode == 0
        assert _NO_ROOM.search(ended.run.stderr) or ended.run.stderr == ""
    elif ended.run.returncode != 0:
        assert _NO_ROOM.search(complaint(ended.run)), ended.run.stderr
    left = files(home) - before - trial.files
    assert all(_MAY_WAIT.fullmatch(name) for name in left), left


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_command_that_may_make_no_larger_file_says_so_and_loses_nothing(
    forks: Forks, start: Start, tmp_path: Path, record_property: RecordProperty, name: str
) -> None:
    scenario = SCENARIOS[name]
    home = start(scenario.store)
    with scenario.serving(home) as variables:
        trial = Trial(forks, scenario, home, tmp_path, variables)
        before = files(home)
        failed = 0
        for limit in trial.sizes(_STEPS):
            with trial.disturbed(Fault(most_bytes=limit)) as (after, ended):
                check_told(trial, after, ended, before)
                failed += ended.run.stderr != ""
    assert failed > 1
    trial.tally.record(record_property)


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


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_command_on_a_full_disk_says_so_and_loses_nothing(
    forks: Forks, start: Start, small_disk: Path, record_property: RecordProperty, name: str
) -> None:
    scenario = SCENARIOS[name]
    home = start(scenario.store)
    with scenario.serving(home) as variables:
        trial = Trial(forks, scenario, home, small_disk, variables)
        before = files(home)
        failed = 0
        for room in trial.sizes(_STEPS):
            with trial.disturbed(Fault(), room=room) as (after, ended):
                check_told(trial, after, ended, before)
                failed += ended.run.stderr != ""
    assert failed > 1
    trial.tally.record(record_property)
