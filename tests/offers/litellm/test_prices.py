"""LiteLLM's price map, from bytes to offers."""

from __future__ import annotations

import gzip
import json
import math
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.errors import SourceError
from llmhub.offers.fields import LITELLM
from llmhub.offers.importing import _source_of
from llmhub.offers.litellm.names import PARTIAL, PRICES, keys_of
from llmhub.offers.litellm.prices import Parsed, parse_prices, read_prices
from llmhub.offers.sql.digest import known_values
from llmhub.offers.values import Offer
from tests.support.made_up.litellm_maps import map_of, priced

PLACE = "@"


def parsed(**rows: Any) -> Parsed:
    return parse_prices(json.dumps(map_of(**rows)).encode())


def only(**fields: Any) -> tuple[Offer, Parsed]:
    found = parsed(**{"gpt-x": priced(**fields)})
    return found.offers["openai/gpt-x"], found


def test_a_row_becomes_an_offer_with_prices_per_million_and_the_end_of_its_life() -> None:
    offer, found = only(
        input_cost_per_token=1.5e-07,
        output_cost_per_token=6e-07,
        cache_read_input_token_cost=7.5e-08,
        cache_creation_input_token_cost=1.875e-07,
        output_cost_per_reasoning_token=7e-07,
        input_cost_per_audio_token=1e-06,
        output_cost_per_audio_token=2e-06,
        input_cost_per_token_above_200k_tokens=3e-07,
        output_cost_per_token_above_200k_tokens=9e-07,
        input_cost_per_token_above_200k_tokens_priority=1e-06,
        cache_creation_input_token_cost_above_1hr_above_200k_tokens=1e-06,
        max_input_tokens=128000,
        max_output_tokens=16384.0,
        supports_function_calling=True,
        supports_response_schema=False,
        deprecation_date="2026-10-23",
        deprecation_source="https://example.com/deprecations",
        successor_model="openai/gpt-y",
    )
    assert known_values(offer) == {
        "name": "gpt-x",
        "type": "chat",
        "input": 0.15,
        "output": 0.6,
        "cache_read": 0.075,
        "cache_write": 0.1875,
        "reasoning": 0.7,
        "input_audio": 1.0,
        "output_audio": 2.0,
        "price_tiers": [{"above_tokens": 200_000, "input": 0.3, "output": 0.9}],
        "max_input": 128_000,
        "max_output": 16_384,
        "supports_tool_call": True,
        "supports_structured_output": False,
        "retires_on": "2026-10-23",
        "retires_source": "https://example.com/deprecations",
        "replacement": "gpt-y",
    }
    assert Offer.model_validate(offer.model_dump(), strict=True) == offer
    assert (found.left_out, found.unknown, found.summary) == ({}, {}, None)


def test_prices_by_length_of_prompt_alone_give_the_shortest_prompts_price_and_tiers() -> None:
    tiers = [
        {"range": [0, 32000.0], "input_cost_per_token": 1.2e-06, "output_cost_per_token": 6e-06},
        {"range": [32000.0, 128000.0], "input_cost_per_token": 2.4e-06, "output_cost_per_token": 1.2e-05},
    ]
    offer, _ = only(input_cost_per_token=None, output_cost_per_token=None, tiered_pricing=tiers)
    assert known_values(offer)["input"] == 1.2
    assert known_values(offer)["price_tiers"] == [{"above_tokens": 32_000, "input": 2.4, "output": 12.0}]
    broken, _ = only(input_cost_per_token=None, tiered_pricing=[*tiers, {"range": "from 128000"}])
    assert known_values(broken).keys().isdisjoint({"input", "price_tiers"}), "a list with a gap is no list"


