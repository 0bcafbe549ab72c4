"""The names in the cached catalog, for a shell that completes a command: without the libraries that check it."""

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
    """Return the ids of the cached catalog's models, or its providers; nothing where it cannot be read."""
    try:
        document: Any = json.loads(read_regular(settings.catalog_file(), _MAX_BYTES))
        found = [entry[_FIELDS[kind]] for entry in document[kind]]
    except (LlmhubError, OSError, RuntimeError, ValueError, KeyError, TypeError):
        # A home that there is not, no file to read, nested without end, ...: the command itself says so.
        return []
    return [name for name in found if isinstance(name, str)]
