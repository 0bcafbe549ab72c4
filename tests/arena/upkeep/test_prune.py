from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.upkeep.prune import prune
from llmhub.arena.upkeep.retention import Policy
from llmhub.arena.upkeep.verify import verify
from llmhub.errors import InvalidPolicyError, SnapshotNotFound, StoreDamagedError
from tests.support.made_up.boards import DAY, NOW, board, many, orphans, rows, sound, text
from tests.support.processes.children import run_limited, run_to_death

_PRUNE_AND_DIE = """
import os, signal, sqlite3, sys
from dataclasses import replace
from pathlib import Path
from llmhub.arena.upkeep import boards_kind, prune
from llmhub.arena.upkeep.retention import Policy
from tests.support.made_up.boards import NOW

connect = sqlite3.connect
def spilling(*arguments, **options):
    connection = connect(*arguments, **options)
    connection.execute("PRAGMA cache_size = 5")
    return connection
sqlite3.connect = spilling

class Dying(tuple):
    def __iter__(self):
        yield from tuple.__iter__(self)
        os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[2] == "before the commit":
    boards_kind.KIND = replace(boards_kind.KIND, sweep=Dying(boards_kind.KIND.sweep))
else:
    prune.compacting.shrink = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
prune.prune(Path(sys.argv[1]), Policy(last=1), now=NOW)
"""


@pytest.fixture
def filled(store: SnapshotStore, path: Path) -> Path:
    """Store four days: a board that returns, one of its own, a model and a category that only the first two have."""
    store.add({"text": {"overall": board(a=1.0, gone=2.0), "old": board(gone=1.0)}}, taken_at=NOW - 3 * DAY)
    store.add(text(a=1.0, b=3.0), taken_at=NOW - 2 * DAY)
    store.add(text(a=9.0), taken_at=NOW - DAY)
    store.add(text(a=1.0, b=3.0), taken_at=NOW)
    return path


def test_what_only_removed_snapshots_had_goes_and_what_others_have_stays(filled: Path) -> None:
    done = prune(filled, Policy(last=2), now=NOW)
    assert [one.id for one in done.removed] == [2, 1]
    assert [one.snapshot.id for one in done.kept] == [4, 3]
    assert done.gone == {"boards": 2, "scores": 3, "rankings": 1, "models": 1}
    assert orphans(filled) == {}
    assert sound(filled)
    assert rows(filled) == {**rows(filled), "snapshot": 2, "board": 2, "score": 3, "model": 2, "ranking": 1}
    with SnapshotStore.open(filled) as store:
        assert list(store.scores("4")) == ["b", "a"]
        assert list(store.scores("3")) == ["a"]


def test_a_dry_run_says_the_same_and_changes_nothing(filled: Path) -> None:
    before = filled.read_bytes()
    would = prune(filled, Policy(last=2), now=NOW, dry_run=True)
    assert filled.read_bytes() == before
    assert would.size_after is None
    done = prune(filled, Policy(last=2), now=NOW)
    assert (would.kept, would.removed, would.gone, would.size_before) == (
        done.kept,
        done.removed,
        done.gone,
        done.size_before,
    )


def test_the_ids_of_removed_snapshots_are_never_given_again(filled: Path) -> None:
    with SnapshotStore.open(filled) as store:
        store.add(text(z=1.0), taken_at=NOW + DAY)
        prune(filled, Policy(last=1), now=NOW + 2 * DAY)
        assert [one.id for one in store.snapshots()] == [5]
        prune(filled, Policy(last=1), now=NOW + 2 * DAY)
        assert store.add(text(z=2.0), taken_at=NOW - 9 * DAY).id == 6
        assert [one.id for one in prune(filled, Policy(last=1), now=NOW + 2 * DAY).removed] == [6]
        assert store.add(text(z=2.0), taken_at=NOW - 9 * DAY).id == 7


def test_the_file_becomes_smaller(store: SnapshotStore, path: Path) -> None:
    for day in range(4):
        store.add(many(2000, shift=day), taken_at=NOW + day * DAY)
    done = prune(path, Policy(last=1), now=NOW + 9 * DAY)
    assert done.size_after is not None
    assert done.size_after == path.stat().st_size < done.size_before * 0.7
    assert store.scores(now=NOW + 9 * DAY) == many(2000, shift=3)["text"]["overall"]
    assert sound(path)


