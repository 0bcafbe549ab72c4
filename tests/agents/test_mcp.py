"""`llmhub mcp` with the SDK's own client, on the demonstration's store."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import TypeAdapter

from llmhub import settings
from llmhub.agents import answers
from llmhub.agents.arguments import Arguments
from llmhub.catalog.cache import read_catalog, save_catalog
from llmhub.catalog.choosing.selection import ABILITIES, ORDERS
from llmhub.cli import COMMANDS
from llmhub.errors import ModelNotFoundError
from llmhub.offers.fields import PRICE_FIELDS
from tests.conftest import REPOSITORY
from tests.documents import DEMONSTRATION
from tests.offers.offers import offer, offers
from tests.support.made_up.stored_offers import store_offers
from tests.support.processes.late import mcp

MOST_TOKENS = 150
CALLS: dict[str, dict[str, Any]] = {
    "search": {"query": "fictional", "sort": "price", "top": 2},
    "pick": {"quality": 2, "can": ["tools"], "sort": "price"},
    "compare": {"models": ["openai/fictional-pro-3", "openai/imaginary-opus-2"]},
    "explain": {"model": "openai/fictional-pro-3"},
    "cost": {"models": ["openai/fictional-pro-3", "openai/unheard-of-1"], "input": 10_000_000, "output": 2_000_000},
    "changed": {"since": "previous"},
    "retirements": {"within": "90d"},
}
WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "word": ("search", {"sort": "beauty"}, "sort: input should be 'quality', 'reasoning'"),
    "stranger": ("search", {"limit": 3}, "there is no argument 'limit'; there are query, quality"),
    "misspelled": ("search", {"qualty": 3}, "there is no argument 'qualty' (did you mean quality?); there are"),
    "none": ("search", {"top": 0}, "top: input should be greater than or equal to 1, found '0'"),
    "type": ("pick", {"quality": "best"}, "quality: input should be a valid integer"),
    "tier": ("pick", {"quality": 9}, "quality: input should be less than or equal to 5, found '9'"),
    "ability": ("pick", {"can": ["fly"]}, "can.0: input should be 'attachments'"),
    "missing": ("explain", {}, "model is missing"),
    "unknown": ("explain", {"model": "no/such-model"}, "'no/such-model' is not in the catalog"),
    "huge": ("explain", {"model": "x" * 10**6}, "model: string should have at most 500 characters, found 'xxx"),
    "lines": ("explain", {"model": "a\n\x1b[31mb\u2028"}, "'a\\n\\x1b[31mb\\u2028' is not in the catalog"),
    "one": ("compare", {"models": ["a/b"]}, "models: value should have at least 2 items"),
    "many": ("cost", {"models": ["a/b"] * 10_000, "input": 1}, "models: value should have at most 20 items"),
    "negative": ("cost", {"models": ["a/b"], "input": -1}, "input: '-1' is not a number of tokens"),
    "amount": ("cost", {"models": ["a/b"], "input": "many"}, "input: 'many' is not a number of tokens"),
    "nothing": ("cost", {"models": ["a/b"]}, "give how many tokens"),
    "moment": ("changed", {"since": "yesterday"}, "'yesterday' names no snapshot"),
    "field": (
        "changed",
        {"field": ["inputs"]},
        "field: 'inputs' is not a field (did you mean input or max_input?); there are input",
    ),
    "age": ("retirements", {"within": "soon"}, "'soon' is not an age"),
    "tool": ("dance", {}, "there is no tool 'dance'; there are search"),
}


NOTHING: dict[str, dict[str, Any]] = {
    "search": {"query": "nowhere"},
    "pick": {"max_price": 0},
    "explain": {"model": "openai/unheard-of-1"},
    "cost": {"models": ["openai/unheard-of-1"]},
    "changed": {"since": "2000-01-01"},
}


def _tokens(answer: Any) -> float:
    return len(json.dumps(answer, separators=(",", ":"))) / 4


@pytest.fixture
def demonstration(demonstrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a copy of the kept demonstration."""
    copy = shutil.copytree(demonstrated / DEMONSTRATION, tmp_path / "demonstration")
    monkeypatch.setenv("LLMHUB_CONFIG_DIR", str(copy / "config"))
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    return copy


