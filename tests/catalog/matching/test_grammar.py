"""Parsing ids: which of their words name the model, and which only say how it is served."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.catalog.matching.dates import Day
from llmhub.catalog.matching.grammar import Grammar, Parts
from llmhub.catalog.matching.overrides import load_overrides

GRAMMAR = Grammar(load_overrides().vocabulary)


@pytest.mark.parametrize(
    "spelled",
    [
        "claude-opus-4-1",
        "anthropic/claude-opus-4.1",
        "Claude Opus 4.1",
        "databricks-claude-opus-4-1",
        "us.anthropic.claude-opus-4-1-20250805-v1:0",
        "claude-opus-4-1@20250805",
    ],
)
def test_the_spellings_of_one_model_have_the_same_words(spelled: str) -> None:
    assert GRAMMAR.parse(spelled).words == ("4.1", "claude", "opus")


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("claude-opus-4-1-20250805", Day(2025, 8, 5)),
        ("gpt-4o-2024-08-06", Day(2024, 8, 6)),
        ("mistral-large-2411", Day(2024, 11, None)),
        ("gpt-3.5-turbo-1106", Day(None, 11, 6)),
        ("command-r-08-2024", Day(2024, 8, None)),
        ("gemini-2.5-pro-preview-05-06", Day(None, 5, 6)),
        ("step-2-16k-exp-202412", Day(2024, 12, None)),
        ("deepseek-v3-250324", Day(2025, 3, 24)),
        ("Codestral 25.01", Day(2025, 1, None)),
        ("claude-opus-4-1", None),
        ("grok-4-20-reasoning", None),
        ("qwen3-coder-9999", None),
    ],
)
def test_a_date_is_read_in_every_form_and_no_number_is_taken_for_one(text: str, date: Day | None) -> None:
    assert GRAMMAR.parse(text).date == date


@pytest.mark.parametrize(
    ("text", "part", "value"),
    [
        ("qwen3-235b-a22b", "sizes", frozenset({"235b", "a22b"})),
        ("mixtral-8x7b-instruct-v0.1", "sizes", frozenset({"8x7b"})),
        ("mistral-7b-instruct-v0.2", "revision", "0.2"),
        ("mistral.mistral-7b-instruct-v0:2", "revision", "0.2"),
        ("gemini-1.5-flash-001", "revision", "001"),
        ("amazon.nova-lite-v1:0", "revision", "1"),
        ("claude-3-7-sonnet-20250219-thinking-32k", "budget", "32k"),
        ("claude-opus-4-thinking:32768", "budget", "32k"),
        ("grok-4-1-fast-non-reasoning", "mode", "off"),
        ("o3-mini-high", "mode", "high"),
        ("qwen3-235b-a22b-thinking-2507", "mode", "thinking"),
        ("llama-3.1-8b-instant", "tune", "instruct"),
        ("gemini-3-pro-preview", "preview", True),
        ("~anthropic/claude-haiku-latest", "floating", True),
        ("deepseek/deepseek-r1:free", "serving", frozenset({"free"})),
        ("amazon/nova-lite-v1:free", "revision", "1"),
        ("openai:free", "words", ("openai",)),
        ("nvidia/Llama-3.3-70B-Instruct-NVFP4", "serving", frozenset({"nvfp4"})),
        ("llama-3.3-70b-instruct-int8", "words", ("3.3", "llama")),
        ("meta-llama/Llama-3.3-70B-Instruct-Turbo", "serving", frozenset({"turbo"})),
        ("deepseek.r1-v1:0", "lab", "deepseek"),
        ("meta-llama/Llama-3.1-405B", "repository", True),
        ("gpt-3.5-turbo", "words", ("3.5", "gpt", "turbo")),
        ("accounts/fireworks/models/glm-4p5-air", "words", ("4.5", "air", "glm")),
        ("llama3.1:70b-instruct-q4_K_M", "words", ("3.1", "llama")),
        ("nobody-knows/gemma-3-27b-it", "words", ("3", "gemma", "nobody-knows")),
    ],
)
def test_each_part_of_an_id_is_told_from_the_others(text: str, part: str, value: object) -> None:
    assert getattr(GRAMMAR.parse(text), part) == value


@given(st.text(max_size=60))
def test_any_text_is_parsed_and_parsed_the_same_again(text: str) -> None:
    parts = GRAMMAR.parse(text)
    assert isinstance(parts, Parts)
    assert Grammar(load_overrides().vocabulary).parse(text) == parts
    assert list(parts.words) == sorted(parts.words)


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789.-", min_size=1, max_size=30))
def test_a_price_tier_never_changes_which_model_an_id_names(name: str) -> None:
    plain, free = GRAMMAR.parse(name), GRAMMAR.parse(f"{name}:free")
    assert free._replace(serving=frozenset()) == plain._replace(serving=frozenset())
