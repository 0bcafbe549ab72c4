"""What is read and put together, without a page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from llmhub.arena import SnapshotStore
from llmhub.errors import BoardNotFoundError, SnapshotNotFound
from llmhub.report.collect import collect
from llmhub.report.data import Change, Line, Report
from tests.support.made_up.models import catalog_of, line
from tests.support.processes.commands import board, seed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def report(leaderboard: str = "text", category: str = "overall", **options: object) -> Report:
    with SnapshotStore.open() as store:
        catalog = catalog_of(line("a/made-up", arena_id="made-up-a"))
        return collect(store, catalog, leaderboard=leaderboard, category=category, now=NOW, version="0", **options)  # type: ignore[arg-type]


def by_name(found: Report) -> dict[str, Line]:
    return {one.score.model: one for one in found.lines}


def before(days: float) -> datetime:
    return NOW - timedelta(days=days)


def test_changes_are_counted_from_the_boards_of_a_week_and_a_month_ago_without_the_shift() -> None:
    steady = {f"made-up-{name}": 1000.0 + number for number, name in enumerate("bcdef")}
    seed(board(steady | {"made-up-a": 1200.0}), before(31))
    seed(board({name: rating + 50 for name, rating in steady.items()} | {"made-up-a": 1254.0}), before(8))
    seed(board({name: rating + 50 for name, rating in steady.items()} | {"made-up-a": 1280.0}), before(1))
    found = report()
    assert [(one.label, one.point.snapshot_id, one.shift) for one in found.since] == [
        ("in 7 days", 2, 0.0),
        ("in 30 days", 1, 50.0),
    ]
    assert by_name(found)["made-up-a"].changes == (Change(26.0, 26.0, True), Change(80.0, 30.0, True))
    assert by_name(found)["made-up-b"].changes == (Change(0.0, 0.0, False), Change(50.0, 0.0, False))
    assert [offer.canonical_id for offer in by_name(found)["made-up-a"].offers] == ["a/made-up"]


def test_a_model_that_was_not_there_has_no_change_and_one_that_was_renamed_has() -> None:
    seed(board({"made-up-a": 1000.0, "made-up-old-name": 900.0}), before(8))
    seed(board({"made-up-a": 1001.0, "made-up-new-name": 900.0, "made-up-new": 800.0}), before(1))
    found = by_name(report())
    assert found["made-up-new"].changes == (None,)
    assert found["made-up-new-name"].changes[0] is not None
    assert report().facts["made-up-new-name"].history.points[0].listed_as == "made-up-old-name"


def test_a_history_ends_with_the_board_that_is_shown() -> None:
    seed(board({"made-up-a": 1000.0}), before(1))
    seed(board({"made-up-a": 2000.0}), NOW + timedelta(days=1))
    found = report()
    assert found.lines[0].score.rating == 1000.0
    assert len(found.facts["made-up-a"].history.points) == 1


def test_a_snapshot_of_the_future_is_shown_where_there_is_no_other() -> None:
    seed(board({"made-up-a": 2000.0}), NOW + timedelta(days=1))
    assert report().snapshot.id == 1


def test_each_board_of_a_model_is_the_newest_that_there_is_the_reports_own_first() -> None:
    seed(board({"made-up-a": 1000.0}), before(9), category="math")
    seed(board({"made-up-a": 1000.0, "made-up-b": 1100.0}), before(8))
    seed(board({"made-up-a": 900.0}), before(7), leaderboard="image")
    places = report().facts["made-up-a"].places
    assert [(one.leaderboard, one.category, one.snapshot.id, one.score.rank, one.models) for one in places] == [
        ("text", "overall", 2, 2, 2),
        ("text", "math", 1, 1, 1),
        ("image", "overall", 3, 1, 1),
    ]


def test_breaks_of_the_scale_are_those_of_the_store() -> None:
    names = [f"made-up-{name}" for name in "abcdef"]
    for days, shift in ((9, 0.0), (8, 0.0), (7, 20.0)):
        seed(board({name: 1000.0 + number + shift for number, name in enumerate(names)}), before(days))
    found = report()
    facts = found.facts["made-up-a"]
    assert [point.scale_break for point in facts.history.points] == [None, 20.0]
    assert facts.re_anchored


def test_an_empty_store_and_an_unknown_board_raise() -> None:
    with pytest.raises(SnapshotNotFound):
        report()
    seed(board({"made-up-a": 1000.0}), before(1))
    with pytest.raises(BoardNotFoundError):
        report("nowhere")
