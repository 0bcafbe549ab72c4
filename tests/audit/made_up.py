"""Made-up offers under real providers' names, and the ids that a scanner then finds.

The grammar of ids knows real labs and hosts, so that these have to be theirs.
"""

from __future__ import annotations

from functools import cache

from llmhub.audit.finding.kinds import Kind
from llmhub.audit.finding.known import Known
from llmhub.audit.finding.scanning import Mention, Scanner
from llmhub.catalog.matching.overrides import Overrides, load_overrides

OFFERED = (
    *(
        ("openai", name)
        for name in ("gpt-4", "gpt-4o", "o1", "text-embedding-3-small", "gpt-3.5-turbo-0125", "ft:gpt-4o")
    ),
    *(("azure", name) for name in ("gpt-4o", "gpt-35-turbo", "o1")),
    *(("anthropic", name) for name in ("claude-3-opus-20240229", "claude-3-5-haiku-latest")),
    *(("google", name) for name in ("gemini-1.5-pro", "gemini-1.5-flash-002")),
    *(("google-vertex", name) for name in ("claude-3-opus@20240229", "gemini-1.5-pro")),
    *(("amazon-bedrock", name) for name in ("anthropic.claude-3-haiku-20240307-v1:0", "anthropic.claude-v2:1")),
    *(("openrouter", name) for name in ("openai/gpt-4o", "meta-llama/llama-3-70b-instruct")),
    ("deepinfra", "meta-llama/Llama-3-70b-chat-hf"),
    ("fireworks-ai", "accounts/fireworks/models/llama-v3-70b-instruct"),
    *(("cohere", name) for name in ("command", "command-r", "command-r-plus-08-2024")),
    ("perplexity", "sonar"),
    ("openrouter", "openrouter/auto"),
    ("nano-gpt", "auto"),
    ("groq", "llama3-8b-8192"),
    ("cloudflare-workers-ai", "@cf/meta/llama-3-8b-instruct"),
    ("ollama", "mistral"),
    # As any-llm calls Google.
    ("gemini", "gemini-1.5-pro"),
)


@cache
def overrides() -> Overrides:
    """Return the shipped overrides."""
    return load_overrides()


@cache
def known() -> Known:
    """Return all ids of `OFFERED`."""
    return Known(OFFERED, overrides())


def mentions(text: str | bytes, kind: Kind = "python", *, docs: bool = False) -> list[Mention]:
    """Return what is found in a text."""
    data = text if isinstance(text, bytes) else text.encode()
    return Scanner(known(), docs=docs).mentions(data, kind)


def written(text: str | bytes, kind: Kind = "python", *, docs: bool = False) -> list[str]:
    """Return the ids that are found in a text, as they are written."""
    return [mention.meant.written for mention in mentions(text, kind, docs=docs)]
