"""One command that is disturbed, again and again: what it started from, what it comes to, and what became of it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count, groupby
from pathlib import Path

from filelock import FileLock

from llmhub.arena.database import SCHEMA
from tests.faults.aftermath import Contents, no_traceback, nothing_left_behind
from tests.faults.scenarios import Home, Scenario, files, leaderboards, made, stored
from tests.faults.tally import Tally
from tests.support.processes.forks import Ended, Forks, Job
from tests.support.processes.injection import Fault

_PAGE = 4096

Trying = Callable[..., AbstractContextManager["Trial"]]
"""Gives the trial of the scenario with a name, in a folder if one is given."""


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What a command comes to that nothing disturbs.

    Attributes:
        before: what the store held.
        after: what it holds then.
        made: what the command made beside it.
        files: every file and folder of the home then.
        size_after: the size of the store's file then.
        stages: what the command came past.
    """

    before: Contents
    after: Contents
    made: dict[str, bytes | list[str]]
    files: set[str]
    size_after: int
    stages: list[str]


def undisturbed(
    forks: Forks, scenario: Scenario, start: Home, folder: Path, variables: Mapping[str, str]
) -> Undisturbed:
    """Run a command in copies of a home, made in that folder; note what it comes to and the stages that it passes."""
    # A look at an old file upgrades it.
    before = stored(start.copied_to(folder / "before").db)
    home = start.copied_to(folder / "after")
    ended = _run(forks, scenario, home, variables, Fault(count=True, spill=True))
    assert ended.run.returncode == 0, ended.run.stderr
    size = home.db.stat().st_size
    found = Undisturbed(before, stored(home.db), made(home, scenario), files(home), size, ended.stages)
    assert scenario.changes == (found.after != before)
    assert found.made.keys() == set(scenario.makes)
    return found


def _run(
    forks: Forks, scenario: Scenario, home: Home, variables: Mapping[str, str], fault: Fault | None, *more: str
) -> Ended:
    arguments = (*scenario.arguments, *more)
    return forks.run(
        Job.command(*arguments, variables={**home.variables, **variables}, folder=home.folder, fault=fault)
    )


