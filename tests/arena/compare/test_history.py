from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from llmhub.arena import ModelHistory, SnapshotStore
from llmhub.arena.boards import Board
from llmhub.arena.sources import Source
from llmhub.arena.sql import statements
from llmhub.errors import BoardNotFoundError, ModelNotFoundError, SnapshotNotFound
from tests.support.made_up.boards import DAY, NOW, board, score, text

OTHERS = board(o1=1200.0, o2=1190.0, o3=1180.0, o4=1170.0, o5=1160.0)


def add(store: SnapshotStore, day: int, scores: Board, source: Source = "script") -> None:
    store.add({"text": {"overall": {**OTHERS, **scores}}}, taken_at=NOW + day * DAY, source=source)


@pytest.fixture
def renamed(store: SnapshotStore) -> SnapshotStore:
    """Return a store in which old-thinking moves, and becomes old-high with the third snapshot and moves on."""
    add(store, 0, {"old-thinking": score(1300.0)})
    add(store, 1, {"old-thinking": score(1310.0)})
    add(store, 2, {"old-high": score(1310.0)})
    add(store, 3, {"old-high": score(1305.0), "new": score(1400.0)})
    return store


@pytest.mark.parametrize("asked", ["old-thinking", "old-high"])
def test_a_model_is_followed_through_its_rename_both_ways(renamed: SnapshotStore, asked: str) -> None:
    found = renamed.history(asked)
    assert [(point.snapshot_id, point.listed_as, point.score.rating, point.rank) for point in found.points] == [
        (1, "old-thinking", 1300.0, 1),
        (2, "old-thinking", 1310.0, 1),
        (3, "old-high", 1310.0, 1),
        (4, "old-high", 1305.0, 2),
    ]
    assert (found.model, found.moments, found.points[0].taken_at) == (asked, 4, NOW)


def test_a_model_is_not_followed_where_that_is_not_wanted(renamed: SnapshotStore) -> None:
    found = renamed.history("old-high", through_renames=False)
    assert [point.snapshot_id for point in found.points] == [3, 4]
    assert [point.snapshot_id for point in renamed.history("new").points] == [4]


@pytest.mark.parametrize(
    ("went", "came"),
    [
        pytest.param({"old": score(1300.0)}, {"new": score(1300.0, votes=999)}, id="other votes"),
        pytest.param({"old": score(1300.0)}, {"new": score(1300.0, half=5.5)}, id="another interval"),
        pytest.param({"old": score(1300.0)}, {"new": score(1300.0), "twin": score(1300.0)}, id="two that came"),
        pytest.param({"old": score(1300.0), "twin": score(1300.0)}, {"new": score(1300.0)}, id="two that went"),
        pytest.param(
            {"old": score(1300.0)._replace(lower=None)}, {"new": score(1300.0)._replace(lower=None)}, id="unknown bound"
        ),
    ],
)
def test_a_look_alike_is_not_followed(store: SnapshotStore, went: Board, came: Board) -> None:
    add(store, 0, went)
    add(store, 1, came)
    assert [point.listed_as for point in store.history("old").points] == ["old"]
    assert [point.listed_as for point in store.history("new").points] == ["new"]


def test_a_look_alike_that_stays_does_not_hide_a_rename(store: SnapshotStore) -> None:
    add(store, 0, {"old": score(1300.0), "stays": score(1300.0)})
    add(store, 1, {"new": score(1300.0), "stays": score(1300.0)})
    assert [point.listed_as for point in store.history("new").points] == ["old", "new"]


def test_a_rename_is_found_where_votes_became_known(store: SnapshotStore) -> None:
    add(store, 0, {"old": score(1300.0, votes=None)})
    add(store, 1, {"new": score(1300.0, votes=7)})
    assert [point.score.votes for point in store.history("old").points] == [None, 7]


def test_at_one_moment_one_source_counts(store: SnapshotStore) -> None:
    add(store, 0, {"a": score(1.0)}, "arena-catalog")
    add(store, 0, {"a": score(2.0)}, "dataset")
    add(store, 0, {"a": score(3.0)}, "script")
    add(store, 1, {"a": score(4.0)}, "arena-catalog")
    found = store.history("a")
    assert [point.score.rating for point in found.points] == [3.0, 4.0]
    assert found.moments == 2
    assert [(at.id, line) for at, line in store.track("a")] == [(p.snapshot_id, p.score) for p in found.points]


def test_a_span_of_time_and_a_limit_keep_the_newest_in_it(renamed: SnapshotStore) -> None:
    found = renamed.history("old-high")
    assert [p.snapshot_id for p in found.between(NOW + DAY, NOW + 2 * DAY).points] == [2, 3]
    assert [p.snapshot_id for p in found.between(None, NOW + 2 * DAY, 1).points] == [3]
    assert found.between(NOW + 9 * DAY, None).points == ()
    assert found.between(None, None) == found


def scale_breaks(history: ModelHistory) -> dict[int, float]:
    """Return the scale breaks of a history by the ids of the snapshots."""
    return {one.snapshot_id: one.scale_break for one in history.points if one.scale_break is not None}


