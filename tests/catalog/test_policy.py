"""When the update script runs, and which snapshot answers: DESIGN.md's table, row by row."""

import gzip
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from llmhub.arena import Score, SnapshotStore
from llmhub.arena.sources import Source
from llmhub.catalog.arena_model import ArenaModel
from llmhub.catalog.arena_source import (
    _ensure_arena_snapshot,
    _get_arena_cache_path,
    _is_fresh,
    arena_status,
    load_arena_models,
    refresh_arena,
)
from llmhub.errors import PayloadError, RefreshError
from llmhub.progress import shown_by
from tests.catalog.conftest import NOON, STORED_RATINGS, Arena, Freeze, Log, UseScript
from tests.support.checks.telling import Told
from tests.support.made_up.publications import MODELS, SUBSETS
from tests.support.made_up.scripts import GOOD, GOOD_RATINGS, LEAVES_GOOD_FILE
from tests.support.servers.http import DatasetServer, status

DAY = timedelta(hours=24)
SECOND = timedelta(seconds=1)


def ratings() -> dict[str, float]:
    return {name: model.rating for name, model in load_arena_models().items()}


# -- the vendored script, in its real child process, against a local server


def test_without_a_store_the_script_runs_and_its_board_answers_best_first(
    arena: Arena, dataset: DatasetServer, log: Log
) -> None:
    started = datetime.now(UTC)
    models = load_arena_models()
    assert len(dataset.requests) == len(SUBSETS)
    assert list(models) == [name for name, *_ in MODELS]
    assert models["made-up-aurora-2"] == ArenaModel(
        arena_id="made-up-aurora-2",
        rating=1451.123456789012,
        rating_q025=1446.123456789012,
        rating_q975=1456.123456789012,
        category="overall",
        votes=12_001,
        organization="Made-Up Labs",
    )
    assert (models["made-up-comet"].votes, models["made-up-comet"].organization) == (None, None)
    (snapshot,) = arena.snapshots()
    assert snapshot.source == "script"
    assert started <= snapshot.taken_at <= datetime.now(UTC)
    assert log.said() == []
    assert arena.left_behind() == set()


def test_a_fresh_store_answers_and_the_script_does_not_run(arena: Arena, dataset: DatasetServer, log: Log) -> None:
    arena.seed(hours=1)
    before = arena.names()
    assert ratings() == STORED_RATINGS
    assert dataset.requests == []
    assert log.said() == []
    assert arena.names() == before


def test_a_second_call_after_a_run_asks_the_server_nothing(dataset: DatasetServer) -> None:
    first = load_arena_models()
    asked = dataset.requests
    assert load_arena_models() == first
    assert dataset.requests == asked != []


def test_where_the_script_fails_a_stale_store_answers_with_a_warning(
    arena: Arena, dataset: DatasetServer, log: Log
) -> None:
    arena.seed(days=9)
    arena.seed(days=5)
    before = arena.db.read_bytes()
    dataset.fail("text", status(404), always=True)
    assert ratings() == STORED_RATINGS
    assert len(dataset.requests) == 1
    warning = log.only("WARNING")
    assert "HTTP 404" in warning
    assert "snapshot 2 " in warning
    assert "5 days old" in warning
    assert arena.db.read_bytes() == before
    assert arena.left_behind() == set()


def test_where_the_script_fails_without_a_store_nothing_answers_and_an_error_says_why(
    arena: Arena, dataset: DatasetServer, log: Log
) -> None:
    dataset.fail("text", status(404), always=True)
    assert load_arena_models() == {}
    assert len(dataset.requests) == 1
    assert "HTTP 404" in log.only("ERROR")
    assert not arena.db.exists()
    assert arena.left_behind() == set()


# -- scripts of the tests: what a run does at which moment

FAILS = "sys.exit('error: no luck')"


