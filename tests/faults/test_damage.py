"""A store that is not whole, or not a store: never written to, never deleted, never the source of a wrong number."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.upkeep.verify import verify
from llmhub.catalog.arena_source import load_arena_models
from llmhub.errors import LlmhubError
from tests.faults.aftermath import File, complaint, nothing_left_behind
from tests.faults.stage import EVERY, NEWER, OLDER, Stage, set_stage
from tests.support.processes.commands import output

FLIPS = 120

READS = ("show", "diff")
RUNS = ("show", "backup {there}/copy.db", "refresh --force", "import {file}")


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a home with a store."""
    return set_stage(tmp_path, monkeypatch)


def cut(at: float) -> Callable[[Path], None]:
    """Truncate to so many bytes; below 1, to that part of the file; below 0, by so many."""

    def truncate(path: Path) -> None:
        size = path.stat().st_size
        os.truncate(path, int(size * at) if 0 < at < 1 else int(at) if at > 0 else size + int(at))

    return truncate


def text(path: Path) -> None:
    path.write_text("no database at all\n" * 1000)


def random_bytes(path: Path) -> None:
    path.write_bytes(random.Random(6).randbytes(path.stat().st_size))  # noqa: S311 -- no secret


def another_program(path: Path) -> None:
    path.unlink()
    execute(path, "CREATE TABLE theirs (id INTEGER)")


def newer_schema(path: Path) -> None:
    execute(path, "UPDATE alembic_version SET version_num = '9999'")


def execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


# What is done to the file: what the line of every command holds, and verify's exit code.
DAMAGE: dict[str, tuple[Callable[[Path], None], str, int]] = {
    "one byte": (cut(1), "is damaged", 3),
    "100 bytes": (cut(100), "is damaged", 3),
    "one page": (cut(4096), "is damaged", 3),
    "half": (cut(0.5), "is damaged", 3),
    "a page less": (cut(-4096), "is damaged", 3),
    "text": (text, "is not an SQLite file, or is damaged", 3),
    "random bytes": (random_bytes, "is not an SQLite file, or is damaged", 3),
    "another program's": (another_program, "is another program's SQLite file", 1),
    "a newer schema": (newer_schema, "made by a newer llmhub", 1),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_store_that_is_not_whole_is_refused_by_every_command_and_not_touched(stage: Stage, what: str) -> None:
    damage, words, code = DAMAGE[what]
    kept = stage.there / "kept.db"
    shutil.copy2(stage.db, kept)
    damage(stage.db)
    before = File.at(stage.db)
    for command in RUNS if what != "half" else (*EVERY[:-1], "prune --keep-last 1"):
        run = stage.run(command)
        if command == "verify":
            assert run.returncode == code
        else:
            assert words in complaint(run), command
    checked = stage.run("verify")
    assert (checked.returncode, words in checked.stdout + checked.stderr) == (code, True), checked
    assert File.at(stage.db) == before
    assert not (stage.there / "copy.db").exists()
    nothing_left_behind(stage.arena)
    kept.replace(stage.db)
    stage.works_again()


def journal_of_nobody(stage: Stage) -> None:
    (stage.arena / "arena.db-journal").write_bytes(random.Random(7).randbytes(3000))  # noqa: S311 -- no secret


def journal_of_another(stage: Stage) -> None:
    (stage.arena / "arena.db-journal").write_bytes(b"\0" * 28)


def log_of_another(stage: Stage) -> None:
    (stage.arena / "arena.db-wal").write_bytes(random.Random(8).randbytes(3000))  # noqa: S311 -- no secret


def switched_to_wal(stage: Stage) -> None:
    with closing(sqlite3.connect(stage.db)) as connection:
        assert connection.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)


@pytest.mark.parametrize("odd", [journal_of_nobody, journal_of_another, log_of_another, switched_to_wal])
def test_what_others_left_beside_the_store_changes_no_answer_and_loses_nothing(
    stage: Stage, odd: Callable[[Stage], None]
) -> None:
    shown = output(stage.run("show --csv"))
    odd(stage)
    assert output(stage.run("show --csv")) == shown
    assert output(stage.run("verify"))
    assert output(stage.run("refresh --force"))
    assert output(stage.run("verify"))
    with SnapshotStore.open() as store:
        assert [len(store.entries(one)) for one in store.snapshots()] == [1, 2, 2]


def test_an_emptied_file_is_a_new_store_and_says_that_it_holds_nothing(stage: Stage) -> None:
    stage.db.write_bytes(b"")
    assert "no snapshot yet" in complaint(stage.run("show"), 2)
    assert stage.run("refresh").returncode == 0
    assert stage.run("verify").returncode == 0


def test_an_open_store_sees_that_its_file_was_deleted_or_replaced(stage: Stage) -> None:
    other = stage.there / "other.db"
    shutil.copy(stage.db, other)
    with SnapshotStore.open(other) as elsewhere:
        elsewhere.add({"text": {"overall": {}}}, taken_at=elsewhere.snapshots()[0].taken_at, source="dataset")
    with SnapshotStore.open() as store:
        assert len(store.snapshots()) == 2
        stage.db.unlink()
        assert store.snapshots() == []
        other.replace(stage.db)
        assert len(store.snapshots()) == 3
        stage.db.write_text("no database at all\n" * 1000)
        with pytest.raises(LlmhubError, match="damaged"):
            store.snapshots()


def test_a_flipped_bit_is_one_clear_error_or_changes_no_number_that_is_answered(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over the header, the schema's page, and all others; in this process, so that it can be many."""
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    good = stage.db.read_bytes()
    pick = random.Random(9)  # noqa: S311 -- no secret
    refused = seen = 0
    for number in range(FLIPS):
        at = pick.randrange((100, 4096, len(good))[number % 3])
        damaged = bytearray(good)
        damaged[at] ^= 1 << pick.randrange(8)
        stage.db.write_bytes(damaged)
        where = f"bit flipped in byte {at}"
        try:
            with SnapshotStore.open() as store:
                scores = {name: score.rating for name, score in store.scores().items()}
                history = [point.score.rating for point in store.history("made-up-a").points]
                store.diff("1", "2")
            assert scores in (OLDER, NEWER), where
            # What no digest covers is found by `verify`.
            assert history == [1400.0, 1410.5] or verify(stage.db).errors, where
            seen += 1
        except LlmhubError:
            refused += 1
        rated = {name: model.rating for name, model in load_arena_models().items()}
        assert rated in ({}, OLDER, NEWER), where
        assert stage.db.read_bytes() == damaged, where
    assert refused > FLIPS // 10
    assert seen > FLIPS // 10
    stage.db.write_bytes(good)
    monkeypatch.delenv("LLMHUB_OFFLINE")
    stage.works_again()


def test_a_flipped_rating_is_said_by_every_command_that_would_show_it(stage: Stage) -> None:
    with closing(sqlite3.connect(stage.db)) as connection:
        connection.execute("UPDATE score SET rating = rating + 1 WHERE rating = 1410.5")
        connection.commit()
    before = File.at(stage.db)
    for command in ("show", "diff", "movers", "export -o {there}/out"):
        assert "text / overall is not what was stored" in complaint(stage.run(command)), command
    assert "is damaged" in complaint(stage.run("backup {there}/copy.db"))
    assert stage.run("verify").returncode == 3
    assert File.at(stage.db) == before
    assert not (stage.there / "out").exists()
