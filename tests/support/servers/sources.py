"""The catalog's sources as a real server on this machine: OpenAI, Anthropic and models.dev.

with Sources() as sources:
    sources.use(monkeypatch)              # any-llm and models.dev are asked there
    sources.answers["/openai/models"] = hanging()
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.support.servers.http import LocalServer, Request, Response, ok, status

SECRET = "sk-made-up-and-secret"  # noqa: S105 -- made up

Environment = Callable[[str, str], None]


def listed(*ids: str) -> Response:
    """Return a provider's answer that lists these models, in OpenAI's format."""
    rows = [{"id": name, "object": "model", "created": 1, "owned_by": "made-up"} for name in ids]
    return ok(json.dumps({"object": "list", "data": rows, "has_more": False}).encode(), content_type="application/json")


def row(**fields: Any) -> dict[str, Any]:
    """Return models.dev's entry for a model, without its id."""
    return {
        "attachment": False,
        "reasoning": False,
        "tool_call": True,
        "release_date": "2025-01-31",
        "last_updated": "2025-01-31",
        "modalities": {"input": ["text"], "output": ["text"]},
        "open_weights": False,
        "cost": {"input": 1.25, "output": 10},
        "limit": {"context": 400_000, "output": 128_000},
        **fields,
    }


def modelsdev(providers: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Response:
    """Return models.dev's answer: provider to model id to entry."""
    document = {
        provider: {
            "id": provider,
            "env": [],
            "npm": "made-up",
            "name": provider.title(),
            "doc": "https://example.invalid",
            "models": {name: {"id": name, "name": name.title(), **entry} for name, entry in models.items()},
        }
        for provider, models in providers.items()
    }
    return ok(json.dumps(document).encode(), content_type="application/json")


OFFERS = {
    "openai": {
        "gpt-4.1": row(family="gpt", release_date="2025-04-14", last_updated="2025-04-14"),
        "gpt-4.1-mini": row(family="gpt-mini", cost={"input": 0.4, "output": 1.6}),
        "text-embedding-3-small": row(family="text-embedding", tool_call=False, cost={"input": 0.02, "output": 0}),
    },
    "anthropic": {
        "claude-opus-4-1-20250805": row(family="claude-opus", reasoning=True, cost={"input": 15, "output": 75}),
    },
}
"""The models that models.dev lists by default."""


class Sources(LocalServer):
    """Answers for OpenAI, Anthropic and models.dev; tests change `answers`, the answer to each path."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.answers: dict[str, Response | Callable[[], Response]] = {
            "/openai/models": listed(*OFFERS["openai"], "made-up-unheard-of"),
            "/anthropic/v1/models": listed(*OFFERS["anthropic"]),
            "/api.json": modelsdev(OFFERS),
        }

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make llmhub ask this server, with keys for OpenAI and Anthropic."""
        return {
            "OPENAI_API_KEY": SECRET,
            "OPENAI_BASE_URL": f"{self.url}/openai",
            "ANTHROPIC_API_KEY": SECRET,
            "ANTHROPIC_BASE_URL": f"{self.url}/anthropic",
            "LLMHUB_PROVIDERS": "openai,anthropic",
            "LLMHUB_MODELSDEV_URL": f"{self.url}/api.json",
            "LLMHUB_LITELLM_URL": "off",
        }

    def use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make this process, and the commands that it starts, ask this server."""
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)

    def _answer(self, request: Request) -> Response:
        found = self.answers.get(request.path, status(404))
        return found if isinstance(found, Response) else found()
