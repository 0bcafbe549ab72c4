from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.database import database
from llmhub.errors import InvalidOfferError, SnapshotConflictError
from llmhub.offers.fields import MODELS_DEV
from llmhub.offers.sql import reading, statements
from llmhub.offers.sql.reading import offers_of, points_of
from llmhub.offers.sql.storing import offer_writer
from llmhub.offers.values import Offer
from llmhub.storage.sqlite_errors import OddValueError
from tests.offers.offers import DAY, NOW, offer, offers, whole
from tests.support.made_up.boards import text
from tests.support.made_up.stored_offers import store_listings, store_offers
from tests.support.processes.children import start_python


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "arena.db"


def read(path: Path, snapshot: int) -> dict[str, Offer]:
    connection = database.open_for_reading(path)
    assert connection is not None
    with closing(connection):
        return offers_of(connection, snapshot)


def count(path: Path, *tables: str) -> tuple[int, ...]:
    with closing(sqlite3.connect(path)) as connection:
        return tuple(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)


ALL = ("snapshot", "snapshot_price_list", "price_list", "price_list_offer", "offer", "offered", "provider")


def test_every_field_of_an_offer_is_read_back_as_it_was_stored(path: Path) -> None:
    told = whole() | {
        "acme/z": offer(
            "acme/z", retires_on="2026-03-01", retires_earliest="2026-02-01", retires_source="a page", replacement="y"
        )
    }
    assert all(getattr(told["acme/made-up-2"], name) is not None for name in ("price_tiers", "status", "type"))
    assert store_offers(path, told, taken_at=NOW)
    assert read(path, 1) == told


def test_an_offer_that_did_not_change_is_stored_once_and_so_is_a_price_list(path: Path) -> None:
    before = offers("acme/a", "acme/b", "other/c")
    store_offers(path, before, taken_at=NOW)
    assert count(path, *ALL) == (1, 2, 2, 3, 3, 3, 2)
    store_offers(path, before, taken_at=NOW + DAY)
    assert count(path, *ALL) == (2, 4, 2, 3, 3, 3, 2)
    store_offers(path, before | offers(acme_b=5.0), taken_at=NOW + 2 * DAY)
    assert count(path, *ALL) == (3, 6, 3, 5, 4, 3, 2)
    assert read(path, 2) == before
    assert read(path, 3) == before | offers(acme_b=5.0)


def test_the_same_snapshot_again_changes_nothing_and_another_one_at_its_moment_is_refused(path: Path) -> None:
    assert store_offers(path, offers("acme/a"), taken_at=NOW)
    bytes_before = path.read_bytes()
    assert not store_offers(path, offers("acme/a"), taken_at=NOW)
    with pytest.raises(SnapshotConflictError, match=r"models.dev at 2026-01-10.*already of acme: check the date"):
        store_offers(path, offers(acme_a=7.0), taken_at=NOW)
    with pytest.raises(SnapshotConflictError, match="already of other: "):
        store_offers(path, offers("acme/a", "other/b"), taken_at=NOW)
    assert path.read_bytes() == bytes_before


def test_a_document_that_is_stored_already_is_stored_again_unread(path: Path) -> None:
    store_offers(path, offers("acme/a", "other/b"), taken_at=NOW, revision="abc")
    with offer_writer(path) as writer:
        assert writer.add_unchanged(taken_at=NOW + DAY, source=MODELS_DEV, revision="other") is None
        again = writer.add_unchanged(taken_at=NOW + DAY, source=MODELS_DEV, revision="abc")
        assert again is not None
        assert again[1]
        assert writer.add_unchanged(taken_at=NOW + DAY, source=MODELS_DEV, revision="abc") == (again[0], False)
    assert read(path, 2) == read(path, 1) == offers("acme/a", "other/b")
    assert count(path, "snapshot", "price_list", "offer") == (2, 2, 2)


def test_what_breaks_a_rule_is_refused_and_nothing_is_stored(path: Path) -> None:
    odd = offer("acme/a").model_copy(update={"model_id": "a\0b", "canonical_id": "acme/a\0b"})
    for told, reason in (
        ({}, "at least one offer"),
        ({"acme/a\0b": odd}, "not a valid model's id"),
        ({"acme/b": offer("acme/a")}, "stands under 'acme/b'"),
    ):
        with pytest.raises(InvalidOfferError, match=reason):
            store_offers(path, told, taken_at=NOW)
    with pytest.raises(InvalidOfferError, match="no timezone"):
        store_offers(path, offers("acme/a"), taken_at=datetime(2026, 1, 1))  # noqa: DTZ001 -- that is the case
    with pytest.raises(InvalidOfferError, match=r"none of models\.dev, litellm"):
        store_offers(path, offers("acme/a"), taken_at=NOW, source="elsewhere")
    assert not path.exists() or count(path, "snapshot") == (0,)