@pytest.mark.parametrize(
    ("age", "runs"),
    [(DAY - SECOND, False), (DAY, False), (DAY + SECOND, True)],
    ids=["23:59:59", "24:00:00", "24:00:01"],
)
def test_a_snapshot_is_fresh_up_to_and_including_24_hours(
    arena: Arena, use_script: UseScript, log: Log, freeze_either_way: Freeze, age: timedelta, *, runs: bool
) -> None:
    arena.seed(NOON)
    script = use_script(LEAVES_GOOD_FILE)
    with freeze_either_way(NOON + age):
        found = ratings()
    assert found == (GOOD_RATINGS if runs else STORED_RATINGS)
    assert script.runs == int(runs)
    assert [snapshot.taken_at for snapshot in arena.snapshots()] == [NOON + age, NOON][0 if runs else 1 :]
    assert log.said() == []


def test_while_time_stands_still_a_failing_script_leaves_the_stale_snapshot(
    arena: Arena, use_script: UseScript, log: Log, freeze_either_way: Freeze
) -> None:
    arena.seed(NOON)
    script = use_script(FAILS)
    with freeze_either_way(NOON + DAY + SECOND):
        assert ratings() == STORED_RATINGS
    assert script.runs == 1
    assert "24 h old" in log.only("WARNING")


def test_a_snapshot_from_the_future_is_not_fresh_and_not_used_where_the_script_brings_another(
    arena: Arena, use_script: UseScript, log: Log, freeze: Freeze
) -> None:
    arena.seed(NOON + SECOND)
    script = use_script(LEAVES_GOOD_FILE)
    with freeze(NOON):
        assert ratings() == GOOD_RATINGS
    assert script.runs == 1
    assert log.said() == []


def test_a_snapshot_from_the_future_is_used_with_a_warning_only_when_there_is_no_other(
    arena: Arena, use_script: UseScript, log: Log, freeze: Freeze
) -> None:
    arena.seed(NOON + timedelta(days=30))
    script = use_script(FAILS)
    with freeze(NOON):
        assert ratings() == STORED_RATINGS
    assert script.runs == 1
    said = log.said()
    assert {level for level, _ in said} == {"WARNING"}
    assert any("30 days in the future" in message and "no luck" in message for _, message in said)


def test_a_stale_snapshot_goes_before_one_from_the_future(
    arena: Arena, use_script: UseScript, log: Log, freeze: Freeze
) -> None:
    arena.seed(NOON - 2 * DAY)
    arena.seed(NOON + DAY, board={"made-up-tomorrow": Score(1.0)})
    script = use_script(FAILS)
    with freeze(NOON):
        assert ratings() == STORED_RATINGS
    assert script.runs == 1
    assert "48 h old" in log.only("WARNING")


# -- what counts as fresh


@pytest.mark.parametrize("source", ["dataset", "arena-catalog"])
def test_an_imported_snapshot_is_never_fresh_however_new(arena: Arena, use_script: UseScript, source: Source) -> None:
    arena.seed(hours=1, source=source)
    script = use_script(LEAVES_GOOD_FILE)
    assert ratings() == GOOD_RATINGS
    assert script.runs == 1


def test_a_fresh_run_counts_although_an_imported_snapshot_is_newer_and_answers(
    arena: Arena, use_script: UseScript
) -> None:
    arena.seed(hours=2, board={"made-up-run": Score(1.0)})
    arena.seed(hours=1, source="dataset")
    script = use_script(LEAVES_GOOD_FILE)
    assert ratings() == STORED_RATINGS
    assert script.runs == 0


