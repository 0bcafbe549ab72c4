"""The catalog of a moment against one that is built anew from the same sources, on ../shared/data."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from llmhub import catalog_at
from llmhub.arena.exchange.json_files import parse_leaderboard
from llmhub.catalog.arena_source import load_arena_boards
from llmhub.catalog.assembly.joining import fused_models, lines_of
from llmhub.catalog.matching.overrides import load_overrides
from llmhub.catalog.offered.lives import with_lives
from llmhub.catalog.schema import AnyLLMModel, Catalog
from llmhub.catalog.stored.format import CATALOG_VERSION
from llmhub.catalog.tiers.builder import BOARDS
from llmhub.offers.models_dev import normalize, parse_document
from llmhub.store import SnapshotStore
from tests.benchmarks.cases import Result, judged
from tests.benchmarks.timing import compare
from tests.conftest import SHARED
from tests.support.made_up.stored_offers import store_listings, store_offers

_TAKEN = datetime(2026, 7, 2, 12, tzinfo=UTC)
_PROVIDERS = ("openai", "anthropic", "openrouter")
_ROUNDS = 7


def moment_result(folder: Path) -> Result:
    """Measure in an empty folder: 412 models that can be called, all of models.dev, 282 ratings."""
    data = SHARED / "data"
    body = gzip.decompress((data / "modelsdev" / "api-2026-07-02.json.gz").read_bytes())
    board = gzip.decompress((data / "arena-catalog" / "2025-12-11" / "leaderboard-text.json.gz").read_bytes())
    models = normalize(parse_document(body)).models
    listed = [
        AnyLLMModel(provider=offer.provider, model_id=offer.model_id)
        for offer in models.values()
        if offer.provider in _PROVIDERS
    ]
    with patch.dict(os.environ, {"LLMHUB_CONFIG_DIR": str(folder), "LLMHUB_OFFLINE": "1"}):
        with SnapshotStore.open() as store:
            store.add({"text": parse_leaderboard(board, "the board")}, taken_at=_TAKEN)
            path = store.path
        store_offers(path, models, taken_at=_TAKEN)
        ids: dict[str, list[str]] = {}
        for model in listed:
            ids.setdefault(model.provider, []).append(model.model_id)
        store_listings(path, ids, taken_at=_TAKEN)

        def anew() -> Catalog:
            offers = normalize(parse_document(body)).models
            boards = load_arena_boards(BOARDS, now=_TAKEN).boards
            overrides = load_overrides()
            fused = fused_models(listed, offers, boards, overrides)
            lines = lines_of(fused, offers, boards, overrides, {})
            built = Catalog(catalog_version=CATALOG_VERSION, built_at=_TAKEN, models=lines)
            return with_lives(built, today=_TAKEN.date(), overrides=overrides)

        def then() -> Catalog:
            return catalog_at("2026-07-02", now=_TAKEN)

        if {model.canonical_id for model in anew().models} != {model.canonical_id for model in then().models}:
            raise RuntimeError("what is compared does not come to the same")
        ratio = compare(then, anew, rounds=_ROUNDS)
    return judged(f"catalog show --at, {len(listed)} models / built anew from the same sources", ratio, 1.2)
