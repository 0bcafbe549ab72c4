"""One door: whoever brings a snapshot, the same rules hold, and what breaks one is stored by nobody."""

from __future__ import annotations

import gc
import json
import sqlite3
from collections.abc import Callable
from datetime import date, datetime
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.arena import Leaderboard, ModelFacts, Score, SnapshotStore
from llmhub.arena.exchange.importing import identify, import_dataset, import_publication
from llmhub.arena.rules import Rules
from llmhub.arena.upkeep.verify import verify
from llmhub.errors import InvalidScoreError, LlmhubError, SnapshotConflictError, StoreDamagedError
from llmhub.storage import connections, sqlite_file
from tests.support.made_up.boards import DAY, NOW, board, text, upstream_row
from tests.support.made_up.publications import FULL, row, write_publication

NO_NAMES = {"blank": "  ", "wide blank": "\u2003", "NUL": "a\0b", "half a surrogate pair": "a\ud800"}

Bring = Callable[[SnapshotStore, Path, str], object]


def added(place: str) -> Bring:
    def bring(store: SnapshotStore, _: Path, name: str) -> object:
        names = {"leaderboard": "text", "category": "overall", "model": "made-up"} | {place: name}
        return store.add({names["leaderboard"]: {names["category"]: {names["model"]: Score(1.0)}}}, taken_at=NOW)

    return bring


def json_file(folder: Path, model: str = "made-up") -> Path:
    path = folder / "2026-01-05" / "leaderboard-text.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"full": {model: upstream_row(1400.0)}}))
    return path


def json_model(store: SnapshotStore, folder: Path, name: str) -> object:
    return import_publication(store, identify(json_file(folder, name)))


def json_leaderboard(store: SnapshotStore, folder: Path, name: str) -> object:
    return import_publication(store, identify(json_file(folder), leaderboard=name))


def parquet_model(store: SnapshotStore, folder: Path, name: str) -> object:
    return import_dataset(store, write_publication(folder, "text", [row(name, 1400.0)], name=FULL))


def parquet_category(store: SnapshotStore, folder: Path, name: str) -> object:
    return import_dataset(store, write_publication(folder, "text", [row("m", 1400.0, category=name)], name=FULL))


def parquet_leaderboard(store: SnapshotStore, folder: Path, name: str) -> object:
    return import_dataset(store, write_publication(folder, "text", [row("m", 1400.0)], name=FULL), leaderboard=name)


DOORS: dict[str, Bring] = {
    **{f"add: {place}": added(place) for place in ("leaderboard", "category", "model")},
    "JSON: model": json_model,
    "JSON: leaderboard": json_leaderboard,
    "Parquet: leaderboard": parquet_leaderboard,
}
OF_PARQUET: dict[str, Bring] = {"Parquet: model": parquet_model, "Parquet: category": parquet_category}
# No Parquet file holds half a surrogate pair.
TRIED = [
    *((door, bring, name) for door, bring in DOORS.items() for name in NO_NAMES),
    *((door, bring, name) for door, bring in OF_PARQUET.items() for name in NO_NAMES if "surrogate" not in name),
]


@pytest.mark.parametrize(("bring", "name"), [one[1:] for one in TRIED], ids=[f"{one[0]}, {one[2]}" for one in TRIED])
def test_what_is_no_name_is_refused_at_every_door_and_stored_by_none(
    store: SnapshotStore, path: Path, tmp_path: Path, bring: Bring, name: str
) -> None:
    with pytest.raises(LlmhubError, match="name"):
        bring(store, tmp_path, NO_NAMES[name])
    assert store.snapshots() == []
    assert verify(path).findings == ()


@pytest.mark.parametrize(
    "more",
    [
        {"leaderboards": {"text": Leaderboard({"overall": board(a=1.0)}, {"a": ModelFacts("x\ud800")})}},
        {"leaderboards": {"text": Leaderboard({"overall": board(a=1.0)}, {"a": ModelFacts(None, "x\0y")})}},
        {"leaderboards": {"text": Leaderboard({"overall": board(a=1.0)}, {"b\ud800": ModelFacts("x")})}},
        {"leaderboards": {"text": Leaderboard({"overall": board(a=1.0)}, {}, datetime(2026, 1, 5))}},  # noqa: DTZ001 -- naive on purpose
        {"leaderboards": {"text": Leaderboard({"overall": board(a=1.0)}, {}, "2026-01-05")}},  # type: ignore[arg-type]
        {"revision": "\ud800"},
        {"script": "a\0b"},
    ],
)
def test_what_comes_with_a_board_keeps_the_rules_too(store: SnapshotStore, more: dict[str, Any]) -> None:
    given_ = {"leaderboards": text(a=1.0), **more}
    with pytest.raises(InvalidScoreError):
        store.add(given_.pop("leaderboards"), taken_at=NOW, **given_)
    assert store.snapshots() == []


_ODD = st.sampled_from([None, 0.0, -0.0, 1.0, 1399.5, 1400.0, 1400.5, nan, inf, -inf, 1400, True, "1400", 1 << 63])
_SCORES = st.builds(Score, *[st.one_of(st.just(1400.0), _ODD) for _ in range(3)], st.one_of(st.just(7), _ODD))


