"""What the fault tests share: processes that start warm, and homes to start from."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.faults.forks import Forks
from tests.faults.scenarios import Home, make_home


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """Start the process that forks, once for all tests."""
    with Forks() as started:
        yield started


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str | None], Home]:
    """Return a function that gives the home with a store of that kind, made once; it is only read."""
    known: dict[str | None, Home] = {}

    def home(store: str | None) -> Home:
        if store not in known:
            known[store] = make_home(tmp_path_factory.mktemp("start"), store)
        return known[store]

    return home
