"""Little memory: each command says so in one line, soon, and nothing stored is lost or called damaged."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.aftermath import complaint
from tests.faults.scenarios import Home, stored

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits on address space as Linux has them")

_LIMITED = """
import os, resource, sys
most = int(sys.argv[1]) << 20
resource.setrlimit(resource.RLIMIT_AS, (most, most))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
os.execv(sys.executable, [sys.executable, "-m", "llmhub", *sys.argv[2:]])
"""
_SOON_SECONDS = 60.0
_FILE = "files/text/full-00000-of-00001.parquet"
# Command and MiB: too little for Python's own libraries, for SQLAlchemy, for DuckDB, for what draws.
_TRIED = [
    *((f"arena {command}", size) for command in ("status", "show", "verify") for size in (32, 40)),
    *(("arena refresh --force", size) for size in (32, 44, 60)),
    *((f"arena import {_FILE}", size) for size in (32, 100, 180, 400)),
    *(("arena import files/2026-01-05/leaderboard-text.json", size) for size in (32, 60)),
    *(("arena export -o out --format parquet", size) for size in (100, 400)),
    ("arena prune --keep-last 1", 32),
    ("arena plot made-up-1 -o x.svg", 400),
    ("catalog refresh", 180),
    ("demo", 140),
]


@pytest.mark.parametrize(("command", "size"), _TRIED, ids=[f"{command}, {size} MiB" for command, size in _TRIED])
def test_a_command_without_memory_says_so_in_one_line_and_loses_nothing(
    start: Callable[[str | None], Home], tmp_path: Path, command: str, size: int
) -> None:
    home = start("stale").copied_to(tmp_path / "home")
    before = stored(home.db)
    run = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(size), *command.split()],
        cwd=home.folder,
        env=home.variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SOON_SECONDS,
        check=False,
    )
    if run.returncode:
        assert "there is too little memory" in complaint(run)
        assert stored(home.db) == before
    else:
        # Where this machine's libraries are smaller, there is enough.
        assert before.items() <= stored(home.db).items() or "prune" in command


_LOAD = """
import json, logging, resource, sys
from pathlib import Path
from llmhub import load_arena_models

said = []
class Heard(logging.Handler):
    def emit(self, record):
        said.append([record.levelname, record.getMessage()])
logging.getLogger("llmhub").addHandler(Heard())
for room in map(int, sys.argv[1:]):
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (room << 20), resource.RLIM_INFINITY))
    found = load_arena_models()
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(json.dumps([len(found), said]))
    said.clear()
"""


def test_load_arena_models_answers_with_what_is_stored_or_nothing_and_never_raises(
    start: Callable[[str | None], Home], tmp_path: Path
) -> None:
    home = start("stale").copied_to(tmp_path / "home")
    before = stored(home.db)
    run = subprocess.run(
        [sys.executable, "-c", _LOAD, "4", "12", "24", "40"],
        cwd=home.folder,
        env=home.variables,
        capture_output=True,
        text=True,
        timeout=_SOON_SECONDS,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == 4
    for models, said in answers:
        levels = [level for level, _ in said]
        told = any("there is too little memory" in message for _, message in said)
        # Where the stored answer finds no room either, that is an error after the warning.
        assert (models, levels[-1:], told) in [(150, ["WARNING"], True), (0, ["ERROR"], True), (150, [], False)], said
        assert len(levels) <= (2 if models == 0 else 1)
    assert answers[0][1], "with so little room something had to be said"
    assert before.items() <= stored(home.db).items()
