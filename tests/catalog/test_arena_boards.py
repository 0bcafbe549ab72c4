"""What the catalog asks the store for: several boards of one snapshot, and how sound they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from llmhub.arena import Score, SnapshotStore
from llmhub.catalog.arena_source import load_arena_boards, load_arena_models
from tests.catalog.conftest import STORED, STORED_RATINGS, Arena, Log, UseScript

HOUR = timedelta(hours=1)


def stored(age: timedelta, **boards: dict[str, Score]) -> int:
    with SnapshotStore.open() as store:
        return store.add({"text": {"overall": STORED, **boards}}, taken_at=datetime.now(UTC) - age).id


def test_boards_are_those_of_the_snapshot_that_answers_for_overall(log: Log) -> None:
    stored(3 * HOUR, math={"made-up-old": Score(1.0)}, coding={"made-up-old": Score(1.0)})
    newest = stored(HOUR, math={"made-up-stored": Score(1200.0), "made-up-best": Score(1500.0)})
    found = load_arena_boards(("math", "coding", "hard_prompts"))
    assert found.snapshot is not None
    assert (found.snapshot.id, found.stale, found.problem) == (newest, False, None)
    assert set(found.boards) == {"overall", "math"}
    assert found.boards["overall"] == load_arena_models()
    assert {name: model.rating for name, model in found.boards["overall"].items()} == STORED_RATINGS
    assert [(model.arena_id, model.category) for model in found.boards["math"].values()] == [
        ("made-up-best", "math"),
        ("made-up-stored", "math"),
    ]
    assert log.said() == []


def test_a_stale_answer_says_why(use_script: UseScript, log: Log) -> None:
    use_script("raise SystemExit('made-up trouble')")
    newest = stored(30 * HOUR, math={"made-up-stored": Score(1200.0)})
    found = load_arena_boards(("math",))
    assert found.snapshot is not None
    assert (found.snapshot.id, found.stale) == (newest, True)
    assert set(found.boards) == {"overall", "math"}
    assert found.problem is not None
    assert "made-up trouble" in found.problem
    assert found.problem in log.only("WARNING")


def test_offline_a_stale_answer_says_so_and_an_empty_store_too(monkeypatch: pytest.MonkeyPatch, log: Log) -> None:
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    empty = load_arena_boards()
    assert (empty.boards, empty.snapshot, empty.stale) == ({}, None, False)
    assert empty.problem == "LLMHUB_OFFLINE is set, so the update script was not run"
    stored(30 * HOUR)
    stale = load_arena_boards()
    assert (stale.stale, stale.problem) == (True, empty.problem)
    stored(HOUR)
    fresh = load_arena_boards()
    assert (fresh.stale, fresh.problem) == (False, None)
    assert log.said() == []


def test_a_first_run_that_fails_leaves_nothing_but_the_reason(use_script: UseScript, log: Log) -> None:
    use_script("raise SystemExit('made-up trouble')")
    found = load_arena_boards(("math",))
    assert (found.boards, found.snapshot, found.stale) == ({}, None, False)
    assert "made-up trouble" in str(found.problem)
    assert "made-up trouble" in log.only("ERROR")


def test_a_damaged_store_leaves_nothing_but_the_reason(arena: Arena, log: Log) -> None:
    arena.folder.mkdir(parents=True)
    arena.db.write_bytes(b"made-up " * 1000)
    found = load_arena_boards()
    assert (found.boards, found.snapshot) == ({}, None)
    assert str(arena.db) in str(found.problem)
    assert str(found.problem) in log.only("ERROR")


def test_a_snapshot_of_the_future_is_stale_and_names_the_clock(monkeypatch: pytest.MonkeyPatch, log: Log) -> None:
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    stored(-3 * HOUR)
    found = load_arena_boards()
    assert found.stale
    assert "clock" in str(found.problem)
    assert "clock" in log.only("WARNING")
