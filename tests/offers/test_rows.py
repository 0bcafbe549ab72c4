"""Offers, their history and their differences are tables of pandas and of polars as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from llmhub import SnapshotStore, open_store, settings
from tests.offers.offers import NOW, offer, whole
from tests.support.made_up.stored_offers import store_offers
from tests.support.processes.late import pandas as pd
from tests.support.processes.late import polars as pl

DAY = timedelta(days=1)


@pytest.fixture
def store() -> Iterator[SnapshotStore]:
    """Store 150 offers of which nearly nothing is known before one of which everything is; one changes on each day."""
    settings.arena_db().parent.mkdir(parents=True)
    silent = {f"aaa/{number:03}": offer(f"aaa/{number:03}", price_input_per_million=None) for number in range(150)}
    for days, price in ((3, 1.0), (2, 2.0)):
        changed = {"acme/made-up": offer("acme/made-up", price_input_per_million=price)}
        store_offers(settings.arena_db(), silent | whole() | changed, taken_at=NOW - days * DAY)
    with open_store() as opened:
        yield opened


def test_the_offers_of_a_snapshot_are_a_row_each_with_types_that_do_not_depend_on_what_is_known(
    store: SnapshotStore,
) -> None:
    rows = store.offer_rows()
    assert [row.model for row in rows] == sorted(store.offers())
    frame = pl.DataFrame(rows)
    assert (frame.height, frame.schema["input"], frame.schema["context"]) == (153, pl.Float64, pl.Int64)
    assert (frame.schema["supports_tool_call"], frame.schema["status"]) == (pl.Boolean, pl.String)
    full = frame.filter(pl.col("model") == "acme/made-up-2").to_dicts()[0]
    asked = ("input", "output", "cache_read", "price_tiers", "max_input", "input_modalities", "status", "base_model")
    assert [full[name] for name in asked] == [1.25, 10, 0.125, 1, 272_000, "text image", "beta", "acme/made-up-2-base"]
    of_pandas = pd.DataFrame(rows).convert_dtypes()
    assert of_pandas["input"].isna().sum() == 151
    assert str(of_pandas["context"].dtype) == "Int64"


def test_price_history_and_differences_are_tables_too(store: SnapshotStore) -> None:
    history: Sequence[NamedTuple] = store.price_history("acme/made-up")["acme/made-up"]
    frame = pl.DataFrame(history)
    assert frame["input"].to_list() == [1.0, 2.0]
    assert frame.schema["taken_at"] == pl.Datetime("us", "UTC")
    assert list(pd.DataFrame(history)["input"]) == [1.0, 2.0]
    rows: Sequence[Any] = store.offers_diff().rows
    assert list(pd.DataFrame(rows)["field"]) == ["input"]
    assert pl.DataFrame(rows).height == 1
