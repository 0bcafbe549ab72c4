"""`llmhub arena import` of the published dataset's Parquet files: every row as another reader of the file has it."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path

import duckdb
import pytest

from llmhub.arena import Score, SnapshotStore
from tests.conftest import Llmhub
from tests.support.made_up.publications import FULL, Row, row, write_publication
from tests.support.processes.commands import arena_db, output


@pytest.mark.needs_shared
def test_every_row_of_the_real_files_is_stored_as_another_reader_has_it_and_only_once(
    llmhub: Llmhub, shared_data: Path
) -> None:
    files = sorted((shared_data / "dataset").glob("*/full-*.parquet"))
    output(llmhub("arena", "import", *files))
    before = arena_db().read_bytes()
    again = output(llmhub("arena", "import", *files))
    assert all(": 0 dates stored, " in line for line in again.splitlines())
    assert arena_db().read_bytes() == before
    wanted: dict[tuple[str, str, str], dict[str, Score]] = defaultdict(dict)
    for file in files:
        with duckdb.connect() as connection:
            # Without a condition: duckdb's own tests for NaN are not to be trusted on these files.
            rows = connection.execute(
                "SELECT leaderboard_publish_date, category, model_name, rating, rating_lower, rating_upper, vote_count "
                "FROM read_parquet(?)",
                [str(file)],
            ).fetchall()
        for day, category, model, rating, lower, upper, votes in rows:
            if rating is not None and math.isfinite(rating):
                known = None if votes is None or not math.isfinite(votes) else int(votes)
                place = (file.parent.name.replace("_", "-"), category, day)
                wanted[place][model] = Score(rating, lower, upper, known)
    with SnapshotStore.open() as store:
        snapshots = {f"{snapshot.taken_at:%Y-%m-%d}": snapshot for snapshot in store.snapshots()}
        assert {snapshot.source for snapshot in snapshots.values()} == {"dataset"}
        assert snapshots.keys() == {day for _, _, day in wanted}
        assert sum(snapshot.boards for snapshot in snapshots.values()) == len(wanted)
        for (leaderboard, category, day), scores in wanted.items():
            entries = store.entries(snapshots[day], leaderboard, category)
            assert {entry.model: Score(*entry[1:5]) for entry in entries} == scores, (leaderboard, category, day)


def test_the_leaderboards_of_one_date_gather_in_one_snapshot_and_unknown_bounds_stay_unknown(
    llmhub: Llmhub, tmp_path: Path
) -> None:
    text = write_publication(tmp_path, "text", [row("a", 1400.0), row("b", 1300.0, None, None)], name=FULL)
    other = write_publication(tmp_path, "vision_style_control", [row("a", 1200.0)], name=FULL)
    output(llmhub("arena", "import", other, text))
    with SnapshotStore.open() as store:
        (snapshot,) = store.snapshots()
        assert set(snapshot.leaderboards) == {"text", "vision-style-control"}
        assert store.scores("latest")["b"] == Score(1300.0, None, None, 1000)


@pytest.mark.parametrize(
    ("rows", "without", "said"),
    [
        ([row("a", 1400.0), row("a", 1410.0)], (), "overall / a: found two different rows"),
        ([row("a", 1400.0)], ("rating",), "rating"),
    ],
    ids=["a model twice with different ratings", "another schema"],
)
def test_a_file_that_cannot_be_right_is_refused_whole(
    llmhub: Llmhub, tmp_path: Path, rows: list[Row], without: tuple[str, ...], said: str
) -> None:
    file = write_publication(tmp_path, "text", rows, name=FULL, drop=without)
    run = llmhub("arena", "import", file)
    assert run.returncode == 1
    assert said in run.stderr
    assert "Traceback" not in run.stderr
    with SnapshotStore.open() as store:
        assert store.snapshots() == []


def test_a_file_that_is_no_parquet_is_refused_in_one_line(llmhub: Llmhub, tmp_path: Path) -> None:
    file = tmp_path / "text" / FULL
    file.parent.mkdir()
    file.write_bytes(b"PAR1 and then nothing")
    run = llmhub("arena", "import", file)
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert str(file) in run.stderr


def test_a_rating_that_changed_under_a_stored_date_is_a_conflict_and_changes_nothing(
    llmhub: Llmhub, tmp_path: Path
) -> None:
    output(llmhub("arena", "import", write_publication(tmp_path, "text", [row("a", 1400.0)], name=FULL)))
    before = arena_db().read_bytes()
    run = llmhub("arena", "import", write_publication(tmp_path, "text", [row("a", 1401.0)], name=FULL))
    assert run.returncode == 1
    assert "differ" in run.stderr
    assert arena_db().read_bytes() == before
