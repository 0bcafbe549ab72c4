from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from llmhub import settings
from llmhub.arena import SnapshotStore
from llmhub.arena.database import SCHEMA, database
from llmhub.doctor import store
from llmhub.doctor.findings import Finding
from llmhub.errors import StoreUnusableError
from tests.support.made_up.boards import many, text
from tests.support.processes.children import SPILL_AND_WAIT, kill_once_ready
from tests.support.processes.commands import ago


@pytest.fixture
def db() -> Path:
    """Store a fresh snapshot in this test's own store, and return its path."""
    seed(ago(hours=1))
    return settings.arena_db()


def seed(taken_at: datetime) -> None:
    with SnapshotStore.open() as opened:
        opened.add(text(a=1.0), taken_at=taken_at)


def look() -> list[tuple[str, str]]:
    return [(one.check, one.level) for one in store.look()]


def only() -> Finding:
    (found,) = store.look()
    return found


def test_a_store_that_is_not_there_is_a_warning_that_says_what_makes_it() -> None:
    assert look() == [("store", "warning")]
    assert "llmhub arena refresh" in str(only().remedy)
    assert not settings.arena_db().exists()


@pytest.mark.usefixtures("db")
def test_a_fresh_store_is_well() -> None:
    assert look() == [("store", "ok"), ("newest", "ok")]


@pytest.mark.parametrize("moment", [ago(days=3), datetime(2999, 1, 1, tzinfo=UTC)])
def test_a_store_whose_newest_snapshot_is_old_or_of_the_future_is_a_warning(moment: datetime) -> None:
    seed(moment)
    assert look() == [("store", "ok"), ("newest", "warning")]


def test_a_damaged_store_is_an_error_that_names_the_repair(db: Path) -> None:
    with SnapshotStore.open() as opened:
        opened.add(many(4000), taken_at=ago(minutes=5))
    content = bytearray(db.read_bytes())
    content[40_000:80_000] = b"\xff" * 40_000
    db.write_bytes(content)
    assert (only().level, only().remedy) == ("error", "`llmhub arena repair`")
    db.write_text("no database at all\n" * 100)
    assert (only().level, only().remedy) == ("error", "`llmhub arena repair`")


def test_another_programs_file_is_left_to_the_error_that_says_so(db: Path) -> None:
    db.unlink()
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("CREATE TABLE theirs (id INTEGER)")
    with pytest.raises(StoreUnusableError, match="another program's"):
        list(store.look())


def test_what_a_killed_writer_left_is_told_and_not_undone(db: Path) -> None:
    with SnapshotStore.open() as opened:
        opened.add(many(4000), taken_at=ago(minutes=5))
    kill_once_ready(SPILL_AND_WAIT, db)
    before = {path: path.read_bytes() for path in db.parent.iterdir()}
    assert len(before) > 1
    assert (only().level, "was killed" in only().message) == ("warning", True)
    assert {path: path.read_bytes() for path in db.parent.iterdir()} == before


def test_a_file_of_an_older_version_is_told_and_not_upgraded(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = db.read_bytes()
    newer = SCHEMA._replace(revisions=(*SCHEMA.revisions, "9999"))
    monkeypatch.setattr(database, "schema", newer)
    monkeypatch.setattr(store, "SCHEMA", newer)
    assert (only().level, only().remedy) == ("warning", "the next command that reads it upgrades it")
    assert db.read_bytes() == before


def test_the_last_refreshs_failure_is_told(db: Path) -> None:
    assert list(store.look_at_refreshes()) == []
    failure = '{"reason": "it \\u001b[31m exited with 3", "failed_at": "2026-01-05T09:00:00+00:00", "token": "t"}'
    (db.parent / "refresh-failure.json").write_text(failure)
    (found,) = store.look_at_refreshes()
    assert (found.level, "exited with 3" in found.message) == ("warning", True)
    assert found.message.isprintable()