def test_a_snapshot_is_stored_whole_or_not_at_all(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_offers(path, offers("acme/a"), taken_at=NOW)
    monkeypatch.setattr(statements, "ADD_TO_LIST", "INSERT INTO no_such_table VALUES (?, ?, ?)")
    with pytest.raises(Exception, match="no_such_table"):
        store_offers(path, offers("acme/a", "other/b"), taken_at=NOW + DAY)
    assert count(path, *ALL) == (1, 1, 1, 1, 1, 1, 1)


def test_a_transaction_around_several_stores_all_of_them_or_none(path: Path) -> None:
    with offer_writer(path) as writer:

        def interrupted() -> None:
            with writer.transaction():
                writer.add_offers(offers("acme/a"), taken_at=NOW)
                writer.add_listings({}, taken_at=NOW)

        with pytest.raises(InvalidOfferError):
            interrupted()
        with writer.transaction():
            writer.add_offers(offers("acme/a"), taken_at=NOW)
            writer.add_listings({"openai": ["x", "y", "x"]}, taken_at=NOW)
    assert count(path, "snapshot", "listing", "listing_model") == (2, 1, 2)


def test_listings_are_read_back_and_equal_ones_are_stored_once(path: Path) -> None:
    assert store_listings(path, {"openai": ["b", "a"], "groq": []}, taken_at=NOW)
    assert not store_listings(path, {"openai": ["a", "b"], "groq": []}, taken_at=NOW)
    assert store_listings(path, {"openai": ["a", "b"], "groq": ["c"]}, taken_at=NOW + DAY)
    with pytest.raises(SnapshotConflictError, match=r"any-llm at .* of groq"):
        store_listings(path, {"openai": ["a", "b"], "groq": ["d"]}, taken_at=NOW + DAY)
    connection = database.open_for_reading(path)
    assert connection is not None
    with closing(connection):
        assert reading.listings_of(connection, 1) == {"openai": {"a", "b"}, "groq": frozenset()}
        assert reading.listings_of(connection, 2) == {"openai": {"a", "b"}, "groq": {"c"}}
    assert count(path, "listing") == (3,)


def test_the_points_of_an_offer_are_those_of_its_source_oldest_first(path: Path) -> None:
    store_offers(path, offers("acme/a", "acme/b"), taken_at=NOW + DAY)
    store_offers(path, offers("acme/b"), taken_at=NOW + 2 * DAY)
    store_offers(path, offers("other/x"), taken_at=NOW + 3 * DAY)
    store_offers(path, offers(acme_a=9.0), taken_at=NOW)
    store_offers(path, offers(acme_a=8.0), taken_at=NOW, source="litellm")
    connection = database.open_for_reading(path)
    assert connection is not None
    with closing(connection):
        points = points_of(connection, "acme", "a", source=MODELS_DEV, until=NOW + 9 * DAY)
        assert points_of(connection, "acme", "nope", source=MODELS_DEV, until=NOW + 9 * DAY) == []
    assert [(point.recorded.taken_at, point.offer and point.offer.price_input_per_million) for point in points] == [
        (NOW, 9.0),
        (NOW + DAY, 1.0),
        (NOW + 2 * DAY, None),
    ]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE offer SET input = 99",
        "UPDATE offer SET open_weights = 7",
        "UPDATE offer SET price_tiers = 'none'",
        "UPDATE offer SET status = 'retired'",
        "UPDATE offered SET model_id = 'b'",
        "UPDATE provider SET name = 'b'",
        "DELETE FROM price_list_offer",
        "UPDATE offer SET input_modalities = '[3'",
    ],
)
def test_a_value_that_was_changed_is_never_answered(path: Path, damage: str) -> None:
    store_offers(path, offers("acme/a"), taken_at=NOW)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(damage)
    with pytest.raises(OddValueError):
        read(path, 1)


def test_snapshots_of_offers_are_none_of_boards(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        store.add(text(a=1.0), taken_at=NOW)
        store_offers(path, offers("acme/a"), taken_at=NOW + DAY)
        assert [snapshot.id for snapshot in store.snapshots()] == [1]
        assert store.resolve("latest").id == 1
        assert store.counts().snapshots == 1


def test_storing_offers_in_a_store_that_is_there_imports_no_sqlalchemy(path: Path) -> None:
    store_offers(path, offers("acme/a"), taken_at=NOW)
    code = """
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    from tests.support.made_up.stored_offers import store_offers
    from llmhub.offers.values import Offer
    offer = Offer(canonical_id="acme/a", provider="acme", model_id="a", display_name="a")
    assert store_offers(Path(sys.argv[1]), {"acme/a": offer}, taken_at=datetime(2026, 2, 1, tzinfo=UTC))
    print([name for name in ("sqlalchemy", "sqlmodel", "alembic") if name in sys.modules])
    """
    assert start_python(code, path) == "[]"


def test_minus_zero_is_zero(path: Path) -> None:
    store_offers(path, {"acme/a": offer("acme/a", price_input_per_million=-0.0)}, taken_at=NOW)
    assert str(read(path, 1)["acme/a"].price_input_per_million) == "0.0"
    assert not store_offers(path, offers(acme_a=0.0), taken_at=NOW)
