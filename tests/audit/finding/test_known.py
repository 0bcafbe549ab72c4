"""Which offers an id means, however it is written."""

from __future__ import annotations

import pytest

from llmhub.audit.finding.known import piece_of
from tests.audit.made_up import known


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("gpt-4", "openai/gpt-4"),
        ("openai/gpt-4o", "openai/gpt-4o"),
        ("openai:gpt-4o", "openai/gpt-4o"),
        ("openai:chat:gpt-4o", "openai/gpt-4o"),
        ("openai:responses:gpt-4o", "openai/gpt-4o"),
        ("anthropic:messages:claude-3-opus-20240229", "anthropic/claude-3-opus-20240229"),
        ("azure/gpt-4o", "azure/gpt-4o"),
        ("azure_openai:gpt-4o", "azure/gpt-4o"),
        ("azureopenai/gpt-4o", "azure/gpt-4o"),
        ("gpt-35-turbo", "azure/gpt-35-turbo"),
        ("openrouter/openai/gpt-4o", "openrouter/openai/gpt-4o"),
        ("litellm_proxy/openai/gpt-4o", "openai/gpt-4o"),
        ("openai/gpt-4o:online", "openai/gpt-4o"),
        ("ft:gpt-3.5-turbo-0125:acme::8xYz", "openai/gpt-3.5-turbo-0125"),
        ("openai/ft:gpt-3.5-turbo-0125:acme::8xYz", "openai/gpt-3.5-turbo-0125"),
        ("models/gemini-1.5-pro", "google/gemini-1.5-pro"),
        ("models/gemini-1.5-pro:generateContent", "google/gemini-1.5-pro"),
        ("gemini/gemini-1.5-pro", "google/gemini-1.5-pro"),
        ("google_genai:gemini-1.5-flash-002", "google/gemini-1.5-flash-002"),
        ("google-gla:gemini-1.5-flash-002", "google/gemini-1.5-flash-002"),
        ("vertex_ai/claude-3-opus@20240229", "google-vertex/claude-3-opus@20240229"),
        ("publishers/anthropic/models/claude-3-opus@20240229", "google-vertex/claude-3-opus@20240229"),
        ("projects/p/locations/us-central1/publishers/google/models/gemini-1.5-pro", "google-vertex/gemini-1.5-pro"),
        ("anthropic.claude-v2:1", "amazon-bedrock/anthropic.claude-v2:1"),
        ("us.anthropic.claude-v2:1", "amazon-bedrock/anthropic.claude-v2:1"),
        ("bedrock/eu.anthropic.claude-v2:1", "amazon-bedrock/anthropic.claude-v2:1"),
        ("bedrock/us-east-1/anthropic.claude-v2:1", "amazon-bedrock/anthropic.claude-v2:1"),
        ("bedrock/converse/anthropic.claude-v2:1", "amazon-bedrock/anthropic.claude-v2:1"),
        ("bedrock_converse:anthropic.claude-v2:1", "amazon-bedrock/anthropic.claude-v2:1"),
        ("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-v2:1", "amazon-bedrock/anthropic.claude-v2:1"),
        (
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-3-haiku-20240307-v1:0",
            "amazon-bedrock/anthropic.claude-3-haiku-20240307-v1:0",
        ),
        (
            "accounts/fireworks/models/llama-v3-70b-instruct",
            "fireworks-ai/accounts/fireworks/models/llama-v3-70b-instruct",
        ),
        (
            "fireworks_ai/accounts/fireworks/models/llama-v3-70b-instruct",
            "fireworks-ai/accounts/fireworks/models/llama-v3-70b-instruct",
        ),
        ("meta-llama/Llama-3-70b-chat-hf", "deepinfra/meta-llama/Llama-3-70b-chat-hf"),
        ("meta-llama/llama-3-70b-chat-hf", "deepinfra/meta-llama/Llama-3-70b-chat-hf"),
        ("perplexity/sonar", "perplexity/sonar"),
        ("@cf/meta/llama-3-8b-instruct", "cloudflare-workers-ai/@cf/meta/llama-3-8b-instruct"),
        ("generative-ai/gemini-1.5-pro", "google/gemini-1.5-pro"),
        ("gpt-4.", "openai/gpt-4"),
    ],
)
def test_an_id_means_one_providers_offer_however_it_is_written(text: str, meant: str) -> None:
    found = known().means(text)
    assert found is not None
    ((first, *_),) = found.choices
    assert first == meant
    assert not found.ordinary


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "gpt-4-turbo-of-mine",
        "src/gpt-4",
        "./models/gpt-4",
        "/models/gpt-4",
        "prompts/gpt-4/system.txt",
        # A name for people: no provider writes its id so.
        "GPT-4",
        "openai/",
        "azure/gpt-4",
        "x" * 500,
        "arn:aws:bedrock:us-east-1:123456789012:custom-model/anthropic.claude-v2:1",
    ],
)
def test_what_is_no_id_means_nothing(text: str) -> None:
    assert known().means(text) is None


@pytest.mark.parametrize("text", ["o1", "sonar", "command", "command-r", "auto"])
def test_an_ordinary_word_is_called_one_unless_its_provider_is_named(text: str) -> None:
    found = known().means(text)
    assert found is not None
    assert found.ordinary


def test_an_id_alone_means_its_labs_own_offer_and_without_one_that_of_each_provider() -> None:
    own = known().means("gpt-4o")
    assert own is not None
    assert own.choices == (("openai/gpt-4o",),)
    both = known().means("gemini-1.5-pro")
    assert both is not None
    # any-llm's name and models.dev's are one provider's.
    assert both.choices == (("google/gemini-1.5-pro", "gemini/gemini-1.5-pro"),)


def test_pieces_of_ordinary_words_are_told_from_all_others() -> None:
    assert {b"gpt-4", b"gpt-4.", b"-gpt-4", b"us.anthropic.claude-v2"} <= known().pieces
    assert {b"o1", b"sonar"} <= known().ordinary_pieces
    assert b"gpt-4" not in known().ordinary_pieces
    assert piece_of("accounts/x/models/Made-Up:free") == b"made-up"
    assert piece_of("???") is None