@pytest.mark.parametrize(
    ("source", "age", "ttl_hours", "fresh"),
    [
        ("script", timedelta(0), 24, True),
        ("script", -timedelta(microseconds=1), 24, False),
        ("script", DAY, 24, True),
        ("script", DAY + timedelta(microseconds=1), 24, False),
        ("script", timedelta(minutes=90), 1.5, True),
        ("script", timedelta(minutes=91), 1.5, False),
        ("dataset", timedelta(0), 24, False),
        ("arena-catalog", timedelta(0), 24, False),
    ],
)
def test_fresh_means_a_run_of_the_script_no_older_than_asked_and_not_from_the_future(
    arena: Arena, freeze: Freeze, source: Source, age: timedelta, ttl_hours: float, *, fresh: bool
) -> None:
    snapshot = arena.seed(NOON, source=source)
    with freeze(NOON + age):
        assert _is_fresh(snapshot, ttl_hours) is fresh
    assert not _is_fresh(None, ttl_hours)


# -- a file instead of the store


@pytest.mark.parametrize("compressed", [False, True], ids=["json", "json.gz"])
def test_a_given_path_is_read_without_store_and_script(
    arena: Arena, use_script: UseScript, tmp_path: Path, *, compressed: bool
) -> None:
    script = use_script(LEAVES_GOOD_FILE)
    content = json.dumps(GOOD).encode()
    path = tmp_path / ("upstream.json.gz" if compressed else "upstream.json")
    path.write_bytes(gzip.compress(content) if compressed else content)
    models = load_arena_models(str(path) if compressed else path)
    assert list(models) == ["made-up-a", "made-up-b"]
    assert models["made-up-a"] == ArenaModel(
        arena_id="made-up-a",
        rating=1400.125,
        rating_q025=1391.875,
        rating_q975=1409.625,
        category="overall",
        votes=None,
        organization=None,
    )
    assert script.runs == 0
    assert arena.names() == set()


def test_a_given_path_may_have_our_extra_keys_and_null_bounds(tmp_path: Path) -> None:
    line = {"rating": 1.5, "rating_q975": None, "rating_q025": None, "vote_count": 7, "organization": "Made-Up Labs"}
    path = tmp_path / "leaderboard-text.json"
    path.write_text(json.dumps({"full": {"made-up": line | {"something_new": [1]}}}))
    assert load_arena_models(path) == {
        "made-up": ArenaModel(
            arena_id="made-up",
            rating=1.5,
            rating_q025=None,
            rating_q975=None,
            category="overall",
            votes=7,
            organization="Made-Up Labs",
        )
    }


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("absent.json", None, "no such file"),
        ("cut.json", json.dumps(GOOD).encode()[:-20], "not valid JSON"),
        ("list.json", b"[]", "top level"),
        ("no-overall.json", b'{"chinese": {"a": {"rating": 1, "rating_q025": null, "rating_q975": null}}}', "overall"),
        ("cut.json.gz", gzip.compress(json.dumps(GOOD).encode())[:-9], "damaged gzip"),
        ("plain.json.gz", json.dumps(GOOD).encode(), "cannot be read"),
    ],
)
def test_a_given_path_that_is_missing_or_malformed_raises(
    arena: Arena, use_script: UseScript, tmp_path: Path, name: str, content: bytes | None, reason: str
) -> None:
    script = use_script(LEAVES_GOOD_FILE)
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PayloadError, match=reason) as raised:
        load_arena_models(path)
    assert str(path) in str(raised.value)
    assert script.runs == 0
    assert arena.names() == set()


# -- without network


@pytest.mark.parametrize("age", [timedelta(hours=1), timedelta(days=400)], ids=["new", "old"])
def test_offline_the_newest_snapshot_answers_whatever_its_age(
    arena: Arena, use_script: UseScript, monkeypatch: pytest.MonkeyPatch, log: Log, age: timedelta
) -> None:
    arena.seed(datetime.now(UTC) - age)
    before = arena.names()
    script = use_script(LEAVES_GOOD_FILE)
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    assert ratings() == STORED_RATINGS
    assert script.runs == 0
    assert log.said() == []
    assert arena.names() == before


