"""Choose the models of a chart if the user named none."""

from __future__ import annotations

from collections.abc import Sequence

from llmhub.arena.boards import Entry
from llmhub.arena.compare.organizations import models_of


def choose(entries: Sequence[Entry], organization: str | None) -> list[str]:
    """Return the models of a board, best first, or those of one organization, whatever the case of its name.

    Raises:
        ModelNotFoundError: the board has no model of that organization; the message lists its organizations.
    """
    if organization is None:
        return [entry.model for entry in entries]
    return models_of(organization, ((entry.model, entry.organization) for entry in entries), "the newest board")
