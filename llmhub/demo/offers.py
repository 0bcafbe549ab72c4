"""The models of the demonstration's provider and its models.dev document; no model or price in here is real.

The provider has any-llm's name `openai`, because any-llm asks only providers that it knows. Some of its models are on
the made-up leaderboard, one is rated nowhere, one has no price, and one is unknown to models.dev and the leaderboard.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llmhub.files import written_whole

PROVIDER = "openai"
KEY = "made-up-key"
MODELSDEV_FILE = "api.json"

_LISTED_AT = "models"
_NOBODY_KNOWS = "unheard-of-1"


def entry(family: str, cost: tuple[float, float] | None, context: int, **more: Any) -> dict[str, Any]:
    """Return a model's models.dev entry without its id; `cost`: input and output in US dollars per million tokens."""
    priced = {} if cost is None else {"cost": {"input": cost[0], "output": cost[1]}}
    return {
        "family": family,
        "attachment": False,
        "reasoning": False,
        "tool_call": True,
        "knowledge": "2025-06",
        "last_updated": "2025-11-03",
        "modalities": {"input": ["text"], "output": ["text"]},
        "open_weights": False,
        "limit": {"context": context, "output": context // 4},
        **priced,
        "release_date": "2025-11-03",
        **more,
    }


_SEES = {"attachment": True, "modalities": {"input": ["text", "image"], "output": ["text"]}}
OFFERS = {
    "fictional-ultra-4": entry(
        "fictional", (20.0, 80.0), 1_000_000, reasoning=True, release_date="2026-01-05", **_SEES
    ),
    "imaginary-opus-2": entry(
        "imaginary-opus", (15.0, 75.0), 200_000, structured_output=True, release_date="2025-10-13", **_SEES
    ),
    "fictional-pro-3": entry("fictional", (2.5, 15.0), 1_000_000, release_date="2025-09-08", **_SEES),
    "fictional-flash-3": entry("fictional-flash", (0.25, 1.5), 1_000_000, release_date="2025-08-18"),
    # On the leaderboard, without a price.
    "invented-70b": entry("invented", None, 128_000, open_weights=True, release_date="2025-06-02"),
    # Priced, and not on the leaderboard yet: its tiers are guessed from the model that it follows.
    "fictional-flash-4": entry("fictional-flash", (0.1, 0.4), 256_000, release_date="2026-01-02"),
}


def document_of(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return a models.dev document of the provider with these entries, by the model's id."""
    models = {name: {"id": name, "name": name.replace("-", " ").title(), **told} for name, told in entries.items()}
    return {PROVIDER: {"id": PROVIDER, "name": "Made-Up Provider", "env": ["OPENAI_API_KEY"], "models": models}}


def write_offers(folder: Path) -> None:
    """Write the provider's list of models and the models.dev document below `folder`."""
    listed = [
        {"id": name, "object": "model", "created": 1_762_128_000, "owned_by": "made-up"}
        for name in (*OFFERS, _NOBODY_KNOWS)
    ]
    documents = ((_LISTED_AT, {"object": "list", "data": listed}), (MODELSDEV_FILE, document_of(OFFERS)))
    for name, document in documents:
        with written_whole(folder / name, force=False, durable=False) as file:
            file.write_text(json.dumps(document), encoding="utf-8")
