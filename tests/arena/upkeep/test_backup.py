from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.upkeep.backup import backup
from llmhub.errors import FileInTheWayError, OutputError, SnapshotNotFound, StoreDamagedError
from tests.support.made_up.boards import DAY, NOW, many, sound, text
from tests.support.processes.children import run_limited


@pytest.fixture
def filled(store: SnapshotStore, path: Path) -> Path:
    """Store two snapshots."""
    store.add(text(a=1.0), taken_at=NOW - DAY)
    store.add(text(a=2.0), taken_at=NOW)
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Return where a backup is to go: a folder of its own."""
    folder = tmp_path / "safe place"
    folder.mkdir()
    return folder / "copy of arena.db"


def test_a_backup_holds_what_the_store_does_and_is_private(filled: Path, target: Path) -> None:
    os.umask(0o022)
    found = backup(filled, target)
    assert (found.findings, found.boards, found.scores) == ((), 2, 2)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sound(target)
    with SnapshotStore.open(filled) as store, SnapshotStore.open(target) as copy:
        assert copy.snapshots() == store.snapshots()
        assert copy.add(text(a=3.0), taken_at=NOW + DAY).id == 3
    assert os.listdir(target.parent) == [target.name]  # noqa: PTH208 -- as the system names it


def test_a_file_that_is_there_is_only_written_over_by_force(filled: Path, target: Path) -> None:
    target.write_text("precious")
    with pytest.raises(FileInTheWayError, match="--force"):
        backup(filled, target)
    assert target.read_text() == "precious"
    backup(filled, target, force=True)
    assert sound(target)


@pytest.mark.parametrize("force", [False, True])
def test_neither_the_store_itself_nor_a_folder_is_written_over(filled: Path, tmp_path: Path, *, force: bool) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(filled)
    before = filled.read_bytes()
    for place in (filled, link):
        with pytest.raises(FileInTheWayError, match="the store itself"):
            backup(filled, place, force=force)
    with pytest.raises(FileInTheWayError, match="is a folder"):
        backup(filled, tmp_path, force=force)
    assert filled.read_bytes() == before


def test_a_folder_that_is_not_there_is_one_error(filled: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: No such file"):
        backup(filled, tmp_path / "nowhere" / "copy.db")


def test_a_copy_that_finds_no_room_is_told_of_and_not_the_store(store: SnapshotStore, path: Path, target: Path) -> None:
    store.add(many(2000), taken_at=NOW)
    code = """
    import sys
    from pathlib import Path
    from llmhub.arena.upkeep.backup import backup
    from llmhub.errors import OutputError
    try:
        backup(Path(sys.argv[1]), Path(sys.argv[2]))
    except OutputError as error:
        print(error)
    """
    said = run_limited(20_000, code, path, target)
    assert said.startswith(f"{target} cannot be written: the disk takes no more")
    assert said.endswith("make room, and try again")
    assert list(target.parent.iterdir()) == []


def test_without_a_store_there_is_nothing_to_back_up(path: Path, target: Path) -> None:
    with pytest.raises(SnapshotNotFound):
        backup(path, target)
    assert not target.exists()
    assert not path.exists()


@pytest.mark.parametrize("force", [False, True])
def test_a_damaged_store_takes_no_good_backups_place(filled: Path, target: Path, *, force: bool) -> None:
    if force:
        backup(filled, target)
    before = target.read_bytes() if force else None
    with closing(sqlite3.connect(filled)) as connection, connection:
        connection.execute("UPDATE score SET votes = 7")
    with pytest.raises(StoreDamagedError, match="`llmhub arena verify` lists 2 errors"):
        backup(filled, target, force=force)
    assert (target.read_bytes() if force else None) == before
    assert os.listdir(target.parent) == ([target.name] if force else [])  # noqa: PTH208 -- as the system names it


def test_a_backup_beside_a_writer_holds_what_was_committed(store: SnapshotStore, path: Path, target: Path) -> None:
    store.add(many(500), taken_at=NOW - DAY)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE score SET votes = 7")
        backup(path, target)
        writer.execute("COMMIT")
    with SnapshotStore.open(target) as copy:
        assert copy.scores(now=NOW) == many(500)["text"]["overall"]
