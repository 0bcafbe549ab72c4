"""What usage costs, as the command says it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from llmhub import settings
from llmhub.catalog.cache import save_catalog
from llmhub.offers.values import PriceTier
from tests.conftest import Llmhub
from tests.offers.offers import offer, offers
from tests.support.made_up import models as made
from tests.support.made_up.stored_offers import store_offers

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
PRICES = ((0, 3.0, 15.0, 0.3), (90, 2.5, 10.0, 0.25), (200, 2.0, 8.0, None), (300, 0.7, 2.1, 0.07))


@pytest.fixture
def year() -> None:
    """Store a year with three price changes of acme/a, an offer that is free, and one without a price."""
    settings.arena_db().parent.mkdir(parents=True)
    for days, into, out, cached in PRICES:
        told = offer(
            "acme/a",
            price_input_per_million=into,
            price_output_per_million=out,
            price_cache_read_per_million=cached,
        )
        free = offer("acme/free", price_input_per_million=0.0, price_output_per_million=0.0)
        mute = offer("acme/mute", price_input_per_million=None)
        both = offers("acme/both", "other/both")
        store_offers(
            settings.arena_db(),
            {"acme/a": told, "acme/free": free, "acme/mute": mute} | both,
            taken_at=JANUARY + timedelta(days=days, hours=15),
        )


def document(done: Any) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.usefixtures("year")
def test_a_year_of_usage_over_three_price_changes_costs_what_it_comes_to_by_hand(
    llmhub: Llmhub, tmp_path: Path
) -> None:
    lines, expected = ["time,model,input,output,cached"], Fraction(0)
    for day in range(330):
        given, generated, cached = 1000 + 37 * day, 313 + 11 * day, 0 if 200 <= day < 300 else 17 * day
        lines.append(f"{JANUARY + timedelta(days=day, hours=3):%Y-%m-%dT%H:%M:%SZ},acme/a,{given},{generated},{cached}")
        _, into, out, cache = [row for row in PRICES if row[0] <= day][-1]
        prices = (Fraction(str(price or 0)) for price in (into, out, cache))
        for price, tokens in zip(prices, (given, generated, cached), strict=True):
            expected += price * tokens / Fraction(10**6)
    file = tmp_path / "usage.csv"
    file.write_text("\n".join(lines))
    told = document(llmhub("catalog", "cost", "--usage", file, "--json"))
    assert told["unpriced"] == []
    (row,) = told["rows"]
    assert row["model"] == "acme/a"
    assert row["total"] == pytest.approx(float(expected), abs=1e-9)
    assert told["total"] == row["total"]
    assert f"total {float(expected):,.2f}" in llmhub("catalog", "cost", "--usage", file).stdout


@pytest.mark.usefixtures("year")
def test_amounts_are_priced_for_each_model_cheapest_first(llmhub: Llmhub) -> None:
    amounts = ("--input", "1000000", "--output", "500000")
    told = document(llmhub("catalog", "cost", "acme/a", "acme/free", "acme/mute", *amounts, "--json"))
    assert [(row["model"], row["input_cost"], row["output_cost"], row["total"]) for row in told["rows"]] == [
        ("acme/free", 0.0, 0.0, 0.0),
        ("acme/a", 0.7, 1.05, 1.75),
    ]
    assert told["rows"][1]["recorded_on"] == told["at"] == "2026-10-28T15:00:00Z"
    assert [(one["model"], one["reason"]) for one in told["unpriced"]] == [
        ("acme/mute", "the price of input is unknown to models.dev")
    ]
    before = document(llmhub("catalog", "cost", "acme/a", "--cached", "1000000", "--at", "2026-01-05", "--json"))
    assert (before["rows"][0]["cached_cost"], before["total"]) == (0.3, 0.3)
    text = llmhub("catalog", "cost", "acme/a", "acme/mute", *amounts)
    assert "1.75" in text.stdout
    assert "not priced: acme/mute (1,000,000 in, 500,000 out, 0 cached, 0 written): the price of input" in text.stderr


@pytest.mark.usefixtures("year")
def test_models_of_which_none_can_be_priced_are_no_success(llmhub: Llmhub) -> None:
    amounts = ("--input", "5")
    for arguments, said in {
        ("acme/fre", "--json"): "no price of 'acme/fre': models.dev never listed it (did you mean acme/free",
        ("nobody/at-all", "acme/fre"): "no price of 'nobody/at-all': models.dev never listed it",
        ("both",): "several providers may be meant (acme, other): write provider/model, or give --provider",
    }.items():
        done = llmhub("catalog", "cost", *arguments, *amounts)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
    known = llmhub("catalog", "cost", "acme/mute", "acme/fre", *amounts, "--json")
    assert known.returncode == 1
    assert {one["model"] for one in json.loads(known.stdout)["unpriced"]} == {"acme/mute", "acme/fre"}
    save_catalog(made.catalog_of(made.line("ollama/own")))
    own = llmhub("catalog", "cost", "ollama/own", *amounts)
    assert (own.returncode, own.stdout.count("\n")) == (1, 1)
    assert "not priced: ollama/own (5 in" in own.stderr
    # What is known is an answer.
    assert document(llmhub("catalog", "cost", "acme/a", "acme/fre", *amounts, "--json"))["total"] > 0
    assert llmhub("catalog", "cost", "acme/fre", "acme/free", *amounts).stderr.startswith("not priced: acme/fre (5 in")


@pytest.mark.usefixtures("year")
def test_what_cannot_be_priced_is_listed_with_the_reason_and_is_in_no_sum(llmhub: Llmhub, tmp_path: Path) -> None:
    rows = [
        {"time": "2025-12-31", "model": "acme/a", "input": 5},
        {"time": "2026-02-01", "model": "nobody/knows", "input": 5},
        {"time": "2026-02-01", "model": "both", "input": 5},
        {"time": "2026-08-01", "model": "acme/a", "cached": 5},
        {"time": "2026-08-01", "model": "a", "input": 1_000_000, "output": None},
    ]
    file = tmp_path / "usage.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    told = document(llmhub("catalog", "cost", "--usage", file, "--json"))
    assert (told["total"], [row["model"] for row in told["rows"]]) == (2.0, ["acme/a"])
    assert {(one["model"], one["reason"]) for one in told["unpriced"]} == {
        ("acme/a", "no price was recorded before 2026-01-01"),
        ("nobody/knows", "models.dev never listed it"),
        ("both", "several providers may be meant (acme, other): write provider/model, or give --provider"),
        ("acme/a", "the price of cached input is unknown to models.dev"),
    }
    chosen = document(llmhub("catalog", "cost", "--usage", file, "--provider", "other", "--json"))
    assert "other/both" in [row["model"] for row in chosen["rows"]]


@pytest.mark.usefixtures("year")
def test_a_time_without_a_zone_is_utc_and_that_is_said(llmhub: Llmhub, tmp_path: Path) -> None:
    # The price of day 90 (2026-04-01, UTC) is 2.5; before, it is 3.
    times = (
        "2026-03-31T23:59:59",
        "2026-04-01T00:30:00+02:00",
        "2026-03-31T23:30:00-01:00",
        "2026-03-31",
        "2026-04-01",
    )
    file = tmp_path / "usage.csv"
    file.write_text("time,model,input\n" + "".join(f"{time},acme/a,{10 ** (6 + n)}\n" for n, time in enumerate(times)))
    done = llmhub("catalog", "cost", "--usage", file, "--json")
    assert document(done)["total"] == 3.0 + 30.0 + 250.0 + 3000.0 + 25000.0
    assert done.stderr == "3 times have no time zone: taken as UTC\n"
    file.write_text("time,model,input\n2026-04-01T00:30:00Z,acme/a,1\n")
    assert llmhub("catalog", "cost", "--usage", file).stderr == ""


@pytest.mark.usefixtures("year")
def test_what_ccusage_and_litellm_export_is_read(llmhub: Llmhub, tmp_path: Path) -> None:
    part = {"modelName": "a", "inputTokens": 1000, "outputTokens": 100, "cacheReadTokens": 10, "cost": 1}
    day = {"date": "2026-02-01", "inputTokens": 1000, "outputTokens": 100, "totalCost": 1, "modelsUsed": ["a"]}
    ccusage = {"daily": [day | {"modelBreakdowns": [part]}], "totals": {"totalCost": 1}}
    spend = [
        {
            "request_id": "made-up",
            "startTime": "2026-02-01T00:00:00",
            "model": "a",
            "custom_llm_provider": "acme",
            "prompt_tokens": 1010,
            "completion_tokens": 100,
            "cache_read_input_tokens": 10,
            "spend": 3,
        }
    ]
    totals = []
    for number, told in enumerate((ccusage, spend)):
        for indent in (None, 1):
            file = tmp_path / f"{number}.json"
            file.write_text(json.dumps(told, indent=indent))
            totals.append(document(llmhub("catalog", "cost", "--usage", file, "--json"))["total"])
    assert totals == [pytest.approx((3000 + 1500 + 3) / 10**6)] * 4


@pytest.mark.usefixtures("year")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("time,model,inputs\n", "the column 'inputs' is unknown; known are time"),
        ("model,input\n", "there is no column of the time"),
        ("time,model,model_name,input\n", "the columns 'model' and 'model_name' both say the model: keep one"),
        ("time,model\n", "there is no column of tokens"),
        ("time,model,input\n2026-02-01,acme/a,-5\n", "line 2: input: found '-5', expected a whole number"),
        ("time,model,input\n2026-02-01,acme/a,1.5\n", "line 2: input: found '1.5'"),
        ("time,model,input\nsoon,acme/a,5\n", "line 2: time: 'soon' is not a date"),
        ("time,model,input\n2026-02-01,acme/a,5,6\n", "line 2: found more cells"),
        ('{"time": "2026-02-01", "model": "acme/a", "input": 1}\n{"time"\n', "line 2: found text that is not JSON"),
        ('{"time": "2026-02-01", "model": 7, "input": 1}\n', "line 1: model: found 7"),
        ('{"total": 1,\n "x": 2}', "found JSON without a list of records"),
    ],
)
def test_a_line_that_cannot_be_is_named(llmhub: Llmhub, tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "usage"
    file.write_text(content)
    done = llmhub("catalog", "cost", "--usage", file)
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"error: {file}" in done.stderr
    assert said in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give MODEL or filters with --input"),
        (("acme/a",), "give MODEL or filters with --input"),
        (("acme/a", "--input", "5"), "the store has no prices of models.dev yet"),
        (("acme/a", "--input", "-5"), "'-5' is not a number of tokens"),
    ],
)
def test_wrong_usage_is_said(llmhub: Llmhub, arguments: tuple[str, ...], said: str) -> None:
    done = llmhub("catalog", "cost", *arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_an_id_alone_means_its_labs_offer_and_litellms_names_of_providers_are_known(
    llmhub: Llmhub, tmp_path: Path
) -> None:
    settings.arena_db().parent.mkdir(parents=True)
    prices = {"openai/gpt-x": 1.0, "gateway/gpt-x": 9.0, "google-vertex/gem": 2.0, "google/gem": 3.0}
    told = {key: offer(key, price_input_per_million=price) for key, price in prices.items()}
    store_offers(settings.arena_db(), told, taken_at=JANUARY)
    file = tmp_path / "usage.csv"
    file.write_text(
        "time,model,custom_llm_provider,input\n"
        "2026-02-01,gpt-x,,1000000\n"
        "2026-02-01,gem,vertex_ai,1000000\n"
        "2026-02-01,gemini/gem,gemini,1000000\n"
        # A call that failed.
        "2026-02-01,,,0\n"
        "2026-02-01,,,7\n"
    )
    found = document(llmhub("catalog", "cost", "--usage", file, "--json"))
    assert {row["model"]: row["total"] for row in found["rows"]} == {
        "openai/gpt-x": 1.0,
        "google-vertex/gem": 2.0,
        "google/gem": 3.0,
    }
    assert [(one["model"], one["input"], one["reason"]) for one in found["unpriced"]] == [("", 7, "no model is named")]


@pytest.mark.usefixtures("year")
def test_the_table_marks_totals_at_the_users_own_prices_and_its_heading_says_whose_they_are(
    llmhub: Llmhub, tmp_path: Path
) -> None:
    settings.overrides_file().write_text(json.dumps({"prices": {"acme/a": {"factor": 0.5, "reason": "ours"}}}))
    amounts = ("--input", "1000000", "--output", "500000")
    both = llmhub("catalog", "cost", "acme/a", "acme/both", *amounts).stdout.splitlines()
    assert both[0] == (
        "US dollars at the prices that models.dev had recorded by 2026-10-28 15:00:00 UTC; = at your own"
    )
    marked = {line.split()[0]: "=" in line for line in both if line.startswith("acme/")}
    assert marked == {"acme/a": True, "acme/both": False}
    assert llmhub("catalog", "cost", "acme/a", *amounts).stdout.startswith(
        "US dollars at your own prices (=) of overrides.json\n"
    )
    assert "your own" not in llmhub("catalog", "cost", "acme/both", *amounts).stdout
    file = tmp_path / "usage.csv"
    file.write_text("time,model,input\n2026-02-01,acme/a,1000000\n2026-02-02,acme/both,1000000\n")
    assert llmhub("catalog", "cost", "--usage", file).stdout.startswith(
        "US dollars at each day's recorded prices, 2026-02-01 to 2026-02-02; = at your own\n"
    )
    told = document(llmhub("catalog", "cost", "--usage", file, "--json"))
    assert {row["model"]: row["price_source"] for row in told["rows"]} == {
        "acme/a": "overrides.json",
        "acme/both": "models.dev",
    }


def test_the_table_marks_totals_at_litellms_prices_and_says_of_whom_long_prompts_cost_something_else(
    llmhub: Llmhub,
) -> None:
    settings.arena_db().parent.mkdir(parents=True)
    tier = PriceTier(above_tokens=200_000, price_input_per_million=6.0)
    store_offers(settings.arena_db(), {"acme/long": offer("acme/long", price_tiers=(tier,))}, taken_at=JANUARY)
    store_offers(settings.arena_db(), offers("acme/only"), taken_at=JANUARY, source="litellm")
    found = llmhub("catalog", "cost", "acme/long", "acme/only", "--input", "1M")
    assert "; ^ at LiteLLM's\n" in found.stdout
    marked = {line.split()[0]: "^" in line for line in found.stdout.splitlines() if line.startswith("acme/")}
    assert marked == {"acme/long": False, "acme/only": True}
    assert "long prompts of acme/long have other prices: give --prompt N, how long yours are" in found.stderr
    long = llmhub("catalog", "cost", "acme/long", "--input", "1M", "--prompt", "300k", "--json")
    assert (document(long)["total"], document(long)["long_prompts"]) == (6.0, [])
