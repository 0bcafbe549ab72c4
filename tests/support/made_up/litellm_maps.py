"""Made-up maps in the shape of LiteLLM's price map."""

from __future__ import annotations

import json
from typing import Any

from tests.support.servers.http import Response, ok

SAMPLE = {"litellm_provider": "one of https://docs.litellm.ai/docs/providers", "mode": "one of: chat, embedding"}


def priced(provider: str = "openai", /, **fields: Any) -> dict[str, Any]:
    """Return a row of a chat model that costs 1.25 and 10 US dollars per million tokens."""
    return {
        "litellm_provider": provider,
        "mode": "chat",
        "input_cost_per_token": 1.25e-06,
        "output_cost_per_token": 1e-05,
        **fields,
    }


def map_of(**rows: Any) -> dict[str, Any]:
    """Return a map with LiteLLM's sample before the rows."""
    return {"sample_spec": SAMPLE, **rows}


def answer(rows: dict[str, Any]) -> Response:
    """Return a map as GitHub serves raw files."""
    return ok(json.dumps(map_of(**rows)).encode(), content_type="text/plain; charset=utf-8")
