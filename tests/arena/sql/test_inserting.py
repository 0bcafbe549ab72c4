from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from llmhub.arena import Leaderboard, ModelFacts, SnapshotStore
from tests.support.made_up.boards import DAY, NOW, board, many, orphans, sound
from tests.support.processes.children import run_to_death

_ADD_AND_DIE = """
import os, signal, sys
from sqlalchemy import Engine, event
from llmhub.arena import SnapshotStore
from tests.support.made_up.boards import NOW, many

@event.listens_for(Engine, "begin")
def spill(connection):
    connection.exec_driver_sql("PRAGMA cache_size = 5")

@event.listens_for(Engine, "commit")
def die(connection):
    if sys.argv[2] == "before the commit":
        os.kill(os.getpid(), signal.SIGKILL)

SnapshotStore.open(sys.argv[1]).add(many(4000, shift=1.0), taken_at=NOW)
os.kill(os.getpid(), signal.SIGKILL)
"""


def publication(*facts: ModelFacts) -> dict[str, Leaderboard]:
    """Return one leaderboard for each of the facts about one model."""
    names = ("text", "vision")
    return {name: Leaderboard({"overall": board(a=1.0)}, {"a": fact}) for name, fact in zip(names, facts, strict=False)}


def facts_of(path: Path, model: str = "a") -> ModelFacts:
    with closing(sqlite3.connect(path)) as connection:
        asked = "SELECT organization, license FROM model WHERE name = ?"
        return ModelFacts(*connection.execute(asked, (model,)).fetchone())


EARLIER, LATER = NOW - DAY, NOW


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        pytest.param([(EARLIER, "old", "MIT"), (LATER, "new", "Apache")], ("new", "Apache"), id="later wins"),
        pytest.param([(LATER, "new", "Apache"), (EARLIER, "old", "MIT")], ("new", "Apache"), id="earlier comes late"),
        pytest.param([(EARLIER, "old", "MIT"), (LATER, None, None)], ("old", "MIT"), id="known stays"),
        pytest.param([(LATER, None, None), (EARLIER, "old", "MIT")], ("old", "MIT"), id="earlier fills the unknown"),
        pytest.param([(EARLIER, "old", None), (LATER, None, "MIT")], ("old", "MIT"), id="each field for itself"),
        pytest.param([(LATER, "new", None), (EARLIER, "old", "MIT")], ("new", "MIT"), id="one field for itself"),
        pytest.param(
            [(EARLIER, "old", "MIT"), (LATER, None, None), (EARLIER - DAY, "first", "GPL")],
            ("old", "MIT"),
            id="what is known dates from when it was known",
        ),
    ],
)
def test_what_is_known_of_a_model_is_what_the_newest_publication_that_knew_said(
    store: SnapshotStore,
    path: Path,
    added: list[tuple[datetime, str | None, str | None]],
    expected: tuple[str | None, str | None],
) -> None:
    for moment, organization, licence in added:
        store.add(publication(ModelFacts(organization, licence)), taken_at=moment)
    assert facts_of(path) == expected


def test_of_two_sources_at_one_moment_the_first_is_believed(store: SnapshotStore, path: Path) -> None:
    store.add(publication(ModelFacts("first", "MIT")), taken_at=NOW)
    store.add(publication(ModelFacts("second", "GPL")), taken_at=NOW, source="dataset")
    assert facts_of(path) == ("first", "MIT")


def test_the_leaderboards_of_one_publication_complete_each_other(store: SnapshotStore, path: Path) -> None:
    store.add(publication(ModelFacts("Lab", None), ModelFacts(None, "MIT")), taken_at=NOW)
    assert facts_of(path) == ("Lab", "MIT")


def test_facts_about_a_model_on_no_board_make_no_model(store: SnapshotStore, path: Path) -> None:
    store.add({"text": Leaderboard({"overall": board(a=1.0)}, {"stranger": ModelFacts("Lab")})}, taken_at=NOW)
    assert orphans(path) == {}
    assert store.counts().models == 1


def test_one_board_under_two_categories_is_two_boards(store: SnapshotStore) -> None:
    taken = store.add({"text": {"overall": board(a=1.0), "coding": board(a=1.0)}}, taken_at=NOW)
    assert (taken.boards, store.counts().boards) == (2, 2)
    assert store.rankings() == [("text", "coding"), ("text", "overall")]


@pytest.mark.parametrize(("moment", "ids"), [("before the commit", [1]), ("after the commit", [2, 1])])
def test_an_add_that_is_killed_leaves_the_old_or_the_new_snapshot(path: Path, moment: str, ids: list[int]) -> None:
    with SnapshotStore.open(path) as store:
        store.add(many(4000), taken_at=NOW - DAY)
    before = path.read_bytes()
    run_to_death(_ADD_AND_DIE, path, moment)
    assert path.read_bytes() != before, "the writer's pages must have reached the file"
    assert path.with_name("arena.db-journal").exists() == (moment == "before the commit")
    with SnapshotStore.open(path) as store:
        assert [snapshot.id for snapshot in store.snapshots()] == ids
        assert store.scores(now=NOW) == many(4000, shift=len(ids) - 1.0)["text"]["overall"]
        assert store.add(many(4000, shift=1.0), taken_at=NOW).id == 2
    assert sound(path)
    assert orphans(path) == {}
