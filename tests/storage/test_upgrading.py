"""A store that an older version made: copied first, upgraded in one transaction, told once, or read as it is."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.database import SCHEMA
from llmhub.arena.sql import statements
from llmhub.arena.upkeep.verify import verify
from llmhub.errors import StoreDamagedError
from llmhub.storage.schema import version_text
from tests.conftest import REPOSITORY
from tests.support.made_up.boards import DAY, NOW, many, revision, rows, sound, text
from tests.support.made_up.old_stores import make_old
from tests.support.processes.children import race, run_python, run_to_death, run_unprivileged

COPY = "arena.db.before-upgrade"


@pytest.fixture
def old(path: Path) -> Path:
    """Return a store of the first schema, with rows."""
    make_old(path)
    return path


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Return what is logged by llmhub as a warning or worse."""
    with caplog.at_level(logging.WARNING, logger="llmhub"):
        yield caplog


def user_version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def names(path: Path) -> set[str]:
    return {one.name for one in path.parent.iterdir()} - {"home", "upgrade.lock"}


def test_a_store_of_the_first_schema_is_copied_upgraded_with_all_its_rows_and_told_once(
    old: Path, said: pytest.LogCaptureFixture
) -> None:
    os.umask(0o022)
    before, counted = old.read_bytes(), rows(old)
    with SnapshotStore.open(old) as store:
        assert store.scores("latest", now=NOW) == many(40, shift=1.0)["text"]["overall"]
        assert store.add(text(a=1.0), taken_at=NOW + DAY).id == 4
    SnapshotStore.open(old).close()
    assert [record.getMessage() for record in said.records] == [
        f"{old} was upgraded from schema 0001 to {SCHEMA.current}; as it was before, it is kept as {COPY}"
    ]
    copy = old.with_name(COPY)
    assert (copy.stat().st_mode & 0o777, copy.read_bytes()[96:], revision(copy)) == (0o600, before[96:], "0001")
    assert rows(copy) == counted
    assert sound(old)
    assert verify(old, now=NOW + DAY).findings == ()
    assert names(old) == {"arena.db", COPY}


def test_a_new_store_is_neither_copied_nor_told_of(path: Path, said: pytest.LogCaptureFixture) -> None:
    path.touch()
    with SnapshotStore.open(path) as store:
        store.add(text(a=1.0), taken_at=NOW)
    assert (said.records, names(path)) == ([], {"arena.db"})


def test_only_the_last_copy_is_kept(old: Path) -> None:
    SnapshotStore.open(old).close()
    shutil.copyfile(old.with_name(COPY), old)
    old.with_name(COPY).write_bytes(old.read_bytes() + bytes(4096))
    SnapshotStore.open(old).close()
    assert revision(old.with_name(COPY)) == "0001"
    assert old.with_name(COPY).stat().st_size < old.stat().st_size + 4096


def test_a_file_says_in_plain_sql_which_version_it_needs(old: Path) -> None:
    assert version_text(user_version(old)) == "0.1.0"
    SnapshotStore.open(old).close()
    assert version_text(user_version(old)) == "0.3.0"
    assert version_text(12_034_056) == "12.34.56"
    # The version that is being made: its number is raised when it is released.
    (ours,) = re.findall(r"^## ([\d.]+)", (REPOSITORY / "CHANGELOG.md").read_text(), re.MULTILINE)[:1]
    assert version_text(user_version(old)) == ours


def test_sixteen_processes_racing_on_an_old_file_all_succeed_and_one_of_them_upgrades_it(old: Path) -> None:
    code = """
    import logging, sys
    from llmhub.arena import SnapshotStore
    logging.basicConfig(stream=sys.stdout, format="%(message)s")
    print("ready", flush=True)
    sys.stdin.readline()
    with SnapshotStore.open(sys.argv[1]) as store:
        print(len(store.snapshots()))
    """
    lines = "\n".join(race(code, [(old,)] * 16)).splitlines()
    assert lines.count("3") == 16
    assert len([line for line in lines if f"was upgraded from schema 0001 to {SCHEMA.current}" in line]) == 1
    assert len(lines) == 17
    assert sound(old)
    assert names(old) == {"arena.db", COPY}


_KILLED = """
import os, signal, sys
import alembic.command, sqlmodel
from llmhub.arena import SnapshotStore
calls = 0
def watch(event, _):
    global calls
    if event in {"os.rename", "os.remove", "sqlite3.connect"}:
        calls += 1
        if calls == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
SnapshotStore.open(sys.argv[1])
print(calls)
"""


