from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.sources import SOURCES
from llmhub.arena.sql import statements
from tests.support.made_up.boards import DAY, NOW, text


def test_snapshots_of_one_moment_come_in_the_order_of_their_sources_whatever_these_are_called() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE snapshot (taken_at, source, UNIQUE (taken_at, source))")
        names = (*SOURCES, "models.dev", "zebra")
        rows = [(moment, name) for moment in ("2026-01-05", "2026-01-06") for name in sorted(names)]
        connection.executemany("INSERT INTO snapshot VALUES (?, ?)", rows)
        order = f"SELECT taken_at, source FROM snapshot s ORDER BY {statements.SNAPSHOT_ORDER}"
        found = connection.execute(order).fetchall()
    newest = [name for moment, name in found[: len(names)] if moment == "2026-01-06"]
    assert newest[: len(SOURCES)] == list(SOURCES)
    assert set(newest) == set(names)


@pytest.fixture(scope="module", params=[False, True], ids=["as it is", "analyzed"])
def thirty_days(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of thirty days, with SQLite's statistics or without; it is only read."""
    path = tmp_path_factory.mktemp("thirty") / "arena.db"
    with SnapshotStore.open(path) as store:
        for day in range(30):
            store.add(text(a=1.0 + day // 3), taken_at=NOW + day * DAY)
    if request.param:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("ANALYZE")
    return path


@pytest.mark.parametrize("statement", ["AT_OR_BEFORE", "NEWEST_OF_SOURCE", "SNAPSHOTS", "SEEN"])
def test_the_newest_snapshots_are_found_by_an_index_and_only_those_of_one_moment_are_sorted(
    thirty_days: Path, statement: str
) -> None:
    sql = getattr(statements, statement)
    with closing(sqlite3.connect(thirty_days)) as connection:
        asked = dict.fromkeys(re.findall(r":(\w+)", sql), 1)
        plan = [step for _, _, _, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}", asked)]
    assert any(re.match(r"(SEARCH|SCAN) s USING INDEX", step) for step in plan), plan
    sorts = [step for step in plan if "TEMP B-TREE" in step]
    assert all(re.search(r"FOR (LAST TERM|RIGHT PART) OF ORDER BY", step) for step in sorts), plan


def test_no_statement_needs_a_newer_sqlite_than_the_doctor_asks_for() -> None:
    # HAVING without GROUP BY came with 3.39, and verify would call a sound store damaged.
    texts = [text for text in vars(statements).values() if isinstance(text, str) and "HAVING" in text]
    assert [text for text in texts if "GROUP BY" not in text.partition("HAVING")[0]] == []
