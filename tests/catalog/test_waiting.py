"""Other processes that keep the lock or the store, stopped ones too, and file systems without locks."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from llmhub.arena import Score, SnapshotStore
from llmhub.arena.database import database
from llmhub.arena.refresh import refresh_store
from llmhub.catalog import arena_source
from llmhub.catalog.arena_source import arena_status, load_arena_models, refresh_arena
from llmhub.errors import RefreshError, StoreError, StoreReadOnlyError
from llmhub.storage import sqlite_errors
from llmhub.storage.lock_holders import holder
from tests.catalog.conftest import STORED_RATINGS, Arena, Log, UseScript
from tests.support.made_up.scripts import GOOD_RATINGS, LEAVES_GOOD_FILE

_HOLDS_LOCK = """
import fcntl, os, signal, sys
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("ready", flush=True)
os.kill(os.getpid(), signal.SIGSTOP)
"""
_IN_TRANSACTION = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[2])
connection.execute("SELECT count(*) FROM snapshot").fetchone()
print("ready", flush=True)
os.kill(os.getpid(), signal.SIGSTOP)
"""

Stopped = Callable[..., AbstractContextManager[int]]


@contextmanager
def stopped(code: str, *arguments: str | Path) -> Iterator[int]:
    """Start a process that does what the code says and then stops, as on Ctrl-Z; give its number, and end it."""
    with subprocess.Popen([sys.executable, "-S", "-c", code, *map(str, arguments)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"ready\n"
            os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
            yield process.pid
        finally:
            process.kill()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let who has a stored answer wait for a moment only, so that the tests need not."""
    assert arena_source.SECONDS_TO_AN_ANSWER == 5.0
    monkeypatch.setattr(arena_source, "SECONDS_TO_AN_ANSWER", 0.3)


def ratings() -> dict[str, float]:
    return {name: model.rating for name, model in load_arena_models().items()}


def test_a_refresh_that_is_stopped_keeps_nobody_from_the_stored_answer(
    arena: Arena, use_script: UseScript, log: Log, impatient: None
) -> None:
    arena.seed(days=2)
    script = use_script(LEAVES_GOOD_FILE)
    with stopped(_HOLDS_LOCK, arena.folder / "refresh.lock") as pid:
        assert ratings() == STORED_RATINGS
    warning = log.only("WARNING")
    assert "another process has been refreshing for over 0.3 s and holds" in warning
    assert f"(process {pid}, python" in warning
    assert ", stopped)" in warning
    assert "48 h old" in warning
    assert script.runs == 0
    assert ratings() == GOOD_RATINGS


def test_who_has_no_answer_waits_for_a_refresh_as_long_as_it_may_take(
    arena: Arena, use_script: UseScript, log: Log, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    arena.folder.mkdir(parents=True)
    monkeypatch.setenv("LLMHUB_ARENA_TIMEOUT", "0.5")
    monkeypatch.setattr("llmhub.arena.refresh_lock._SECONDS_AROUND_SCRIPT", 0.5)
    script = use_script(LEAVES_GOOD_FILE)
    with stopped(_HOLDS_LOCK, arena.folder / "refresh.lock"):
        assert ratings() == {}
        assert "refreshing for over 1 s" in log.only("ERROR")
        with pytest.raises(RefreshError, match="refreshing for over 1 s"):
            refresh_arena()
    assert script.runs == 0


def test_a_store_that_another_process_holds_is_not_waited_for_long_and_the_process_is_named(
    arena: Arena, use_script: UseScript, log: Log, impatient: None
) -> None:
    arena.seed(days=2)
    script = use_script(LEAVES_GOOD_FILE)
    with stopped(_IN_TRANSACTION, arena.db, "BEGIN EXCLUSIVE") as pid:
        assert ratings() == {}
    error = log.only("ERROR")
    assert f"{arena.db} is in use by another process (process {pid}, python" in error
    assert "which did not finish within 0.3 s; try again" in error
    assert script.runs == 0
    assert ratings() == GOOD_RATINGS


def test_what_the_script_brought_while_a_reader_was_stopped_is_kept_and_stored_next_time(
    arena: Arena, use_script: UseScript, log: Log, impatient: None
) -> None:
    arena.seed(days=2)
    script = use_script(LEAVES_GOOD_FILE)
    with stopped(_IN_TRANSACTION, arena.db, "BEGIN"):
        for _ in range(2):
            assert ratings() == STORED_RATINGS
    assert script.runs == 1, "the second call finds what the first one brought"
    (_, first), (_, second) = log.said()
    assert "what the script brought is kept, and the next refresh stores it" in first
    assert "in use by another process" in second
    assert ratings() == GOOD_RATINGS
    assert script.runs == 1
    assert arena.left_behind() == set()
    newest, _ = arena.snapshots()
    assert newest.script == str(script.path)
    assert arena_status().last_failure is None


def test_a_refresh_that_is_forced_stores_what_is_kept_and_runs_the_script_too(
    arena: Arena, use_script: UseScript, impatient: None
) -> None:
    arena.seed(days=2)
    script = use_script(LEAVES_GOOD_FILE)
    with stopped(_IN_TRANSACTION, arena.db, "BEGIN"):
        ratings()
    assert refresh_arena(force=True).ran
    assert script.runs == 2
    assert len(arena.snapshots()) == 3
    assert arena.left_behind() == set()


_LEAVES_SHRUNKEN_VISION = f"{LEAVES_GOOD_FILE}; leave('leaderboard-vision.json', GOOD)"


def seed_large_vision(arena: Arena) -> None:
    """Store a run whose vision board has many more models than `GOOD`."""
    arena.seed(days=2)
    with SnapshotStore.open() as store:
        (run,) = store.snapshots()
        vision = {f"made-up-{number}": Score(1000.0 + number) for number in range(9)}
        store.add({"vision": {"overall": vision}}, taken_at=run.taken_at)


@pytest.mark.parametrize("force", [False, True])
def test_a_board_that_shrank_too_much_is_left_out_of_a_kept_run_too_unless_forced(
    arena: Arena, use_script: UseScript, log: Log, impatient: None, *, force: bool
) -> None:
    seed_large_vision(arena)
    script = use_script(_LEAVES_SHRUNKEN_VISION)
    with stopped(_IN_TRANSACTION, arena.db, "BEGIN"), sqlite_errors.waiting_at_most(0.3):
        if force:
            with pytest.raises(RefreshError, match="is kept"), SnapshotStore.open() as store:
                refresh_store(store, max_age=timedelta(hours=24), force=True, seconds=0.3)
        else:
            assert ratings() == STORED_RATINGS
    assert ratings() == GOOD_RATINGS
    assert script.runs == 1
    newest, _ = arena.snapshots()
    assert set(newest.leaderboards) == ({"text", "vision"} if force else {"text"})
    warned = [text for level, text in log.said() if level == "WARNING" and "vision is left out of the snapshot" in text]
    assert len(warned) == (0 if force else 2)


@pytest.mark.parametrize("damage", ["about.json", "data/leaderboard-text.json"])
def test_what_is_kept_and_then_damaged_is_dropped_and_the_script_runs_again(
    arena: Arena, use_script: UseScript, log: Log, impatient: None, damage: str
) -> None:
    arena.seed(days=2)
    script = use_script(LEAVES_GOOD_FILE)
    with stopped(_IN_TRANSACTION, arena.db, "BEGIN"):
        ratings()
    (kept,) = arena.left_behind()
    (arena.folder / kept / damage).write_text("{")
    assert ratings() == GOOD_RATINGS
    assert script.runs == 2
    assert "the output of an earlier run cannot be used, and is dropped" in log.said()[-1][1]
    assert arena.left_behind() == set()


def test_of_a_file_that_nobody_holds_no_process_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert holder(tmp_path / "file") == holder(tmp_path / "none") == ""
    with stopped(_HOLDS_LOCK, tmp_path / "file") as pid:
        assert holder(tmp_path / "file").startswith(f" (process {pid}, python")


# -- file systems that have no locks, or lose them


def flock(monkeypatch: pytest.MonkeyPatch, code: int, operations: int) -> None:
    """Let the system answer so when one of these operations is asked for."""
    real = fcntl.flock

    def answer(descriptor: Any, operation: int) -> None:
        if operation & operations:
            raise OSError(code, os.strerror(code))
        real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", answer)


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS], ids=lambda code: errno.errorcode[code])
def test_a_file_system_without_locks_is_named_with_what_to_set(
    arena: Arena, use_script: UseScript, log: Log, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    arena.seed(days=2)
    script = use_script(LEAVES_GOOD_FILE)
    flock(monkeypatch, code, fcntl.LOCK_EX)
    assert ratings() == STORED_RATINGS
    warning = log.only("WARNING")
    assert f"the file system of {arena.folder} lacks locks" in warning
    assert "set LLMHUB_ARENA_CACHE_DIR to a folder on a local disk" in warning
    with pytest.raises(StoreReadOnlyError, match="lacks locks"):
        refresh_arena()
    assert script.runs == 0


def test_a_file_system_without_modes_is_named_with_what_to_set(
    arena: Arena, use_script: UseScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    arena.seed(days=2)
    use_script(LEAVES_GOOD_FILE)
    monkeypatch.setattr(os, "fchmod", refuse)
    with pytest.raises(StoreReadOnlyError, match=r"lacks locks or file modes .*: set LLMHUB_ARENA_CACHE_DIR"):
        refresh_arena()


@pytest.mark.parametrize(
    "code",
    [sqlite3.SQLITE_IOERR_LOCK, sqlite3.SQLITE_IOERR_RDLOCK, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_BUSY],
)
def test_where_sqlite_finds_no_locks_its_words_name_the_file_system(tmp_path: Path, code: int) -> None:
    (tmp_path / "arena.db").touch()
    error = sqlite3.OperationalError("made up")
    error.sqlite_errorcode = code
    expected = r"file system has no locks.*set LLMHUB_ARENA_CACHE_DIR to a folder on a local disk"
    with pytest.raises(StoreError, match=expected), database.translated(tmp_path / "arena.db"):
        raise error


def test_a_lock_that_cannot_be_given_up_costs_nothing(
    arena: Arena, use_script: UseScript, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = use_script(LEAVES_GOOD_FILE)
    flock(monkeypatch, errno.ENOLCK, fcntl.LOCK_UN)
    assert refresh_arena().ran
    assert refresh_arena(force=True).ran, "this process does not hold the lock still"
    assert script.runs == 2
    assert log.said() == []
    assert len(arena.snapshots()) == 2
