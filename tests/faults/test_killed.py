"""Commands that are killed at every stage: nothing is lost, nothing is there by half, and the next run completes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.forks import Forks
from tests.faults.injection import Fault
from tests.faults.scenarios import SCENARIOS, Home
from tests.faults.trial import Trial, sampled

Start = Callable[[str | None], Home]


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_command_killed_at_any_stage_loses_nothing_and_is_completed_by_the_next_run(
    forks: Forks, start: Start, tmp_path: Path, name: str, record_property: Callable[[str, object], None]
) -> None:
    scenario = SCENARIOS[name]
    home = start(scenario.store)
    with scenario.serving(home) as variables:
        trial = Trial(forks, scenario, home, tmp_path, variables)
        for stage in sampled(trial.stages, scenario.most):
            with trial.disturbed(Fault(kill_at=stage, spill=True)) as (_, ended):
                assert ended.killed
    print(name, trial.tally, len(trial.stages))
