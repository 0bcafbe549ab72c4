"""Judge a catalog refresh as a whole. Pure."""

from __future__ import annotations

from llmhub.catalog.schema import Catalog
from llmhub.errors import SourceError

_NAMES = {"anyllm": "any-llm", "modelsdev": "models.dev", "arena": "the arena", "litellm": "LiteLLM"}
_MOST_NAMED = 5


def require_usable(built: Catalog) -> None:
    """Check that a refresh brought something usable.

    Raises:
        SourceError: no source gave or kept a model, or all providers that were asked failed.
    """
    if not any(source.count for source in built.sources):
        raise SourceError("nothing usable came of any source: `llmhub doctor` says what to do")
    asked = next((source for source in built.sources if source.source == "anyllm"), None)
    if asked is not None and asked.status == "failed" and not built.models:
        raise SourceError("no model can be called, since every provider that was asked failed: see above")


def failed(built: Catalog) -> list[str]:
    """Return the names of the sources and providers that failed; of many, the first few."""
    sources = [_NAMES[source.source] for source in built.sources if source.status in {"failed", "stale"}]
    found = sources + [provider.provider for provider in built.providers if provider.failed]
    more = len(found) - _MOST_NAMED
    return found if more <= 0 else [*found[:_MOST_NAMED], f"{more} more"]
