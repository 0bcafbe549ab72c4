"""A run that brings far less than the last one is broken rather than smaller: it takes no good board's place."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from llmhub.arena import Leaderboard, SnapshotStore
from llmhub.arena.shrinking import GRACE, without_shrunken
from llmhub.catalog.arena_source import load_arena_models
from llmhub.errors import SourceError
from tests.conftest import Llmhub
from tests.support.made_up.boards import DAY, NOW, score
from tests.support.processes.commands import ago, seed, upstream_json


def leaderboard(models: int) -> Leaderboard:
    return Leaderboard({"overall": {f"made-up-{number}": score(1000.0 + number) for number in range(models)}})


def brought(store: SnapshotStore, text: int, vision: int, after: timedelta = DAY) -> dict[str, int]:
    """Return how many models each leaderboard has that is taken of a run some time after NOW."""
    given = {"text": leaderboard(text), "vision": leaderboard(vision)}
    taken = without_shrunken(store, given, NOW + after)
    return {name: len(each.boards["overall"]) for name, each in taken.items()}


def test_two_thirds_of_the_last_runs_models_are_enough_and_less_is_not(store: SnapshotStore) -> None:
    assert brought(store, 2, 2) == {"text": 2, "vision": 2}
    store.add({"text": leaderboard(9), "vision": leaderboard(9)}, taken_at=NOW)
    assert brought(store, 6, 9) == {"text": 6, "vision": 9}
    with pytest.raises(
        SourceError, match=r"text / overall has 5 models, and 9 in snapshot 1; it is accepted from 2026-01-17"
    ):
        brought(store, 5, 9)


def test_another_leaderboard_that_shrank_is_left_out_with_a_warning(
    store: SnapshotStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.add({"text": leaderboard(9), "vision": leaderboard(9)}, taken_at=NOW - DAY)
    # The newest run that has it counts, and no import.
    store.add({"text": leaderboard(9)}, taken_at=NOW)
    store.add({"vision": leaderboard(90)}, taken_at=NOW, source="dataset")
    assert brought(store, 9, 6) == {"text": 9, "vision": 6}
    assert caplog.messages == []
    assert brought(store, 9, 5) == {"text": 9}
    (message,) = caplog.messages
    assert "vision is left out of the snapshot: vision / overall has 5 models, and 9 in snapshot 1" in message


def test_what_stays_small_for_a_week_is_taken(store: SnapshotStore, caplog: pytest.LogCaptureFixture) -> None:
    store.add({"text": leaderboard(9)}, taken_at=NOW)
    caplog.set_level(logging.WARNING, "llmhub")
    assert brought(store, 3, 1, after=GRACE) == {"text": 3, "vision": 1}
    assert "no run has brought more for 7 days" in caplog.text


def test_of_one_or_two_models_nothing_follows(store: SnapshotStore) -> None:
    store.add({"text": leaderboard(2)}, taken_at=NOW)
    assert brought(store, 1, 1) == {"text": 1, "vision": 1}


def test_a_refresh_keeps_the_stored_board_and_force_takes_the_smaller_one(
    llmhub: Llmhub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seed({f"made-up-{number}": score(1400.0 + number) for number in range(9)}, ago(hours=30))
    script = tmp_path / "update.py"
    document = upstream_json({"made-up-1": 1500.0})
    script.write_text(f"open('data/leaderboard-text.json', 'w').write({document!r})")
    monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(script))
    assert len(load_arena_models()) == 9
    assert "the update script brought less than before: text / overall has 1 model, " in caplog.text
    run = llmhub("arena", "refresh")
    assert run.returncode == 1
    assert "`llmhub arena refresh --force`" in run.stderr
    assert llmhub("arena", "refresh", "--force").returncode == 0
    assert list(load_arena_models()) == ["made-up-1"]