def test_the_sdks_client_lists_and_calls_every_tool_and_sees_what_another_process_stores(demonstration: Path) -> None:
    server = mcp.StdioServerParameters(command=sys.executable, args=["-m", "llmhub", "mcp"], env=dict(os.environ))

    async def ask() -> tuple[list[Any], dict[str, Any], dict[str, Any], list[Any]]:
        async with mcp.Client(mcp.stdio_client(server)) as client:
            listed = (await client.list_tools()).tools
            answered = {name: await client.call_tool(name, given) for name, given in CALLS.items()}
            wrong = {name: await client.call_tool(tool, given) for name, (tool, given, _) in WRONG.items()}
            settings.overrides_file().write_text(json.dumps({"prices": {"openai": {"factor": 0.5, "reason": "half"}}}))
            later = [await client.call_tool("cost", CALLS["cost"])]
            settings.catalog_file().unlink()
            return listed, answered, wrong, [*later, await client.call_tool("pick", {})]

    listed, answered, wrong, later = asyncio.run(ask())
    assert {tool.name for tool in listed} == set(CALLS)
    assert all(tool.description and tool.annotations.read_only_hint for tool in listed)
    assert all(tool.output_schema and tool.input_schema["additionalProperties"] is False for tool in listed)
    assert not any(answer.is_error for answer in answered.values())
    told = {name: json.loads(answer.content[0].text) for name, answer in answered.items()}
    assert {name: answer.structured_content for name, answer in answered.items()} == told
    assert [model["model"] for model in told["search"]["models"]] == [
        "openai/fictional-flash-4",
        "openai/fictional-flash-3",
    ]
    assert told["pick"]["model"]["model"] == "openai/fictional-pro-3"
    assert told["compare"]["different"]["price_input_per_million"] == [2.5, 15.0]
    assert told["explain"]["because"]["quality"].startswith("measured: its rating")
    assert told["cost"]["rows"] == [{"model": "openai/fictional-pro-3", "total": 55.0}]
    assert told["cost"]["unpriced"][0]["model"] == "openai/unheard-of-1"
    assert set(told["changed"]) == {"offers", "ratings"}
    assert told["retirements"].items() >= {"retirements": [], "more": 0}.items()
    for name, (_, _, said) in WRONG.items():
        (content,) = wrong[name].content
        assert wrong[name].is_error, name
        assert content.text.startswith(said), content.text
        assert content.text.isprintable(), name
    own, gone = (answer.content[0].text for answer in later)
    half = {"model": "openai/fictional-pro-3", "total": 27.5, "price_source": "overrides.json"}
    assert json.loads(own)["rows"] == [half]
    assert gone == "no catalog was built yet: run `llmhub catalog refresh`"


@pytest.mark.usefixtures("demonstration")
def test_a_model_takes_less_than_150_tokens_and_an_answer_not_much_more() -> None:
    for model in answers.search(top=20)["models"]:
        assert _tokens(model) < MOST_TOKENS
    ask: dict[str, Callable[..., Any]] = {tool.__name__: tool for tool in answers.TOOLS}
    for name, given in CALLS.items():
        assert _tokens(ask[name](**Arguments(ask[name]).checked(given))) < 3 * MOST_TOKENS, name


@pytest.mark.usefixtures("demonstration")
def test_every_answer_is_of_the_shape_that_the_tool_promises() -> None:
    for tool in answers.TOOLS:
        shape = TypeAdapter(get_type_hints(tool, include_extras=True)["return"])
        for given in (CALLS[tool.__name__], NOTHING.get(tool.__name__, {})):
            answer = tool(**Arguments(tool).checked({**CALLS[tool.__name__], **given}))
            # What the shape does not know would be left out.
            assert shape.validate_python(answer, strict=True) == answer


