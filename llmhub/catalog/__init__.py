"""The catalog: which models can be called, what they cost, how good they are.

Names are imported on first use, so that the arena's commands do not pay for the catalog's libraries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmhub.lazy import lazily

if TYPE_CHECKING:
    from llmhub.catalog.arena_model import ArenaModel
    from llmhub.catalog.arena_source import load_arena_models
    from llmhub.catalog.assembly.past import catalog_at
    from llmhub.catalog.assembly.whole import whole_catalog
    from llmhub.catalog.cache import load_cached_catalog, save_catalog
    from llmhub.catalog.pipeline import build_catalog
    from llmhub.catalog.schema import CanonicalModel, Catalog, WholeCatalog

__all__ = [
    "ArenaModel",
    "CanonicalModel",
    "Catalog",
    "WholeCatalog",
    "build_catalog",
    "catalog_at",
    "load_arena_models",
    "load_cached_catalog",
    "save_catalog",
    "whole_catalog",
]

_HOME = {
    "ArenaModel": "llmhub.catalog.arena_model",
    "CanonicalModel": "llmhub.catalog.schema",
    "Catalog": "llmhub.catalog.schema",
    "WholeCatalog": "llmhub.catalog.schema",
    "build_catalog": "llmhub.catalog.pipeline",
    "catalog_at": "llmhub.catalog.assembly.past",
    "whole_catalog": "llmhub.catalog.assembly.whole",
    "load_arena_models": "llmhub.catalog.arena_source",
    "load_cached_catalog": "llmhub.catalog.cache",
    "save_catalog": "llmhub.catalog.cache",
}


if not TYPE_CHECKING:
    __getattr__ = lazily(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
