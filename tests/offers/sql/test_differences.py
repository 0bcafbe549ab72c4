"""A comparison that is asked for a few offers says of them what the comparison of all says."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from llmhub.errors import StoreDamagedError
from llmhub.offers.fields import LITELLM, MODELS_DEV
from llmhub.offers.sql.storing import offer_writer
from llmhub.offers.values import Offer
from llmhub.store import SnapshotStore
from tests.offers.offers import NOW, offer

KEYS = [f"{provider}/{name}" for provider, name in product(("acme", "other", "third"), "abcdef")]
LATER = NOW + timedelta(days=9)


def _some(chance: random.Random, share: float) -> dict[str, Offer]:
    # Few values, so that some offers stay as they are and others look like renamed ones.
    return {
        key: offer(
            key,
            price_input_per_million=float(chance.randint(1, 2)),
            price_output_per_million=1.0,
            context_tokens=1000,
            release_date="2025-01-01",
            retires_on=chance.choice([None, None, "2026-05-01"]),
        )
        for key in KEYS
        if chance.random() < share
    }


@pytest.fixture(scope="module", params=range(4))
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    chance = random.Random(request.param)  # noqa: S311 -- made-up offers
    path = tmp_path_factory.mktemp("compared") / "arena.db"
    with offer_writer(path) as writer:
        for day, source in product(range(3), (MODELS_DEV, LITELLM)):
            writer.add_offers(_some(chance, 0.8), taken_at=NOW + timedelta(days=day), source=source)
    return path


def test_some_models_are_compared_as_among_all(path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 -- which ones does not matter
    with SnapshotStore.open(path) as store:
        every = store.offers_diff(now=LATER)
        assert every.changed
        assert every.renamed or every.added
        for number in range(8):
            wanted = set(chance.sample(KEYS, number))
            assert store.offers_diff(now=LATER, models=wanted) == every.of_models(wanted.__contains__)


def test_some_providers_are_compared_as_among_all(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        every = store.offers_diff(now=LATER)
        for wanted in ({"acme"}, {"acme", "third"}, {"nobody"}):
            found = store.offers_diff(now=LATER, providers=wanted)
            assert found == every.of_models(lambda model, wanted=wanted: model.partition("/")[0] in wanted)  # type: ignore[misc]


def test_what_is_read_of_the_second_witness_is_proven_too(path: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "arena.db"
    damaged.write_bytes(path.read_bytes())
    with closing(sqlite3.connect(damaged)) as connection, connection:
        connection.execute("UPDATE offer SET input = input + 7")
    with SnapshotStore.open(damaged) as store, pytest.raises(StoreDamagedError):
        store.offers_diff(now=LATER, models={"acme/a", "acme/b", "other/c"})
