"""The last catalog of a past moment is kept, and no change of what it is made of leaves a stale answer."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from llmhub import catalog_at, settings
from llmhub.catalog.assembly import kept_past, past
from llmhub.catalog.assembly.kept_past import stored_catalog_at
from llmhub.catalog.schema import Catalog
from llmhub.catalog.stored import kept
from llmhub.catalog.stored.record import Stored, as_json
from llmhub.errors import OverridesError
from llmhub.offers.fields import LITELLM
from llmhub.offers.values import Offer
from llmhub.storage import stamps
from tests.support.made_up import models as made
from tests.support.made_up.stored_offers import store_listings, store_offers
from tests.support.processes.children import start_python
from tests.support.processes.commands import board, seed

MARCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
NOW = MARCH + 40 * DAY
GPT, MINI = "openai/gpt-4.1", "openai/gpt-4.1-mini"
AT = "2026-03-20"
# Another list for a snapshot, as a repair or a restored backup may bring it: the snapshots' own rows stay as they are.
OTHER_LIST = "UPDATE snapshot_price_list SET price_list_id = (SELECT min(price_list_id) FROM snapshot_price_list)"


def offer(key: str, price: float, **others: object) -> Offer:
    prices = {"price_input_per_million": price, "price_output_per_million": 4 * price}
    return made.offer(key, release_date="2025-04-14", last_updated="2025-04-14", **prices, **others)


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Store a price, a lower one, a board, a last day, a listing and a shorter one; the file counts as left alone."""
    path = settings.arena_db()
    path.parent.mkdir(parents=True)
    store_offers(path, {GPT: offer(GPT, 4.0), MINI: offer(MINI, 0.5)}, taken_at=MARCH)
    store_offers(path, {GPT: offer(GPT, 2.0), MINI: offer(MINI, 0.5)}, taken_at=MARCH + 10 * DAY)
    ending = offer(GPT, 3.0, retires_on="2026-03-15", retires_source="made up")
    store_offers(path, {GPT: ending}, taken_at=MARCH + 5 * DAY, source=LITELLM)
    store_listings(path, {"openai": ["gpt-4.1", "gpt-4.1-mini"]}, taken_at=MARCH + timedelta(seconds=9))
    store_listings(path, {"openai": ["gpt-4.1"]}, taken_at=MARCH + 12 * DAY)
    seed(board({"gpt-4.1-2025-04-14": 1400.0, "made-up": 1500.0}), MARCH + DAY)
    monkeypatch.setattr(stamps, "_SETTLED_NS", -1)
    return path


def fields(catalog: Catalog) -> dict[str, object]:
    return as_json(catalog)


def ask(reference: str = AT, *, whole: bool = False) -> Catalog:
    return stored_catalog_at(reference, whole=whole, now=NOW)


