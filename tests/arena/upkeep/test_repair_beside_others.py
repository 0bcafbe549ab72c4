"""A repair while other processes write, hold the store open or were killed at it, and repairs that are killed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.upkeep.repair import Repaired, repair
from llmhub.errors import StoreError, StoreUnusableError
from llmhub.storage.sqlite_errors import waiting_at_most
from tests.arena.upkeep.filled_stores import Content, changed, content, fill, names
from tests.support.effort import by_profile
from tests.support.made_up.boards import DAY, NOW, many, sound, text
from tests.support.processes.children import SPILL_AND_WAIT, kill_once_ready, run_python, run_to_death

PAGE = 4096
STEP = by_profile(ci=8, nightly=4)
"""One of so many calls is tried, in four tests beside each other."""


def test_while_another_process_writes_nothing_is_repaired(path: Path) -> None:
    fill(path)
    damaged = changed(path, "DELETE FROM score WHERE board_id = 1")
    with waiting_at_most(0.05), closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="in use by another process"):
            repair(path)
    assert path.read_bytes() == damaged
    assert names(path) == {"arena.db"}


def test_a_store_held_open_reads_the_new_file_after_a_repair(path: Path) -> None:
    fill(path, days=2)
    with SnapshotStore.open(path) as store:
        assert len(store.snapshots()) == 2
        changed(path, "DELETE FROM snapshot_board WHERE snapshot_id = 2")
        repair(path)
        assert [one.id for one in store.snapshots()] == [1]
        assert store.add(text(a=1.0), taken_at=NOW).id == 3


def killed_writers(path: Path) -> tuple[bytes, bytes]:
    """Let a writer be killed once its pages have reached the file; return the file and its journal."""
    kill_once_ready(SPILL_AND_WAIT, path)
    return path.read_bytes(), path.with_name("arena.db-journal").read_bytes()


def test_a_store_that_is_whole_once_a_killed_writer_is_undone_is_sound(path: Path) -> None:
    fill(path)
    whole = content(path)
    killed_writers(path)
    assert repair(path, now=NOW) == Repaired(sound=True)
    assert content(path) == whole
    assert names(path) == {"arena.db"}


@pytest.fixture
def hot(path: Path) -> tuple[bytes, bytes, Content]:
    """Make a store that has a killed writer's journal and is damaged besides; return both files and what it held."""
    fill(path, days=4)
    whole = content(path)
    changed(path, "DELETE FROM score WHERE board_id = 1")
    return *killed_writers(path), whole


def test_a_damaged_store_with_a_killed_writers_journal_is_kept_with_it(
    path: Path, hot: tuple[bytes, bytes, Content]
) -> None:
    damaged, journal, whole = hot
    done = repair(path, now=datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC))
    assert (done.damaged, done.damaged and done.damaged.read_bytes()) == (
        path.with_name("arena.db.damaged-20260203T040506Z"),
        damaged,
    )
    assert path.with_name("arena.db.damaged-20260203T040506Z-journal").read_bytes() == journal
    assert not path.with_name("arena.db-journal").exists()
    kept = content(path)
    assert kept == {key: whole[key] for key in kept}
    assert (
        whole.keys() - kept.keys() == {(1, "text"), (2, "text")} == {(one.snapshot_id, one.part) for one in done.lost}
    )
    assert sound(path)


# Counts what the operating system is asked for, and dies at one of these calls.
_KILLED = """
import os, signal, sys
from pathlib import Path
import alembic.command, sqlmodel, llmhub.arena.sql.inserting
from llmhub.arena.upkeep.repair import repair
calls = 0
def watch(event, _):
    global calls
    if event in {"os.mkdir", "os.link", "os.rename", "os.remove", "os.rmdir", "shutil.copyfile"}:
        calls += 1
        if calls == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
repair(Path(sys.argv[1]))
print(calls)
"""


@pytest.mark.parametrize("part", range(4))
def test_a_repair_killed_at_any_call_leaves_one_whole_file_in_place_and_the_next_one_finishes(
    path: Path, hot: tuple[bytes, bytes, Content], tmp_path: Path, part: int
) -> None:
    damaged, journal, _ = hot
    safe = tmp_path / "home"
    for name in ("arena.db", "arena.db-journal"):
        shutil.copy(path.with_name(name), safe)
    calls = int(run_python(_KILLED, path, "0"))
    expected = content(path)
    for call in range(1 + part * STEP // 4, calls + 1, STEP):
        for one in (name for name in names(path) if not name.startswith(".llmhub-")):
            path.with_name(one).unlink()
        for name in ("arena.db", "arena.db-journal"):
            shutil.copy(safe / name, path.with_name(name))
        run_to_death(_KILLED, path, str(call))
        beside = [one for one in names(path) if "damaged-" in one and not one.endswith("-journal")]
        if path.read_bytes() != damaged:
            assert content(path) == expected
            assert [path.with_name(one).read_bytes() for one in beside] == [damaged]
        repair(path)
        assert content(path) == expected
        (kept,) = (one for one in names(path) if "damaged-" in one and not one.endswith("-journal"))
        assert path.with_name(kept).read_bytes() == damaged
        assert path.with_name(f"{kept}-journal").read_bytes() == journal
        assert names(path) == {"arena.db", kept, f"{kept}-journal"}


def test_a_write_that_meets_damage_is_undone_whole(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        store.add(many(1500), taken_at=NOW - DAY)
    before = path.read_bytes()
    failed = 0
    for page in range(1, len(before) // PAGE):
        damaged = before[: page * PAGE] + b"\xa5" * PAGE + before[(page + 1) * PAGE :]
        path.write_bytes(damaged)
        try:
            with SnapshotStore.open(path) as store:
                store.add(many(1600, shift=1.0), taken_at=NOW)
        except StoreUnusableError:
            failed += 1
            assert path.read_bytes() == damaged
    assert failed > 10
