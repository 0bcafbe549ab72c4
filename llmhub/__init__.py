"""llmhub: a local, versioned catalog of the language models that you can call.

The public API is imported on first use, so that `import llmhub` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmhub.arena.store import SnapshotStore
    from llmhub.catalog.arena_source import load_arena_models
    from llmhub.catalog.cache import load_cached_catalog
    from llmhub.catalog.pipeline import build_catalog
    from llmhub.catalog.schema import ArenaModel, CanonicalModel, Catalog

__all__ = [
    "ArenaModel",
    "CanonicalModel",
    "Catalog",
    "SnapshotStore",
    "build_catalog",
    "load_arena_models",
    "load_cached_catalog",
    "open_store",
]

_HOME = {
    "ArenaModel": "llmhub.catalog.schema",
    "CanonicalModel": "llmhub.catalog.schema",
    "Catalog": "llmhub.catalog.schema",
    "SnapshotStore": "llmhub.arena.store",
    "build_catalog": "llmhub.catalog.pipeline",
    "load_arena_models": "llmhub.catalog.arena_source",
    "load_cached_catalog": "llmhub.catalog.cache",
}


def open_store(path: str | None = None) -> SnapshotStore:
    """Open the arena store, by default the user's own; see `SnapshotStore.open`."""
    from llmhub.arena.store import SnapshotStore  # noqa: PLC0415 -- importing llmhub stays free

    return SnapshotStore.open(path)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 -- importing llmhub stays free

    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
