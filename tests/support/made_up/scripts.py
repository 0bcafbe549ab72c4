"""Small update scripts as real files: each records its runs, and can leave notes for the test and wait for its notes.

    script = update_script(tmp_path, "leave('leaderboard-text.json', GOOD)")
    monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(script.path))
    ...
    assert script.runs == 1

A script's body can use json, os, sys, time, subprocess, Path, `GOOD` (a leaderboard with upstream's keys only), and
these functions: `leave(file, content)` writes a file into data/, `note(name, text)` leaves a note for the test,
`wait_for(name)` waits for a note of the test, `start(*command)` starts a process.
"""

import json
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

PATIENCE_SECONDS = 60.0
"""After this time of waiting a test fails; nothing here takes nearly as long."""


def upstream_row(rating: float) -> dict[str, float]:
    """Return a model's line with upstream's keys and no others."""
    return {"rating": rating, "rating_q975": rating + 9.5, "rating_q025": rating - 8.25}


GOOD = {
    "chinese": {"made-up-b": upstream_row(1500.0), "made-up-a": upstream_row(1100.0)},
    "full": {"made-up-a": upstream_row(1400.125), "made-up-b": upstream_row(1300.0)},
}
"""A small leaderboard as upstream's script writes it; as in real files, the first category is not the overall one."""

GOOD_RATINGS = {"made-up-a": 1400.125, "made-up-b": 1300.0}

LEAVES_GOOD_FILE = "leave('leaderboard-text.json', GOOD)"

_PRELUDE = """\
import json, os, subprocess, sys, time
from pathlib import Path

NOTES = Path({notes!r})
GOOD = {good!r}

def note(name, text=""):
    unfinished = NOTES / f"unfinished-{{os.getpid()}}"
    unfinished.write_text(str(text))
    unfinished.replace(NOTES / name)

def wait_for(name):
    for _ in range({tries}):
        if (NOTES / name).exists():
            return
        time.sleep(0.02)
    sys.exit(f"nobody left {{name}}")

def leave(name, content):
    (Path("data") / name).write_text(content if isinstance(content, str) else json.dumps(content))

def start(*command, **options):
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, **options).pid

note(f"run-{{os.getpid()}}", os.getcwd())
"""


@dataclass(frozen=True, slots=True)
class UpdateScript:
    """A script, and the folder for notes between its runs and the test."""

    path: Path
    notes: Path

    @property
    def pids(self) -> list[int]:
        """The process number of every run so far."""
        return [int(note.name.removeprefix("run-")) for note in self.notes.glob("run-*")]

    @property
    def runs(self) -> int:
        """How many times it was started."""
        return len(self.pids)

    def leave(self, name: str) -> None:
        """Leave a note that the script waits for."""
        (self.notes / name).touch()

    def wait_for(self, pattern: str, count: int = 1) -> list[str]:
        """Wait for `count` notes whose names match a pattern, and return their texts."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while len(found := sorted(self.notes.glob(pattern))) < count:
            assert time.monotonic() < give_up, f"of {count} notes {pattern}, {len(found)} came"
            time.sleep(0.02)
        return [note.read_text() for note in found]


def update_script(folder: Path, body: str, *, name: str = "update") -> UpdateScript:
    """Write the script `<folder>/<name>.py`, whose code is `body`, and make the folder for its notes."""
    notes = folder / f"{name}-notes"
    notes.mkdir()
    path = folder / f"{name}.py"
    prelude = _PRELUDE.format(notes=str(notes), good=GOOD, tries=int(PATIENCE_SECONDS / 0.02))
    path.write_text(f"{prelude}\n{body}\n")
    return UpdateScript(path, notes)


def wait_until_gone(pids: Iterable[int]) -> None:
    """Wait until none of these processes runs any more."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while alive := [pid for pid in pids if is_alive(pid)]:
        assert time.monotonic() < give_up, f"still alive: {alive}"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Say whether a process runs; a zombie, which has ended and whose exit code was not read yet, does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(pids: Iterable[int]) -> None:
    """Kill those of these processes that still run, so that a failing test leaves none behind."""
    for pid in pids:
        if is_alive(pid):
            os.kill(pid, 9)


HANGS = "note('hangs', os.getpid()); time.sleep(600)"

# With -S and -E Python starts in a third of the time.
_SLEEPER = json.dumps([sys.executable, "-S", "-E", "-c", "import time; time.sleep(600)"])


def starts_grandchildren(*options: str) -> str:
    """Return code for a body that starts a sleeping process for each option of `start`, and notes its number."""
    return "; ".join(
        f"note('grandchild-{number}', start(*{_SLEEPER}, {option}))" for number, option in enumerate(options)
    )


IN_GROUP, OWN_SESSION, WITHOUT_ENVIRONMENT = "", "start_new_session=True", "env={}"
