"""What the views of offers answer, each as SQLite's own shell would ask."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from llmhub.arena import Score, SnapshotStore
from llmhub.arena.boards import Leaderboard, ModelFacts
from llmhub.offers.fields import FIELDS
from llmhub.offers.sql.storing import offer_writer
from tests.offers.offers import DAY, NOW, offer, offers, whole
from tests.support.made_up.stored_offers import store_offers

FUTURE = datetime.now(UTC) + 9 * DAY


def rows(path: Path, statement: str, *asked: object) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(statement, asked)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "arena.db"


def test_the_latest_offers_are_those_of_the_newest_document_with_every_field(path: Path) -> None:
    told = whole()
    store_offers(path, offers("acme/gone"), taken_at=NOW - DAY)
    store_offers(path, told, taken_at=NOW + timedelta(seconds=0.5))
    store_offers(path, offers("acme/other"), taken_at=NOW + DAY, source="litellm")
    store_offers(path, offers("acme/later"), taken_at=FUTURE)
    found = {row["model"]: row for row in rows(path, "SELECT * FROM offer_latest")}
    assert found.keys() == told.keys()
    for key, one in told.items():
        row = found[key]
        assert (row["provider"], row["model_id"]) == (one.provider, one.model_id)
        assert (row["taken_at"], row["snapshot"], row["source"]) == ("2026-01-10T00:00:00.500000Z", 2, "models.dev")
        for name, attribute in FIELDS.items():
            value = getattr(one, attribute)
            if name == "price_tiers":
                tiers = json.loads(row[name]) if row[name] else []
                assert [tier["above_tokens"] for tier in tiers] == [tier.above_tokens for tier in value]
                assert [tier["input"] for tier in tiers] == [tier.price_input_per_million for tier in value]
            elif isinstance(value, tuple):
                assert json.loads(row[name] or "[]") == list(value)
            else:
                assert row[name] == value, name


def test_what_is_dated_in_the_future_is_latest_only_where_there_is_nothing_else(path: Path) -> None:
    store_offers(path, offers("acme/later"), taken_at=FUTURE)
    assert [row["model"] for row in rows(path, "SELECT model FROM offer_latest")] == ["acme/later"]
    store_offers(path, offers("acme/now"), taken_at=NOW)
    assert [row["model"] for row in rows(path, "SELECT model FROM offer_latest")] == ["acme/now"]


def test_the_history_has_a_line_for_each_snapshot_that_has_the_offer(path: Path) -> None:
    for number, told in enumerate((offers("acme/a"), offers("acme/a"), offers("acme/b"), offers(acme_a=3.0))):
        store_offers(path, told, taken_at=NOW + number * DAY)
    store_offers(path, offers(acme_a=7.0), taken_at=NOW, source="litellm")
    statement = (
        "SELECT taken_at, source, input, output, snapshot FROM offer_history WHERE {} ORDER BY source DESC, taken_at"
    )
    expected = [
        ("2026-01-10T00:00:00Z", "models.dev", 1.0, 2.0, 1),
        ("2026-01-11T00:00:00Z", "models.dev", 1.0, 2.0, 2),
        ("2026-01-13T00:00:00Z", "models.dev", 3.0, 2.0, 4),
        ("2026-01-10T00:00:00Z", "litellm", 7.0, 2.0, 5),
    ]
    for condition, asked in (("model = ?", ["acme/a"]), ("provider = ? AND model_id = ?", ["acme", "a"])):
        found = rows(path, statement.format(condition), *asked)
        assert [tuple(row.values()) for row in found] == expected


def board(rating: float) -> dict[str, Leaderboard]:
    score = Score(rating, rating - 5, rating + 5, 900)
    return {"text": Leaderboard({"overall": {"Made-Up A": score}}, {"Made-Up A": ModelFacts("Made-Up Labs")})}


def test_price_and_rating_join_an_offer_with_its_models_rating_as_of_the_same_day(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        for days, rating, source in (
            (-3, 1100.0, "script"),
            (0, 1200.0, "arena-catalog"),
            (0, 1300.0, "script"),
            (2, 1400.0, "script"),
        ):
            store.add(board(rating), taken_at=NOW + days * DAY + timedelta(hours=9), source=source)  # type: ignore[arg-type]
    keys = ("acme/a", "acme/unrated", "acme/unknown", "other/a")
    told = offers(*keys) | {"acme/a": offer("acme/a", status="beta", price_cache_read_per_million=0.5)}
    with offer_writer(path) as writer, writer.transaction():
        writer.add_offers(told, taken_at=NOW)
        writer.add_matches({("acme", "a"): "Made-Up A", ("other", "a"): "Made-Up A", ("acme", "unrated"): "Gone"})
    found = {row.pop("model"): row for row in rows(path, "SELECT * FROM price_and_rating")}
    assert found.keys() == set(keys)
    rated: dict[str, Any] = {
        "organization": "Made-Up Labs",
        "rating": 1300.0,
        "lower": 1295.0,
        "upper": 1305.0,
        "votes": 900,
    }
    # The board came nine hours after the prices, on the same day; that of two days later does not count.
    rated |= {"arena_model": "Made-Up A", "rated_at": "2026-01-10T09:00:00Z"}
    priced: dict[str, Any] = {"input": 1.0, "output": 2.0, "cache_write": None, "context": 1000, "max_output": None}
    priced |= {"priced_at": "2026-01-10T00:00:00Z"}
    assert found["acme/a"] == priced | rated | {
        "provider": "acme",
        "model_id": "a",
        "cache_read": 0.5,
        "status": "beta",
    }
    assert (found["other/a"]["rating"], found["other/a"]["provider"]) == (1300.0, "other")
    for key, name in (("acme/unrated", "Gone"), ("acme/unknown", None)):
        row = found[key]
        assert (row["arena_model"], row["rating"], row["organization"], row["rated_at"]) == (name, None, None, None)
        assert row["input"] == 1.0


def test_without_a_board_up_to_that_day_an_offer_has_its_price_and_no_rating(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        store.add(board(1400.0), taken_at=NOW + DAY)
    with offer_writer(path) as writer, writer.transaction():
        writer.add_offers(offers("acme/a"), taken_at=NOW)
        writer.add_matches({("acme", "a"): "Made-Up A"})
    (row,) = rows(path, "SELECT * FROM price_and_rating")
    assert (row["model"], row["input"], row["rating"], row["rated_at"]) == ("acme/a", 1.0, None, None)
