"""What a catalog refresh tells a remote: what is news, and not what every machine of a team hears every day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from llmhub.arena.team.store import push_news_from_here, server_of
from llmhub.offers.fields import OFFER_SOURCES
from llmhub.remote.address import Address
from tests.conftest import Llmhub
from tests.offers.offers import offer
from tests.support.made_up.stored_offers import store_listings, store_offers
from tests.support.servers import postgres
from tests.support.servers.sources import Sources

MORNING = datetime(2026, 3, 1, 6, tzinfo=UTC)


def heard(path: Path, hours: float, price: float) -> None:
    listed = {"acme/a": offer("acme/a", price_input_per_million=price)}
    store_offers(path, listed, taken_at=MORNING + timedelta(hours=hours), revision=f"r{price}")


def told(address: Address, path: Path) -> list[float]:
    """Push what is news, and return of how many hours after that morning it is."""
    with server_of(address) as server:
        done = push_news_from_here(server, path, sources=OFFER_SOURCES)
    return [(each.taken_at - MORNING) / timedelta(hours=1) for each in done.new]


def test_another_machine_that_hears_the_same_on_the_same_day_tells_nothing(address: Address, tmp_path: Path) -> None:
    first, second = tmp_path / "a/arena.db", tmp_path / "b/arena.db"
    heard(first, 0, 1.0)
    store_listings(first, {"acme": ["a"]}, taken_at=MORNING)
    assert told(address, first) == [0.0, 0.0]
    heard(second, 2, 1.0)
    store_listings(second, {"acme": ["a"]}, taken_at=MORNING + timedelta(hours=2))
    assert told(address, second) == []
    # A change is news, and so is the same on the next day; each of them once.
    heard(second, 3, 2.0)
    heard(second, 4, 2.0)
    heard(second, 28, 2.0)
    assert told(address, second) == [3.0, 28.0]
    assert told(address, second) == []


def test_a_catalog_refresh_tells_the_remote_what_it_heard_and_one_that_cannot_costs_a_warning(
    remote_url: str, llmhub: Llmhub, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = home / "script.py"
    script.write_text("raise SystemExit('no leaderboard today')")
    monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(script))
    with Sources() as sources:
        sources.use(monkeypatch)
        ran = llmhub("catalog", "refresh", LLMHUB_REMOTE_URL=remote_url)
        assert ran.returncode == 0, ran.stderr
        with psycopg.connect(remote_url) as connection:
            rows = connection.execute("SELECT DISTINCT source FROM llmhub.snapshot").fetchall()
            prices = connection.execute("SELECT count(*) FROM llmhub.offer_latest").fetchone()
        assert {"models.dev", "any-llm"} <= {source for (source,) in rows}
        assert prices is not None
        assert prices[0] > 0
        nowhere = f"postgresql://team:{postgres.PASSWORD}@127.0.0.1:1/x"
        ran = llmhub("catalog", "refresh", LLMHUB_REMOTE_URL=nowhere)
        assert ran.returncode == 0, ran.stderr
        assert "is pushed with the next refresh" in ran.stderr
        assert postgres.PASSWORD not in ran.stderr