def fresh(reference: str = AT, *, whole: bool = False) -> dict[str, object]:
    found = catalog_at(reference, whole=True, now=NOW) if whole else catalog_at(reference, now=NOW)
    return found.model_dump(mode="json")


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Return the moments whose catalogs are built from now on."""
    found: list[datetime] = []
    build = kept_past._built

    def counted(moment: datetime, made: str | None, *, whole: bool) -> Catalog:
        found.append(moment)
        return build(moment, made, whole=whole)

    monkeypatch.setattr(kept_past, "_built", counted)
    return found


@pytest.mark.parametrize("whole", [False, True])
def test_a_second_question_about_a_moment_gets_the_same_answer_without_building_it(
    built: list[datetime], *, whole: bool
) -> None:
    first, second = ask(whole=whole), ask(whole=whole)
    assert len(built) == 1
    assert isinstance(second, Stored)
    assert not isinstance(first, Stored)
    assert fields(second) == fields(first) == fresh(whole=whole)
    assert [*fields(second)] == [*fields(first)]


def test_each_moment_has_the_catalog_of_then_whichever_was_asked_for_before(built: list[datetime]) -> None:
    changes = [MARCH, MARCH + timedelta(seconds=9), MARCH + DAY, MARCH + 2 * DAY + INSTANT, MARCH + 10 * DAY]
    changes += [MARCH + 5 * DAY, MARCH + 12 * DAY, *(MARCH.replace(day=day, hour=0) for day in (2, 16))]
    near = {change + step * INSTANT for change in changes for step in (-1, 0, 1)}
    # One in the same span as the one before it, whose catalog is therefore not built.
    near |= {MARCH + 8 * DAY, MARCH + 8 * DAY + timedelta(hours=3)}
    asked = sorted(moment for moment in near if moment >= MARCH)
    for moment in asked:
        assert fields(ask(moment.isoformat())) == fresh(moment.isoformat()), moment
    # Neighbours share their catalogs: a change, and the two moments before and after it.
    assert len(built) < len(asked) * 3 / 4


@pytest.mark.parametrize("hours", [-12, 14])
def test_the_day_of_a_moment_is_that_of_utc_wherever_its_age_is_counted(hours: int) -> None:
    there = (MARCH + 14 * DAY).astimezone(timezone(timedelta(hours=hours)))
    for age in ("11h", "0h", "13h"):
        expected = catalog_at(age, now=there.astimezone(UTC))
        assert catalog_at(age, now=there) == expected
        assert fields(stored_catalog_at(age, now=there)) == expected.model_dump(mode="json")


def test_an_age_finds_what_was_kept_some_seconds_before(built: list[datetime]) -> None:
    stored_catalog_at("20d", now=NOW)
    again = stored_catalog_at("20d", now=NOW + timedelta(seconds=30))
    assert len(built) == 1
    assert again.built_at == NOW + timedelta(seconds=30) - 20 * DAY
    assert fields(again) == catalog_at("20d", now=NOW + timedelta(seconds=30)).model_dump(mode="json")
    # `latest` means the last listing, `previous` the one before it, and an id the rest of a snapshot's refresh.
    for reference in ("latest", "latest", "3", "previous"):
        assert fields(ask(reference)) == fresh(reference)
    assert len(built) == 1 + 3


def new_prices(store: Path) -> None:
    store_offers(store, {GPT: offer(GPT, 1.0)}, taken_at=MARCH + 11 * DAY)


def a_repaired_row(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute(OTHER_LIST)


def a_pruned_snapshot(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("DELETE FROM snapshot_price_list WHERE snapshot_id = 2")
        connection.execute("DELETE FROM snapshot WHERE id = 2")


def a_restored_backup(store: Path) -> None:
    backup = store.with_name("backup.db")
    shutil.copy2(store, backup)
    status = store.stat()
    with closing(sqlite3.connect(backup)) as connection, connection:
        connection.execute(OTHER_LIST)
    # As old and as large as the store.
    os.utime(backup, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (backup.stat().st_size, backup.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    backup.replace(store)


def own_prices(_: Path) -> None:
    prices = {GPT: {"input": 9.0, "output": 9.0, "reason": "made up"}}
    settings.overrides_file().write_text(json.dumps({"prices": prices}))


@pytest.mark.parametrize(
    "change", [new_prices, a_repaired_row, a_pruned_snapshot, a_restored_backup, own_prices], ids=lambda it: it.__name__
)
def test_whatever_changes_what_it_is_made_of_it_is_built_again(
    store: Path, built: list[datetime], change: Callable[[Path], None]
) -> None:
    before = fields(ask())
    ask()
    assert len(built) == 1
    change(store)
    now = fresh()
    assert now != before
    assert fields(ask()) == now
    assert fields(ask()) == now
    assert len(built) == 2


def test_what_is_in_a_wal_counts(store: Path, built: list[datetime]) -> None:
    ask()
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(OTHER_LIST)
        connection.commit()
        assert store.with_name(f"{store.name}-wal").exists()
        assert fields(ask()) == fresh()
        ask()
    # In that time nothing is read of what is kept, and nothing is kept.
    assert len(built) == 3


def test_other_code_builds_it_again(built: list[datetime], monkeypatch: pytest.MonkeyPatch) -> None:
    ask()
    monkeypatch.setattr(kept, "_CODE", ("catalog",))
    ask()
    assert len(built) == 2


def test_what_changed_while_it_was_built_is_not_kept(
    store: Path, built: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    build = past.past_at

    def and_meanwhile(moment: datetime, *, whole: bool) -> past.Past:
        found = build(moment, whole=whole)
        a_repaired_row(store)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(past, "past_at", and_meanwhile)
        ask()
    assert not settings.past_catalog_file(whole=False).exists()
    assert fields(ask()) == fresh()
    assert len(built) == 2


def test_a_store_that_was_written_just_now_is_read_anew(built: list[datetime], monkeypatch: pytest.MonkeyPatch) -> None:
    ask()
    monkeypatch.setattr(stamps, "_SETTLED_NS", 3_600_000_000_000)
    ask()
    assert len(built) == 2


def test_a_malformed_overrides_file_is_an_error_after_a_catalog_was_kept_too() -> None:
    ask()
    settings.overrides_file().write_text("{")
    with pytest.raises(OverridesError):
        ask()


def test_a_catalog_whose_lives_could_not_be_read_is_shown_and_not_kept(
    built: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("llmhub.catalog.offered.lives.lifecycles", lambda *_, **__: (_ for _ in ()).throw(OSError()))
        assert ask().models
    assert fields(ask()) == fresh()
    assert len(built) == 2


def test_only_the_last_one_of_each_kind_is_kept(home: Path) -> None:
    for reference in ("2026-03-05", "2026-03-20"):
        for whole in (False, True):
            ask(reference, whole=whole)
    assert sorted(file.name for file in (home / "llmhub").glob("*.kept")) == ["past-offers.kept", "past.kept"]


def test_a_kept_one_is_read_without_pydantic_and_without_opening_the_store(store: Path) -> None:
    ask()
    code = f"""
        import sys
        from llmhub.storage import stamps
        stamps._SETTLED_NS = -1
        from llmhub.catalog.assembly.kept_past import stored_catalog_at
        found = stored_catalog_at({AT!r})
        print(*(model.canonical_id for model in found.models), *sys.modules)
    """
    model, *modules = start_python(code).split()
    assert model == GPT
    assert {"pydantic", "sqlite3", "llmhub.catalog.assembly.past"}.isdisjoint(modules)
