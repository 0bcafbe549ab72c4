"""Prices are those of the offer that is called: another snapshot, region or way of serving lends none."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmhub.catalog.mapper import Fusion, fuse_sources, load_overrides
from llmhub.catalog.schema import AnyLLMModel, FusedRaw, ModelsDevModel
from tests.support.made_up.models import offer
from tests.support.real_models import real_models

OVERRIDES = load_overrides()


def priced(key: str, released: str | None = None, updated: str | None = None) -> ModelsDevModel:
    return offer(
        key,
        release_date=released,
        last_updated=updated or released,
        price_input_per_million=1.0,
        price_output_per_million=2.0,
        price_cache_read_per_million=0.5,
        context_tokens=1000,
    )


def asked(callable_id: str, *offers: ModelsDevModel) -> FusedRaw:
    provider, _, model_id = callable_id.partition("/")
    model = AnyLLMModel(provider=provider, model_id=model_id)
    return fuse_sources([model], {each.canonical_id: each for each in offers}, {}, OVERRIDES)[0]


def price(fused: FusedRaw) -> float | None:
    return None if fused.modelsdev is None else fused.modelsdev.price_input_per_million


@pytest.mark.parametrize(
    ("callable_id", "known", "has_a_price"),
    [
        ("openai/mimic-2-2025-01-02", priced("openai/mimic-2", "2025-01-02"), True),
        # It was updated since: whose price it has now is not known.
        ("openai/mimic-2-2025-01-02", priced("openai/mimic-2", "2025-01-02", "2025-06-07"), False),
        ("openai/mimic-2-2025-06-07", priced("openai/mimic-2", "2025-01-02", "2025-06-07"), False),
        ("openai/mimic-2-2025-06-07", priced("openai/mimic-2-2025-06-07", "2025-06-07"), True),
        # A dated offer stands for itself alone.
        ("openai/mimic-2", priced("openai/mimic-2-2025-06-07", "2025-06-07"), False),
        ("openai/mimic-2", priced("openai/mimic-2-0607", "2025-06-07"), False),
        ("openai/mimic-2-2025-01-02", priced("openai/mimic-2-2025-06-07", "2025-06-07"), False),
        ("openai/mimic-2", priced("openai/Mimic_2", "2025-06-07"), True),
        ("openai/mimic-2-latest", priced("openai/mimic-2", "2025-06-07"), False),
        # Served by somebody else, or in another way.
        ("azure/FW-Mimic-2", priced("azure/mimic-2", "2025-06-07"), False),
        ("azure/FW-Mimic-2", priced("azure/fw-mimic-2", "2025-06-07"), True),
        ("openrouter/openai/mimic-2:batch", priced("openrouter/openai/mimic-2", "2025-06-07"), False),
    ],
)
def test_an_offer_of_another_snapshot_or_way_of_serving_lends_no_price(
    callable_id: str,
    known: ModelsDevModel,
    has_a_price: bool,  # noqa: FBT001 -- a column
) -> None:
    fused = asked(callable_id, known)
    assert (price(fused) is not None) is has_a_price
    if not has_a_price:
        assert fused.modelsdev_match is not None
        assert fused.modelsdev_match.target is None
        assert fused.modelsdev_match.candidates in {(known.canonical_id,), ()}


@pytest.mark.parametrize("prefix", ["eu.", "global.", "apac."])
def test_another_region_has_limits_and_abilities_but_no_price(prefix: str) -> None:
    here = priced("amazon-bedrock/anthropic.mimic-2-20250102-v1:0", "2025-01-02")
    fused = asked(f"bedrock/{prefix}anthropic.mimic-2-20250102-v1:0", here)
    assert fused.modelsdev is not None
    assert fused.modelsdev.context_tokens == 1000
    assert (price(fused), fused.modelsdev.price_cache_read_per_million) == (None, None)
    assert fused.modelsdev_match is not None
    assert (fused.modelsdev_match.kind, fused.modelsdev_match.target) == ("variant", here.canonical_id)
    assert "another region" in fused.modelsdev_match.reason


def test_a_region_that_models_dev_lists_has_its_own_price() -> None:
    plain = priced("amazon-bedrock/anthropic.mimic-2-20250102-v1:0", "2025-01-02")
    dear = priced("amazon-bedrock/eu.anthropic.mimic-2-20250102-v1:0", "2025-01-02").model_copy(
        update={"price_input_per_million": 1.1}
    )
    assert price(asked("bedrock/eu.anthropic.mimic-2-20250102-v1:0", plain, dear)) == 1.1
    assert price(asked("bedrock/anthropic.mimic-2-20250102-v1:0", plain, dear)) == 1.0
    profile = "bedrock/arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.mimic-2-20250102-v1:0"
    assert price(asked(profile, plain, dear)) == 1.1


@pytest.mark.needs_shared
def test_real_offers_lend_no_price_to_other_snapshots(shared_data: Path) -> None:
    fusion = Fusion(real_models(shared_data), {}, OVERRIDES)
    expected = {
        "openai/gpt-4o-2024-05-13": 5.0,
        "openai/gpt-4o": 2.5,
        "azure/gpt-4o-2024-05-13": None,
        "openai/gpt-3.5-turbo-1106": None,
        "azure/gpt-3.5-turbo-1106": 1.0,
        "openai/gpt-4.1-2025-04-14": 2.0,
        "deepinfra/deepseek-ai/DeepSeek-R1": None,
        "openrouter/mistralai/ministral-8b": None,
        "bedrock/eu.anthropic.claude-opus-4-5-20251101-v1:0": 5.5,
        "bedrock/global.anthropic.claude-opus-4-5-20251101-v1:0": 5.0,
        "bedrock/apac.anthropic.claude-opus-4-5-20251101-v1:0": None,
    }
    found = {}
    for key in expected:
        provider, _, model_id = key.partition("/")
        found[key] = price(fusion.fuse(AnyLLMModel(provider=provider, model_id=model_id)))
    assert found == expected
