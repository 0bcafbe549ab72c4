"""A store that another program put into WAL mode: committed runs are in a second file, and none of them is missed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.database import SCHEMA
from llmhub.arena.upkeep.backup import backup
from llmhub.arena.upkeep.page_records import INDEX_LEAF, Pages, kind_of, records
from llmhub.arena.upkeep.prune import prune
from llmhub.arena.upkeep.repair import Repaired, repair
from llmhub.arena.upkeep.retention import Policy
from llmhub.arena.upkeep.score_pages import is_score
from llmhub.arena.upkeep.verify import verify
from llmhub.errors import StoreError
from llmhub.storage.sqlite_file import companions
from tests.support.made_up.boards import DAY, NOW, many, revision, rows, sound, text
from tests.support.made_up.old_stores import make_old
from tests.support.processes.children import kill_once_ready, run_python

# Another program's connection keeps llmhub's own from leaving WAL mode, so that what is added goes into the -wal.
_ADD_IN_WAL_MODE = """
import sqlite3, sys
from tests.support.made_up.boards import DAY, NOW, many
from llmhub.arena import SnapshotStore
from llmhub.arena.database import SCHEMA
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("PRAGMA journal_mode = WAL")
other.execute("PRAGMA wal_autocheckpoint = 0")
other.execute("SELECT count(*) FROM snapshot").fetchone()
if sys.argv[2] == "add":
    with SnapshotStore.open(sys.argv[1]) as store:
        for number in range(4):
            store.add(many(60, shift=10.0 + number), taken_at=NOW + number * DAY)
else:
    other.execute("UPDATE model SET organization = 'Made up in WAL mode'")
print("ready", flush=True)
"""
_KILLED = _ADD_IN_WAL_MODE + "sys.stdin.readline()\n"
_CLOSED = _ADD_IN_WAL_MODE + "other.close()\n"

LATER = NOW + 10 * DAY


def fill(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        for number in range(3):
            store.add(many(400, shift=float(number)), taken_at=NOW - (3 - number) * DAY)


@pytest.fixture
def killed(path: Path) -> Path:
    """Return a store of seven snapshots, four of which are in the -wal of a process that was killed."""
    fill(path)
    kill_once_ready(_KILLED, path, "add")
    assert companions(path).wal.stat().st_size > 10_000
    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as without:
        assert without.execute("SELECT count(*) FROM snapshot").fetchone() == (3,)
    return path


@pytest.fixture(params=["killed", "closed"])
def wal(path: Path, request: pytest.FixtureRequest) -> Path:
    """Return a store of seven snapshots in WAL mode, left by a process that was killed or by one that closed it."""
    if request.param == "killed":
        request.getfixturevalue("killed")
    else:
        fill(path)
        run_python(_CLOSED, path, "add")
        assert not companions(path).wal.exists()
    assert mode(path) == "wal"
    return path


def mode(path: Path) -> str:
    """Return a store's journal mode, out of its header: asking SQLite would end WAL mode as it closes."""
    return "wal" if path.read_bytes()[18:20] == b"\2\2" else "delete"


@contextmanager
def another_program(path: Path) -> Iterator[sqlite3.Connection]:
    """Have a store open in WAL mode, as another program has."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("SELECT count(*) FROM snapshot").fetchone()
        yield other


def files(path: Path) -> dict[str, bytes]:
    """Return a store's files and whatever else is beside it, but for locks and what readers write."""
    return {
        one.name: one.read_bytes()
        for one in path.parent.iterdir()
        if one.is_file() and not one.name.endswith((".lock", "-shm"))
    }


