"""Names from the cached catalog for shell completion, read without the libraries that validate it."""

from __future__ import annotations

import json
from typing import Any, Literal

from llmhub import settings
from llmhub.errors import LlmhubError
from llmhub.files import read_regular

# As `catalog.cache` reads it, which would import the models.
_MAX_BYTES = 256 << 20
_FIELDS = {"models": "canonical_id", "providers": "provider"}


def cached_names(kind: Literal["models", "providers"]) -> list[str]:
    """Return the ids or the providers in the cached catalog; nothing if the file cannot be read."""
    try:
        document: Any = json.loads(read_regular(settings.catalog_file(), _MAX_BYTES))
        found = [entry[_FIELDS[kind]] for entry in document[kind]]
    except (LlmhubError, OSError, RuntimeError, ValueError, KeyError, TypeError):
        # No home folder, no regular file, endless nesting, ...: the completed command itself reports it.
        return []
    return [name for name in found if isinstance(name, str)]