@dataclass(slots=True)
class Trial:
    """A scenario's command, the home it starts from, and what an undisturbed run comes to."""

    forks: Forks
    scenario: Scenario
    start: Home
    folder: Path
    variables: dict[str, str]
    whole: Undisturbed
    tally: Tally = field(default_factory=Tally)
    _completed: set[int] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=count)

    @contextmanager
    def home(self) -> Iterator[Home]:
        """Give a fresh copy of the home that the command starts from."""
        folder = self.folder / f"home-{next(self._numbers)}"
        yield self.start.copied_to(folder)
        shutil.rmtree(folder)

    def run(self, home: Home, fault: Fault | None = None, *more: str) -> Ended:
        """Run the command."""
        return _run(self.forks, self.scenario, home, self.variables, fault, *more)

    @contextmanager
    def disturbed(self, fault: Fault, *, room: int | None = None) -> Iterator[tuple[Home, Ended]]:
        """Let a fault befall the command, and check what must hold whatever became of it.

        Args:
            fault: what befalls its process.
            room: how many bytes the disk of the home has left meanwhile; by default, what it has.
        """
        with self.home() as home:
            try:
                with only(room, home.folder.with_name("ballast")):
                    ended = self.run(home, fault)
                self.tally.injected += 1
                self.tally.tracebacks += "Traceback" in ended.run.stderr
                no_traceback(ended.run)
                self.tally.hot_journals += has_hot_journal(home.db)
                yield home, ended
                held = stored(home.db)
                self.tally.rows_lost += self._rows_lost(held)
                self._check_store(held)
                for name, what in made(home, self.scenario).items():
                    assert what == self.whole.made[name], f"{name} is there by half"
                self._check_next_run(home)
                self.tally.survived += 1
            except AssertionError as error:
                stage = self.whole.stages[fault.kill_at - 1] if fault.kill_at else ""
                error.add_note(f"after {fault} with room for {room} {stage}")
                raise

    def sizes(self, steps: int) -> list[int]:
        """Return sizes in bytes, from none to enough for each file that the command makes, about evenly spaced."""
        enough = (
            max((len(content) for content in self.whole.made.values()), default=0) if not self.scenario.dated else 0
        )
        enough = max(enough, self.whole.size_after, self.start.db.stat().st_size if self.start.db.exists() else 0)
        return [0, 1, *(round(enough * step / steps) // _PAGE * _PAGE + step for step in range(1, steps + 1))]

    def _rows_lost(self, held: Contents) -> int:
        """Return how many rows the boards have that are gone or changed, and are there after an undisturbed run."""
        kept = self.whole.before.keys() & self.whole.after.keys()
        return sum(self.whole.before[key].lines for key in kept if held.get(key) != self.whole.before[key])

    def _check_store(self, held: Contents) -> None:
        if self.scenario.atomic:
            assert held in (self.whole.before, self.whole.after)
            return
        before, after, now = map(leaderboards, (self.whole.before, self.whole.after, held))
        assert before.items() <= now.items()
        assert now.items() <= after.items()

    def _check_next_run(self, home: Home) -> None:
        """Check that the next run completes what was cut short; of homes with equal files, the first one's."""
        found = _state(home)
        if not self._completed:
            # From there, the undisturbed run has come to what it comes to.
            self._completed.add(_state(self.start))
        if found not in self._completed:
            self._check_run(home)
            self._completed.add(found)
        nothing_left_behind(home.arena)
        no_lock_is_held(home)

    def _check_run(self, home: Home) -> None:
        ended = self.run(home, None, *self.scenario.again)
        assert ended.run.returncode == 0, ended.run.stderr
        no_traceback(ended.run)
        assert stored(home.db) == self.whole.after
        assert made(home, self.scenario) == self.whole.made
        assert files(home) == self.whole.files


def _state(home: Home) -> int:
    """Return what tells homes apart: the names and the contents of all files and folders."""
    return hash(
        frozenset(
            (str(path.relative_to(home.folder)), path.read_bytes() if path.is_file() else None)
            for path in home.folder.rglob("*")
        )
    )


def sampled(stages: Sequence[str], most: int) -> list[int]:
    """Return the numbers of the stages at which to kill, from 1: evenly spaced, the first and the last among them.

    Of a statement that is run many times in a row, its first, middle and last time count.
    """
    chosen: list[int] = []
    numbered = enumerate(stages, start=1)
    for _, group in groupby(numbered, key=lambda each: each[1].split(" VALUES")[0]):
        numbers = [number for number, _ in group]
        chosen += sorted({numbers[0], numbers[len(numbers) // 2], numbers[-1]})
    steps = min(most, len(chosen)) - 1
    return sorted({chosen[round(each * (len(chosen) - 1) / steps)] for each in range(steps + 1)})


@contextmanager
def only(room: int | None, ballast: Path) -> Iterator[None]:
    """Fill the disk under a file, but for so many bytes, for the length of the block."""
    if room is None:
        yield
        return
    disk = os.statvfs(ballast.parent)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(disk.f_bavail * disk.f_frsize - room, 1))
    yield
    ballast.unlink()


def has_hot_journal(path: Path) -> bool:
    """Say whether a killed writer's pages stand in a file, to be rolled back by the next one who opens it."""
    if not path.exists():
        return False
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        try:
            connection.execute("PRAGMA schema_version").fetchone()
        except sqlite3.OperationalError as error:
            return error.sqlite_errorcode == sqlite3.SQLITE_READONLY_ROLLBACK
    return False


def no_lock_is_held(home: Home) -> None:
    """Check that every lock in a home can be had at once."""
    for path in home.folder.rglob("*.lock"):
        with FileLock(path, timeout=0):
            pass
    if home.db.exists():
        with closing(sqlite3.connect(home.db, timeout=0, isolation_level=None)) as connection:
            assert connection.execute("PRAGMA application_id").fetchone() == (SCHEMA.application_id,)
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
