"""A dataset import that is killed after each commit; see tests/faults for kills in between, and readers beside one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.exchange.importing import import_dataset
from tests.support.made_up.publications import FULL, row, write_publication
from tests.support.processes.children import run_python, run_to_death

DATES = [f"2025-{month:02}-{day:02}" for month in (1, 2) for day in range(1, 13)]

_KILLED_AFTER = """
import contextlib, os, signal, sys
from pathlib import Path
from llmhub.arena import SnapshotStore
from llmhub.arena.exchange.importing import import_dataset
from llmhub.progress import Unheard, shown_by
class Killing(Unheard):
    commits = 0
    def at(self, done, total=0):
        self.commits += 1
        if self.commits == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)
class Shown:
    def step(self, what, unit):
        return contextlib.nullcontext(Killing())
with shown_by(Shown()), SnapshotStore.open(sys.argv[1]) as store:
    import_dataset(store, Path(sys.argv[2]))
"""

_IMPORT = """
import sys
from pathlib import Path
from llmhub.arena import SnapshotStore
from llmhub.arena.exchange.importing import import_dataset
with SnapshotStore.open(sys.argv[1]) as store:
    print(len(import_dataset(store, Path(sys.argv[2])).new))
"""

Identity = list[tuple[str, str, bytes]]


def identities(path: Path) -> Identity:
    """Return (source, taken_at, digest) of every board of every snapshot, after checking the file."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return connection.execute(
            "SELECT s.source, s.taken_at, b.digest FROM snapshot s JOIN snapshot_board sb ON sb.snapshot_id = s.id "
            "JOIN board b ON b.id = sb.board_id ORDER BY 1, 2, 3"
        ).fetchall()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of 24 dates; some boards are the same as on the date before."""
    rows = [
        row(f"made-up-{number}", 1400.0 - number + moment // 3, category=category, published_on=day)
        for moment, day in enumerate(DATES)
        for category in ("overall", "coding")
        for number in range(30)
    ]
    return write_publication(tmp_path_factory.mktemp("dataset"), "text", rows, name=FULL)


@pytest.fixture(scope="module")
def undisturbed(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Identity:
    """Return what an import comes to that nobody kills."""
    path = tmp_path_factory.mktemp("undisturbed") / "arena.db"
    with SnapshotStore.open(path) as store:
        assert len(import_dataset(store, file).new) == len(DATES)
    return identities(path)


@pytest.mark.parametrize("commits", [1, 2, 7, 13, 20])
def test_an_import_killed_after_any_commit_is_completed_by_the_same_command(
    file: Path, undisturbed: Identity, tmp_path: Path, commits: int
) -> None:
    path = tmp_path / "arena.db"
    run_to_death(_KILLED_AFTER, path, file, str(commits))
    with SnapshotStore.open(path) as store:
        begun = len(store.snapshots())
    assert begun == commits
    assert run_python(_IMPORT, path, file) == str(len(DATES) - begun)
    assert identities(path) == undisturbed