def test_an_upgrade_killed_at_any_call_leaves_the_old_schema_or_the_new_one_and_the_next_one_finishes(
    old: Path,
) -> None:
    before, counted = old.read_bytes(), rows(old)
    calls = int(run_python(_KILLED, old, "0"))
    assert calls > 5
    for call in range(1, calls + 1):
        for name in names(old):
            old.with_name(name).unlink()
        old.write_bytes(before)
        run_to_death(_KILLED, old, str(call))
        assert revision(old) == "0001" or call == calls
        with SnapshotStore.open(old) as store:
            assert len(store.snapshots()) == 3
        assert rows(old) == counted
        assert sound(old)
        assert revision(old.with_name(COPY)) == "0001"
        assert names(old) == {"arena.db", COPY}


_SHORT_OF_ROOM = """
import json, logging, resource, sys
from datetime import UTC, datetime
from llmhub.arena import Score, SnapshotStore
from llmhub.errors import StoreError
# Imported before there is no room: Python may want to write their compiled files.
import alembic.command, llmhub.arena.sql.inserting

class Said(logging.Handler):
    def emit(self, record):
        said.append(record.getMessage())

said = []
logging.getLogger("llmhub").addHandler(Said())
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
with SnapshotStore.open(sys.argv[1]) as store:
    read = len(store.snapshots())
    try:
        store.add({"text": {"overall": {"a": Score(1.0)}}}, taken_at=datetime(2026, 2, 1, tzinfo=UTC))
        error = None
    except StoreError as found:
        error = str(found)
print(json.dumps([read, said, error]))
"""


def test_without_room_for_the_copy_nothing_is_upgraded_a_writer_is_told_and_a_reader_reads_on(old: Path) -> None:
    before = old.read_bytes()
    read, said, error = json.loads(run_python(_SHORT_OF_ROOM, old))
    assert read == 3
    assert re.search(r"must be upgraded, and arena.db.before-upgrade, .* cannot be made .*make room", error)
    assert all(message.endswith("it is read without an upgrade") for message in said)
    assert said
    assert old.read_bytes() == before
    assert names(old) == {"arena.db"}


@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o400, 0o700), (0o600, 0o500)], ids=["file", "folder"])
def test_an_old_store_that_may_not_be_written_is_read_as_it_is(old: Path, file_mode: int, folder_mode: int) -> None:
    code = """
    import logging, sys
    from datetime import UTC, datetime
    from llmhub.arena import Score, SnapshotStore
    from llmhub.errors import StoreReadOnlyError
    logging.basicConfig(stream=sys.stdout)
    with SnapshotStore.open(sys.argv[1]) as store:
        print(len(store.snapshots()), len(store.scores("latest")))
        try:
            store.add({"text": {"overall": {"a": Score(1.0)}}}, taken_at=datetime(2026, 2, 1, tzinfo=UTC))
        except StoreReadOnlyError as error:
            print("cannot be written" in str(error))
    """
    before = old.read_bytes()
    old.chmod(file_mode)
    old.parent.chmod(folder_mode)
    try:
        assert run_unprivileged(code, old).split() == ["3", "40", "True"]
    finally:
        old.parent.chmod(0o700)
    assert old.read_bytes() == before
    assert names(old) == {"arena.db"}


def test_a_damaged_old_store_is_not_upgraded(old: Path) -> None:
    content = old.read_bytes()
    damaged = content[: 10 * 4096] + bytes(4096) + content[11 * 4096 :]
    old.write_bytes(damaged)
    with pytest.raises(StoreDamagedError, match="it was not touched: run `llmhub arena repair`"):
        SnapshotStore.open(old)
    assert old.read_bytes() == damaged
    assert names(old) == {"arena.db"}


def _statements() -> list[str]:
    return [
        name
        for name, value in vars(statements).items()
        if name.isupper() and not name.startswith("_") and isinstance(value, str) and "SELECT" in value
    ]


@pytest.mark.parametrize("known", sorted(SCHEMA.readable))
def test_every_statement_runs_on_each_schema_that_is_read_as_it_is(path: Path, known: str) -> None:
    make_old(path, known)
    assert known in SCHEMA.revisions
    with closing(sqlite3.connect(path)) as connection:
        for name in _statements():
            statement = getattr(statements, name)
            connection.execute(statement, dict.fromkeys(re.findall(r":(\w+)", statement), 1)).fetchall()
