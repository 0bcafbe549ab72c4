"""Commands that are killed at every stage: nothing is lost, nothing is there by half, and the next run completes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.forks import Forks
from tests.faults.injection import Fault
from tests.faults.scenarios import SCENARIOS, Home
from tests.faults.tally import RecordProperty
from tests.faults.trial import Trial, sampled

Start = Callable[[str | None], Home]

_GROWING = [name for name, scenario in SCENARIOS.items() if scenario.changes and name != "prune"]
# How much of what a commit adds to the file has reached it.
_SHARES = (0.5, 0.7, 0.9)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_command_killed_at_any_stage_loses_nothing_and_is_completed_by_the_next_run(
    forks: Forks, start: Start, tmp_path: Path, record_property: RecordProperty, name: str
) -> None:
    scenario = SCENARIOS[name]
    home = start(scenario.store)
    with scenario.serving(home) as variables:
        trial = Trial(forks, scenario, home, tmp_path, variables)
        stages = sampled(trial.stages, scenario.most)
        for stage in stages:
            with trial.disturbed(Fault(kill_at=stage, spill=True)) as (_, ended):
                assert ended.killed
    assert trial.tally.injected == trial.tally.survived == len(stages)
    if scenario.changes:
        assert trial.tally.hot_journals >= len(stages) // 4, (
            "pages must have reached the file before they were committed"
        )
    trial.tally.record(record_property)


@pytest.mark.parametrize("name", _GROWING)
def test_a_command_killed_while_it_writes_the_pages_of_a_commit_loses_nothing_and_is_completed_by_the_next_run(
    forks: Forks, start: Start, tmp_path: Path, record_property: RecordProperty, name: str
) -> None:
    scenario = SCENARIOS[name]
    home = start(scenario.store)
    with scenario.serving(home) as variables:
        trial = Trial(forks, scenario, home, tmp_path, variables)
        size = home.db.stat().st_size if home.db.exists() else 0
        for share in _SHARES:
            most = size + round((trial.size_after - size) * share)
            with trial.disturbed(Fault(most_bytes=most, kill_beyond=True)) as (_, ended):
                assert ended.killed
    assert trial.tally.hot_journals == len(_SHARES)
    trial.tally.record(record_property)
