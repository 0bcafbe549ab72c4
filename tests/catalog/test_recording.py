"""What a refresh of the catalog leaves in the store, asked of real servers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from llmhub import settings
from llmhub.arena import SnapshotStore
from llmhub.arena.database import database
from llmhub.catalog import build_catalog
from llmhub.offers.sql.reading import listings_of
from tests.conftest import Llmhub
from tests.support.servers.sources import OFFERS, Sources, modelsdev, row


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Sources]:
    """Return servers that any-llm and models.dev are asked at; the arena has no script that brings anything."""
    script = home / "script.py"
    script.write_text("raise SystemExit('no leaderboard today')")
    monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(script))
    with Sources() as sources:
        sources.use(monkeypatch)
        yield sources


def snapshots() -> list[tuple[str, str | None]]:
    with closing(sqlite3.connect(settings.arena_db())) as connection:
        return connection.execute("SELECT source, revision FROM snapshot ORDER BY id").fetchall()


def dearer() -> dict[str, dict[str, dict[str, Any]]]:
    changed = {"gpt-4.1-mini": row(family="gpt-mini", cost={"input": 9, "output": 1.6})}
    return OFFERS | {"openai": OFFERS["openai"] | changed}


def test_two_refreshes_whose_documents_differ_in_one_price_show_exactly_that(llmhub: Llmhub, sources: Sources) -> None:
    assert llmhub("catalog", "refresh").returncode == 0
    first = [source for source, _ in snapshots()]
    assert first == ["models.dev", "any-llm"]
    assert llmhub("catalog", "refresh").returncode == 0
    sources.answers["/api.json"] = modelsdev(dearer())
    assert llmhub("catalog", "refresh").returncode == 0
    found = json.loads(llmhub("catalog", "diff", "--json", "--all").stdout)
    assert found["changed"] == [
        {"model": "openai/gpt-4.1-mini", "field": "input", "from": 0.4, "to": 9.0, "note": "tenfold or more"}
    ]
    assert (found["added"], found["removed"], found["renamed"], found["unchanged"]) == ([], [], [], 3)
    assert [source for source, _ in snapshots()] == ["models.dev", "any-llm"] * 3
    with closing(sqlite3.connect(settings.arena_db())) as connection:
        assert connection.execute("SELECT count(*) FROM offer").fetchone() == (5,)
        assert connection.execute("SELECT count(*) FROM listing").fetchone() == (2,)
    reader = database.open_for_reading(settings.arena_db())
    assert reader is not None
    with closing(reader):
        listed = listings_of(reader, 2)
    assert listed.keys() == {"openai", "anthropic"}
    assert "gpt-4.1-mini" in listed["openai"]


def test_offline_and_from_an_earlier_copy_nothing_is_stored(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    build_catalog(force_refresh=True)
    before = snapshots()
    # A document that lost most of what it had is not taken, and the copy answers.
    sources.answers["/api.json"] = modelsdev({"openai": {"gpt-4.1": row()}})
    build_catalog(force_refresh=True)
    assert [source for source, _ in snapshots()] == [*(source for source, _ in before), "any-llm"]
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    settings.catalog_file().unlink()
    size = settings.arena_db().stat().st_size
    build_catalog(force_refresh=True)
    assert settings.arena_db().stat().st_size == size
    assert len(snapshots()) == 3


def test_a_store_that_cannot_be_written_costs_a_warning_and_not_the_catalog(
    sources: Sources, caplog: pytest.LogCaptureFixture
) -> None:
    del sources
    settings.arena_db().parent.mkdir(parents=True)
    settings.arena_db().write_text("this is no database, and somebody else's")
    assert build_catalog(force_refresh=True).models
    assert any("is not kept for later comparison: " in record.getMessage() for record in caplog.records)
    assert settings.arena_db().read_text() == "this is no database, and somebody else's"


def test_what_was_stored_is_what_the_catalog_was_built_of(sources: Sources) -> None:
    del sources
    catalog = build_catalog(force_refresh=True)
    with SnapshotStore.open() as store:
        offers = store.offers()
    for model in catalog.models:
        match = model.modelsdev_match
        if match is not None and match.target is not None:
            assert offers[match.target].price_input_per_million == model.price_input_per_million
