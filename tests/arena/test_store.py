from __future__ import annotations

import os
import stat
import warnings
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from llmhub.arena import Leaderboard, ModelFacts, Score, SnapshotStore
from llmhub.errors import InvalidScoreError, LlmhubError, ModelNotFoundError, SnapshotConflictError, SnapshotNotFound
from llmhub.folders import MARK
from tests.support.made_up.boards import DAY, HOUR, NOW, board, many, orphans, rows, score, sound, text


def with_facts(**organizations: str | None) -> dict[str, Leaderboard]:
    facts = {name: ModelFacts(organization) for name, organization in organizations.items()}
    return {"text": Leaderboard({"overall": board(**dict.fromkeys(organizations, 1400.0))}, facts)}


def organization_of(store: SnapshotStore, model: str) -> str | None:
    return {entry.model: entry.organization for entry in store.board()[1]}[model]


def test_the_api_reads_as_the_design_shows_it(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        given = {"text": {"overall": {"gpt-x": Score(rating=1400.0, lower=1390.0, upper=1410.0)}}}
        added = store.add(given, taken_at=datetime(2026, 1, 1, tzinfo=UTC))
        assert added == store.latest() == store.resolve("latest")
        assert (added.source, added.taken_at.tzinfo, added.boards, added.models) == ("script", UTC, 1, 1)
        assert store.scores("latest", leaderboard="text", category="overall") == given["text"]["overall"]
        assert store.snapshots(limit=20) == [added]
        assert store.track("gpt-x", leaderboard="text", category="overall") == [(added, Score(1400.0, 1390.0, 1410.0))]
        store.add(text(other=1.0), taken_at=datetime(2026, 1, 2, tzinfo=UTC))
        assert [one.model for one in store.diff("previous", "latest").removed] == ["gpt-x"]


def test_looking_makes_no_file(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        assert (store.latest(), store.snapshots(), store.rankings()) == (None, [], [])
        assert store.newest_run() is None
        assert set(store.counts()) == {0}
        with pytest.raises(SnapshotNotFound, match="llmhub arena refresh"):
            store.scores()
    assert not path.exists()


def test_adding_equal_boards_again_changes_nothing(store: SnapshotStore, path: Path) -> None:
    first = store.add(text(a=1.0, b=2.0), taken_at=NOW)
    before = path.read_bytes()
    again, changed = store.add_reporting(text(b=2.0, a=1.0), taken_at=NOW)
    assert (again, changed) == (first, False)
    assert path.read_bytes()[100:] == before[100:]
    assert rows(path) == {**rows(path), "snapshot": 1, "board": 1, "score": 2}


def test_the_same_board_at_another_moment_adds_no_score(store: SnapshotStore, path: Path) -> None:
    store.add(text(a=1.0, b=2.0), taken_at=NOW)
    before = rows(path)
    store.add(text(a=1.0, b=2.0), taken_at=NOW + DAY)
    assert rows(path) == {**before, "snapshot": 2, "snapshot_leaderboard": 2, "snapshot_board": 2}


def test_new_leaderboards_gather_in_the_snapshot_that_is_there(store: SnapshotStore) -> None:
    first = store.add(text(a=1.0), taken_at=NOW)
    second = store.add({"vision": {"overall": board(v=1.0)}}, taken_at=NOW)
    assert first.id == second.id
    assert set(second.leaderboards) == {"text", "vision"}
    assert second.boards == 2


@pytest.mark.parametrize(
    "other",
    [
        {"text": {"overall": board(a=1.5, newcomer=3.0)}},
        {"text": {"overall": board(a=1.0), "coding": board(a=1.0)}},
        {"vision": {"overall": board(v=1.0)}, "text": {"overall": board(z=1.0)}},
    ],
)
def test_a_different_board_of_one_source_and_moment_raises_and_leaves_nothing(
    store: SnapshotStore, path: Path, other: dict[str, dict[str, dict[str, Score]]]
) -> None:
    store.add(text(a=1.0), taken_at=NOW)
    before = path.read_bytes()
    with pytest.raises(SnapshotConflictError, match="other boards of text already"):
        store.add(other, taken_at=NOW)
    assert path.read_bytes() == before
    assert orphans(path) == {}
    assert store.add(other, taken_at=NOW, source="dataset").id == 2
    assert sound(path)


def test_a_vision_snapshot_on_top_changes_nothing_for_text(store: SnapshotStore) -> None:
    taken = store.add(text(a=1.0), taken_at=NOW)
    before = store.scores()
    store.add({"vision": {"overall": board(a=5.0)}}, taken_at=NOW + HOUR, source="arena-catalog")
    assert store.scores(now=NOW + DAY) == before
    assert store.latest(now=NOW + DAY) == taken


def test_a_known_organization_never_yields_to_an_unknown_one(store: SnapshotStore) -> None:
    store.add(with_facts(a="Lab"), taken_at=NOW - DAY)
    store.add(with_facts(a=None), taken_at=NOW)
    assert organization_of(store, "a") == "Lab"


@pytest.mark.parametrize("moments", [(NOW - DAY, NOW), (NOW, NOW - DAY)])
def test_of_two_known_organizations_that_of_the_later_snapshot_wins(
    store: SnapshotStore, moments: tuple[datetime, datetime]
) -> None:
    for moment in moments:
        store.add(with_facts(a="new" if moment == NOW else "old"), taken_at=moment)
    assert organization_of(store, "a") == "new"


@pytest.mark.parametrize(
    "bad",
    [
        Score(float("nan")),
        Score(float("inf")),
        Score(1400),
        Score(1400.0, 1401.0, 1410.0),
        Score(1400.0, 1390.0, 1399.0),
        Score(1400.0, float("-inf"), None),
        Score(1400.0, votes=-1),
        Score(1400.0, votes=True),
    ],
)
def test_a_score_that_breaks_a_rule_is_refused_before_anything_is_written(
    store: SnapshotStore, path: Path, bad: Score
) -> None:
    with pytest.raises(InvalidScoreError, match="text / overall / a: "):
        store.add({"text": {"overall": {"sound": score(1.0), "a": bad}}}, taken_at=NOW)
    assert not path.exists()


@pytest.mark.parametrize(
    "boards",
    [{}, {"text": {}}, {"": {"overall": board(a=1.0)}}, {"text": {"": board(a=1.0)}}, text(**{"": 1.0})],
)
def test_what_has_no_name_or_no_board_is_refused(
    store: SnapshotStore, path: Path, boards: dict[str, dict[str, dict[str, Score]]]
) -> None:
    with pytest.raises(InvalidScoreError):
        store.add(boards, taken_at=NOW)
    assert not path.exists()


def test_a_moment_without_timezone_is_refused(store: SnapshotStore) -> None:
    with pytest.raises(InvalidScoreError, match="has no timezone"):
        store.add(text(a=1.0), taken_at=datetime(2026, 1, 1))  # noqa: DTZ001 -- what is refused


def test_moments_of_any_timezone_come_back_in_utc_to_the_microsecond(store: SnapshotStore) -> None:
    moment = datetime(2026, 1, 1, 1, 2, 3, 456_789, timezone(timedelta(hours=5)))
    taken = store.add(text(a=1.0), taken_at=moment)
    assert taken.taken_at == moment
    assert taken.taken_at.utcoffset() == timedelta(0)


def test_scores_are_best_first_and_ties_by_name(store: SnapshotStore) -> None:
    store.add(text(c=2.0, b=1.0, d=1.0, a=1.0), taken_at=NOW)
    assert list(store.scores()) == ["c", "a", "b", "d"]


def test_a_track_is_oldest_first_and_shows_one_source_a_moment(store: SnapshotStore) -> None:
    store.add(text(a=1.0, b=9.0), taken_at=NOW, source="arena-catalog")
    store.add(text(a=2.0), taken_at=NOW, source="script")
    store.add(text(a=0.5, b=3.0), taken_at=NOW - DAY)
    assert [found.rating for _, found in store.track("a")] == [0.5, 2.0]
    assert [found.rating for _, found in store.track("b")] == [3.0]


@pytest.mark.parametrize("model", ["nobody", "", "\udc80"])
def test_a_model_that_no_snapshot_has_is_not_found(store: SnapshotStore, model: str) -> None:
    store.add(text(a=1.0), taken_at=NOW)
    with pytest.raises(ModelNotFoundError, match=r"no snapshot lists .* on text / overall"):
        store.track(model)


def test_publication_dates_belong_to_the_snapshots_leaderboard(store: SnapshotStore) -> None:
    day = date(2026, 1, 5)
    taken = store.add({"text": Leaderboard({"overall": board(a=1.0)}, published_on=day)}, taken_at=NOW, revision="r")
    assert (taken.published_on, taken.revision) == (day, "r")


def test_two_open_stores_see_what_the_other_adds(path: Path) -> None:
    with SnapshotStore.open(path) as one, SnapshotStore.open(path) as other:
        one.add(text(a=1.0), taken_at=NOW)
        assert len(other.snapshots()) == 1
        other.add(text(a=2.0), taken_at=NOW + DAY)
        assert len(one.snapshots()) == 2


def test_the_file_and_its_new_folders_are_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "arena.db"
    with SnapshotStore.open(path) as store:
        store.add(text(a=1.0), taken_at=NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == stat.S_IMODE(path.parents[1].stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["with space", "100%", "a?b", "a#b", "täst-名前", "quote'\""])
def test_any_name_of_a_folder_works(tmp_path: Path, name: str) -> None:
    with SnapshotStore.open(tmp_path / name / "arena.db") as store:
        store.add(text(a=1.0), taken_at=NOW)
        assert store.scores() == board(a=1.0)
    assert sorted(os.listdir(tmp_path / name)) == [MARK, "arena.db", "upgrade.lock"]  # noqa: PTH208 -- as the system names it


def test_a_store_that_is_left_open_warns_and_one_that_was_closed_does_not(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        store.add(text(a=1.0), taken_at=NOW)
    left_open = SnapshotStore.open(path)
    with pytest.warns(ResourceWarning, match="was left open: close the store, or use `with`"):
        del left_open
    with warnings.catch_warnings(record=True) as caught:
        del store
    assert caught == []


@pytest.mark.parametrize("wanted", ["made-up-3999-", "x" * 1_000_000, "\x1b[31m"])
def test_the_nearest_models_are_found_among_thousands_in_one_short_line(store: SnapshotStore, wanted: str) -> None:
    store.add(many(5000), taken_at=NOW)
    with pytest.raises(ModelNotFoundError) as caught:
        store.track(wanted)
    assert ("did you mean made-up-03999" in str(caught.value)) == wanted.startswith("made-up")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


def test_every_error_of_the_store_is_one_harmless_line(store: SnapshotStore) -> None:
    store.add(text(a=1.0), taken_at=NOW)
    with pytest.raises(LlmhubError) as caught:
        store.scores("latest", "\x1b[31m\n")
    assert str(caught.value).isprintable()


def test_snapshots_that_have_a_board_are_listed_newest_first(store: SnapshotStore) -> None:
    store.add(text(a=1.0), taken_at=NOW)
    store.add({"vision": {"overall": board(a=5.0)}}, taken_at=NOW + HOUR)
    assert [found.id for found in store.snapshots_with("text", "overall")] == [1]
    assert [found.id for found in store.snapshots(1)] == [2]
