"""Decide whether a source lost so much since the last time that it is broken rather than smaller. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from llmhub.catalog.schema import ModelsDevModel

GRACE = timedelta(days=7)
"""For how long a shrunken document is refused; if the site serves nothing better by then, it is accepted."""

MODELS = "models"

_KEPT_AT_LEAST = 2 / 3
# If only a handful of models have a field, one model is a third.
_LEAST_WITH_FIELD = 10
_LEAST_LISTED = 3
_FIELDS = {
    "price_input_per_million": "models with an input price",
    "price_output_per_million": "models with an output price",
    "context_tokens": "models with a context window",
    "max_output_tokens": "models with an output limit",
    "supports_tool_call": "models that are known to call tools or not to",
    "input_modalities": "models with known modalities",
    "release_date": "models with a release date",
}


def measure(models: Iterable[ModelsDevModel]) -> dict[str, int]:
    """Return how much of a document can be used: the number of models, and how many have each field in use."""
    found = list(models)
    counts = {what: sum(getattr(model, name) not in {None, ()} for model in found) for name, what in _FIELDS.items()}
    return {MODELS: len(found), **counts}


def shrunk(before: Mapping[str, int], now: Mapping[str, int]) -> str | None:
    """Return what shrank most, such as `5,812 models before, 6 now`; None if nothing shrank by more than a third."""
    kept = {
        what: now.get(what, 0) / count
        for what, count in before.items()
        if count and (what == MODELS or count >= _LEAST_WITH_FIELD)
    }
    worst = min(kept, key=lambda what: kept[what], default=None)
    if worst is None or kept[worst] >= _KEPT_AT_LEAST:
        return None
    return f"{before[worst]:,} {worst} before, {now.get(worst, 0):,} now"


def shrunken_list(before: int, now: int) -> bool:
    """Say whether a provider lists far fewer models than before; a list of one or two models is too short to tell."""
    return before >= _LEAST_LISTED and now < before * _KEPT_AT_LEAST
