from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.database import SCHEMA, database
from llmhub.arena.exchange.importing import import_dataset
from llmhub.arena.upkeep.prune import prune
from llmhub.arena.upkeep.retention import Policy
from llmhub.errors import StoreDamagedError, StoreError, StoreUnusableError
from tests.support.made_up.boards import DAY, NOW, many, rows, sound, text
from tests.support.made_up.publications import FULL, row, write_publication
from tests.support.processes.children import (
    SPILL_AND_WAIT,
    kill_once_ready,
    run_limited,
    run_python,
    run_unprivileged,
    start_python,
)

_INGEST_AND_WAIT = """
import sys
from datetime import timedelta
from llmhub.arena.database import SCHEMA, database
from llmhub.arena.sql import inserting as ingest
from llmhub.arena.boards import Leaderboard
from pathlib import Path
from tests.support.made_up.boards import NOW, many
with database.writing(Path(sys.argv[1])) as connection:
    connection.exec_driver_sql("PRAGMA cache_size = 5")
    boards = Leaderboard(many(4000, shift=1.0)["text"])
    ingest.ingest(connection, {"text": boards}, source="script", taken_at=NOW, revision=None, script=None)
    print("ready", flush=True)
    sys.stdin.readline()
"""


def other_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (id INTEGER)")
        connection.commit()


