"""A store of made-up offers with a life, a catalog of what can be called, and a repository that uses them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from llmhub.arena import Score, SnapshotStore
from llmhub.catalog.cache import save_catalog
from llmhub.catalog.schema import CanonicalModel, Match
from llmhub.offers.sql.storing import offer_writer
from llmhub.settings import arena_db
from tests.offers.offers import offer
from tests.support.made_up.models import catalog_of, line

FIRST, LATER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
PAGE = "https://example.com/deprecations"

PLANTED = {
    "app.py": '"""Asks gpt-4."""\n\nMODEL = "gpt-4"\nask(model="azure/gpt-4o")\nask(model="claude-3-opus-20240229")\n',
    "web/app.ts": "// gpt-4\nconst model = 'openai:gpt-4';\n",
    "conf/models.yaml": "models:\n  - name: best\n    model: gpt-4  # old\n",
    ".env": "# the model\nLLM_MODEL=gpt-4\n",
    "nb.ipynb": json.dumps(
        {
            "cells": [
                {"cell_type": "markdown", "source": ["gpt-4"]},
                {"cell_type": "code", "source": ["import x\n", "ask('gpt-4')\n"]},
            ]
        },
        indent=1,
    ),
    "README.md": "Uses gpt-4.\n",
    "built/app.py": 'MODEL = "gpt-4"\n',
    ".gitignore": "built/\n",
}
"""A repository's files; what each test of them expects stands in the tests."""


@pytest.fixture
def stored(home: Path) -> Path:
    """Store what models.dev and LiteLLM said of some offers, and a catalog of two that can be called."""
    with SnapshotStore.open() as store:
        board = {"gpt-4o": Score(1400.0, 1395.0, 1405.0), "gpt-4.1": Score(1450.0, 1445.0, 1455.0)}
        store.add({"text": {"overall": board}}, taken_at=FIRST)
    listed = {
        key: offer(key, price_input_per_million=price, price_output_per_million=4 * price, **more)
        for key, price, more in (
            ("openai/gpt-4", 30.0, {"release_date": "2023-03-14"}),
            ("openai/gpt-4o", 2.5, {"release_date": "2024-05-13"}),
            ("openai/gpt-4.1", 2.0, {"release_date": "2025-04-14"}),
            ("azure/gpt-4o", 2.5, {}),
            ("anthropic/claude-3-opus-20240229", 15.0, {"status": "deprecated"}),
            ("anthropic/claude-opus-4-5", 5.0, {"release_date": "2025-11-01"}),
            ("anthropic/claude-opus-4-6", 5.0, {"release_date": "2026-02-05"}),
        )
    }
    dearer = listed["azure/gpt-4o"].model_copy(update={"price_input_per_million": 3.0})
    life = {"retires_on": "2026-06-01", "retires_source": PAGE, "replacement": "gpt-4.1"}
    with offer_writer(arena_db()) as writer:
        writer.add_offers(listed, taken_at=FIRST, revision="1")
        writer.add_offers({**listed, "azure/gpt-4o": dearer}, taken_at=LATER, revision="2")
        writer.add_offers(
            {"openai/gpt-4": offer("openai/gpt-4", **life)}, taken_at=FIRST, source="litellm", revision="1"
        )
    save_catalog(
        catalog_of(
            _callable("gpt-4o", 2.5, 1400.0),
            _callable("gpt-4.1", 2.0, 1450.0),
        )
    )
    return home


def _callable(name: str, price: float, rating: float) -> CanonicalModel:
    return line(
        f"openai/{name}",
        price_input_per_million=price,
        price_output_per_million=4 * price,
        arena_id=name,
        arena_score=rating,
        arena_ci_low=rating - 5,
        arena_ci_high=rating + 5,
        modelsdev_match=Match(kind="exact", target=f"openai/{name}", reason="made up"),
    )


@pytest.fixture
def plant(elsewhere: Path) -> Callable[..., Path]:
    """Return a function that makes a git repository of files in the folder in which commands run."""

    def make(files: dict[str, str | bytes] | None = None, *, git: bool = True) -> Path:
        for name, text in (PLANTED if files is None else files).items():
            path = elsewhere / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        if git:
            subprocess.run(["git", "init", "-q", "."], cwd=elsewhere, check=True)
        return elsewhere

    return make
