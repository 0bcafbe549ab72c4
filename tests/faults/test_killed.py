"""Commands that are killed at every stage: nothing is lost, nothing is there by half, and the next run completes it."""

from __future__ import annotations

import pytest

from llmhub.arena.database import database
from tests.faults.scenarios import SCENARIOS
from tests.faults.trial import Trying, sampled
from tests.support.effort import PROFILE
from tests.support.processes.injection import Fault

_GROWING = [name for name, scenario in SCENARIOS.items() if scenario.changes and name != "prune"]
# How much of what a commit adds to the file has reached it.
_SHARES = (0.5, 0.7, 0.9) if PROFILE == "nightly" else (0.5, 0.9)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_command_killed_at_any_stage_loses_nothing_and_is_completed_by_the_next_run(
    trying: Trying, name: str
) -> None:
    with trying(name) as trial:
        stages = sampled(trial.whole.stages, trial.scenario.most)
        for stage in stages:
            with trial.disturbed(Fault(kill_at=stage, spill=True)) as (_, ended):
                assert ended.killed
        assert trial.tally.injected == trial.tally.survived == len(stages)
        # A new store is made under another name first: of the few stages that are tried, none may be of its commit.
        if trial.scenario.changes and trial.start.db.exists():
            assert trial.tally.hot_journals, "pages must have reached the file before they were committed"


@pytest.mark.parametrize("name", _GROWING)
def test_a_command_killed_while_it_writes_the_pages_of_a_commit_loses_nothing_and_is_completed_by_the_next_run(
    trying: Trying, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with trying(name) as trial:
        # A new store is made whole under another name first: what is killed here is the commit after that.
        store = trial.start.db
        if not store.exists():
            store = tmp_path_factory.mktemp("empty") / "arena.db"
            database.upgrade(store)
        size = store.stat().st_size
        for share in _SHARES:
            most = size + round((trial.whole.size_after - size) * share)
            with trial.disturbed(Fault(most_bytes=most, kill_beyond=True)) as (_, ended):
                assert ended.killed
        least = len(_SHARES) if trial.start.db.exists() else 1
        assert least <= trial.tally.hot_journals <= len(_SHARES)
