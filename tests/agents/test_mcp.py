"""`llmhub mcp` with the SDK's own client, on the demonstration's store."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from llmhub import settings
from llmhub.agents import answers
from tests.documents import DEMONSTRATION
from tests.offers.offers import offers
from tests.support.late import mcp
from tests.support.stored_offers import store_offers

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
WRONG: dict[str, dict[str, Any]] = {"search": {"sort": "beauty"}, "cost": {"models": ["a/b"], "input": -1}}


def _tokens(text: str) -> float:
    return len(text) / 4


@pytest.fixture
def demonstration(demonstrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a copy of the kept demonstration."""
    copy = shutil.copytree(demonstrated / DEMONSTRATION, tmp_path / "demonstration")
    monkeypatch.setenv("LLMHUB_CONFIG_DIR", str(copy / "config"))
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    return copy


@pytest.mark.usefixtures("demonstration")
def test_the_sdks_client_lists_and_calls_every_tool() -> None:
    server = mcp.StdioServerParameters(command=sys.executable, args=["-m", "llmhub", "mcp"], env=dict(os.environ))

    async def ask() -> tuple[list[Any], dict[str, Any], Any, dict[str, Any]]:
        async with mcp.Client(mcp.stdio_client(server)) as client:
            listed = (await client.list_tools()).tools
            answered = {name: await client.call_tool(name, given) for name, given in CALLS.items()}
            unknown = await client.call_tool("explain", {"model": "no/such-model"})
            wrong = {name: await client.call_tool(name, given) for name, given in WRONG.items()}
            return listed, answered, unknown, wrong

    listed, answered, unknown, wrong = asyncio.run(ask())
    assert {tool.name for tool in listed} == set(CALLS)
    assert all(tool.description and tool.annotations.read_only_hint for tool in listed)
    assert not any(answer.is_error for answer in answered.values())
    told = {name: json.loads(answer.content[0].text) for name, answer in answered.items()}
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
    assert told["retirements"] == {"retirements": []}
    assert unknown.is_error
    assert "'no/such-model' is not in the catalog" in unknown.content[0].text
    assert all(answer.is_error for answer in wrong.values())
    assert "'beauty' is no order; there are quality" in wrong["search"].content[0].text
    assert "tokens are counted: give 0 or more" in wrong["cost"].content[0].text


@pytest.mark.usefixtures("demonstration")
def test_a_model_takes_less_than_150_tokens_and_an_answer_not_much_more() -> None:
    for model in json.loads(answers.search(top=20))["models"]:
        assert _tokens(json.dumps(model)) < MOST_TOKENS
    ask: dict[str, Callable[..., str]] = {tool.__name__: tool for tool in answers.TOOLS}
    for name, given in CALLS.items():
        assert _tokens(ask[name](**given)) < 3 * MOST_TOKENS, name


@pytest.mark.usefixtures("demonstration")
def test_what_is_unknown_or_guessed_is_left_out() -> None:
    models = {model["model"]: model for model in json.loads(answers.search(top=20))["models"]}
    assert set(models["openai/unheard-of-1"]) == {"model"}
    assert "quality" not in models["openai/fictional-flash-4"]
    assert "in" not in models["openai/invented-70b"]


@pytest.mark.usefixtures("demonstration")
def test_every_offer_is_listed_where_all_is_asked_for() -> None:
    (model,) = json.loads(answers.search(query="fictional-pro-3", all=True))["models"]
    assert model["model"] == "openai/fictional-pro-3"
    assert "callable_as" in model


def test_without_a_catalog_an_agent_is_told_what_to_do(home: Path) -> None:
    with pytest.raises(LookupError, match="run `llmhub catalog refresh`"):
        answers.search()
    assert not (home / "llmhub").exists()


@pytest.mark.usefixtures("demonstration")
def test_an_id_alone_costs_what_its_labs_own_offer_does_as_on_the_command_line() -> None:
    keys = [f"{provider}/only-priced" for provider in ("aaa", "openai", "zzz")]
    store_offers(settings.arena_db(), offers(*keys), taken_at=datetime(2026, 1, 9, tzinfo=UTC))
    told = json.loads(answers.cost(models=["only-priced"], input=1_000_000))
    assert told["rows"] == [{"model": "openai/only-priced", "total": 1.0}]
