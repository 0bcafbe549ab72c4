"""Small models.dev documents for tests to break."""

from __future__ import annotations

import copy
import json
from typing import Any

SOUND: dict[str, Any] = {
    "id": "made-up-2",
    "name": "Made Up 2",
    "family": "made-up",
    "attachment": True,
    "reasoning": False,
    "tool_call": True,
    "structured_output": True,
    "temperature": True,
    "knowledge": "2025-05",
    "release_date": "2025-08-31",
    "last_updated": "2025-09-01",
    "modalities": {"input": ["text", "image"], "output": ["text"]},
    "open_weights": False,
    "cost": {
        "input": 1.25,
        "output": 10,
        "reasoning": 12.5,
        "cache_read": 0.125,
        "cache_write": 1.5,
        "input_audio": 3,
        "output_audio": 20.5,
        "context_over_200k": {"input": 2.5, "output": 15},
        "tiers": [{"input": 2.5, "output": 15, "tier": {"type": "context", "size": 200000}}],
    },
    "limit": {"context": 400_000, "input": 272_000, "output": 128_000},
    "status": "beta",
    "type": "chat",
    "canonical_model_id": "acme/made-up-2-base",
}
OTHER: dict[str, Any] = {"id": "other/model:free", "name": "Other"}


def document() -> dict[str, Any]:
    """Return a document of one provider with two sound models, `acme/made-up-2` and `acme/other/model:free`."""
    models = {"made-up-2": SOUND, "other/model:free": OTHER}
    return copy.deepcopy({"acme": {"id": "acme", "env": ["ACME_API_KEY"], "name": "Acme", "models": models}})


def changed(*path: str, value: Any) -> dict[str, Any]:
    """Return `document()` with one value of `acme/made-up-2` replaced: `changed("cost", "input", value=-1)`."""
    whole = document()
    inside = whole["acme"]["models"]
    *parents, last = ("made-up-2", *path)
    for key in parents:
        inside = inside[key]
    inside[last] = value
    return whole


def body(data: Any) -> bytes:
    """Return a document's bytes as a server sends them."""
    return json.dumps(data).encode()
