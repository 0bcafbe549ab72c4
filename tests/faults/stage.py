"""What the fault tables share: a store with two snapshots, a script that works, and every command that concerns it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.aftermath import Contents, Run, contents, no_traceback, nothing_left_behind
from tests.support.processes.children import run_llmhub_unprivileged
from tests.support.processes.commands import ago, arena_db, board, seed, upstream_json

OLDER = {"made-up-a": 1400.0, "made-up-b": 1300.0}
NEWER = {"made-up-a": 1410.5, "made-up-c": 1290.0}

LOOK = ("status", "history", "history made-up-a", "show", "diff", "movers", "verify")
TAKE_OUT = ("export -o {there}/out", "backup {there}/copy.db")
WRITE = ("refresh --force", "import {file}", "prune --keep-last 1")
EVERY = LOOK + TAKE_OUT + WRITE
"""The commands of the store. {there} is a folder that can be written, {file} a leaderboard that can be imported."""

_WORKS = "import json; open('data/leaderboard-text.json', 'w').write({document!r})"


@dataclass(frozen=True)
class Stage:
    """A home with a store, and what the commands are given.

    Attributes:
        config: llmhub's own folder.
        there: a folder that is not llmhub's.
        whole: what the store held before anything went wrong.
    """

    config: Path
    there: Path
    whole: Contents

    @property
    def arena(self) -> Path:
        return self.config / "arena"

    @property
    def db(self) -> Path:
        return self.arena / "arena.db"

    def words(self, command: str) -> list[str]:
        """Return the words of a command of `llmhub arena`."""
        file = self.there / "2025-06-01" / "leaderboard-text.json"
        return ["arena", *(word.format(there=self.there, file=file) for word in command.split())]

    def run(self, command: str, **variables: str) -> Run:
        """Run a command of `llmhub arena` without root's rights; it ends in time and without a traceback."""
        done = run_llmhub_unprivileged(*self.words(command), **variables)
        no_traceback(done)
        return done

    def works_again(self) -> None:
        """Check that nothing was lost, nothing is left behind, and that the next undisturbed run succeeds."""
        nothing_left_behind(self.arena)
        assert contents(self.db) == self.whole
        after = self.run("refresh --force")
        assert (after.returncode, after.stderr) == (0, ""), after
        held = contents(self.db)
        assert self.whole.items() <= held.items()
        assert len(held) == len(self.whole) + 1
        nothing_left_behind(self.arena)


def said(run: Run) -> str:
    """Return what a run says of its failure or its trouble: its error or warning, or else nothing."""
    found = [line for line in run.stderr.splitlines() if line.startswith(("error: ", "warning: "))]
    assert len(found) <= 1, run.stderr
    return found[0] if found else ""


def set_stage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Seed this test's own store with a run of 30 and one of 60 hours ago, and make an update script that works."""
    seed(board(OLDER), ago(hours=60))
    seed(board(NEWER), ago(hours=30))
    there = folder / "there"
    file = there / "2025-06-01" / "leaderboard-text.json"
    file.parent.mkdir(parents=True)
    file.write_text(upstream_json({"made-up-old": 1100.0}))
    script = folder / "works.py"
    script.write_text(_WORKS.format(document=upstream_json({"made-up-a": 1420.0})))
    monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(script))
    return Stage(arena_db().parents[1], there, contents(arena_db()))