@pytest.mark.usefixtures("demonstration")
def test_what_is_unknown_or_guessed_is_left_out() -> None:
    models = {model["model"]: model for model in answers.search(top=20)["models"]}
    assert set(models["openai/unheard-of-1"]) == {"model"}
    assert "quality" not in models["openai/fictional-flash-4"]
    assert "in" not in models["openai/invented-70b"]


@pytest.mark.usefixtures("demonstration")
def test_where_no_model_meets_the_conditions_an_agent_is_told_why() -> None:
    assert answers.search(quality=1, max_price=0.01) == {
        "models": [],
        "more": 0,
        "why": "without max_price 0.01 there would be 2",
    }
    assert answers.pick(min_context=10**12) == {
        "model": None,
        "why": "without min_context 1000000000000 there would be 7",
    }


@pytest.mark.usefixtures("demonstration")
def test_every_offer_is_listed_where_all_is_asked_for() -> None:
    (model,) = answers.search(query="fictional-pro-3", provider=["openai"], all=True)["models"]
    assert model["model"] == "openai/fictional-pro-3"
    assert "callable_as" in model


@pytest.mark.usefixtures("demonstration")
def test_an_id_that_went_is_explained_by_its_life() -> None:
    gone = offer("openai/gone-1", retires_on="2025-12-01", replacement="fictional-pro-3", retires_source="a page")
    moment = datetime(2025, 11, 1, tzinfo=UTC)
    store_offers(settings.arena_db(), {"openai/gone-1": gone}, taken_at=moment, source="litellm")
    told = answers.explain(model="openai/gone-1")
    assert (told["status"], told["retires_on"], told["replacement"]) == ("retired", "2025-12-01", "fictional-pro-3")
    assert (told["retires_source"], told["note"]) == ("a page", "it is on no list today, and cannot be called")
    with pytest.raises(ModelNotFoundError):
        answers.explain(model="openai/never-was")


@pytest.mark.usefixtures("demonstration")
def test_a_resellers_id_that_begins_as_a_provider_is_not_taken_for_that_providers_model_which_went() -> None:
    gone = offer("openai/gone-1", retires_on="2025-12-01")
    store_offers(settings.arena_db(), {"openai/gone-1": gone}, taken_at=datetime(2025, 11, 1, tzinfo=UTC))
    catalog = read_catalog()
    assert catalog is not None
    resold = {"canonical_id": "reseller/openai/gone-1", "provider": "reseller", "model_id": "openai/gone-1"}
    save_catalog(catalog.model_copy(update={"models": (catalog.models[0].model_copy(update=resold),)}))
    told = answers.explain(model="openai/gone-1")
    assert (told["model"], told["status"]) == ("openai/gone-1", "retired")
    assert told["offered_as"] == "reseller/openai/gone-1"
    assert answers.explain(model="reseller/openai/gone-1")["model"] == "reseller/openai/gone-1"


@pytest.mark.usefixtures("demonstration")
def test_a_resellers_offer_is_the_answer_for_an_id_that_its_own_provider_still_lists() -> None:
    catalog = read_catalog()
    assert catalog is not None
    own = next(model for model in catalog.models if model.canonical_id == "openai/fictional-pro-3")
    resold = {"canonical_id": f"reseller/{own.canonical_id}", "provider": "reseller", "model_id": own.canonical_id}
    save_catalog(catalog.model_copy(update={"models": (own.model_copy(update=resold),)}))
    told = answers.explain(model=own.canonical_id)
    assert (told["model"], told.get("note")) == (f"reseller/{own.canonical_id}", None)
    assert "because" in told


