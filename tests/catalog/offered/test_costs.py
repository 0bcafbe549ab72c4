"""Whose prices usage costs: the user's own, then models.dev's, then LiteLLM's, as `catalog show` shows them."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from llmhub import settings
from llmhub.arena.database import database
from llmhub.catalog.offered.costs import Costs, cost_of, cost_of_usage
from llmhub.catalog.offered.paying import CatalogPayer
from llmhub.catalog.schema import Catalog, Match
from llmhub.errors import InvalidReferenceError, SnapshotNotFound
from llmhub.offers.billing.cost import Tokens
from llmhub.offers.billing.pricing import Prices, quote
from llmhub.offers.values import PriceTier
from tests.offers.offers import offer
from tests.support.made_up.models import catalog_of, line
from tests.support.made_up.stored_offers import store_offers

DAY = datetime(2026, 1, 1, 9, tzinfo=UTC)
MILLION = Tokens(input=1_000_000)
OURS: dict[str, dict[str, Any]] = {
    "acme/both": {"price_input_per_million": 1.0},
    "acme/mute": {"price_input_per_million": None, "price_output_per_million": None},
    "acme/half": {"price_input_per_million": None, "price_output_per_million": 9.0},
    "acme/free": {"price_input_per_million": 0.0, "price_output_per_million": 0.0},
}
THEIRS: dict[str, dict[str, Any]] = {
    "acme/both": {"price_input_per_million": 7.0},
    "acme/mute": {"price_input_per_million": 8.0},
    "acme/half": {"price_input_per_million": 5.0},
    "acme/free": {"price_input_per_million": 3.0},
    "acme/only": {"price_input_per_million": 4.0},
    "acme/empty": {"price_input_per_million": None, "price_output_per_million": None},
}


@pytest.fixture
def two_sources(home: Path) -> None:
    """Store what models.dev says of some offers, and a little later what LiteLLM says."""
    settings.arena_db().parent.mkdir(parents=True)
    for source, said, moment in (("models.dev", OURS, DAY), ("litellm", THEIRS, DAY + timedelta(seconds=9))):
        told = {key: offer(key, **fields) for key, fields in said.items()}
        store_offers(settings.arena_db(), told, taken_at=moment, source=source)


def overrides(**content: Any) -> None:
    settings.overrides_file().write_text(json.dumps(content))


def costs(*models: str, catalog: Catalog | None = None, tokens: Tokens = MILLION, **asked: Any) -> Costs:
    return cost_of(models, tokens, catalog, **asked)


def priced(found: Costs) -> dict[str, tuple[float, str]]:
    return {row.model: (row.total, row.price_source) for row in found.rows}


def reasons(found: Costs) -> dict[str, str]:
    return {one.model: one.reason for one in found.unpriced}


@pytest.mark.usefixtures("two_sources")
def test_models_devs_price_counts_and_litellms_where_models_dev_has_none() -> None:
    found = costs(*(OURS | THEIRS))
    assert priced(found) == {
        "acme/both": (1.0, "models.dev"),
        "acme/free": (0.0, "models.dev"),
        "acme/mute": (8.0, "litellm"),
        "acme/only": (4.0, "litellm"),
    }
    assert reasons(found) == {
        "acme/half": "the price of input is unknown to models.dev",
        "acme/empty": "the price of input is unknown to LiteLLM",
    }
    assert (found.total, found.at) == (13.0, DAY)
    assert [row.recorded_on for row in found.rows if row.model == "acme/only"] == [DAY + timedelta(seconds=9)]


@pytest.mark.usefixtures("two_sources")
@pytest.mark.parametrize("reference", ["latest", "1", "2026-01-01", "2026-02-01"])
def test_of_one_refresh_both_witnesses_count_however_its_moment_is_named(reference: str) -> None:
    assert priced(costs("acme/only", reference=reference)) == {"acme/only": (4.0, "litellm")}


@pytest.mark.usefixtures("two_sources")
def test_own_prices_go_before_both_and_prices_from_says_whose_of_the_two() -> None:
    overrides(
        prices={
            "acme/both": {"input": 0.5, "output": 1.0, "reason": "ours"},
            "acme/only": {"factor": 0.5, "reason": "half"},
            "mine": {"input": 0.25, "output": 1.0, "reason": "our own server"},
            "acme/gone": {"factor": 0.5, "reason": "of nothing"},
        },
        prices_from={"acme/free": "litellm", "acme/mute": "models.dev"},
    )
    found = costs("acme/both", "acme/only", "mine/deployment", "acme/free", "acme/mute", "acme/gone")
    assert priced(found) == {
        "acme/both": (0.5, "overrides.json"),
        "acme/only": (2.0, "overrides.json"),
        "mine/deployment": (0.25, "overrides.json"),
        "acme/free": (3.0, "litellm"),
    }
    assert [row.recorded_on for row in found.rows if row.model == "mine/deployment"] == [None]
    assert reasons(found) == {
        "acme/mute": "the price of input is unknown to models.dev and LiteLLM",
        "acme/gone": "neither models.dev nor LiteLLM ever listed it",
    }


@pytest.mark.usefixtures("two_sources")
def test_a_callable_model_costs_what_the_offer_does_that_the_catalog_matched_it_to() -> None:
    reason = "made up"
    matched = line("mine/deployment", modelsdev_match=Match(kind="exact", target="acme/both", reason=reason))
    variant = line("acme/both", modelsdev_match=Match(kind="variant", target="acme/free", reason=reason))
    found = costs("mine/deployment", catalog=catalog_of(matched))
    assert (priced(found), found.names) == ({"acme/both": (1.0, "models.dev")}, {"mine/deployment": "acme/both"})
    # Of a variant models.dev says nothing, and LiteLLM has the very same id.
    assert priced(costs("acme/both", catalog=catalog_of(variant))) == {"acme/both": (7.0, "litellm")}


@pytest.mark.usefixtures("two_sources")
def test_two_names_of_one_offer_are_counted_once() -> None:
    found = costs("both", "acme/both")
    assert (found.total, found.names) == (1.0, {"both": "acme/both", "acme/both": "acme/both"})


@pytest.mark.usefixtures("two_sources")
def test_one_offer_that_the_user_pays_differently_under_two_names_has_a_row_for_each(tmp_path: Path) -> None:
    match = Match(kind="exact", target="acme/both", reason="made up")
    models = [line(name, modelsdev_match=match) for name in ("here/x", "there/x")]
    overrides(prices={"there/x": {"input": 0.5, "output": 1.0, "reason": "ours"}})
    found = costs("here/x", "there/x", catalog=catalog_of(*models))
    assert priced(found) == {"acme/both": (1.0, "models.dev"), "there/x": (0.5, "overrides.json")}
    file = tmp_path / "usage.csv"
    file.write_text("time,model,input\n2026-01-02,here/x,1000000\n2026-01-02,there/x,1000000\n")
    (row,) = cost_of_usage(file, catalog_of(*models)).rows()
    assert (row.total, row.price_source) == (1.5, "overrides.json, models.dev")


@pytest.mark.usefixtures("home")
def test_every_kind_of_token_has_its_price_and_long_prompts_have_their_own() -> None:
    settings.arena_db().parent.mkdir(parents=True)
    kinds = {"input": 1, "output": 2, "cache_read": 3, "cache_write": 5, "input_audio": 7, "output_audio": 11}
    fields: dict[str, Any] = {f"price_{name}_per_million": float(price) for name, price in kinds.items()}
    tiers = (
        PriceTier(above_tokens=100_000, price_input_per_million=17.0),
        PriceTier(above_tokens=200_000, price_input_per_million=19.0),
    )
    told = {"acme/a": fields | {"price_tiers": tiers}, "acme/r": fields | {"price_reasoning_per_million": 13.0}}
    store_offers(settings.arena_db(), {key: offer(key, **each) for key, each in told.items()}, taken_at=DAY)
    every = Tokens(*[1_000_000] * 7)
    # Reasoning is output where no source has a price of its own.
    sums = {row.model: row for row in costs("acme/a", "acme/r", tokens=every).rows}
    assert (sums["acme/a"].total, sums["acme/r"].total) == (1 + 2 + 3 + 5 + 7 + 11 + 2, 1 + 2 + 3 + 5 + 7 + 11 + 13)
    row = sums["acme/a"]
    assert (row.input_cost, row.output_cost, row.cached_cost, row.written_cost) == (8, 15, 3, 5)
    assert costs("acme/a").long_prompts == {"acme/a"}
    for prompt, price in ((100_000, 1), (100_001, 17), (200_000, 17), (2_000_000, 19)):
        found = costs("acme/a", prompt=prompt)
        assert (found.total, found.long_prompts) == (price, frozenset())
    unknown = costs("acme/a", tokens=Tokens(cached=5), prompt=300_000)
    assert reasons(unknown) == {"acme/a": "the price of cached input in long prompts is unknown to models.dev"}


@pytest.mark.usefixtures("home")
def test_usage_over_time_is_priced_by_whoever_had_a_price_on_its_day(tmp_path: Path) -> None:
    settings.arena_db().parent.mkdir(parents=True)
    for day, source, told in (
        (0, "litellm", {"acme/a": offer("acme/a", price_input_per_million=4.0)}),
        (9, "models.dev", {"acme/a": offer("acme/a", price_input_per_million=1.0)}),
        (19, "models.dev", {"acme/b": offer("acme/b")}),
        (29, "litellm", {"acme/b": offer("acme/b")}),
    ):
        store_offers(settings.arena_db(), told, taken_at=DAY + timedelta(days=day), source=source)
    file = tmp_path / "usage.csv"
    days = ("2025-12-31", "2026-01-02", "2026-01-12", "2026-01-22", "2026-02-02")
    file.write_text("time,model,input\n" + "".join(f"{day},acme/a,1000000\n" for day in days))
    bill = cost_of_usage(file, None)
    (row,) = bill.rows()
    assert (row.total, row.price_source) == (4.0 + 1.0 + 4.0, "models.dev, litellm")
    assert [(one.reason, one.input) for one in bill.unpriced()] == [
        ("it was no longer offered on 2026-01-30", 1_000_000),
        ("no price was recorded before 2026-01-01", 1_000_000),
    ]
    overrides(prices={"acme": {"input": 0.1, "output": 0.2, "reason": "ours"}})
    assert [(row.total, row.price_source) for row in cost_of_usage(file, None).rows()] == [(0.5, "overrides.json")]


@pytest.mark.usefixtures("two_sources")
def test_a_catalog_in_python_prices_usage_and_refuses_what_is_none() -> None:
    matched = line("mine/deployment", modelsdev_match=Match(kind="exact", target="acme/both", reason="made up"))
    catalog = catalog_of(matched)
    found = catalog.cost("mine/deployment", "acme/only", input=2_000_000, at="2026-01-01")
    assert [(row.model, row.total) for row in found.rows] == [("acme/both", 2.0), ("acme/only", 8.0)]
    wrong: list[tuple[type[Exception], str, tuple[str, ...], dict[str, Any]]] = [
        (ValueError, "name a model or more", (), {"input": 1}),
        (ValueError, "give how many tokens: input, output, cached, written", ("acme/both",), {}),
        (ValueError, "output is -1: tokens are counted", ("acme/both",), {"output": -1}),
        (TypeError, "input is '10M': give a whole number of tokens", ("acme/both",), {"input": "10M"}),
        (TypeError, "prompt is 1.5: give a whole number", ("acme/both",), {"input": 1, "prompt": 1.5}),
        (InvalidReferenceError, "'soon' names no snapshot", ("acme/both",), {"input": 1, "at": "soon"}),
        (SnapshotNotFound, "there is 1, the oldest of 2026-01-01", ("acme/both",), {"input": 1, "at": "2020-01-01"}),
    ]
    for error, said, models, asked in wrong:
        with pytest.raises(error, match=said):
            catalog.cost(*models, **asked)


@pytest.mark.usefixtures("two_sources")
def test_many_models_of_a_provider_are_priced_with_as_many_statements_as_one() -> None:
    reader = database.open_for_reading(settings.arena_db())
    assert reader is not None
    with closing(reader) as connection:

        def statements(*models: str) -> int:
            run: list[str] = []
            connection.set_trace_callback(run.append)
            bill = quote(Prices(connection, until=DAY, payer=CatalogPayer(None)), models, MILLION).bill
            connection.set_trace_callback(None)
            assert len(bill.rows()) == len(set(models))
            return len(run)

        assert statements("acme/both", "acme/free", "acme/both") == statements("acme/both")
