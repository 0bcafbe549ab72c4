"""Which models a chart is of, where nobody named them."""

from __future__ import annotations

from collections.abc import Sequence

from llmhub.arena.boards import Entry
from llmhub.arena.compare.organizations import models_of


def choose(entries: Sequence[Entry], organization: str | None) -> list[str]:
    """Return the models of a board, best first, or those of one organization, whatever its name's capitals.

    Raises:
        ModelNotFoundError: the board has none of that organization; the message says which it has.
    """
    if organization is None:
        return [entry.model for entry in entries]
    return models_of(organization, ((entry.model, entry.organization) for entry in entries), "the newest board")