def test_offline_without_a_store_nothing_answers_and_nothing_is_made(
    arena: Arena, use_script: UseScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = use_script(LEAVES_GOOD_FILE)
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    assert load_arena_models() == {}
    assert script.runs == 0
    assert arena.names() == set()


def test_offline_a_snapshot_from_the_future_is_used_with_a_warning(
    arena: Arena, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    arena.seed(days=-3)
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    assert ratings() == STORED_RATINGS
    assert "in the future" in log.only("WARNING")


@pytest.mark.parametrize("force", [False, True])
def test_offline_a_refresh_is_refused(
    arena: Arena, use_script: UseScript, monkeypatch: pytest.MonkeyPatch, *, force: bool
) -> None:
    arena.seed(days=2)
    before = arena.db.read_bytes()
    script = use_script(LEAVES_GOOD_FILE)
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    with pytest.raises(RefreshError, match="LLMHUB_OFFLINE"):
        refresh_arena(force=force)
    assert script.runs == 0
    assert arena.db.read_bytes() == before


@pytest.mark.parametrize("value", ["", "0", "false", "No", "OFF"])
def test_a_switched_off_offline_variable_lets_the_script_run(
    use_script: UseScript, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    script = use_script(LEAVES_GOOD_FILE)
    monkeypatch.setenv("LLMHUB_OFFLINE", value)
    assert ratings() == GOOD_RATINGS
    assert script.runs == 1


# -- settings


@pytest.mark.parametrize("value", ["abc", "0", "-5", "nan", "inf"])
@pytest.mark.parametrize("stored", [False, True], ids=["no store", "stale store"])
def test_a_timeout_that_is_no_number_of_seconds_ends_as_a_failed_script(
    arena: Arena, use_script: UseScript, monkeypatch: pytest.MonkeyPatch, log: Log, value: str, *, stored: bool
) -> None:
    if stored:
        arena.seed(days=2)
    script = use_script(LEAVES_GOOD_FILE)
    monkeypatch.setenv("LLMHUB_ARENA_TIMEOUT", value)
    assert ratings() == (STORED_RATINGS if stored else {})
    message = log.only("WARNING" if stored else "ERROR")
    assert "LLMHUB_ARENA_TIMEOUT" in message
    assert repr(value) in message
    assert script.runs == 0


@pytest.mark.parametrize("value", ["0.5e3", "1e300"])
def test_a_timeout_may_be_any_positive_number(
    use_script: UseScript, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    script = use_script(LEAVES_GOOD_FILE)
    monkeypatch.setenv("LLMHUB_ARENA_TIMEOUT", value)
    assert ratings() == GOOD_RATINGS
    assert script.runs == 1


def test_the_cache_path_is_that_of_the_settings_and_asking_creates_nothing(
    arena: Arena, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _get_arena_cache_path() == arena.db
    monkeypatch.setenv("LLMHUB_ARENA_CACHE_DIR", str(tmp_path / "elsewhere"))
    assert _get_arena_cache_path() == tmp_path / "elsewhere" / "arena.db"
    assert not (tmp_path / "elsewhere").exists()
    assert arena.names() == set()


def test_a_run_writes_to_the_folder_of_the_settings(
    arena: Arena, use_script: UseScript, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_script(LEAVES_GOOD_FILE)
    monkeypatch.setenv("LLMHUB_ARENA_CACHE_DIR", str(tmp_path / "else" / "where"))
    assert ratings() == GOOD_RATINGS
    assert (tmp_path / "else" / "where" / "arena.db").is_file()
    assert arena.names() == set()


# -- the helpers and what a refresh reports


def test_ensuring_a_snapshot_returns_the_one_that_answers(arena: Arena, use_script: UseScript, log: Log) -> None:
    old = arena.seed(hours=30)
    script = use_script(LEAVES_GOOD_FILE)
    assert _ensure_arena_snapshot(ttl_hours=48) == old
    assert script.runs == 0
    brought = _ensure_arena_snapshot()
    assert script.runs == 1
    assert brought == arena.snapshots()[0] != old
    assert log.said() == []


def test_ensuring_a_snapshot_logs_and_returns_none_where_there_is_none(use_script: UseScript, log: Log) -> None:
    script = use_script("sys.exit('error: no luck')")
    assert _ensure_arena_snapshot() is None
    assert script.runs == 1
    assert "no luck" in log.only("ERROR")


def test_a_refresh_reports_that_it_ran_and_what_was_there_before(use_script: UseScript) -> None:
    script = use_script(LEAVES_GOOD_FILE)
    first = refresh_arena()
    assert (first.ran, first.previous, script.runs) == (True, None, 1)
    again = refresh_arena()
    assert (again.ran, again.previous, again.snapshot, script.runs) == (False, first.snapshot, first.snapshot, 1)
    forced = refresh_arena(force=True)
    assert (forced.ran, forced.previous, script.runs) == (True, first.snapshot, 2)
    assert forced.snapshot.taken_at > first.snapshot.taken_at


def test_a_refresh_dates_the_snapshot_by_the_moment_it_is_given(arena: Arena, use_script: UseScript) -> None:
    script = use_script(LEAVES_GOOD_FILE)
    first = refresh_arena(now=NOON)
    assert first.snapshot.taken_at == NOON
    assert refresh_arena(now=NOON + DAY).ran is False
    second = refresh_arena(now=NOON + DAY + SECOND)
    assert (second.ran, second.previous, second.snapshot.taken_at) == (True, first.snapshot, NOON + DAY + SECOND)
    assert script.runs == 2
    assert [snapshot.taken_at for snapshot in arena.snapshots()] == [NOON + DAY + SECOND, NOON]


def test_a_refresh_honours_the_age_it_is_given(use_script: UseScript) -> None:
    script = use_script(LEAVES_GOOD_FILE)
    refresh_arena(now=NOON)
    later = NOON + timedelta(hours=12, seconds=1)
    assert not refresh_arena(now=later, max_age=timedelta(hours=13)).ran
    assert refresh_arena(now=later, max_age=timedelta(hours=12)).ran
    assert script.runs == 2


def test_a_refresh_passes_on_what_the_script_says_line_by_line(use_script: UseScript) -> None:
    use_script(f"print('one', file=sys.stderr); print('not this'); print('two', file=sys.stderr); {LEAVES_GOOD_FILE}")
    told = Told()
    with shown_by(told):
        refresh_arena()
    assert told.said["running the update script"] == ["one", "two"]


def test_after_a_failure_the_next_call_tries_again_and_success_clears_the_record(
    arena: Arena, use_script: UseScript
) -> None:
    script = use_script(f"(NOTES / 'works').exists() or sys.exit('error: no luck'); {LEAVES_GOOD_FILE}")
    assert load_arena_models() == {}
    failure = arena_status().last_failure
    assert failure is not None
    assert "no luck" in failure.reason
    assert datetime.now(UTC) - failure.failed_at < timedelta(hours=1)
    script.leave("works")
    assert ratings() == GOOD_RATINGS
    assert script.runs == 2
    assert arena_status().last_failure is None


@pytest.mark.parametrize("content", [b"", b"not JSON", b"[]", b"null", b'{"reason": 1}', b"\xff\xfe"])
def test_a_damaged_record_of_the_last_failure_stops_nothing(
    arena: Arena, use_script: UseScript, content: bytes
) -> None:
    arena.seed(days=2)
    script = use_script(LEAVES_GOOD_FILE)
    (arena.folder / "refresh-failure.json").write_bytes(content)
    assert arena_status().last_failure is None
    assert ratings() == GOOD_RATINGS
    assert script.runs == 1


def test_status_tells_the_age_of_the_run_and_of_the_data_and_runs_nothing(arena: Arena, dataset: DatasetServer) -> None:
    empty = arena_status(NOON)
    assert (empty.newest, empty.newest_run, empty.fresh, empty.size_bytes) == (None, None, False, 0)
    assert arena.names() == set()
    refresh_arena(now=NOON)
    asked = dataset.requests
    found = arena_status(NOON + timedelta(hours=30))
    assert (found.run_age, found.fresh) == (timedelta(hours=30), False)
    assert found.data_age == timedelta(days=56)  # from 2026-01-05 to 2026-03-02
    assert found.size_bytes == arena.db.stat().st_size
    assert dataset.requests == asked


# -- scripts of upstream's shape


def test_a_script_that_writes_upstreams_keys_only_answers_with_its_overall_board(
    arena: Arena, use_script: UseScript
) -> None:
    script = use_script(LEAVES_GOOD_FILE)
    models = load_arena_models()
    assert script.runs == 1
    assert {name: model.rating for name, model in models.items()} == GOOD_RATINGS
    assert {(model.votes, model.organization, model.category) for model in models.values()} == {(None, None, "overall")}
    (snapshot,) = arena.snapshots()
    assert (snapshot.published_on, snapshot.revision, snapshot.script) == (None, None, str(script.path))
    assert snapshot.leaderboards == {"text": None}
    with SnapshotStore.open() as store:
        assert store.scores(category="chinese")["made-up-b"].rating == 1500.0


def test_a_second_run_with_the_same_publication_adds_a_snapshot_but_no_score(
    arena: Arena, dataset: DatasetServer
) -> None:
    first = refresh_arena(now=NOON)
    size, counts = arena.db.stat().st_size, arena_status().counts
    asked = len(dataset.requests)
    second = refresh_arena(now=NOON + 2 * DAY)
    assert second.ran
    assert len(dataset.requests) == 2 * asked
    assert second.snapshot.id != first.snapshot.id
    assert arena_status().counts == counts._replace(snapshots=2)
    assert arena.db.stat().st_size - size < 8 * 1024


def test_a_folder_in_the_place_of_the_last_failure_stops_neither_a_run_nor_the_word_of_a_failure(
    arena: Arena, use_script: UseScript, tmp_path: Path
) -> None:
    arena.seed(days=2)
    (arena.folder / "refresh-failure.json").mkdir()
    script = use_script(LEAVES_GOOD_FILE)
    assert refresh_arena().ran
    script.path.write_text("raise SystemExit(3)")
    with pytest.raises(RefreshError, match="exited with 3"):
        refresh_arena(force=True)
    assert arena.left_behind() == set()


def test_a_pipe_in_the_place_of_the_last_failure_is_not_waited_for(arena: Arena, use_script: UseScript) -> None:
    arena.seed(days=2)
    os.mkfifo(arena.folder / "refresh-failure.json")
    use_script(LEAVES_GOOD_FILE)
    assert refresh_arena().ran
    assert arena_status().last_failure is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"null",
        b'{"reason": "r", "token": "t", "failed_at": "0001-01-01T00:00:00+14:00"}',
        b'{"reason": "r", "token": "t", "failed_at": 1' + b"0" * 5_000 + b"}",
        b'{"reason": "' + b"r" * 1_000_000 + b'", "token": "t", "failed_at": "2026-01-01T00:00:00Z"}',
    ],
    ids=["empty", "no UTF-8", "deep", "null", "no moment in UTC", "huge number", "a megabyte"],
)
def test_a_damaged_account_of_the_last_failure_is_none_and_the_next_failure_replaces_it(
    arena: Arena, use_script: UseScript, content: bytes
) -> None:
    use_script("sys.exit('error: made up')")
    # Only in a folder that llmhub made is a file its own, whatever stands in it.
    with pytest.raises(RefreshError):
        refresh_arena()
    file = arena.folder / "refresh-failure.json"
    file.write_bytes(content)
    assert arena_status().last_failure is None
    with pytest.raises(RefreshError):
        refresh_arena()
    failure = arena_status().last_failure
    assert failure is not None
    assert "made up" in failure.reason
