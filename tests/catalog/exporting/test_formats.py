"""The catalog as files for other tools, each read back by the tool that it is for, where that is installed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.catalog.exporting.litellm_config import ADDRESSES, NAMES, litellm_config, per_token
from llmhub.catalog.exporting.markdown import markdown_table
from llmhub.catalog.exporting.parquet import write_parquet
from llmhub.catalog.exporting.yaml_text import yaml_text
from llmhub.catalog.providers.facts import supported_providers
from llmhub.catalog.schema import CanonicalModel, Catalog, ProviderStatus
from llmhub.catalog.stored.rows import CatalogRow, rows_of
from llmhub.offers.values import PriceTier
from tests.support.made_up.models import catalog_of, line


def _rated(name: str, tier: int, price: float | None, **more: Any) -> CanonicalModel:
    known = {"quality_tier": tier, "quality_basis": "rated", "arena_score": 1500.0 - 10 * tier}
    prices = {"price_input_per_million": price, "price_output_per_million": price}
    return line(name, **known, **prices, **more)


MODELS = (
    _rated("openai/good", 1, 2.5, tags=("tools", "vision"), context_tokens=128_000, max_output_tokens=16_000),
    _rated("anthropic/good", 1, 3.0, price_cache_read_per_million=0.3),
    _rated("openai/fair", 2, 0.15),
    _rated("gemini/models/cheap", 4, 0.075),
    line("bedrock/us.made-up-v1:0"),
    line("openai/embed", type="embedding", price_input_per_million=0.02),
    line("telnyx/other"),
    line("together/lab/sized-7B", price_input_per_million=9.0, price_output_per_million=9.0),
    line(
        "azureopenai/long",
        price_input_per_million=1.0,
        price_tiers=(
            PriceTier(above_tokens=200_000, price_input_per_million=2.0, price_cache_read_per_million=0.2),
            PriceTier(above_tokens=200_001, price_input_per_million=3.0),
        ),
    ),
)


@pytest.fixture
def catalog() -> Catalog:
    """Return a catalog of these models, whose providers read their keys from these variables."""
    keys = {"openai": ("OPENAI_API_KEY",), "anthropic": ("ANTHROPIC_OLD", "ANTHROPIC_API_KEY"), "gemini": ("G",)}
    providers = tuple(ProviderStatus(provider=name, callable=True, key_variables=each) for name, each in keys.items())
    return catalog_of(*MODELS, providers=providers, key_variables=("ANTHROPIC_API_KEY", "AZURE_OPENAI_ENDPOINT"))


def test_a_proxys_configuration_has_prices_keys_limits_and_what_stands_in(catalog: Catalog) -> None:
    config = litellm_config(catalog.models, catalog)
    listed = {entry["model_name"]: entry for entry in config.document["model_list"]}
    assert list(listed) == [model.canonical_id for model in MODELS if model.provider != "telnyx"]
    assert config.unknown == ("telnyx",)
    good = listed["openai/good"]
    assert good["litellm_params"] == {"model": "openai/good", "api_key": "os.environ/OPENAI_API_KEY"}
    assert good["model_info"] == {
        "mode": "chat",
        "max_input_tokens": 128_000,
        "max_output_tokens": 16_000,
        "input_cost_per_token": 2.5e-06,
        "output_cost_per_token": 2.5e-06,
        "supports_function_calling": True,
        "supports_vision": True,
    }
    # The variable that is set here counts.
    assert listed["anthropic/good"]["litellm_params"]["api_key"] == "os.environ/ANTHROPIC_API_KEY"
    assert listed["gemini/models/cheap"]["litellm_params"]["model"] == "gemini/cheap"
    assert listed["bedrock/us.made-up-v1:0"]["litellm_params"] == {"model": "bedrock/us.made-up-v1:0"}
    assert listed["openai/embed"]["model_info"] == {"mode": "embedding", "input_cost_per_token": 2e-08}
    assert listed["together/lab/sized-7B"]["model_info"]["id"] == "together_ai/lab/sized-7B"
    # Long prompts cost more, and the address is the user's own.
    assert listed["azureopenai/long"] == {
        "model_name": "azureopenai/long",
        "litellm_params": {"model": "azure/long", "api_base": "os.environ/AZURE_OPENAI_ENDPOINT"},
        "model_info": {
            "mode": "chat",
            "input_cost_per_token": 1e-06,
            "input_cost_per_token_above_200k_tokens": 2e-06,
            "cache_read_input_token_cost_above_200k_tokens": 2e-07,
            "input_cost_per_token_above_200001_tokens": 3e-06,
        },
    }
    assert config.document["router_settings"]["fallbacks"] == [
        {"openai/good": ["anthropic/good", "openai/fair", "gemini/models/cheap"]},
        {"anthropic/good": ["openai/good", "openai/fair", "gemini/models/cheap"]},
        {"openai/fair": ["gemini/models/cheap"]},
    ]


@given(st.floats(0, 10_000, allow_subnormal=False).map(lambda price: round(price, 6)))
def test_a_price_of_a_token_has_no_rounding_error(price: float) -> None:
    assert math.isclose(per_token(price) * 1e6, price, rel_tol=1e-15)
    assert f"{per_token(0.15)!r}" == "1.5e-07"


def test_the_providers_names_are_any_llms_and_litellms() -> None:
    providers = {provider.name: provider for provider in supported_providers()}
    assert set(NAMES) <= set(providers)
    assert {name: providers[name].address_variable for name in ADDRESSES} == ADDRESSES
    litellm = pytest.importorskip("litellm", reason="LiteLLM is not installed")
    assert set(NAMES.values()) <= {getattr(name, "value", name) for name in litellm.provider_list}


def test_litellms_router_serves_the_models_at_their_prices(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    litellm = pytest.importorskip("litellm", reason="LiteLLM is not installed")
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    for name in ("OPENAI_API_KEY", "TOGETHER_API_KEY", "AZURE_OPENAI_ENDPOINT"):
        monkeypatch.setenv(name, "https://made-up.example")
    document = yaml.safe_load(yaml_text(litellm_config(catalog.models, catalog).document))
    router = litellm.Router(model_list=document["model_list"], **document["router_settings"])
    for name, price in (("openai/good", 2.5e-06), ("together/lab/sized-7B", 9e-06)):
        answer = router.completion(name, [{"role": "user", "content": "?"}], mock_response="ok")
        tokens = answer.usage.prompt_tokens + answer.usage.completion_tokens
        assert math.isclose(answer._hidden_params["response_cost"], tokens * price)


_PLAIN = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)
_NESTED = st.recursive(
    _PLAIN | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("aZ_09: #'\"é\n", max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["a", "no", "b c", "1"]), _NESTED, min_size=1))
def test_yaml_reads_back_what_was_written(document: dict[str, Any]) -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    assert yaml.safe_load(yaml_text(document)) == document


def test_parquet_has_every_column_with_its_type_and_value(tmp_path: Path, catalog: Catalog) -> None:
    path = tmp_path / "it's.parquet"
    write_parquet(path, rows_of(catalog.models), force=False)
    read = duckdb.from_parquet(str(path))
    assert tuple(read.columns) == CatalogRow._fields
    assert read.fetchall() == [tuple(row) for row in rows_of(catalog.models)]
    types = dict(zip(read.columns, map(str, read.types), strict=True))
    kinds = ("model_id", "context_tokens", "arena_score", "open_weights")
    assert [types[name] for name in kinds] == ["VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN"]
    write_parquet(path, [], force=True)
    assert duckdb.from_parquet(str(path)).fetchall() == []


def test_a_table_in_markdown_shows_names_as_they_are_and_no_guess() -> None:
    hostile = line("openai/a|b_<c>&amp;\x1b[31m", quality_tier=1, quality_basis="predecessor")
    lines = markdown_table([MODELS[0], hostile]).splitlines()
    assert lines[0].startswith("| model | quality |")
    assert lines[2] == "| openai/good | 1 | 1490 | $2.50 | $2.50 | 128,000 |"
    assert lines[3].startswith("| openai/a\\|b\\_\\<c\\>\\&amp;\\\\x1b\\[31m | unknown | unknown |")
    assert len(lines) == 4
