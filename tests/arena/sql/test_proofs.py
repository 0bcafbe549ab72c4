"""What a board's digest proved once in a process is kept, as long as nothing about it can have changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from llmhub.arena import Leaderboard, ModelFacts, Score, SnapshotStore
from llmhub.arena.boards import Entry
from llmhub.arena.sql.proofs import PROOFS, Key, Proofs
from llmhub.errors import StoreDamagedError
from llmhub.storage import stamps
from llmhub.storage.stamps import Stamp
from tests.support.made_up.boards import DAY, NOW, text

_BOARD = [Entry("made-up-a", 2.0, None, None, None, None, None), Entry("made-up-b", 1.0, None, None, None, None, None)]
_FILE = Stamp(1, 2, 3, 4, 5)


def key(number: int = 0, file: Stamp = _FILE) -> Key:
    return file, "text", "overall", bytes([number])


class Counted:
    """Proves a board, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> list[Entry]:
        self.times += 1
        return list(_BOARD)


def test_a_board_is_proven_once_while_its_file_stays_as_it_is() -> None:
    proofs, prove = Proofs(most=2), Counted()
    assert [proofs.get(key(), prove) for _ in range(3)] == [_BOARD] * 3
    assert prove.times == 1
    assert proofs.get(key(file=Stamp(1, 2, 3, 4, 6)), prove) == _BOARD
    assert prove.times == 2


def test_a_board_of_a_file_without_a_stamp_is_proven_each_time() -> None:
    proofs, prove = Proofs(most=2), Counted()
    for _ in range(3):
        proofs.get(None, prove)
    assert prove.times == 3


def test_what_a_caller_does_to_an_answer_changes_no_later_answer() -> None:
    proofs, prove = Proofs(most=2), Counted()
    proofs.get(key(), prove).clear()
    proofs.get(key(), prove).reverse()
    assert proofs.get(key(), prove) == _BOARD


def test_no_more_boards_are_kept_than_was_said_and_the_least_asked_for_goes_first() -> None:
    proofs, prove = Proofs(most=2), Counted()
    for number in (0, 1, 0, 2):
        proofs.get(key(number), prove)
    assert prove.times == 3
    proofs.get(key(0), prove)
    assert prove.times == 3
    proofs.get(key(1), prove)
    assert prove.times == 4


def test_a_board_that_failed_its_proof_is_not_kept() -> None:
    def fail() -> list[Entry]:
        raise StoreDamagedError("made up")

    proofs, prove = Proofs(most=2), Counted()
    with pytest.raises(StoreDamagedError):
        proofs.get(key(), fail)
    assert proofs.get(key(), prove) == _BOARD
    assert prove.times == 1


def test_threads_share_what_is_kept() -> None:
    proofs, prove = Proofs(most=3), Counted()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: proofs.get(key(number % 5), prove), range(2_000)))
    assert found == [_BOARD] * 2_000
    assert len(proofs._kept) <= 3


# -- in a store


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a file count as left alone, however young it is."""
    monkeypatch.setattr(stamps, "_SETTLED_NS", -1)
    yield
    PROOFS.forget()


@pytest.fixture
def seeded(store: SnapshotStore, path: Path) -> Path:
    """Return a store with one snapshot."""
    store.add(text(a=1.0, b=2.0), taken_at=NOW)
    store.close()
    return path


def entries(path: Path) -> list[Entry]:
    with SnapshotStore.open(path) as store:
        return store.entries(store.snapshots()[0])


@pytest.mark.usefixtures("settled")
def test_a_store_that_nobody_writes_is_read_once(seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = entries(seeded)
    monkeypatch.setattr("llmhub.arena.store.proven", None)
    assert entries(seeded) == first
    PROOFS.forget()
    with pytest.raises(StoreDamagedError):
        entries(seeded)


@pytest.mark.usefixtures("settled")
def test_an_organization_that_comes_with_another_snapshot_is_seen_at_once(seeded: Path) -> None:
    assert [entry.organization for entry in entries(seeded)] == [None, None]
    board = {"a": Score(1.0), "b": Score(2.0)}
    given = Leaderboard({"overall": board}, {"a": ModelFacts("Made-up Lab", "MIT")})
    with SnapshotStore.open(seeded) as store:
        store.add({"text": given}, taken_at=NOW + DAY)
    found = {entry.model: (entry.organization, entry.license) for entry in entries(seeded)}
    assert found == {"a": ("Made-up Lab", "MIT"), "b": (None, None)}


@pytest.mark.usefixtures("settled")
def test_damage_that_comes_after_the_proof_is_found(seeded: Path) -> None:
    entries(seeded)
    before = seeded.stat().st_ctime_ns
    while seeded.stat().st_ctime_ns == before:
        with closing(sqlite3.connect(seeded)) as connection:
            connection.execute("UPDATE score SET rating = rating + 0.5, lower = NULL, upper = NULL")
            connection.commit()
    with pytest.raises(StoreDamagedError, match="is damaged"):
        entries(seeded)


@pytest.mark.usefixtures("settled")
def test_an_equal_board_of_another_store_is_answered_from_that_store(seeded: Path, tmp_path: Path) -> None:
    entries(seeded)
    given = Leaderboard({"overall": {"a": Score(1.0), "b": Score(2.0)}}, {"a": ModelFacts("Another Lab", None)})
    with SnapshotStore.open(tmp_path / "other.db") as store:
        store.add({"text": given}, taken_at=NOW)
    assert {entry.organization for entry in entries(tmp_path / "other.db")} == {"Another Lab", None}
