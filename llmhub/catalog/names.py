"""The names in the cached catalog, for a shell that completes a command: without the libraries that check it."""

from __future__ import annotations

import json
from typing import Any, Literal

from llmhub import paths

_FIELDS = {"models": "canonical_id", "providers": "provider"}


def cached_names(kind: Literal["models", "providers"]) -> list[str]:
    """Return the ids of the cached catalog's models, or its providers; nothing where it cannot be read."""
    try:
        document: Any = json.loads(paths.catalog_file().read_bytes())
        found = [entry[_FIELDS[kind]] for entry in document[kind]]
    except (OSError, RuntimeError, ValueError, KeyError, TypeError):
        # RuntimeError: a home that there is not, or nested without end.
        return []
    return [name for name in found if isinstance(name, str)]