def test_a_disk_too_full_to_rewrite_the_file_keeps_no_snapshot_from_going_and_is_told(
    store: SnapshotStore, path: Path
) -> None:
    for day in range(4):
        store.add(many(2000, shift=day), taken_at=NOW + day * DAY)
    code = """
    import sys
    from pathlib import Path
    from llmhub.arena.upkeep.prune import prune
    from llmhub.arena.upkeep.retention import Policy
    from llmhub.errors import StoreFullError
    from tests.support.made_up.boards import DAY, NOW
    try:
        prune(Path(sys.argv[1]), Policy(last=3), now=NOW + 9 * DAY)
    except StoreFullError as error:
        print(error)
    """
    # The journal of what is removed has room there, that of a rewrite of what stays has none.
    said = run_limited(path.stat().st_size * 3 // 4, code, path)
    assert said.startswith("1 snapshot removed, but the file is as large as before: ")
    assert said.endswith("make room, and try again; `llmhub arena prune --orphans` makes it smaller")
    assert len(store.snapshots()) == 3
    size = path.stat().st_size
    assert prune(path, None, now=NOW).size_after == path.stat().st_size < size
    assert sound(path)


def test_what_a_killed_writer_of_another_program_left_over_goes_without_a_policy(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as connection, connection:
        connection.execute("INSERT INTO ranking (leaderboard, category) VALUES ('x', 'y')")
        connection.execute("INSERT INTO board (ranking_id, digest) SELECT max(id), x'00' FROM ranking")
        connection.execute("INSERT INTO score (board_id, model_id, rating) SELECT max(id), 1, 1.0 FROM board")
        connection.execute("INSERT INTO model (name) VALUES ('nobody')")
    done = prune(filled, None, now=NOW)
    assert (done.removed, done.gone) == ((), {"boards": 1, "scores": 1, "rankings": 1, "models": 1})
    assert len(done.kept) == 4
    assert orphans(filled) == {}
    assert prune(filled, None, now=NOW).gone == {"boards": 0, "scores": 0, "rankings": 0, "models": 0}


def test_only_snapshots_of_the_chosen_sources_go(store: SnapshotStore, path: Path) -> None:
    for day in range(3):
        store.add(text(a=1.0), taken_at=NOW - day * DAY)
        store.add(text(a=1.0), taken_at=NOW - day * DAY, source="dataset")
    assert [one.source for one in prune(path, Policy(last=1), now=NOW, sources={"dataset"}).removed] == ["dataset"] * 2
    assert len(store.snapshots()) == 4


@pytest.mark.parametrize("dry_run", [False, True])
def test_an_empty_policy_is_refused_and_an_empty_store_has_nothing_to_prune(path: Path, *, dry_run: bool) -> None:
    with pytest.raises(InvalidPolicyError, match="keeps nothing"):
        prune(path, Policy(), now=NOW, dry_run=dry_run)
    with pytest.raises(SnapshotNotFound):
        prune(path, Policy(last=1), now=NOW, dry_run=dry_run)
    assert not path.exists()


def test_a_store_with_rows_that_point_nowhere_is_not_pruned(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as connection, connection:
        connection.execute("DELETE FROM model WHERE name = 'a'")
    before = filled.read_bytes()
    with pytest.raises(StoreDamagedError, match="llmhub arena verify"):
        prune(filled, Policy(last=1), now=NOW)
    assert filled.read_bytes() == before


@pytest.mark.parametrize(("moment", "left"), [("before the commit", 2), ("after the commit", 1)])
def test_a_prune_that_is_killed_leaves_the_old_or_the_new_snapshots(
    store: SnapshotStore, path: Path, moment: str, left: int
) -> None:
    store.add(many(4000), taken_at=NOW - DAY)
    store.add(many(4000, shift=1.0), taken_at=NOW)
    run_to_death(_PRUNE_AND_DIE, path, moment)
    assert os.path.exists(f"{path}-journal") == (moment == "before the commit")  # noqa: PTH110 -- a name, not a suffix
    with SnapshotStore.open(path) as again:
        assert len(again.snapshots()) == left
    assert sound(path)
    prune(path, Policy(last=1), now=NOW)
    assert (verify(path, now=NOW).findings, len(store.snapshots())) == ((), 1)


def test_a_reader_sees_all_or_nothing_of_a_prune(filled: Path) -> None:
    with SnapshotStore.open(filled) as reader:
        assert len(reader.snapshots()) == 4
        prune(filled, Policy(last=1), now=NOW)
        assert [one.id for one in reader.snapshots()] == [4]
        assert list(reader.scores(now=NOW)) == ["b", "a"]