@given(st.decimals(min_value=0, max_value=Decimal("0.002"), allow_nan=False, allow_infinity=False, places=15))
def test_every_price_is_the_decimal_product(price: Decimal) -> None:
    text = json.dumps(map_of(a=priced(input_cost_per_token=PLACE))).replace('"@"', f"{price:f}")
    found = parse_prices(text.encode()).offers["openai/a"].price_input_per_million
    assert found == float(price * 1_000_000)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("1.5e-07", "a price that is not a number"),
        ([1], "a price that is not a number"),
        (True, "a price that is not a number"),
        (math.nan, "a price that is not a number"),
        (math.inf, "a price that is not a number"),
        (-1e-06, "a price that is negative or infinite"),
        (0.0021, "a price over 2,000 dollars per million tokens"),
        (10**400, "a price over 2,000 dollars per million tokens"),
    ],
)
def test_a_price_that_cannot_be_true_is_unknown_and_counted(value: Any, why: str) -> None:
    offer, found = only(input_cost_per_token=value)
    assert offer.price_input_per_million is None
    assert offer.price_output_per_million == 10
    assert found.unknown == {why: 1}


@pytest.mark.parametrize(
    ("row", "price"),
    [
        ({"input_cost_per_query": 0.002}, None),
        ({"output_cost_per_image": 0.04, "output_cost_per_token": None}, None),
        ({"input_cost_per_second": 0.0001, "input_cost_per_audio_token": 0}, None),
        ({"input_cost_per_query": 0}, 0.0),
        ({"input_cost_per_query": "some"}, 0.0),
        ({"search_context_cost_per_query": {"search_context_size_low": 0.01}}, 0.0),
        ({"input_cost_per_token_priority": 1e-06, "input_cost_per_token_batches": 1e-06}, 0.0),
        ({}, 0.0),
    ],
)
def test_what_is_paid_by_another_unit_than_tokens_is_not_free(row: dict[str, Any], price: float | None) -> None:
    offer, found = only(**{"input_cost_per_token": 0, "output_cost_per_token": 0, **row})
    assert offer.price_input_per_million == price
    assert offer.price_output_per_million in {price, None}
    assert sum(found.unknown.values()) == (price is None)
    # A price of some tokens is told with those that are 0.
    offer, _ = only(**{"input_cost_per_token": 0, **row, "output_cost_per_token": 2e-06})
    assert offer.price_input_per_million == 0


def test_a_number_that_no_decimal_number_can_be_is_unknown() -> None:
    text = json.dumps(map_of(a=priced(input_cost_per_token=PLACE))).replace('"@"', "1e99999999999999999999")
    assert parse_prices(text.encode()).unknown == {"a price that is not a number": 1}


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("soon", "not a day"),
        ("2026-02-30", "not a day"),
        ("2026-10", "not a day"),
        ("٢٠٢٦-10-01", "not a day"),
        (20261001, "not a day"),
        ("1970-01-01", "a day before 2018 or after 2099"),
        ("9999-12-31", "a day before 2018 or after 2099"),
    ],
)
def test_a_day_that_cannot_be_true_is_unknown_and_counted(value: Any, why: str) -> None:
    offer, found = only(deprecation_date=value)
    assert offer.retires_on is None
    assert found.unknown == {why: 1}
    assert found.summary == f"1 value taken as unknown: {why}"


def test_a_day_without_its_zeros_is_the_same_day() -> None:
    assert only(deprecation_date="2025-1-6")[0].retires_on == "2025-01-06"


def test_rows_about_no_offer_of_their_own_are_left_out_and_counted_by_reason() -> None:
    found = parsed(
        **{
            "gpt-x": priced(),
            "tavily/search": priced("tavily", mode="search"),
            "no-mode": {"litellm_provider": "openai"},
            "odd-mode": priced(mode=["chat"]),
            "fireworks-ai-default": priced("fireworks_ai"),
            "fallback_generalizations": {"rules": []},
            "list": [],
            "slash": priced("a/b"),
            "openai/gpt-x": priced(),
            "gpt-x-latest": {"alias_of": "gpt-x"},
            "nul\0": priced(),
        }
    )
    assert list(found.offers) == ["openai/gpt-x"]
    assert found.rows == 11
    assert found.left_out == {
        "a plainer row is about the same offer": 1,
        "it is LiteLLM's own name for another row": 1,
        "unknown mode search": 1,
        "unknown mode none": 2,
        "it is not about one model": 1,
        "it does not say whose offer it is": 2,
        "the row is not an object": 1,
        "its id breaks the rules for names": 1,
    }


