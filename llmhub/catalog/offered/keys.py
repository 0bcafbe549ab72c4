"""The keys under which sources list the offer that a callable model is. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmhub.catalog.matching.provider_names import HasNames
    from llmhub.catalog.schema import Match


def very_offer(match: Match | None) -> str | None:
    """Return models.dev's key of the very offer that is called; None if it does not have that one.

    A variant is a similar offer: its price and its life may differ.
    """
    return None if match is None or match.kind == "variant" else match.target


def offer_keys(provider: str, model_id: str, match: Match | None, names: HasNames) -> Iterator[str]:
    """Yield the keys under which sources list exactly the offer that a callable model is, the surest first.

    An offer of another region is another one, though models.dev's entry for it says what the model can do.
    """
    if (target := very_offer(match)) is not None:
        yield target
    for name in names.providers.get(provider, (provider,)):
        yield f"{name}/{model_id}"
    yield f"{provider}/{model_id}"
