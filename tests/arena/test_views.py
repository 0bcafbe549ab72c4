"""The views in SQL say what the store's own answers say, and look at no more rows than these."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmhub.arena import Score, SnapshotStore
from llmhub.arena.boards import Leaderboard, ModelFacts, Snapshot
from llmhub.arena.compare.ranks import ranked
from llmhub.arena.sources import SOURCES, Source
from llmhub.arena.upkeep.backup import backup
from llmhub.arena.upkeep.prune import prune
from llmhub.arena.upkeep.retention import Policy
from llmhub.arena.upkeep.verify import verify
from llmhub.cli.render import snapshot_json
from tests.support.effort import by_profile
from tests.support.made_up.boards import DAY, HOUR, NOW, SOME_BOARDS, board, many, score, text
from tests.support.made_up.old_stores import make_old

VIEWS = ("leaderboard_latest", "rating_history", "snapshot_summary")

Rows = list[dict[str, object]]


def ask(path: Path, statement: str, *parameters: object) -> Rows:
    """Return the rows of a statement by column, as another program gets them."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(statement, parameters)]


def latest(path: Path, leaderboard: str = "text", category: str = "overall") -> Rows:
    return ask(
        path,
        "SELECT * FROM leaderboard_latest WHERE leaderboard = ? AND category = ? ORDER BY rank, model",
        *(leaderboard, category),
    )


def stated(snapshot: Snapshot) -> str:
    return str(snapshot_json(snapshot)["taken_at"])


def assert_views_agree(store: SnapshotStore) -> None:
    """Check every row of every view against what the store answers."""
    rankings = store.rankings()
    for leaderboard, category in rankings:
        snapshot, entries = store.board("latest", leaderboard, category)
        found = latest(store.path, leaderboard, category)
        columns = ("rank", "rank_ub", "model", "rating", "lower", "upper", "votes", "organization", "license")
        assert [tuple(row[name] for name in columns) for row in found] == [tuple(line) for line in ranked(entries)]
        for row in found:
            day = snapshot.leaderboards[leaderboard]
            assert (row["snapshot"], row["source"], row["taken_at"]) == (snapshot.id, snapshot.source, stated(snapshot))
            assert row["published_on"] == (day and day.isoformat())
        every = ask(
            store.path,
            "SELECT * FROM rating_history WHERE leaderboard = ? AND category = ? ORDER BY model, taken_at",
            *(leaderboard, category),
        )
        expected = [
            (model, stated(snapshot), snapshot.id, snapshot.source, *score, point.rank)
            for model in sorted({str(row["model"]) for row in every})
            for (snapshot, score), point in zip(
                store.track(model, leaderboard, category),
                store.history(model, leaderboard, category, through_renames=False, every=True).points,
                strict=True,
            )
        ]
        told = ("model", "taken_at", "snapshot", "source", "rating", "lower", "upper", "votes", "rank")
        assert [tuple(row[name] for name in told) for row in every] == expected
    assert len(latest_rankings(store.path)) == len([one for one in rankings if store.board("latest", *one)[1]])
    summary = ask(store.path, "SELECT * FROM snapshot_summary ORDER BY taken_at DESC, source DESC")
    assert summary == [
        snapshot_json(one) | {"leaderboards": ", ".join(one.leaderboards), "revision": one.revision}
        for one in store.snapshots()
    ]


def latest_rankings(path: Path) -> Rows:
    return ask(path, "SELECT DISTINCT leaderboard, category FROM leaderboard_latest")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store that has its tables and no snapshot, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "arena.db"
    with SnapshotStore.open(path) as store:
        store.add(text(a=1.0), taken_at=NOW)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for table in ("score", "snapshot_board", "snapshot_leaderboard", "board", "ranking", "model", "snapshot"):
            connection.execute(f"DELETE FROM {table}")
    return path


_hours = st.integers(0, 3).map(lambda hours: NOW + hours * HOUR) | st.just(datetime(2999, 1, 1, tzinfo=UTC))
_boards = st.dictionaries(
    st.sampled_from(["text", "vision"]),
    st.dictionaries(st.sampled_from(["overall", "coding"]), SOME_BOARDS, min_size=1),
    min_size=1,
)


@settings(max_examples=by_profile(ci=15, nightly=200))
@given(snapshots=st.dictionaries(st.tuples(_hours, st.sampled_from(SOURCES)), _boards, min_size=1, max_size=5))
def test_the_views_equal_the_stores_own_answers(
    empty: Path, snapshots: Mapping[tuple[datetime, Source], Mapping[str, Mapping[str, Mapping[str, Score]]]]
) -> None:
    path = empty.with_name("example.db")
    path.write_bytes(empty.read_bytes())
    with SnapshotStore.open(path) as store:
        for (taken_at, source), leaderboards in snapshots.items():
            store.add(leaderboards, taken_at=taken_at, source=source)
        assert_views_agree(store)