@pytest.mark.usefixtures("demonstration")
def test_a_day_that_became_known_after_the_catalog_was_built_is_explained() -> None:
    key = "openai/fictional-pro-3"
    ends = offer(key, retires_on="2026-01-05", replacement="fictional-pro-4")
    store_offers(settings.arena_db(), {key: ends}, taken_at=datetime.now(UTC), source="litellm")
    told = answers.explain(model=key)
    assert (told["status"], told["retires_on"], told["replacement"]) == ("retired", "2026-01-05", "fictional-pro-4")
    assert "quality" in told


@pytest.mark.usefixtures("demonstration")
def test_of_what_changed_prices_come_first_and_a_field_may_be_asked_for() -> None:
    changed = answers.changed(since="2025-12-10")["offers"]["changed"]
    prices = [change["field"] in PRICE_FIELDS for change in changed]
    assert prices == sorted(prices, reverse=True)
    assert any(prices)
    asked = answers.changed(since="2025-12-10", field=["output"])["offers"]
    assert {change["field"] for change in asked["changed"]} == {"output"}
    assert answers.changed(since="latest", field=["output"])["offers"]["none"] == "nothing changed"


@pytest.mark.usefixtures("demonstration")
def test_answers_say_the_unit_and_the_days_that_they_are_about() -> None:
    told = answers.cost(models=["openai/fictional-pro-3"], input=1)
    assert told["currency"] == "USD"
    ends = answers.retirements(within="7d")
    assert date.fromisoformat(ends["to"]) - date.fromisoformat(ends["from"]) == timedelta(days=7)
    days = [model["released"] for model in answers.search(sort="release", top=3)["models"]]
    assert days == sorted(days, reverse=True)
    assert not any("released" in model for model in answers.search()["models"])


def test_without_a_catalog_an_agent_is_told_what_to_do(home: Path) -> None:
    with pytest.raises(LookupError, match="run `llmhub catalog refresh`"):
        answers.search()
    assert not (home / "llmhub").exists()


@pytest.mark.usefixtures("demonstration")
def test_an_id_alone_costs_what_its_labs_own_offer_does_as_on_the_command_line() -> None:
    keys = [f"{provider}/only-priced" for provider in ("aaa", "openai", "zzz")]
    store_offers(settings.arena_db(), offers(*keys), taken_at=datetime(2026, 1, 9, tzinfo=UTC))
    told = answers.cost(models=["only-priced", "openai/only-priced"], input=1_000_000)
    # Each name that was asked for has its row.
    assert [row["total"] for row in told["rows"]] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"can": "tools"}, {"can": ["tools"]}),
        ({"can": '["tools", "vision"]'}, {"can": ["tools", "vision"]}),
        ({"top": None, "quality": "2"}, {"top": 5, "quality": 2}),
        ({"released_since": "2026-05-01"}, {"released_since": date(2026, 5, 1)}),
    ],
)
def test_arguments_are_taken_as_clients_write_them(given: dict[str, Any], taken: dict[str, Any]) -> None:
    checked = Arguments(answers.search).checked(given)
    assert {name: checked[name] for name in taken} == taken


def test_the_words_of_the_tools_are_those_of_the_catalog() -> None:
    assert set(get_args(answers.Ability)) == set(ABILITIES)
    assert set(get_args(answers.Order)) == set(ORDERS)


def test_the_configurations_in_the_guide_start_the_server() -> None:
    guide = (REPOSITORY / "docs" / "guides" / "agents.md").read_text(encoding="utf-8")
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.+?)```", guide, re.DOTALL)]
    # VS Code calls servers otherwise, and asks for their type.
    assert blocks == [
        {"mcpServers": {"llmhub": {"command": "llmhub", "args": ["mcp"]}}},
        {"servers": {"llmhub": {"type": "stdio", "command": "llmhub", "args": ["mcp"]}}},
    ]
    assert "mcp" in COMMANDS
