"""The catalog: which models can be called, what they cost, how good they are.

What is offered here is imported on first use, so that the arena's commands do not pay for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmhub.catalog.arena_source import load_arena_models
    from llmhub.catalog.cache import load_cached_catalog, save_catalog
    from llmhub.catalog.pipeline import build_catalog
    from llmhub.catalog.schema import ArenaModel, CanonicalModel, Catalog

__all__ = [
    "ArenaModel",
    "CanonicalModel",
    "Catalog",
    "build_catalog",
    "load_arena_models",
    "load_cached_catalog",
    "save_catalog",
]

_HOME = {
    "ArenaModel": "llmhub.catalog.schema",
    "CanonicalModel": "llmhub.catalog.schema",
    "Catalog": "llmhub.catalog.schema",
    "build_catalog": "llmhub.catalog.pipeline",
    "load_arena_models": "llmhub.catalog.arena_source",
    "load_cached_catalog": "llmhub.catalog.cache",
    "save_catalog": "llmhub.catalog.cache",
}


if not TYPE_CHECKING:
    # To a type checker, a module with this function has every name.
    def __getattr__(name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415 -- importing the package stays free

        return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