def newer(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        store.add(text(a=1.0), taken_at=NOW)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()


def words(path: Path) -> None:
    path.write_text("no database at all\n" * 100)


def truncated(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        store.add(many(2000), taken_at=NOW)
    path.write_bytes(path.read_bytes()[:9_000])


@pytest.mark.parametrize(
    ("make", "remedy"),
    [
        (other_program, "another program's SQLite file; it was not touched: move it away"),
        (newer, f"made by a newer llmhub .schema 9999, this one knows up to {SCHEMA.current}.*upgrade llmhub"),
        (words, "not an SQLite file, or is damaged.*restore it from a copy"),
        (truncated, "is damaged.*restore it from a copy"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_remedy_and_not_touched(
    path: Path, make: object, remedy: str
) -> None:
    assert callable(make)
    make(path)
    before = path.read_bytes()
    with pytest.raises(StoreUnusableError, match=remedy), SnapshotStore.open(path) as store:
        store.scores()
    with pytest.raises(StoreUnusableError, match=remedy), SnapshotStore.open(path) as store:
        store.add(text(b=1.0), taken_at=NOW + DAY)
    assert path.read_bytes() == before


def test_damage_where_no_statement_looks_keeps_import_and_prune_from_writing(path: Path, tmp_path: Path) -> None:
    with SnapshotStore.open(path) as store:
        store.add(text(a=1.0), taken_at=NOW - DAY)
        store.add(text(a=2.0), taken_at=NOW)
    file = write_publication(tmp_path / "dataset", "text", [row("a", 1400.0)], name=FULL)
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_board_2'"
        ).fetchone()
    content = path.read_bytes()
    damaged = content[: (root - 1) * 4096] + bytes(4096) + content[root * 4096 :]
    path.write_bytes(damaged)
    with SnapshotStore.open(path) as store:
        assert len(store.scores(now=NOW)) == 1
        with pytest.raises(StoreDamagedError, match="`llmhub arena repair`"):
            import_dataset(store, file)
        with pytest.raises(StoreDamagedError, match="`llmhub arena repair`"):
            prune(path, Policy(last=1), now=NOW)
    assert path.read_bytes() == damaged


def test_a_store_that_was_replaced_while_a_writer_waited_is_not_written(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        store.add(text(a=1.0), taken_at=NOW)
    old, new = path.with_name("old.db"), path.with_name("new.db")
    new.write_bytes(path.read_bytes())
    before = path.read_bytes()
    old.hardlink_to(path)
    with database.transactions(path) as transaction:
        with transaction():
            pass
        new.replace(path)
        with (
            pytest.raises(StoreError, match="was replaced while it was being opened; nothing was written"),
            transaction(),
        ):
            pytest.fail("the transaction began on the old file")
    assert (path.read_bytes(), old.read_bytes()) == (before, before)


def test_an_empty_file_is_a_store_that_is_not_there_yet(path: Path) -> None:
    path.touch()
    with SnapshotStore.open(path) as store:
        assert store.latest() is None
        store.add(text(a=1.0), taken_at=NOW)
    assert sound(path)


def test_a_folder_or_a_dangling_link_in_the_files_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    (tmp_path / "link.db").symlink_to(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    for name, what in (("folder.db", "is a folder"), ("link.db", "broken symbolic link"), ("file/arena.db", "reached")):
        with pytest.raises(StoreUnusableError, match=what):
            SnapshotStore.open(tmp_path / name)


def test_an_unreadable_file_is_refused(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        store.add(text(a=1.0), taken_at=NOW)
    path.chmod(0)
    code = """
    import sys
    from llmhub.arena import SnapshotStore
    from llmhub.errors import StoreUnusableError
    try:
        SnapshotStore.open(sys.argv[1])
    except StoreUnusableError as error:
        print(error)
    """
    assert "cannot be opened" in run_unprivileged(code, path)


@pytest.mark.parametrize("code", [SPILL_AND_WAIT, _INGEST_AND_WAIT])
def test_what_a_killed_writer_left_half_done_is_undone_by_the_next_reader(path: Path, code: str) -> None:
    with SnapshotStore.open(path) as store:
        store.add(many(4000), taken_at=NOW - DAY)
        expected = store.scores()
    before, counted = path.read_bytes(), rows(path)
    kill_once_ready(code, path)
    assert path.with_name("arena.db-journal").stat().st_size > 0
    assert path.read_bytes() != before, "the writer's pages must have reached the file"
    with SnapshotStore.open(path) as store:
        assert store.scores() == expected
        assert len(store.snapshots()) == 1
    assert rows(path) == counted
    assert sound(path)


def test_a_store_that_finds_no_room_says_so_and_is_as_it_was(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        store.add(many(2000), taken_at=NOW - DAY)
    before = path.read_bytes()
    code = """
    import sys
    from llmhub.arena import SnapshotStore
    from llmhub.errors import StoreFullError
    from tests.support.made_up.boards import NOW, many
    try:
        with SnapshotStore.open(sys.argv[1]) as store:
            store.add(many(2000, shift=1.0), taken_at=NOW)
    except StoreFullError as error:
        print(error)
    """
    said = run_limited(len(before), code, path)
    assert said.startswith(f"{path} could not be written: the disk takes no more")
    assert said.endswith("make room, and try again")
    with SnapshotStore.open(path) as store:
        assert len(store.snapshots()) == 1
    assert path.read_bytes() == before


def test_a_store_beside_which_no_journal_can_be_made_says_so_and_goes_on_being_read(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        store.add(text(a=1.0), taken_at=NOW)
    before = path.read_bytes()
    code = """
    import resource, sys
    from pathlib import Path
    from llmhub.arena import SnapshotStore
    from llmhub.arena.database import SCHEMA, database
    from llmhub.errors import StoreReadOnlyError
    with SnapshotStore.open(sys.argv[1]) as store:
        try:
            with database.writing(Path(sys.argv[1])) as connection:
                # What is open stays so, and not one file more can be opened.
                resource.setrlimit(resource.RLIMIT_NOFILE, (1, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
                connection.exec_driver_sql("UPDATE model SET organization = 'Made-Up Labs'")
        except StoreReadOnlyError as error:
            print(error)
        print(len(store.scores()))
    """
    said, count = run_python(code, path).splitlines()
    assert said.startswith(f"{path} cannot be written, since no journal can be opened beside it: make room")
    assert count == "1"
    assert path.read_bytes() == before


def test_a_file_that_finds_no_room_to_be_rewritten_is_left_as_it_is(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        store.add(many(2000), taken_at=NOW)
    before = path.read_bytes()
    code = """
    import sys
    from pathlib import Path
    from llmhub.arena.database import SCHEMA, database
    from llmhub.storage import compacting
    compacting.repack(database, Path(sys.argv[1]))
    print("done")
    """
    # The journal of a rewrite holds every page that is still needed.
    assert run_limited(len(before) * 3 // 4, code, path) == "done"
    assert path.read_bytes() == before
    assert not path.with_name("arena.db-journal").exists()
    assert run_limited(2 * len(before), code, path) == "done"
    assert path.read_bytes() != before, "with room it is rewritten"


def test_a_store_held_open_reads_on_after_another_writer_was_killed(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        store.add(many(4000), taken_at=NOW)
        expected = store.scores()
        kill_once_ready(SPILL_AND_WAIT, path)
        assert store.scores() == expected


def test_reading_imports_no_package_for_writing(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        store.add(text(a=1.0), taken_at=NOW)
    code = """
    import sys
    from llmhub.arena import SnapshotStore
    with SnapshotStore.open(sys.argv[1]) as store:
        store.scores(), store.snapshots(), store.track("a")
    heavy = {"alembic", "sqlalchemy", "sqlmodel", "pydantic", "duckdb", "any_llm", "rich", "click", "httpx"}
    print(sorted(heavy & sys.modules.keys()))
    """
    assert start_python(code, path) == "[]"


def test_importing_llmhub_imports_next_to_nothing() -> None:
    heavy = ("alembic", "sqlmodel", "sqlalchemy", "any_llm", "duckdb", "pydantic", "sqlite3", "click", "llmhub.arena")
    code = f"import sys, llmhub; print(sorted(set({heavy!r}) & sys.modules.keys()))"
    assert start_python(code) == "[]"


def test_a_pipe_in_the_files_place_or_beside_it_is_named_and_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(StoreUnusableError, match="not a regular file: move it away to start a new store"):
        SnapshotStore.open(path)
    path.unlink()
    with SnapshotStore.open(path) as store:
        store.add(text(a=1.0), taken_at=NOW)
    for ending in ("-journal", "-wal"):
        beside = path.with_name(path.name + ending)
        os.mkfifo(beside)
        with pytest.raises(StoreUnusableError, match=f"{ending} is not a regular file: move it away"):
            SnapshotStore.open(path)
        beside.unlink()
    assert sound(path)


def test_a_file_of_which_one_byte_is_left_is_damaged_and_not_empty(path: Path) -> None:
    path.write_bytes(b"S")
    with pytest.raises(StoreUnusableError, match="a single byte of it is left"):
        SnapshotStore.open(path)
    assert path.read_bytes() == b"S"


class _Overtaken(sqlite3.Connection):
    """A connection whose file another process makes a store before it counts the tables."""

    path: Path

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        if "sqlite_master" in arguments[0]:
            database.upgrade(self.path)
        return super().execute(*arguments)


def test_a_store_that_is_made_while_it_is_looked_at_is_not_taken_for_another_programs(tmp_path: Path) -> None:
    path = tmp_path / "arena.db"
    path.touch()
    with closing(sqlite3.connect(path, factory=_Overtaken)) as connection:
        connection.path = path
        assert SCHEMA.revision_of(connection, path) == SCHEMA.current
