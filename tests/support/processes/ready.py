"""Prepare what a process computes at first use, once, in the process that the others are forked from."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel

from llmhub.arena import Score, SnapshotStore
from llmhub.report.site import environment
from llmhub.web.routing import Routed


def make_ready() -> None:
    """Read certificates, compile templates, build pydantic's validators and SQLAlchemy's statements."""
    # Reads the certificates to trust.
    Routed()
    _compile_templates()
    _build_models()
    _write_a_store()


def _compile_templates() -> None:
    templates = environment()
    for name in templates.list_templates(extensions=["html"]):
        templates.get_template(name)


def _build_models() -> None:
    """Build pydantic's validators, also those of classes that defer it until they are used."""
    for model in _subclasses_of(BaseModel):
        if model.__module__.startswith("llmhub."):
            model.model_rebuild()


def _subclasses_of(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for kind in model.__subclasses__():
        yield kind
        yield from _subclasses_of(kind)


def _write_a_store() -> None:
    """Write and read a store: SQLAlchemy compiles each class and statement once in a process."""
    with tempfile.TemporaryDirectory() as folder, SnapshotStore.open(Path(folder) / "arena.db") as store:
        for day in (1, 2, 2):
            board = {"made-up": Score(1000.0 + day)}
            store.add({"text": {"overall": board}}, taken_at=datetime(2026, 1, day, tzinfo=UTC))
        store.scores()