@given(st.dictionaries(st.sampled_from("abc"), _SCORES, max_size=3))
def test_a_board_is_taken_if_each_of_its_scores_keeps_the_rules(scores: dict[str, Score]) -> None:
    broken = [model for model, score in scores.items() if score.problem()]
    if not broken:
        assert Rules().checked("text", {"overall": scores}).boards == {"overall": scores}
        return
    with pytest.raises(InvalidScoreError, match=f"^text / overall / {broken[0]}: "):
        Rules().checked("text", {"overall": scores})


def test_a_bulk_writer_stores_what_add_stores_and_looks_at_the_file_once(
    store: SnapshotStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[object] = []
    first_fault = sqlite_file.first_fault

    def counted(connection: sqlite3.Connection) -> str | None:
        looks.append(connection)
        return first_fault(connection)

    monkeypatch.setattr(connections, "first_fault", counted)
    brought = {NOW + number * DAY: Leaderboard({"overall": board(a=float(number))}) for number in range(3)}
    store.add(text(z=1.0), taken_at=NOW - DAY)
    with SnapshotStore.open(tmp_path / "other.db") as one_by_one:
        one_by_one.add(text(z=1.0), taken_at=NOW - DAY)
        expected = [one_by_one.add({"text": each}, taken_at=moment) for moment, each in brought.items()]
        assert looks == []
        with store.bulk_writer() as writer:
            done = [writer.add_reporting({"text": each}, taken_at=moment) for moment, each in brought.items()]
            file = write_publication(tmp_path, "text", [row("m", 1400.0)], name=FULL)
            assert len(import_dataset(writer, file).new) == 1
            assert import_publication(writer, identify(json_file(tmp_path))).new
        assert done == [(snapshot, True) for snapshot in expected]
        assert [store.scores(str(one.id)) for one in expected] == [one_by_one.scores(str(one.id)) for one in expected]
    assert len(looks) == 1


def test_a_bulk_writer_goes_on_after_what_was_refused(store: SnapshotStore, path: Path) -> None:
    with store.bulk_writer() as writer:
        assert not path.exists()
        writer.add_reporting(text(a=1.0), taken_at=NOW)
        with pytest.raises(SnapshotConflictError):
            writer.add_reporting(text(a=2.0), taken_at=NOW)
        with pytest.raises(InvalidScoreError):
            writer.add_reporting(text(a=nan), taken_at=NOW)
        writer.add_reporting(text(a=3.0), taken_at=NOW + DAY)
    assert [store.scores(number)["a"].rating for number in ("1", "2")] == [1.0, 3.0]


def test_a_bulk_writer_never_writes_to_a_damaged_store(store: SnapshotStore, path: Path) -> None:
    store.add(text(**{f"made-up-{number}": 1000.0 + number for number in range(400)}), taken_at=NOW)
    store.close()
    content = bytearray(path.read_bytes())
    content[-4096 * 3 : -4096 * 2] = bytes(4096)
    path.write_bytes(content)
    with pytest.raises(StoreDamagedError), store.bulk_writer() as writer:
        writer.add_reporting(text(a=1.0), taken_at=NOW + DAY)
    assert path.read_bytes() == content


def test_a_date_that_breaks_a_rule_is_named_and_the_others_are_stored(store: SnapshotStore, tmp_path: Path) -> None:
    lines = [
        row("made-up", 1400.0, organization="x\0y", published_on="2026-01-05"),
        row("made-up", 1401.0, published_on="2026-01-12"),
        row("made-up", 1402.0, lower=1500.0, published_on="2026-01-19"),
    ]
    with pytest.raises(LlmhubError, match="column organization: found"):
        import_dataset(store, write_publication(tmp_path, "text", lines, name=FULL))
    done = import_dataset(store, write_publication(tmp_path, "text", lines[1:], name=FULL))
    assert done.dates == (date(2026, 1, 12),)
    (error,) = done.refused
    assert "2026-01-19 overall / made-up: rating_lower: found 1500.0" in str(error)


def test_the_garbage_collectors_thresholds_are_left_to_the_program(store: SnapshotStore) -> None:
    before = gc.get_threshold()
    with store.bulk_writer() as writer:
        assert gc.get_threshold() == before
        writer.add_reporting(text(a=1.0), taken_at=NOW)
    assert gc.get_threshold() == before


@pytest.mark.parametrize(
    "scores",
    [
        pytest.param([Score(1.7e308), Score(1.7e308)], id="whose sum overflows"),
        pytest.param([Score(1.0, None, 2.0), Score(1.0, 0.0, None, 3), Score(1.0)], id="partly unknown"),
        pytest.param([Score(-0.0, -0.0, 0.0, 0)], id="zero"),
    ],
)
def test_a_board_of_sound_scores_passes(scores: list[Score]) -> None:
    given = {f"made-up-{number}": score for number, score in enumerate(scores)}
    assert Rules().checked("text", {"overall": given}).boards["overall"] == given


@given(
    st.lists(
        st.builds(
            Score,
            st.floats(),
            st.none() | st.floats() | st.integers(),
            st.none() | st.floats(),
            st.none() | st.integers(-1, 1 << 64) | st.booleans(),
        )
    )
)
def test_a_board_is_refused_exactly_if_one_of_its_scores_breaks_a_rule(scores: list[Score]) -> None:
    given = {f"made-up-{number}": score for number, score in enumerate(scores)}
    if any(score.problem() for score in scores):
        with pytest.raises(InvalidScoreError):
            Rules().checked("text", {"overall": given})
    else:
        Rules().checked("text", {"overall": given})
