"""How the commands on offers write snapshots and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmhub.cli import render

if TYPE_CHECKING:
    from llmhub.offers.fields import Recorded

PRICES = "prices   US dollars per million tokens, as models.dev recorded them"


def recorded_json(recorded: Recorded) -> dict[str, object]:
    """Return a snapshot's documented JSON shape."""
    return {
        "id": recorded.id,
        "taken_at": render.moment_json(recorded.taken_at),
        "source": recorded.source,
        "revision": recorded.revision,
    }


def recorded_text(recorded: Recorded) -> str:
    """Name a snapshot in a heading."""
    moment = render.moment_text(recorded.taken_at).removesuffix(" 00:00:00")
    # A dated document that was imported stands for its whole day.
    return f"snapshot {recorded.id} of {moment}{' UTC' if ':' in moment else ''} ({recorded.source})"


def value_text(field: str, value: Any) -> str:
    """Return a field's value as people read it, or `unknown`."""
    from llmhub.catalog.offer_text import value_text as text

    return text(field, value)


def labs() -> frozenset[str]:
    """Return the providers that are labs, by the names of models.dev."""
    from llmhub.catalog.matching.provider_names import provider_names

    return provider_names().labs