@pytest.fixture
def filled(store: SnapshotStore) -> SnapshotStore:
    """Return a store with two sources at one moment, unknown bounds, facts, and a fraction of a second."""
    facts = {"a": ModelFacts("Made up", "MIT")}
    boards = {"overall": {"a": Score(1400.0), "b": score(1390.0), "c": score(1390.0, votes=None)}}
    store.add({"text": Leaderboard(boards, facts, date(2026, 1, 1))}, taken_at=NOW - DAY, source="dataset")
    store.add(text(a=1.0) | {"vision": {"ocr": board(d=2.0)}}, taken_at=NOW - DAY, revision="abc")
    store.add(many(30), taken_at=NOW + timedelta(microseconds=12), source="arena-catalog")
    return store


def test_times_unknowns_and_facts_stand_in_the_views_as_the_commands_print_them(filled: SnapshotStore) -> None:
    assert_views_agree(filled)
    summary = ask(filled.path, "SELECT * FROM snapshot_summary ORDER BY id")
    assert [row["taken_at"] for row in summary] == [
        *("2026-01-09T12:00:00Z", "2026-01-09T12:00:00Z", "2026-01-10T12:00:00.000012Z"),
    ]
    assert (summary[1]["leaderboards"], summary[1]["boards"], summary[1]["revision"]) == ("text, vision", 2, "abc")


def test_a_snapshot_of_the_future_answers_only_where_there_is_no_other(store: SnapshotStore) -> None:
    future = datetime(2999, 1, 1, tzinfo=UTC)
    store.add(text(a=1.0), taken_at=NOW)
    store.add(text(a=2.0) | {"vision": {"ocr": board(a=3.0)}}, taken_at=future)
    assert [row["rating"] for row in latest(store.path)] == [1.0]
    assert [row["rating"] for row in latest(store.path, "vision", "ocr")] == [3.0]


def test_an_upgraded_store_has_the_views_and_so_have_a_pruned_one_and_a_backup(path: Path, tmp_path: Path) -> None:
    make_old(path)
    with SnapshotStore.open(path) as store:
        assert_views_agree(store)
        prune(path, Policy(last=1), now=NOW)
        assert_views_agree(store)
    copy = tmp_path / "copy.db"
    assert backup(path, copy).findings == verify(path).findings == ()
    for view in VIEWS:
        rows = ask(path, f"SELECT * FROM {view}")
        assert rows
        assert ask(copy, f"SELECT * FROM {view}") == rows


@pytest.mark.parametrize("analyzed", [False, True])
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM leaderboard_latest WHERE leaderboard = 'text' AND category = 'overall' ORDER BY rank",
        "SELECT * FROM leaderboard_latest WHERE model = 'made-up-00001'",
        "SELECT * FROM rating_history WHERE leaderboard = 'text' AND category = 'overall' AND model = 'made-up-00001'",
        "SELECT * FROM rating_history WHERE model = 'made-up-00001'",
        "SELECT * FROM snapshot_summary",
    ],
)
def test_what_is_asked_of_a_view_scans_no_scores_and_no_models(
    store: SnapshotStore, statement: str, *, analyzed: bool
) -> None:
    for day in range(4):
        store.add(many(500, shift=day), taken_at=NOW + day * DAY)
    store.close()
    with closing(sqlite3.connect(store.path)) as connection:
        if analyzed:
            connection.execute("ANALYZE")
        plan = [line[3] for line in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    assert not [step for step in plan if re.match(r"SCAN (c|m|o|sb|nb)\b", step)], plan
    if "model =" in statement:
        assert any("SEARCH c USING PRIMARY KEY (board_id=? AND model_id=?)" in step for step in plan), plan


def test_of_one_moment_the_source_with_precedence_counts_whatever_the_others_are_called(tmp_path: Path) -> None:
    path = tmp_path / "arena.db"
    with SnapshotStore.open(path) as store:
        store.add(text(a=1.0), taken_at=NOW)
        other = store.add(text(a=2.0), taken_at=NOW - DAY, source="dataset").id
    with closing(sqlite3.connect(path)) as connection, connection:
        # A source that a later version could bring, last in the alphabet.
        moved = "UPDATE snapshot SET source = 'zebra', taken_at = (SELECT max(taken_at) FROM snapshot) WHERE id = ?"
        connection.execute(moved, (other,))
    assert [row["rating"] for row in latest(path)] == [1.0]
    assert [row["source"] for row in ask(path, "SELECT source FROM rating_history")] == ["script"]
