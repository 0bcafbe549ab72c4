from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.database import database
from llmhub.arena.upkeep.backup import backup
from llmhub.arena.upkeep.prune import prune
from llmhub.arena.upkeep.repair import repair
from llmhub.arena.upkeep.retention import Policy
from llmhub.arena.upkeep.verify import verify
from llmhub.offers.sql.reading import listings_of, offers_of
from tests.offers.offers import DAY, NOW, offer, whole
from tests.support.made_up.boards import text
from tests.support.made_up.stored_offers import store_listings, store_offers


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a store with a board, two snapshots of prices and one of listings."""
    path = tmp_path / "arena.db"
    with SnapshotStore.open(path) as store:
        store.add(text(a=1.0), taken_at=NOW)
    store_offers(path, whole(), taken_at=NOW)
    store_offers(path, whole() | {"acme/x": offer("acme/x")}, taken_at=NOW + DAY)
    store_listings(path, {"openai": ["a", "b"]}, taken_at=NOW)
    return path


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_a_store_with_prices_is_sound(path: Path) -> None:
    found = verify(path, now=NOW + 9 * DAY)
    assert (found.errors, found.hints) == (0, 0)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE offer SET input = 7 WHERE id = 1", "the offer of acme/made-up-2 is not what was stored"),
        ("DELETE FROM price_list_offer WHERE offer_id = 1", "the price list 1 of acme is not what was stored"),
        ("UPDATE listing SET digest = x'00'", "the listing 1 of openai is not what was stored"),
        ("UPDATE offer SET context = 'many' WHERE id = 1", "is not what was stored"),
        ("UPDATE snapshot SET source = 'nobody' WHERE id = 2", "of source 'nobody', which does not exist"),
        ("DELETE FROM snapshot_price_list WHERE snapshot_id = 2", "snapshot 2 has neither a price list nor a listing"),
        ("UPDATE snapshot_price_list SET provider_id = 2 WHERE snapshot_id = 2", "1 offer or list belongs to another"),
    ],
)
def test_verify_finds_what_does_not_hold_of_prices_and_listings(path: Path, damage: str, said: str) -> None:
    change(path, damage)
    found = verify(path, now=NOW + 9 * DAY)
    assert found.errors
    assert any(said in finding.message for finding in found.findings), found.findings


def test_prune_keeps_prices_and_removes_what_no_snapshot_has_of_them(path: Path) -> None:
    change(path, "DELETE FROM snapshot_price_list WHERE snapshot_id = 3", "DELETE FROM snapshot WHERE id = 3")
    assert [finding.check for finding in verify(path).findings] == ["orphans"]
    prune(path, Policy(last=1), now=NOW)
    assert verify(path).findings == ()
    connection = database.open_for_reading(path)
    assert connection is not None
    with closing(connection):
        assert offers_of(connection, 2) == whole()
        assert connection.execute("SELECT count(*) FROM offered").fetchone() == (4,)


def test_a_backup_has_the_prices(path: Path, tmp_path: Path) -> None:
    backup(path, tmp_path / "copy.db")
    connection = database.open_for_reading(tmp_path / "copy.db")
    assert connection is not None
    with closing(connection):
        assert offers_of(connection, 2) == whole()


def test_repair_saves_the_snapshots_of_prices_that_hold_and_names_those_that_do_not(path: Path) -> None:
    change(path, "UPDATE offer SET input = 7 WHERE name = 'x'", "UPDATE score SET rating = 2, upper = 3")
    assert [finding.level for finding in verify(path).findings].count("error") == 2
    done = repair(path, now=NOW)
    assert done.others == 2
    assert [(loss.snapshot_id, loss.taken_at, loss.source, loss.part) for loss in done.lost] == [
        (1, NOW, "script", "text"),
        (3, NOW + DAY, "models.dev", "prices or listings"),
    ]
    assert verify(path, now=NOW + 9 * DAY).findings == ()
    connection = database.open_for_reading(path)
    assert connection is not None
    with closing(connection):
        assert offers_of(connection, 2) == whole()
        assert listings_of(connection, 4) == {"openai": {"a", "b"}}
    # Ids are references: one that is lost is not given again.
    store_offers(path, whole(), taken_at=NOW + 5 * DAY)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT max(id) FROM snapshot").fetchone() == (5,)
