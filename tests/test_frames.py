"""What is a table is a DataFrame of pandas and of polars as it is: a row a thing, flat, typed, None where unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import llmhub
from llmhub.arena import Leaderboard, ModelFacts, RankedEntry, Score, SnapshotRow
from llmhub.catalog.schema import Match
from tests.support.made_up.models import catalog_of, line
from tests.support.processes.late import pandas as pd
from tests.support.processes.late import polars as pl

FIRST = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
# Everything is known of the first model only, and of the others nothing that can be unknown.
UNKNOWN = {f"made-up-{number:03}": Score(1000.0 + number) for number in range(150)}
KNOWN = Score(1400.0, 1390.0, 1410.0, 12_345)

Rows = Sequence[NamedTuple]
Made = Callable[[llmhub.SnapshotStore], Rows]

# Columns' types as polars writes them.
INT, FLOAT, TEXT, BOOL, DAY_OF_YEAR = "Int64", "Float64", "String", "Boolean", "Date"
MOMENT = "Datetime(time_unit='us', time_zone='UTC')"
PLACE = {"rank": INT, "rank_ub": INT, "model": TEXT}
SCORE = {"rating": FLOAT, "lower": FLOAT, "upper": FLOAT}
MOVE = {"rating_from": FLOAT, "rating_to": FLOAT, "delta": FLOAT}
RANKS = {"rank_from": INT, "rank_to": INT, "significant": BOOL}

TABLES: dict[str, tuple[Made, dict[str, str]]] = {
    "leaderboard": (
        lambda store: store.leaderboard(),
        {**PLACE, **SCORE, "votes": INT, "organization": TEXT, "license": TEXT},
    ),
    "histories": (
        lambda store: store.histories("made-up-known", "made-up-000"),
        {
            "model": TEXT,
            "id": INT,
            "taken_at": MOMENT,
            **SCORE,
            "rank": INT,
            "votes": INT,
            "listed_as": TEXT,
            "scale_break": FLOAT,
            "published_on": DAY_OF_YEAR,
        },
    ),
    "snapshots": (
        lambda store: store.snapshot_rows(),
        {
            "id": INT,
            "taken_at": MOMENT,
            "published_on": DAY_OF_YEAR,
            "source": TEXT,
            "boards": INT,
            "models": INT,
            "revision": TEXT,
            "script": TEXT,
        },
    ),
    "diff": (
        lambda store: store.diff().rows,
        {"what": TEXT, "model": TEXT, "renamed_to": TEXT, **MOVE, **RANKS},
    ),
    "added": (lambda store: store.diff().added, {"model": TEXT, "rating": FLOAT, "rank": INT}),
    "removed": (lambda store: store.diff().removed, {"model": TEXT, "rating": FLOAT, "rank": INT}),
    "renamed": (lambda store: store.diff().renamed, {"old": TEXT, "new": TEXT, "rating": FLOAT}),
    "changed": (lambda store: store.diff().changed, {"model": TEXT, **MOVE, **RANKS}),
    "movers": (
        lambda store: store.movers().rows,
        {"what": TEXT, "model": TEXT, **MOVE, "delta_less_shift": FLOAT, **RANKS},
    ),
    "risen": (lambda store: store.movers().risen, {"model": TEXT, **MOVE, "delta_less_shift": FLOAT, **RANKS}),
}


@pytest.fixture
def store(tmp_path: Path) -> llmhub.SnapshotStore:
    """Return a store of two snapshots in which a model came, went, was renamed, moved and stayed."""
    old = Score(900.0, 890.0, 910.0)
    before = {**UNKNOWN, "made-up-known": KNOWN, "made-up-gone": Score(950.0), "made-up-old": old}
    after = {
        **UNKNOWN,
        "made-up-known": KNOWN._replace(rating=1405.0),
        "made-up-came": Score(960.0),
        "made-up-new": old,
    }
    facts = {"made-up-known": ModelFacts("Made-Up Labs", "MIT")}
    with llmhub.open_store(tmp_path / "arena.db") as opened:
        opened.add({"text": Leaderboard({"overall": before})}, taken_at=FIRST)
        published = Leaderboard({"overall": after}, facts, date(2026, 1, 2))
        opened.add({"text": published}, taken_at=FIRST + DAY, revision="r")
    return opened


def types(frame: Any) -> dict[str, str]:
    """Return the type of each column of a frame of polars."""
    return {name: str(kind) for name, kind in frame.schema.items()}


@pytest.mark.parametrize("table", TABLES)
def test_polars_takes_a_table_as_it_is_with_types_that_do_not_depend_on_what_is_known(
    store: llmhub.SnapshotStore, table: str
) -> None:
    make, schema = TABLES[table]
    with store:
        rows = make(store)
    frame = pl.DataFrame(rows)
    assert types(frame) == schema
    assert frame.rows() == [tuple(row) for row in rows]
    for row in (rows[0], rows[-1]):
        assert types(pl.DataFrame([row])) == schema


@pytest.mark.parametrize("table", TABLES)
def test_pandas_takes_a_table_as_it_is(store: llmhub.SnapshotStore, table: str) -> None:
    make, schema = TABLES[table]
    with store:
        rows = make(store)
    frame = pd.DataFrame(rows)
    assert list(frame.columns) == list(schema)
    assert frame.astype(object).where(frame.notna(), None).to_numpy().tolist() == [list(row) for row in rows]
    types = frame.convert_dtypes().dtypes.astype(str)
    wanted = {INT: "Int64", FLOAT: "Float64", TEXT: "string", BOOL: "boolean", MOMENT: "datetime64[us, UTC]"}
    for column, kind in schema.items():
        # What is unknown everywhere has no type in pandas, and a Float64 of whole numbers becomes an Int64.
        known = frame[column].notna().any()
        assert types[column] in {wanted.get(kind, "object"), *(() if known else ("object",)), _whole(kind)}, column


def _whole(kind: Any) -> str:
    return "Int64" if kind == FLOAT else ""


def test_pandas_has_a_whole_number_that_can_be_unknown_as_a_float_until_its_types_are_converted(
    store: llmhub.SnapshotStore,
) -> None:
    with store:
        frame = pd.DataFrame(store.leaderboard())
    assert str(frame["votes"].dtype) == "float64"
    assert str(frame.convert_dtypes()["votes"].dtype) == "Int64"


def test_a_moment_keeps_its_timezone(store: llmhub.SnapshotStore) -> None:
    with store:
        rows = store.snapshot_rows()
    assert pl.DataFrame(rows)["taken_at"].to_list() == [FIRST + DAY, FIRST]
    assert pd.DataFrame(rows)["taken_at"].tolist() == [FIRST + DAY, FIRST]


def test_a_table_without_rows_gets_its_columns_from_the_rows_type() -> None:
    with llmhub.open_store() as empty:
        rows = empty.snapshot_rows()
    assert rows == []
    assert list(pd.DataFrame(rows, columns=SnapshotRow._fields).columns) == list(SnapshotRow._fields)
    assert pl.DataFrame(rows, schema=SnapshotRow._fields).columns == list(SnapshotRow._fields)


def test_the_rows_of_a_leaderboard_are_ranked_and_carry_what_is_known_of_the_models(
    store: llmhub.SnapshotStore,
) -> None:
    with store:
        first, second, *_ = store.leaderboard()
        assert len(store.leaderboard("1")) == len(UNKNOWN) + 3
    assert first == RankedEntry(1, 1, "made-up-known", 1405.0, 1390.0, 1410.0, 12_345, "Made-Up Labs", "MIT")
    assert second == RankedEntry(2, None, "made-up-149", 1149.0, None, None, None, None, None)


def test_histories_are_a_row_for_each_model_and_moment_and_can_be_narrowed(store: llmhub.SnapshotStore) -> None:
    with store:
        rows = store.histories("made-up-new", "made-up-known", "made-up-new")
        assert [(row.model, row.id, row.listed_as) for row in rows] == [
            ("made-up-new", 1, "made-up-old"),
            ("made-up-new", 2, "made-up-new"),
            ("made-up-known", 1, "made-up-known"),
            ("made-up-known", 2, "made-up-known"),
        ]
        assert [row.id for row in store.histories("made-up-known", since=FIRST + DAY)] == [2]
        assert [row.id for row in store.histories("made-up-known", until=FIRST)] == [1]
        assert [row.id for row in store.histories("made-up-new", through_renames=False)] == [2]
        assert store.histories() == []


def test_a_catalog_is_a_table_of_either_library() -> None:
    matched = Match(kind="exact", target="lab/made-up", reason="the ids are equal")
    known = line(
        "lab/made-up",
        context_tokens=1000,
        price_input_per_million=0.5,
        open_weights=True,
        tags=("tools", "vision"),
        modelsdev_match=matched,
    )
    rows = catalog_of(*(line(f"lab/unknown-{number}") for number in range(150)), known).rows
    of_polars, of_pandas = pl.DataFrame(rows), pd.DataFrame(rows)
    assert of_polars.columns == list(of_pandas.columns) == list(rows[0]._fields)
    assert not any(kind.is_nested() or kind == pl.Null for kind in of_polars.dtypes)
    found = types(of_polars)
    assert {name: found[name] for name in ("context_tokens", "arena_score", "open_weights", "tags")} == {
        "context_tokens": INT,
        "arena_score": FLOAT,
        "open_weights": BOOL,
        "tags": TEXT,
    }
    assert of_polars.rows() == [tuple(row) for row in rows]
    last = rows[-1]
    assert (last.modelsdev_id, last.modelsdev_match, last.tags, last.arena_match) == (
        "lab/made-up",
        "exact",
        "tools vision",
        None,
    )
    assert of_pandas.iloc[-1]["price_input_per_million"] == 0.5
