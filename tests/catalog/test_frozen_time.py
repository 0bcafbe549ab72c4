"""Callers whose tests freeze time: they import llmhub first, and what it imports later must bear it."""

import pytest

from tests.catalog.conftest import Arena, UseScript
from tests.support.made_up.scripts import LEAVES_GOOD_FILE
from tests.support.processes.children import start_python

_SEED = """
from datetime import UTC, datetime
from llmhub import open_store
from llmhub.arena import Score
with open_store() as store:
    store.add({"text": {"overall": {"made-up-stored": Score(1300.5)}}}, taken_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
"""

_LOAD_LATER = """
from llmhub import load_arena_models
import freezegun
with freezegun.freeze_time("2026-03-02 12:00:01", ignore=["filelock", "subprocess"]):
    print(*load_arena_models())
"""


@pytest.mark.parametrize("seed", ["", _SEED], ids=["no store", "store seeded before"])
def test_a_process_that_imported_llmhub_before_it_froze_time_can_run_the_script(
    arena: Arena, use_script: UseScript, seed: str
) -> None:
    script = use_script(LEAVES_GOOD_FILE)
    assert start_python(seed + _LOAD_LATER) == "made-up-a made-up-b"
    assert script.runs == 1
    assert len(arena.snapshots()) == (2 if seed else 1)