def test_a_scale_break_is_marked_at_the_point_behind_it(store: SnapshotStore) -> None:
    add(store, 0, {"a": score(1300.0)})
    store.add(text(a=1360.5, **{name: line.rating + 60.0 for name, line in OTHERS.items()}), taken_at=NOW + DAY)
    store.add(text(a=1360.5, **{name: line.rating + 60.2 for name, line in OTHERS.items()}), taken_at=NOW + 2 * DAY)
    assert scale_breaks(store.history("a")) == {2: 60.0}


def test_a_scale_break_during_an_absence_is_marked_at_the_return(store: SnapshotStore) -> None:
    moved = {name: line.rating + 60.0 for name, line in OTHERS.items()}
    add(store, 0, {"a": score(1300.0)})
    store.add(text(b=1.0, **moved), taken_at=NOW + DAY)
    store.add(text(a=1360.0, **moved), taken_at=NOW + 2 * DAY)
    assert scale_breaks(store.history("a")) == {3: 60.0}


def test_a_boards_timeline_has_one_snapshot_a_moment_and_each_of_its_scale_breaks_once(store: SnapshotStore) -> None:
    moved = {name: one._replace(rating=one.rating + 60.0, upper=one.rating + 65.0) for name, one in OTHERS.items()}
    add(store, 0, {"model": score(1300.0)})
    add(store, 1, {}, source="arena-catalog")
    add(store, 1, {}, source="dataset")
    add(store, 2, moved | {"model": score(1360.0)})
    store.add({"text": {"coding": board(model=1.0)}}, taken_at=NOW + 3 * DAY)
    found = store.over_time().timeline
    assert [(one.snapshot_id, one.source, one.moment, one.scale_break) for one in found] == [
        (1, "script", NOW, None),
        (3, "dataset", NOW + DAY, None),
        (4, "script", NOW + 2 * DAY, 60.0),
    ]
    assert [one.snapshot_id for one in store.over_time(category="coding").timeline] == [5]
    with pytest.raises(BoardNotFoundError):
        store.over_time(category="math")


def test_what_is_not_there_is_not_found(renamed: SnapshotStore, tmp_path: Path) -> None:
    for name in ("nobody", "", "\udc80"):
        with pytest.raises(ModelNotFoundError, match="no snapshot lists"):
            renamed.history(name)
    with pytest.raises(BoardNotFoundError):
        renamed.history("old-high", "vision")
    with SnapshotStore.open(tmp_path / "none.db") as none, pytest.raises(SnapshotNotFound):
        none.history("a")


@pytest.fixture(scope="module", params=[False, True], ids=["as it is", "analyzed"])
def thirty_days(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of thirty days, with SQLite's statistics or without; it is only read."""
    path = tmp_path_factory.mktemp("thirty") / "arena.db"
    with SnapshotStore.open(path) as store:
        for day in range(30):
            add(store, day, {"a": score(1300.0 + day // 3)})
    if request.param:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("ANALYZE")
    return path


@pytest.mark.parametrize("statement", ["LINES", "LOOK_ALIKES", "SAME_BOARD", "RATINGS"])
def test_a_models_lines_are_found_by_index_and_no_table_of_scores_is_scanned(thirty_days: Path, statement: str) -> None:
    sql = getattr(statements, statement)
    with closing(sqlite3.connect(thirty_days)) as connection:
        asked = dict.fromkeys(re.findall(r":(\w+)", sql), 1)
        plan = [step for _, _, _, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}", asked)]
    assert re.search(r"SEARCH (c|a|score) USING PRIMARY KEY", " ".join(plan)), plan
    assert not any(re.match(r"SCAN (a|b|c|o|known|m|sb|score|model)\b", step) for step in plan), plan


def test_snapshots_are_folded_where_their_boards_are_the_same(store: SnapshotStore) -> None:
    for day, rating in enumerate((1.0, 1.0, 2.0, 2.0, 1.0)):
        store.add(text(a=rating) | {"vision": {"overall": board(v=float(day // 4))}}, taken_at=NOW + day * DAY)
    assert [(group.newest.id, group.count) for group in store.equal_snapshots()] == [(5, 1), (4, 2), (2, 2)]
    assert [(group.newest.id, group.count) for group in store.equal_snapshots(("vision", "overall"))] == [
        (5, 1),
        (4, 4),
    ]
    assert [
        (group.newest.id, group.count) for group in store.equal_snapshots(since=NOW + DAY, until=NOW + 3 * DAY)
    ] == [
        (4, 2),
        (2, 1),
    ]


def test_snapshots_of_a_span_of_time_include_both_its_ends(store: SnapshotStore) -> None:
    for day in range(5):
        store.add(text(a=1.0), taken_at=NOW + day * DAY)
    assert [one.id for one in store.snapshots(since=NOW + DAY, until=NOW + 3 * DAY)] == [4, 3, 2]
    assert [one.id for one in store.snapshots(1, until=NOW + 3 * DAY)] == [4]
    assert [one.id for one in store.snapshots_with("text", "overall", since=NOW + 3 * DAY)] == [5, 4]


def test_nothing_is_folded_where_there_is_nothing(store: SnapshotStore) -> None:
    assert store.equal_snapshots() == []
    with pytest.raises(SnapshotNotFound):
        store.equal_snapshots(("text", "overall"))
