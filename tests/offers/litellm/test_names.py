"""LiteLLM's names of providers and ids in models.dev's spelling."""

from __future__ import annotations

import pytest

from llmhub.offers.litellm.names import keys_of


@pytest.mark.parametrize(
    ("provider", "written", "meant"),
    [
        ("openai", "gpt-4o", ["openai/gpt-4o"]),
        ("openai", "openai/sora-2", ["openai/sora-2"]),
        ("anthropic", "claude-opus-4-1", ["anthropic/claude-opus-4-1"]),
        ("gemini", "gemini/gemini-2.5-pro", ["google/gemini-2.5-pro"]),
        ("vertex_ai-language-models", "gemini-2.5-pro", ["google-vertex/gemini-2.5-pro"]),
        ("vertex_ai-language-models", "vertex_ai/gemini-3-pro-image", ["google-vertex/gemini-3-pro-image"]),
        (
            "vertex_ai-anthropic_models",
            "vertex_ai/claude-opus-4@20250514",
            ["google-vertex/claude-opus-4@20250514", "google-vertex-anthropic/claude-opus-4@20250514"],
        ),
        (
            "vertex_ai-anthropic_models",
            "vertex_ai/claude-opus-4-6",
            [
                "google-vertex/claude-opus-4-6",
                "google-vertex-anthropic/claude-opus-4-6",
                "google-vertex/claude-opus-4-6@default",
                "google-vertex-anthropic/claude-opus-4-6@default",
            ],
        ),
        ("vertex_ai-llama_models", "vertex_ai/meta/llama-4-scout-maas", ["google-vertex/meta/llama-4-scout-maas"]),
        ("bedrock", "us.anthropic.claude-v2:1", ["amazon-bedrock/us.anthropic.claude-v2:1"]),
        ("bedrock", "bedrock/us.anthropic.claude-v2:1", ["amazon-bedrock/us.anthropic.claude-v2:1"]),
        ("bedrock", "bedrock/eu-west-1/meta.llama3-8b", ["amazon-bedrock/eu-west-1/meta.llama3-8b"]),
        ("bedrock", "bedrock/invoke/anthropic.claude-v1", ["amazon-bedrock/anthropic.claude-v1"]),
        ("bedrock", "bedrock/us-east-1/6-month-commitment/a.b-v1", ["amazon-bedrock/us-east-1/a.b-v1"]),
        ("bedrock", "bedrock/*/1-month-commitment/a.b-v1", ["amazon-bedrock/a.b-v1"]),
        ("bedrock", "512-x-512/max-steps/stability.xl-v0", ["amazon-bedrock/stability.xl-v0"]),
        ("bedrock", "1024-x-1024/50-steps/bedrock/amazon.nova-canvas-v1:0", ["amazon-bedrock/amazon.nova-canvas-v1:0"]),
        ("bedrock_converse", "zai.glm-5", ["amazon-bedrock/zai.glm-5"]),
        ("azure", "azure/gpt-4o", ["azure/gpt-4o"]),
        ("azure", "azure/eu/gpt-5.1", ["azure/eu/gpt-5.1"]),
        ("azure", "azure/gpt-35-turbo-0125", ["azure/gpt-35-turbo-0125", "azure/gpt-3.5-turbo-0125"]),
        ("azure", "azure/hd/1024-x-1792/dall-e-3", ["azure/dall-e-3"]),
        ("azure_ai", "azure_ai/Phi-4-mini-reasoning", ["azure/phi-4-mini-reasoning"]),
        ("openai", "low/1024-x-1024/gpt-image-1", ["openai/gpt-image-1"]),
        ("openrouter", "openrouter/openai/gpt-4o", ["openrouter/openai/gpt-4o"]),
        ("openrouter", "openrouter/openrouter/auto", ["openrouter/openrouter/auto"]),
        ("vercel_ai_gateway", "vercel_ai_gateway/openai/o1", ["vercel/openai/o1"]),
        ("together_ai", "together_ai/zai-org/GLM-5", ["togetherai/zai-org/GLM-5"]),
        ("fireworks_ai", "fireworks_ai/glm-4p7", ["fireworks-ai/accounts/fireworks/models/glm-4p7"]),
        (
            "fireworks_ai",
            "fireworks_ai/accounts/fireworks/models/glm-4p7",
            ["fireworks-ai/accounts/fireworks/models/glm-4p7"],
        ),
        ("fireworks_ai-embedding-models", "fireworks_ai/thenlper/gte-base", ["fireworks-ai/thenlper/gte-base"]),
        ("perplexity", "perplexity/sonar", ["perplexity/sonar"]),
        ("perplexity", "perplexity/anthropic/claude-opus-5", ["perplexity-agent/anthropic/claude-opus-5"]),
        ("perplexity", "perplexity/preset/pro-search", ["perplexity/preset/pro-search"]),
        ("scaleway", "scaleway/qwen/qwen3.5-397b-a17b", ["scaleway/qwen3.5-397b-a17b"]),
        ("ovhcloud", "ovhcloud/Qwen3-32B", ["ovhcloud/qwen3-32b"]),
        ("made_up_host", "made_up_host/org/model", ["made_up_host/org/model"]),
        ("fireworks_ai", "fireworks-ai-above-16b", []),
        ("together_ai", "together-ai-4.1b-8b", []),
        ("openai", "openai/container", []),
        ("bedrock", "bedrock/guardrails", []),
    ],
)
def test_a_row_is_about_the_offers_that_models_dev_spells_so(provider: str, written: str, meant: list[str]) -> None:
    assert [f"{key.provider}/{key.model_id}" for key in keys_of(provider, written, [written])] == meant


def test_an_undated_claude_at_google_is_not_the_default_one_where_a_dated_one_is_listed() -> None:
    ids = ["vertex_ai/claude-3-opus", "vertex_ai/claude-3-opus@20240229"]
    found = {key.model_id for key in keys_of("vertex_ai-anthropic_models", ids[0], ids)}
    assert found == {"claude-3-opus"}


def test_a_short_name_of_fireworks_means_the_router_that_is_listed_in_full() -> None:
    ids = ["fireworks_ai/glm-fast", "fireworks_ai/accounts/fireworks/routers/glm-fast"]
    assert keys_of("fireworks_ai", ids[0], ids)[0].model_id == "accounts/fireworks/routers/glm-fast"
