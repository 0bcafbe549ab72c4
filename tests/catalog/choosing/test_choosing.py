"""Picking, comparing, why nothing is left, and what a key would bring."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from llmhub.catalog.choosing.conditions import selection_of
from llmhub.catalog.choosing.keys import briefs_from_json, briefs_of, brought_by_provider
from llmhub.catalog.choosing.none_left import why_none
from llmhub.catalog.choosing.picking import pick
from llmhub.catalog.choosing.selection import Selection, one_of_each, select
from llmhub.catalog.schema import OfferedModel, ProviderStatus, WholeCatalog
from llmhub.errors import ModelNotFoundError, NotFoundError
from tests.support.made_up.models import catalog_of, line

TODAY = date(2026, 6, 1)


def rated(key: str, tier: int = 1, price: float | None = 1.0, **fields: Any) -> Any:
    prices = {"price_input_per_million": price, "price_output_per_million": price}
    known = {"quality_tier": tier, "quality_basis": "rated", "arena_score": 1500.0 - tier, "lab": "lab"}
    return line(key, **{**known, **prices, **fields})


CATALOG = catalog_of(
    rated("a/best", price=9.0, tags=("tools", "vision")),
    rated("a/dear", price=8.0, tags=("tools",), first_party=True),
    rated("b/cheap", 2, price=1.0, tags=("tools",), release_date="2026-05"),
    line("b/silent"),
    providers=(ProviderStatus(provider="c", callable=False, reason="no key: set C_KEY"),),
)


def ids(models: Any) -> list[str]:
    return [model.canonical_id for model in models]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"quality": 1}, ["a/best", "a/dear"]),
        ({"quality": 2, "can": {"tools"}, "max_price": 5}, ["b/cheap"]),
        ({"can": "vision"}, ["a/best"]),
        ({"providers": "b", "rated": True}, ["b/cheap"]),
        ({"lab": "LAB", "first_party": True}, ["a/dear"]),
        ({"released_since": date(2026, 5, 20)}, ["b/cheap"]),
        ({"released_since": "2026-06-01"}, []),
        ({"kind": "all", "search": "silent"}, ["b/silent"]),
        ({"kind": ["embedding", "image"]}, []),
        ({"retired": True}, []),
    ],
)
def test_python_asks_as_the_command_line_does(conditions: dict[str, Any], expected: list[str]) -> None:
    assert ids(CATALOG.find(**conditions)) == expected
    first = CATALOG.pick(today=TODAY, **conditions)
    assert (first and first.canonical_id) == (expected[0] if expected else None)


def test_what_is_no_condition_tier_ability_or_order_is_said() -> None:
    with pytest.raises(TypeError, match="there is no condition 'beauty'"):
        selection_of(beauty=1)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="tiers go from 1 to 5"):
        CATALOG.find(quality=6)
    with pytest.raises(ValueError, match="'imag' is not a kind"):
        CATALOG.find(kind="imag")
    with pytest.raises(ValueError, match="'singing' is not an ability"):
        CATALOG.find(can={"singing"})
    with pytest.raises(ValueError, match="'beauty' is not an order"):
        CATALOG.find(sort="beauty")
    with pytest.raises(NotFoundError, match="no lab is called 'labb' \\(did you mean lab\\?\\)"):
        CATALOG.find(lab="labb")


@pytest.mark.parametrize(
    ("life", "picked"),
    [
        ({}, True),
        ({"status": "deprecated"}, True),
        ({"status": "retired"}, False),
        ({"retires_on": "2026-05-01"}, False),
        ({"retires_on": "2026-06-01"}, False),
        ({"retires_on": "2026-07-01"}, False),
        ({"retires_on": "2026-07-02"}, True),
        ({"retires_earliest": "2026-06-02"}, True),
    ],
)
def test_what_ends_within_thirty_days_is_passed_over_unless_that_is_allowed(
    life: dict[str, Any], *, picked: bool
) -> None:
    first, second = rated("a/first", **life), rated("a/second")
    found = pick([first, second], today=TODAY)
    assert (found.model == first, found.passed_over) == (picked, () if picked else (first,))
    assert pick([first, second], today=TODAY, allow_retiring=True).model == first
    assert catalog_of(first, second).pick(today=TODAY) == (first if picked else second)


def test_of_each_base_model_the_cheapest_offer_is_kept_and_among_equals_that_of_its_lab() -> None:
    models = [
        rated("shop/x", price=3.0, base_model="lab/x"),
        rated("lab/x", price=3.0, base_model="lab/x", first_party=True),
        rated("shop/x-dated", price=1.0, base_model="lab/x-dated", arena_id="x-rated"),
        rated("lab/x-undated", price=2.0, base_model="lab/x-undated", arena_id="x-rated"),
        line("shop/y", base_model="lab/y"),
        rated("other/y", price=5.0, base_model="lab/y"),
        line("shop/nameless"),
    ]
    assert ids(one_of_each(models)) == ["lab/x", "shop/x-dated", "other/y", "shop/nameless"]
    cheapest = select(catalog_of(*models), Selection(one_each=True, max_price=2.5), sort="price")
    assert ids(cheapest) == ["shop/x-dated"]


def test_why_none_is_left_names_the_filters_that_did_it_or_the_provider_without_a_key() -> None:
    assert why_none(CATALOG, selection_of(quality=1, max_price=0.5)) == ["without --max-price 0.5 there would be 2"]
    assert why_none(CATALOG, selection_of(can={"vision"}, max_price=0.5, rated=True)) == [
        "without --max-price 0.5 there would be 1"
    ]
    assert why_none(CATALOG, selection_of(search="nothing", max_price=0.1)) == [
        "--search nothing leaves none of the 4 that meet --kind chat"
    ]
    assert why_none(CATALOG, selection_of(providers="c")) == ["c cannot be called: no key: set C_KEY"]


def test_a_comparison_has_the_differences_first_and_unknown_differs_from_known() -> None:
    found = CATALOG.compare("a/best", "b/silent")
    assert found.models == ("a/best", "b/silent")
    assert [field.differs for field in found.fields] == sorted((field.differs for field in found.fields), reverse=True)
    values = {field.field: field.values for field in found.different}
    assert values["price_input_per_million"] == (9.0, None)
    assert values["blended_price"] == (9.0, None)
    assert "type" in {field.field for field in found.same}
    assert (found.rows[0].model, found.rows[1].model) == found.models
    with pytest.raises(ModelNotFoundError, match="did you mean a/best"):
        CATALOG.compare("a/best", "a/bestt")
    with pytest.raises(ValueError, match="two models"):
        CATALOG.compare("a/best")


def test_a_key_brings_its_providers_chat_models_and_the_cheapest_of_the_top_fifth() -> None:
    offers = [
        rated("google/good", price=2.0, arena_score=1490.0),
        rated("google/cheap-and-good", price=0.5, arena_score=1480.0),
        rated("google/cheap", 3, price=0.1, arena_score=1300.0),
        rated("google/free", 1, price=None, arena_score=1485.0),
        line("google/embedding", type="embedding"),
        line("acme/silent"),
    ]
    whole = WholeCatalog(
        **dict(catalog_of()) | {"models": tuple(OfferedModel(**dict(each), callable_as=()) for each in offers)}
    )
    found = brought_by_provider(briefs_of(whole), ["gemini", "acme", "nobody"], {"gemini": ("google",)})
    assert found["gemini"] == (4, 3, "google/good", 1490.0, "google/cheap-and-good", 0.5, 0.5)
    assert found["acme"] == (1, 0, None, None, None, None, None)
    assert found["nobody"].offers == 0
    briefs = briefs_of(whole)
    both = brought_by_provider(briefs, ["one"], {"one": ("acme", "google", "nobody")})["one"]
    assert both == (5, 3, *found["gemini"][2:]), "one key brings what two of models.dev's providers offer"
    assert briefs_from_json(json.loads(json.dumps(briefs))) == briefs


def test_a_catalog_finds_a_model_by_its_id_or_its_bare_name() -> None:
    assert CATALOG.model("b/cheap") is CATALOG.model("cheap")
    assert CATALOG.model("cheap").canonical_id == "b/cheap"


@pytest.mark.parametrize(
    ("conditions", "error", "said"),
    [
        ({"quality": "2"}, TypeError, "quality is '2': give a whole number"),
        ({"quality": True}, TypeError, "quality is True: give a whole number"),
        ({"max_price": "cheap"}, TypeError, "max_price is 'cheap': give a number"),
        ({"max_price": -1}, ValueError, "max_price is -1: give a number of at least 0"),
        ({"max_price": float("nan")}, ValueError, "max_price is nan"),
        ({"min_context": "128k"}, TypeError, "min_context is '128k': give a whole number"),
        ({"can": 5}, TypeError, "can is 5: give a text, or several"),
        ({"lab": ["openai", None]}, TypeError, "lab is .*: give a text, or several"),
        ({"open_weights": "yes"}, TypeError, "open_weights is 'yes': give True or False"),
        ({"search": 5}, TypeError, "search is 5: give a text"),
        ({"released_since": "soon"}, ValueError, "released_since is 'soon': give a date such as"),
        ({"released_since": 2026}, TypeError, "released_since is 2026: give a date"),
        ({"top": -1}, ValueError, "top is -1: give 0 or more"),
        ({"top": "5"}, TypeError, "top is '5': give a whole number"),
    ],
)
def test_odd_conditions_in_python_are_refused_in_one_line(
    conditions: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        catalog_of(line("openai/a")).find(**conditions)


def test_a_condition_of_none_is_none() -> None:
    none = {"quality": None, "can": None, "lab": None, "providers": None, "kind": None, "max_price": None}
    asked: dict[str, Any] = {**none, "released_since": None, "top": None}
    assert len(catalog_of(line("openai/a")).find(**asked)) == 1


@pytest.mark.parametrize("since", ["2026", "2026-05", "2026-05-01", date(2026, 5, 1), datetime(2026, 5, 1, tzinfo=UTC)])
def test_a_day_may_be_a_date_its_text_or_a_month(since: str | date) -> None:
    catalog = catalog_of(line("a/old", release_date="2025-12"), line("a/new", release_date="2026-05-02"))
    assert [model.model_id for model in catalog.find(released_since=since)] == ["new"]


def test_what_a_notebook_shows_of_each_is_one_short_line() -> None:
    known = {"quality_basis": "rated", "quality_tier": 1, "arena_score": 1486.6, "retires_on": "2026-10-01"}
    prices = {"price_input_per_million": 1.25, "price_output_per_million": 10.0, "context_tokens": 400_000}
    catalog = catalog_of(line("openai/a", **known, **prices), line("x/b"))
    assert repr(catalog.models[0]) == (
        "<CanonicalModel openai/a: quality 1, rating 1487, $1.25 in, $10.00 out, 400,000 tokens, ends 2026-10-01>"
    )
    assert str(catalog.models[1]) == "<CanonicalModel x/b>"
    assert repr(catalog) == f"<Catalog of {catalog.built_at:%Y-%m-%d %H:%M}: 2 models of 2 providers>"
    assert re.fullmatch(r"<Comparison of openai/a, x/b: \d+ of \d+ fields differ>", repr(catalog.compare("a", "b")))
    with pytest.raises(TypeError, match="a model's name is 5: give a text"):
        catalog.model(5)  # type: ignore[arg-type]