def test_what_is_committed_in_the_wal_is_read_verified_and_backed_up_whole(wal: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "copy.db"
    target.parent.mkdir()
    before = files(wal)
    with SnapshotStore.open(wal) as store:
        assert [one.id for one in store.snapshots()] == [7, 6, 5, 4, 3, 2, 1]
        assert store.scores("7", now=LATER) == many(60, shift=13.0)["text"]["overall"]
    assert verify(wal, now=LATER).findings == ()
    assert repair(wal, now=LATER) == Repaired(sound=True)
    backup(wal, target)
    assert files(wal) == before | dict.fromkeys(files(wal).keys() - before.keys(), b"")
    assert rows(target)["snapshot"] == 7
    assert (mode(target), [one.name for one in target.parent.iterdir()]) == ("delete", ["copy.db"])


def test_the_first_write_leaves_wal_mode_and_loses_nothing(wal: Path) -> None:
    with SnapshotStore.open(wal) as store:
        assert store.add(text(a=1.0), taken_at=LATER).id == 8
        assert len(store.snapshots()) == 8
    assert mode(wal) == "delete"
    assert not any(companion.exists() for companion in companions(wal))
    assert sound(wal)


def test_a_prune_leaves_wal_mode_first(wal: Path) -> None:
    prune(wal, Policy(last=2), now=LATER)
    with SnapshotStore.open(wal) as store:
        assert [one.id for one in store.snapshots()] == [7, 6]
    assert mode(wal) == "delete"
    assert sound(wal)


def test_while_another_program_has_it_open_a_store_stays_in_wal_mode_and_takes_what_is_added(path: Path) -> None:
    fill(path)
    with another_program(path) as other:
        with SnapshotStore.open(path) as store:
            store.add(text(a=1.0), taken_at=NOW)
        assert other.execute("SELECT count(*) FROM snapshot").fetchone() == (4,)
        assert mode(path) == "wal"
    assert sound(path)


@pytest.mark.parametrize("code", [_KILLED, _CLOSED], ids=["killed", "closed"])
def test_an_old_store_in_wal_mode_is_copied_and_upgraded_with_what_its_wal_holds(path: Path, code: str) -> None:
    make_old(path)
    counted = rows(path)
    if code is _KILLED:
        kill_once_ready(code, path, "update")
    else:
        run_python(code, path, "update")
    assert mode(path) == "wal"
    SnapshotStore.open(path).close()
    copy = path.with_name("arena.db.before-upgrade")
    assert (revision(path), revision(copy)) == (SCHEMA.current, "0001")
    for one in (path, copy):
        assert rows(one) == counted
        assert mode(one) == "delete"
        with closing(sqlite3.connect(one)) as connection:
            assert connection.execute("SELECT DISTINCT organization FROM model").fetchall() == [
                ("Made up in WAL mode",)
            ]
        assert not any(companion.exists() for companion in companions(one))


def damage(path: Path, *, in_the_wal: bool) -> None:
    """Make the board of the first snapshot unreadable, in the store itself or by a change that is in the wal alone."""
    if in_the_wal:
        code = """
        import sqlite3, sys
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("DELETE FROM score WHERE board_id = 1")
        print("ready", flush=True)
        sys.stdin.readline()
        """
        kill_once_ready(code, path)
        return
    # A page of the first boards' lines, of which the wal has no later state.
    content = path.read_bytes()
    pages = Pages(content)
    wal = companions(path).wal.read_bytes() if companions(path).wal.exists() else b""
    later = {int.from_bytes(wal[at : at + 4], "big") for at in range(32, len(wal), 24 + pages.size)}
    damaged = next(
        number
        for number in range(2, len(pages) + 1)
        if kind_of(pages[number]) == INDEX_LEAF
        and number not in later
        and set() < _boards_on(pages[number]) <= {1, 2, 3}
    )
    path.write_bytes(content[: (damaged - 1) * pages.size] + bytes(pages.size) + content[damaged * pages.size :])


def _boards_on(page: bytes) -> set[int]:
    return {one[0] for one in records(page) if is_score(one)}


@pytest.mark.parametrize("in_the_wal", [True, False], ids=["damaged in the wal", "damaged in the file"])
@pytest.mark.parametrize("left", ["killed", "closed"])
def test_a_damaged_store_in_wal_mode_is_repaired_with_what_its_wal_holds_and_kept_complete(
    path: Path, left: str, *, in_the_wal: bool
) -> None:
    fill(path)
    if left == "killed":
        kill_once_ready(_KILLED, path, "add")
    else:
        run_python(_CLOSED, path, "add")
    damage(path, in_the_wal=in_the_wal)
    before = files(path)
    with_wal = companions(path).wal.exists()
    told = repair(path, now=LATER, dry_run=True)
    assert files(path) | before == files(path)
    done = repair(path, now=LATER)
    assert (done.lost, done.kept) == (told.lost, told.kept)
    lost = {one.snapshot_id for one in done.lost}
    assert set() < lost <= {1, 2, 3}
    assert {one.id for one in done.kept} == {1, 2, 3, 4, 5, 6, 7} - lost
    assert done.damaged is not None
    assert done.damaged.read_bytes() == before["arena.db"]
    if with_wal:
        assert companions(done.damaged).wal.read_bytes() == before["arena.db-wal"]
    with closing(sqlite3.connect(done.damaged)) as connection:
        assert connection.execute("SELECT count(*) FROM snapshot_board").fetchone() == (7,)
    assert mode(path) == "delete"
    assert not any(companion.exists() for companion in companions(path))
    assert verify(path, now=LATER).errors == 0
    assert sound(path)


def test_a_damaged_store_that_another_program_has_open_in_wal_mode_is_left_as_it_is(path: Path) -> None:
    fill(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM score WHERE board_id = 1")
    with another_program(path) as other:
        before = files(path)
        with pytest.raises(StoreError, match="is in WAL mode and open in another program; it was not touched: close"):
            repair(path, now=LATER)
        assert files(path)["arena.db"] == before["arena.db"]
        assert other.execute("SELECT count(*) FROM snapshot").fetchone() == (3,)
    assert len(repair(path, now=LATER).lost) == 1
    assert sound(path)


def test_what_a_store_that_is_gone_left_beside_it_is_set_aside_and_not_worked_into_a_new_one(killed: Path) -> None:
    wal = companions(killed).wal
    left = wal.read_bytes()
    killed.unlink()
    with SnapshotStore.open(killed) as store:
        assert store.snapshots() == []
        store.add(text(a=1.0), taken_at=NOW)
        assert len(store.snapshots()) == 1
    assert sound(killed)
    (aside,) = killed.parent.glob("arena.db.left-*-wal")
    assert aside.read_bytes() == left
