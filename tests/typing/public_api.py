"""What a type checker makes of the public API: mypy reads this file, in `.ci/run`, and nothing runs it.

A line with `# type: ignore` is wrong use that must be told: mypy complains of an ignore that is not needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, assert_type

import llmhub
from llmhub import (
    Score,
    Snapshot,
    SnapshotStore,
    build_catalog,
    catalog_at,
    load_arena_models,
    load_cached_catalog,
    open_store,
    whole_catalog,
)
from llmhub.arena import (
    BoardDiff,
    Changed,
    DiffRow,
    HistoryPoint,
    HistoryRow,
    Listed,
    ModelHistory,
    Moved,
    MoverRow,
    Movers,
    RankedEntry,
    Renamed,
    SnapshotRow,
)
from llmhub.catalog.choosing.comparison import Comparison
from llmhub.catalog.schema import Basis
from llmhub.catalog.stored.rows import CatalogRow


def the_catalog() -> None:
    built = build_catalog()
    assert_type(built, llmhub.Catalog)
    assert_type(build_catalog(ttl_hours=1, force_refresh=True), llmhub.Catalog)
    assert_type(load_cached_catalog(), llmhub.Catalog | None)
    assert_type(built.models, tuple[llmhub.CanonicalModel, ...])
    assert_type(built.rows, list[CatalogRow])
    assert_type(built.rows[0].price_input_per_million, float | None)
    assert_type(built.models[0].quality_tier, int)
    assert_type(built.models[0].quality_basis, Basis)
    _ = load_cached_catalog().models  # type: ignore[union-attr]  # there may be none
    build_catalog("1")  # type: ignore[arg-type]
    built.models[0].arena_score + 1  # type: ignore[operator]  # it may be unknown
    assert_type(built.pick(quality=2, can={"tools"}, max_price=5), llmhub.CanonicalModel | None)
    assert_type(built.find(lab="some-lab", sort="price", top=3), tuple[llmhub.CanonicalModel, ...])
    assert_type(built.compare("some-model", "other-model"), Comparison)
    assert_type(built.model("some-model"), llmhub.CanonicalModel)
    built.pick(beauty=1)  # type: ignore[call-arg]
    assert_type(whole_catalog(), llmhub.WholeCatalog)
    assert_type(whole_catalog().models[0].callable_as, tuple[str, ...] | None)
    assert_type(catalog_at("7d"), llmhub.Catalog)
    assert_type(catalog_at("7d", whole=True), llmhub.WholeCatalog)
    built.models = ()  # type: ignore[misc]  # it is frozen


def the_leaderboard() -> None:
    models = load_arena_models()
    assert_type(models, dict[str, llmhub.ArenaModel])
    assert_type(load_arena_models(Path("leaderboard-text.json")), dict[str, llmhub.ArenaModel])
    assert_type(models["some-model"].rating, float)
    assert_type(models["some-model"].rating_q025, float | None)
    load_arena_models(1)  # type: ignore[arg-type]


def the_store() -> None:
    assert_type(open_store(), SnapshotStore)
    assert_type(open_store("arena.db"), SnapshotStore)
    assert_type(open_store(Path("arena.db")), SnapshotStore)
    open_store(b"arena.db")  # type: ignore[arg-type]
    with open_store() as store:
        assert_type(store, SnapshotStore)
        assert_type(store.latest(), Snapshot | None)
        assert_type(store.resolve("latest~1"), Snapshot)
        assert_type(store.scores(), dict[str, Score])
        assert_type(store.scores("7d", leaderboard="text", category="coding"), dict[str, Score])
        assert_type(store.snapshots(limit=20), list[Snapshot])
        assert_type(store.track("some-model"), list[tuple[Snapshot, Score]])
        assert_type(store.diff("previous", "latest"), BoardDiff)
        assert_type(store.movers("30d"), Movers)
        assert_type(store.history("some-model"), ModelHistory)
        _ = store.latest().id  # type: ignore[union-attr]  # there may be none
        store.scores(1)  # type: ignore[arg-type]  # a reference is text


def what_is_added() -> None:
    with open_store() as store:
        boards = {"text": {"overall": {"some-model": Score(rating=1400.0, lower=1390.0, upper=1410.0)}}}
        assert_type(store.add(boards, taken_at=datetime(2026, 1, 1, tzinfo=UTC)), Snapshot)
        store.add(boards)  # type: ignore[call-arg]  # a snapshot stands for a moment
        store.add(boards, taken_at=datetime.now(UTC), source="guess")  # type: ignore[arg-type]
        store.add({"text": {"overall": {"some-model": 1400.0}}}, taken_at=datetime.now(UTC))  # type: ignore[dict-item]
    Score()  # type: ignore[call-arg]


def what_is_found() -> None:
    with open_store() as store:
        snapshot = store.resolve("latest")
        assert_type(snapshot.taken_at, datetime)
        assert_type(snapshot.published_on, date | None)
        assert_type(snapshot.leaderboards, Mapping[str, date | None])
        snapshot.id = 2  # type: ignore[misc]  # it is frozen
        found = store.diff()
        assert_type(found.added, tuple[Listed, ...])
        assert_type(found.removed, tuple[Listed, ...])
        assert_type(found.renamed, tuple[Renamed, ...])
        assert_type(found.changed, tuple[Changed, ...])
        assert_type(found.scale_shift, float | None)
        assert_type(store.movers().risen, tuple[Moved, ...])
        assert_type(store.history("some-model").points, tuple[HistoryPoint, ...])


def the_tables() -> None:
    with open_store() as store:
        assert_type(store.leaderboard(), list[RankedEntry])
        assert_type(store.leaderboard()[0].license, str | None)
        assert_type(store.histories("some-model", "other-model", since=datetime.now(UTC)), list[HistoryRow])
        assert_type(store.histories("some-model")[0].taken_at, datetime)
        assert_type(store.snapshot_rows(limit=20), list[SnapshotRow])
        assert_type(store.resolve("latest").row, SnapshotRow)
        assert_type(store.diff().rows, list[DiffRow])
        assert_type(store.diff().rows[0].what, Literal["added", "removed", "renamed", "changed"])
        assert_type(store.movers().rows, list[MoverRow])
        store.histories(["some-model"])  # type: ignore[arg-type]  # names, and no list of names
        store.leaderboard()[0].votes + 1  # type: ignore[operator]  # they may be unknown


def all_of_it() -> None:
    assert_type(llmhub.__version__, str)
    error: Exception = llmhub.LlmhubError("one line")
    assert_type(str(error), str)
    _ = llmhub.no_such_name  # type: ignore[attr-defined]
    _ = llmhub.arena.no_such_name  # type: ignore[attr-defined]
    _ = llmhub.catalog.no_such_name  # type: ignore[attr-defined]