def test_rows_about_one_offer_are_one_and_the_plainest_has_the_prices() -> None:
    found = parsed(
        **{
            "high/1024-x-1024/gpt-image-x": priced(mode="image_generation", deprecation_date="2026-12-01"),
            "gpt-image-x": priced(mode="image_generation", input_cost_per_token=5e-06),
            "azure_ai/Grok-9": priced("azure_ai", input_cost_per_token=2e-06),
            "azure/grok-9": priced("azure"),
            "azure/gpt-35-x": priced("azure", deprecation_date="2025-05-31"),
            "azure/gpt-3.5-x": priced("azure", deprecation_date="2025-03-31"),
        }
    )
    image = found.offers["openai/gpt-image-x"]
    assert (image.price_input_per_million, image.type, image.retires_on) == (5, "image", "2026-12-01")
    assert found.offers["azure/grok-9"].price_input_per_million == 1.25
    assert found.offers["azure/gpt-3.5-x"].retires_on == "2025-03-31"
    assert found.offers["azure/gpt-35-x"].retires_on == "2025-05-31"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<!doctype html><title>Sign in</title>", "not JSON"),
        (b'{"gpt-x": {"litellm_prov', "not JSON"),
        (b"[]", "found a list"),
        (b"12", "found a plain value"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' + b"1" * 5_000 + b"}", "thousands of digits"),
    ],
)
def test_what_is_no_map_is_refused_with_a_reason(body: bytes, why: str) -> None:
    with pytest.raises(SourceError, match=why):
        parse_prices(body)


def test_another_document_does_not_look_like_a_map() -> None:
    def is_map(document: object) -> bool:
        return _source_of(json.dumps(document).encode())[0] == LITELLM

    assert is_map(map_of())
    assert is_map({"gpt-x": priced()})
    assert not is_map({"openai": {"id": "openai", "models": {}}})
    assert not is_map([{"litellm_provider": "openai"}])


@pytest.mark.needs_shared
@pytest.mark.parametrize(
    ("version", "dates", "left_out"), [("1.84.0", 58, 33), ("1.101.0", 647, 44)], ids=["1.84.0", "1.101.0"]
)
def test_a_real_map_is_read_whole_every_price_to_the_digit_and_every_day(
    version: str, dates: int, left_out: int, shared_data: Path
) -> None:
    body = gzip.decompress((shared_data / f"litellm/model_prices-{version}.json.gz").read_bytes())
    raw: dict[str, dict[str, Any]] = json.loads(body, parse_float=Decimal)
    del raw["sample_spec"]
    found = parse_prices(body)
    doubled = found.left_out["a plainer row is about the same offer"]
    assert (found.rows, sum(found.left_out.values()) - doubled) == (len(raw), left_out)
    assert len(raw) - left_out - doubled <= len(found.offers), "each row left gives an offer"
    free = "0 dollars per token of what is paid by another unit"
    assert set(found.unknown) == {"a price over 2,000 dollars per million tokens", free}
    keys = {written: keys_of(str(row.get("litellm_provider")), written, raw) for written, row in raw.items()}
    rows_of = Counter(key[:2] for each in keys.values() for key in each)
    kept, compared = 0, 0
    for written, row in raw.items():
        mine = {key: found.offers.get(f"{key.provider}/{key.model_id}") for key in keys[written]}
        if "deprecation_date" in row:
            assert row["deprecation_date"] in {offer.retires_on for offer in mine.values() if offer}
            kept += 1
        for key, offer in mine.items():
            if offer is None or key.rank == PARTIAL or rows_of[key[:2]] > 1:
                continue
            for field, name in PRICES.items():
                price = getattr(offer, name)
                if price is not None and field in row:
                    assert price == float(Decimal(row[field]) * 1_000_000), (written, field)
                    compared += 1
    assert kept == dates
    assert compared > 5_000


def test_parsed_json_of_plain_floats_gives_the_same() -> None:
    rows = map_of(a=priced(input_cost_per_token=1.5e-07))
    assert read_prices(rows).offers == parse_prices(json.dumps(rows).encode()).offers
