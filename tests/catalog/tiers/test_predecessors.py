"""Which rated model an unrated one follows: the newest of its line and size that came shortly before it, or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmhub.catalog.mapper import Fusion, fuse_sources, load_overrides
from llmhub.catalog.schema import AnyLLMModel, ModelsDevModel
from tests.support.made_up.models import board, offer
from tests.support.real_models import real_models

OVERRIDES = load_overrides()


def entry(key: str, released: str, **facts: Any) -> ModelsDevModel:
    return offer(key, **{"release_date": released, "last_updated": released, "supports_reasoning": True} | facts)


RATED = [
    entry("openai/mimic-2", "2025-03-01"),
    entry("openai/mimic-3", "2025-08-01"),
    entry("openai/mimic-3-mini", "2025-08-01"),
    entry("openai/mimic-3-pro-2025-09-01", "2025-09-01"),
    entry("anthropic/mock-opus-4-1", "2025-06-01"),
    entry("anthropic/mock-sonnet-4-1-20250701", "2025-07-01"),
    entry("openai/sham-8b-instruct", "2025-05-01", open_weights=True),
    entry("openai/sham-70b-instruct", "2025-05-01", open_weights=True),
    entry("openai/feint-1", "2025-05-01"),
    entry("openai/m1", "2025-05-01"),
]


def predecessor(new: ModelsDevModel, *more: str) -> str | None:
    """Return what a new model is guessed from: the rated models above, and `more` that models.dev does not have."""
    arena = board(dict.fromkeys((*(each.model_id for each in RATED), *more), 1400.0))
    model = AnyLLMModel(provider=new.provider, model_id=new.model_id)
    (fused,) = fuse_sources([model], {each.canonical_id: each for each in (*RATED, new)}, arena, OVERRIDES)
    assert fused.arena is None
    return None if fused.predecessor is None else fused.predecessor.arena_id


@pytest.mark.parametrize(
    ("model_id", "expected"),
    [
        ("openai/mimic-4", "mimic-3"),
        ("openai/mimic-3.5", "mimic-3"),
        ("openai/mimic-4-mini", "mimic-3-mini"),
        ("openai/mimic-4-pro", "mimic-3-pro-2025-09-01"),
        ("openai/mimic-3-pro-2025-12-01", "mimic-3-pro-2025-09-01"),
        ("anthropic/mock-sonnet-5", "mock-sonnet-4-1-20250701"),
        ("anthropic/mock-opus-5", "mock-opus-4-1"),
        ("openai/m2", "m1"),
        ("openai/sham-2-9b-instruct", "sham-8b-instruct"),
        # Another line, another class, an older version, another lab: nothing is known.
        ("openai/mimic-4-nano", None),
        ("openai/mimic-4-codex-mini", None),
        ("openai/mimic-1", None),
        ("anthropic/mock-haiku-5", None),
        ("mistral/m2", None),
        ("openai/sham-13b-instruct", None),
        ("openai/sham-9b-base", None),
    ],
)
def test_a_model_follows_the_newest_of_its_line_and_size_class_alone(model_id: str, expected: str | None) -> None:
    assert predecessor(entry(model_id, "2026-02-01", open_weights=True)) == expected


def test_sizes_of_one_class_follow_each_other() -> None:
    sham = entry("openai/sham-9b-instruct-2512", "2025-12-01", open_weights=True)
    assert predecessor(sham) == "sham-8b-instruct"


def test_what_came_out_over_a_year_before_tells_nothing() -> None:
    assert predecessor(entry("openai/feint-2", "2026-05-01")) == "feint-1"
    assert predecessor(entry("openai/feint-2", "2026-08-01")) is None


def test_what_came_out_later_is_no_predecessor() -> None:
    assert predecessor(entry("openai/mimic-3.1", "2025-05-01")) == "mimic-2"


def test_without_dates_only_the_same_major_version_tells() -> None:
    assert predecessor(entry("openai/ruse-2.5", "2026-01-01"), "ruse-2") == "ruse-2"
    assert predecessor(entry("openai/ruse-3", "2026-01-01"), "ruse-2") is None


def test_of_a_model_rated_at_several_settings_the_lowest_stands_for_it() -> None:
    arena = board({"trick-5-high": 1450.0, "trick-5-low": 1410.0})
    new = entry("openai/trick-5", "2026-01-01")
    (fused,) = fuse_sources(
        [AnyLLMModel(provider="openai", model_id="trick-5")], {new.canonical_id: new}, arena, OVERRIDES
    )
    assert fused.predecessor is not None
    assert fused.predecessor.arena_id == "trick-5-low"


def test_what_does_not_think_follows_nothing_that_was_rated_while_thinking() -> None:
    silent = entry("openai/ploy-2.5", "2026-01-01", supports_reasoning=False)
    assert predecessor(silent, "ploy-2-thinking") is None
    assert predecessor(entry("openai/ploy-2.5", "2026-01-01"), "ploy-2-thinking") == "ploy-2-thinking"


@pytest.mark.parametrize("facts", [{"output_modalities": ()}, {"type": "embedding"}, {"output_modalities": ("image",)}])
def test_what_is_not_known_to_answer_in_text_follows_nothing(facts: dict[str, Any]) -> None:
    assert predecessor(entry("openai/mimic-4", "2026-02-01", **facts)) is None


def test_a_rated_model_is_of_the_day_that_its_lab_says_and_not_of_a_resellers() -> None:
    own = entry("anthropic/mimic-2", "2025-02-03")
    resold = entry("openrouter/anthropic/mimic-2", "2025-06-07")
    offers = {each.canonical_id: each for each in (resold, own)}
    (rated,) = Fusion(offers, board({"mimic-2": 1400.0}), OVERRIDES).rated_models()
    assert (rated.lab, rated.released) == ("anthropic", "2025-02-03")


@pytest.mark.needs_shared
def test_the_newest_models_of_july_2026_are_guessed_from_their_own_lines(shared_data: Path) -> None:
    names = (shared_data / "gold/arena-names.txt").read_text(encoding="utf-8").split()
    fusion = Fusion(real_models(shared_data), board(dict.fromkeys(names, 1400.0)), OVERRIDES)
    expected = {
        "openai/gpt-5.5": "gpt-5.1",
        "openai/gpt-5.4-mini": "gpt-5-mini-high",
        "openai/gpt-5.1-codex-mini": None,
        "openai/gpt-5.5-pro": None,
        "anthropic/claude-sonnet-5": "claude-sonnet-4-5-20250929",
        "anthropic/claude-opus-4-8": "claude-opus-4-5-20251101",
        "gemini/gemini-3.1-pro-preview": "gemini-3-pro",
        "gemini/gemma-4-31b-it": "gemma-3-27b-it",
        "zai/glm-5.2": "glm-4.6",
        "deepseek/deepseek-v4-pro": None,
        "dashscope/qwen3.5-397b-a17b": None,
    }
    found = {}
    for key in expected:
        provider, _, model_id = key.partition("/")
        fused = fusion.fuse(AnyLLMModel(provider=provider, model_id=model_id))
        found[key] = None if fused.predecessor is None else fused.predecessor.arena_id
    assert found == expected
