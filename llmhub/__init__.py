"""llmhub: a local, versioned catalog of the language models that you can call.

build_catalog() returns the models that this machine's keys can call, with prices, limits, ratings and tiers.
load_arena_models() returns how LMArena's voters rate models. open_store() opens the store of all leaderboards and
prices that this machine has seen: boards and offers of any day, histories, differences.

Tables are lists of named tuples (`store.leaderboard()`, `store.histories("some-model")`, `catalog.rows`, ...), which
`pandas.DataFrame` and `polars.DataFrame` accept directly. None means unknown; moments are timezone-aware. Every error
that llmhub raises on purpose is a subclass of LlmhubError, with a message of one line; llmhub.errors has them all.

Each name is imported on first use, so that `import llmhub` costs next to nothing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from llmhub.lazy import lazily

if TYPE_CHECKING:
    from llmhub.arena.boards import Score, Snapshot
    from llmhub.catalog.arena_model import ArenaModel
    from llmhub.catalog.arena_source import load_arena_models
    from llmhub.catalog.assembly.past import catalog_at
    from llmhub.catalog.assembly.whole import whole_catalog
    from llmhub.catalog.cache import load_cached_catalog
    from llmhub.catalog.pipeline import build_catalog
    from llmhub.catalog.schema import CanonicalModel, Catalog, WholeCatalog
    from llmhub.errors import LlmhubError
    from llmhub.store import SnapshotStore

    __version__: str

__all__ = [
    # the catalog
    "build_catalog",
    "catalog_at",
    "whole_catalog",
    "load_cached_catalog",
    "Catalog",
    "WholeCatalog",
    "CanonicalModel",
    # the leaderboards
    "load_arena_models",
    "ArenaModel",
    "open_store",
    "SnapshotStore",
    "Snapshot",
    "Score",
    # all of it
    "LlmhubError",
    "__version__",
]

_HOME = {
    "ArenaModel": "llmhub.catalog.arena_model",
    "CanonicalModel": "llmhub.catalog.schema",
    "Catalog": "llmhub.catalog.schema",
    "WholeCatalog": "llmhub.catalog.schema",
    "LlmhubError": "llmhub.errors",
    "Score": "llmhub.arena.boards",
    "Snapshot": "llmhub.arena.boards",
    "SnapshotStore": "llmhub.store",
    "build_catalog": "llmhub.catalog.pipeline",
    "catalog_at": "llmhub.catalog.assembly.past",
    "whole_catalog": "llmhub.catalog.assembly.whole",
    "load_arena_models": "llmhub.catalog.arena_source",
    "load_cached_catalog": "llmhub.catalog.cache",
}


def open_store(path: str | os.PathLike[str] | None = None) -> SnapshotStore:
    """Open the store at `path`, by default the user's own; a context manager.

    Opening makes no file: a store that does not exist yet is empty.

    Examples:
        >>> with open_store() as store:
        ...     store.latest(), store.snapshots()
        (None, [])

    Raises:
        StoreUnusableError: the file is damaged, unreadable, newer than this program or not llmhub's; it was not
            touched.
    """
    from llmhub.store import SnapshotStore

    return SnapshotStore.open(path)


if not TYPE_CHECKING:
    _get = lazily(__name__, _HOME)

    def __getattr__(name: str) -> Any:
        if name == "__version__":
            from importlib.metadata import version

            return version("llmhub-catalog")
        return _get(name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME, "__version__"})
