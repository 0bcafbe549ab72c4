"""Matching on real ids, hand-labelled, and on models.dev's own word on which offers are one model."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest

from llmhub.catalog.arena_model import ArenaModel
from llmhub.catalog.mapper import Fusion, load_overrides
from llmhub.catalog.matching.grammar import Grammar
from llmhub.catalog.schema import AnyLLMModel
from tests.support.made_up.models import board
from tests.support.real_models import real_models

pytestmark = pytest.mark.needs_shared

OVERRIDES = load_overrides()
TODAY = "api-2026-07-02"
BEFORE = "api-2025-12-11-few-providers"


class Outcome(NamedTuple):
    """How many matches were made, how many of them are right, how many there are, and which are wrong."""

    made: int
    right: int
    known: int
    wrong: list[str]
    of_traps: list[str]


@pytest.fixture(scope="module")
def rated(shared_data: Path) -> dict[str, ArenaModel]:
    names = (shared_data / "gold/arena-names.txt").read_text(encoding="utf-8").split("\n")
    return board({name: 1400.0 - place for place, name in enumerate(filter(None, names))})


@pytest.fixture(scope="module", params=[(TODAY,), (BEFORE, TODAY)], ids=["today", "merged"])
def fusion(request: pytest.FixtureRequest, shared_data: Path, rated: dict[str, ArenaModel]) -> Fusion:
    merged = {key: model for name in request.param for key, model in real_models(shared_data, name).items()}
    return Fusion(merged, rated, OVERRIDES)


def outcome(gold: Path, fusion: Fusion) -> Outcome:
    with gold.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    models = [AnyLLMModel(provider=row["provider"], model_id=row["model_id"]) for row in rows]
    made = right = known = 0
    wrong: list[str] = []
    of_traps: list[str] = []
    for row, fused in zip(rows, map(fusion.fuse, models), strict=True):
        answers = set(row["arena_name"].split("|")) - {""}
        known += bool(answers)
        if fused.arena is None:
            continue
        made += 1
        right += fused.arena.arena_id in answers
        if fused.arena.arena_id not in answers:
            (wrong if answers else of_traps).append(f"{fused.canonical_id} became {fused.arena.arena_id}")
    return Outcome(made, right, known, wrong, of_traps)


@pytest.mark.parametrize(
    ("gold", "precision", "recall"),
    [("matches-public-ids", 0.995, 0.95), ("matches-probes", 1.0, 1.0), ("matches", 1.0, 0.94)],
)
def test_real_ids_are_matched_as_they_were_labelled_by_hand(
    shared_data: Path, fusion: Fusion, gold: str, precision: float, recall: float
) -> None:
    found = outcome(shared_data / f"gold/{gold}.csv", fusion)
    assert found.of_traps == []
    assert found.right >= precision * found.made, found.wrong
    assert found.right >= recall * found.known


def test_two_offers_of_one_base_model_never_get_two_ratings(shared_data: Path, rated: dict[str, ArenaModel]) -> None:
    models_dev = real_models(shared_data, TODAY)
    with (shared_data / "modelsdev/base_models-2026-07-02.csv").open(encoding="utf-8", newline="") as file:
        bases = {f"{row['provider']}/{row['model_id']}": row["base_model"] for row in csv.DictReader(file)}
    said = {
        key: model.model_copy(update={"canonical_model_id": bases.get(key, model.canonical_model_id)})
        for key, model in models_dev.items()
    }
    grammar = Grammar(OVERRIDES.vocabulary)
    fusion = Fusion(said, rated, OVERRIDES)
    ratings: defaultdict[str, set[str]] = defaultdict(set)
    for key, base in bases.items():
        model = said.get(key)
        if model is None or grammar.parse(model.model_id).mode or grammar.parse(model.display_name).mode:
            continue
        provider, model_id = model.provider, model.model_id
        fused = fusion.fuse(AnyLLMModel(provider=provider, model_id=model_id))
        if fused.arena is not None and fused.modelsdev is model:
            ratings[base].add(fused.arena.arena_id)
    assert len(ratings) > 20
    assert {base: names for base, names in ratings.items() if len(names) > 1} == {}
