"""What the fault tests share: processes that start warm, and homes to start from."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from tests.faults.scenarios import SCENARIOS, Home, Scenario, make_home
from tests.faults.tally import RecordProperty
from tests.faults.trial import Trial, Trying, Undisturbed, undisturbed
from tests.support.processes.forks import Forks
from tests.support.processes.once import made_once

_KEPT = "undisturbed.pickle"


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str | None], Home]:
    """Return a function that gives the home with a store of that kind, made once for all workers; it is only read."""

    def home(store: str | None) -> Home:
        return Home(made_once(tmp_path_factory, f"start-{store}", lambda folder: make_home(folder, store)))

    return home


@pytest.fixture
def trying(
    forks: Forks,
    start: Callable[[str | None], Home],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    record_property: RecordProperty,
) -> Trying:
    """Return a function that gives the trial of a scenario, in a folder, and adds up what came of it in the end.

    What the scenario's command comes to when nothing disturbs it is found out once for all workers.
    """

    @contextmanager
    def trial_of(name: str, folder: Path = tmp_path) -> Iterator[Trial]:
        scenario = SCENARIOS[name]
        if scenario.needs and shutil.which(scenario.needs) is None:
            pytest.skip(f"needs the {scenario.needs} command")
        home = start(scenario.store)
        with scenario.serving(home) as variables:
            whole = _undisturbed(forks, scenario, home, variables, tmp_path_factory)
            trial = Trial(forks, scenario, home, folder, variables, whole)
            yield trial
        trial.tally.record(record_property)

    return trial_of


def _undisturbed(
    forks: Forks, scenario: Scenario, home: Home, variables: dict[str, str], factory: pytest.TempPathFactory
) -> Undisturbed:
    if scenario.dated:
        # No two runs of it make the same.
        return undisturbed(forks, scenario, home, factory.mktemp("undisturbed"), variables)

    def keep(there: Path) -> None:
        (there / _KEPT).write_bytes(pickle.dumps(undisturbed(forks, scenario, home, there, variables)))

    words = f"{scenario.store} {scenario.arguments}".encode()
    kept = made_once(factory, f"undisturbed-{sha256(words).hexdigest()[:16]}", keep) / _KEPT
    whole = pickle.loads(kept.read_bytes())  # noqa: S301 -- written just above, or by another worker
    assert isinstance(whole, Undisturbed)
    return whole
