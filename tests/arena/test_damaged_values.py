"""What SQLite cannot see: a value that another one took the place of. The digest of the board that is read tells."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.errors import StoreDamagedError
from tests.support.made_up.boards import DAY, NOW, text

_DAMAGE = {
    "another rating": "UPDATE score SET rating = rating + 0.5, lower = NULL, upper = NULL",
    "text for a rating": "UPDATE score SET rating = 'x', lower = NULL, upper = NULL",
    "bytes for a name": "UPDATE model SET name = x'ff' WHERE id = 1",
    "other votes": "UPDATE score SET votes = 99",
    "a line less": "DELETE FROM score WHERE model_id = 1",
    "no board": "DELETE FROM board",
}


@pytest.fixture
def seeded(store: SnapshotStore, path: Path) -> Path:
    """Return a store with two snapshots."""
    store.add(text(a=1.0, b=2.0), taken_at=NOW)
    store.add(text(a=1.5, b=2.0), taken_at=NOW + DAY)
    return path


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize("statement", _DAMAGE.values(), ids=_DAMAGE)
def test_a_board_that_is_not_what_was_stored_is_never_answered_with(seeded: Path, statement: str) -> None:
    change(seeded, statement)
    before = seeded.read_bytes()
    with SnapshotStore.open(seeded) as store:
        for read in (store.scores, store.board, store.diff, store.movers):
            with pytest.raises(StoreDamagedError, match=r"is damaged.*it was not touched"):
                read(now=NOW + 2 * DAY)
    assert seeded.read_bytes() == before


@pytest.mark.parametrize("statement", list(_DAMAGE.values())[:-1], ids=list(_DAMAGE)[:-1])
def test_a_publication_that_is_not_what_was_stored_is_not_handed_out(seeded: Path, statement: str) -> None:
    change(seeded, statement)
    with SnapshotStore.open(seeded) as store:
        newest = store.snapshots()[0]
        with pytest.raises(StoreDamagedError, match="is damaged"):
            store.publication(newest)
        with pytest.raises(StoreDamagedError, match="is damaged"):
            store.entries(newest)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE snapshot SET taken_at = '2026-01-99 00:00:00' WHERE id = 2",
        "UPDATE snapshot_leaderboard SET published_on = 'one day'",
    ],
)
def test_a_moment_or_a_date_that_is_none_is_damage(seeded: Path, statement: str) -> None:
    change(seeded, statement)
    with SnapshotStore.open(seeded) as store, pytest.raises(StoreDamagedError, match="an invalid moment or date"):
        store.snapshots()


def test_a_value_of_another_kind_in_a_history_is_damage(seeded: Path) -> None:
    change(seeded, "UPDATE snapshot SET taken_at = 'long ago' WHERE id = 2")
    with SnapshotStore.open(seeded) as store, pytest.raises(StoreDamagedError, match="never writes: ValueError"):
        store.history("a")
