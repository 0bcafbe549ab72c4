"""What the fault tests share: processes that start warm, and homes to start from."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.scenarios import SCENARIOS, Home, make_home
from tests.faults.tally import RecordProperty
from tests.faults.trial import Trial, Trying
from tests.support.forks import Forks


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str | None], Home]:
    """Return a function that gives the home with a store of that kind, made once; it is only read."""
    known: dict[str | None, Home] = {}

    def home(store: str | None) -> Home:
        if store not in known:
            known[store] = make_home(tmp_path_factory.mktemp("start"), store)
        return known[store]

    return home


@pytest.fixture
def trying(
    forks: Forks, start: Callable[[str | None], Home], tmp_path: Path, record_property: RecordProperty
) -> Trying:
    """Return a function that gives the trial of a scenario, in a folder, and adds up what came of it in the end."""

    @contextmanager
    def trial_of(name: str, folder: Path = tmp_path) -> Iterator[Trial]:
        scenario = SCENARIOS[name]
        if scenario.needs and shutil.which(scenario.needs) is None:
            pytest.skip(f"needs the {scenario.needs} command")
        home = start(scenario.store)
        with scenario.serving(home) as variables:
            trial = Trial(forks, scenario, home, folder, variables)
            yield trial
        trial.tally.record(record_property)

    return trial_of
