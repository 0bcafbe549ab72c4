from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from llmhub.catalog.arena_source import load_arena_models
from tests.catalog.conftest import STORED_RATINGS, Arena, UseScript
from tests.catalog.scripts import GOOD_RATINGS, LEAVES_GOOD_FILE, PATIENCE_SECONDS, wait_until_gone

_LOAD = """
import json, logging, os, sys
from pathlib import Path

class Note(logging.Handler):
    def emit(self, record):
        Path(sys.argv[1], f"at-the-lock-{os.getpid()}").touch()

if sys.argv[1:]:
    logging.getLogger("filelock").setLevel(logging.DEBUG)
    logging.getLogger("filelock").addHandler(Note())
from llmhub import load_arena_models
print(json.dumps({name: model.rating for name, model in load_arena_models().items()}))
"""


def start(count: int, notes: Path | None = None) -> list[subprocess.Popen[str]]:
    """Start processes that load; with `notes` each leaves one when it comes to the lock."""
    command = [sys.executable, "-c", _LOAD, *([str(notes)] if notes else [])]
    pipe = subprocess.PIPE
    return [subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) for _ in range(count)]


def answers(processes: list[subprocess.Popen[str]]) -> list[tuple[dict[str, float], str]]:
    """Return what each process answered and said; none may have failed."""
    results = [process.communicate(timeout=PATIENCE_SECONDS) for process in processes]
    assert {process.returncode for process in processes} == {0}, results
    return [(json.loads(output), errors) for output, errors in results]


def test_many_processes_that_find_the_store_stale_run_the_script_once(arena: Arena, use_script: UseScript) -> None:
    arena.seed(days=2)
    script = use_script(f"note('begun'); wait_for('go-on'); {LEAVES_GOOD_FILE}")
    processes = start(2)
    script.wait_for("begun")
    processes += start(4)
    script.leave("go-on")
    assert [answer for answer, _ in answers(processes)] == [GOOD_RATINGS] * 6
    assert script.runs == 1
    assert len(arena.snapshots()) == 2


def test_twelve_that_wait_on_a_run_that_fails_take_the_fallback_and_none_runs_it_again(
    arena: Arena, use_script: UseScript
) -> None:
    arena.seed(days=2)
    before = arena.db.read_bytes()
    script = use_script("note('begun'); wait_for('go-on'); sys.exit('made-up failure')")
    processes = start(1, notes=script.notes)
    script.wait_for("begun")
    processes += start(12, notes=script.notes)
    script.wait_for("at-the-lock-*", 13)
    script.leave("go-on")
    for answer, said in answers(processes):
        assert answer == STORED_RATINGS
        assert "made-up failure" in said
    assert script.runs == 1
    assert arena.db.read_bytes() == before


def test_the_refresh_after_a_killed_one_ends_its_child_clears_its_folder_and_succeeds(
    arena: Arena, use_script: UseScript
) -> None:
    script = use_script("note('hangs', os.getpid()); wait_for('never')")
    (killed,) = start(1)
    (child,) = script.wait_for("hangs")
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert [name for name in arena.names() if name.startswith("run-")]
    os.kill(int(child), 0)
    script.path.write_text(script.path.read_text().split("note('hangs'")[0] + LEAVES_GOOD_FILE)
    assert {name: model.rating for name, model in load_arena_models().items()} == GOOD_RATINGS
    wait_until_gone([int(child)])
    assert arena.left_behind() == set()
