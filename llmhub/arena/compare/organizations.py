"""Finds the models of one organization; pure."""

from __future__ import annotations

from collections.abc import Iterable

from llmhub.errors import ModelNotFoundError
from llmhub.nearest import did_you_mean, shortened

_NAMED = 12


def models_of(organization: str, models: Iterable[tuple[str, str | None]], where: str) -> list[str]:
    """Return the models of one organization in the given order; the case of its name does not matter.

    Args:
        organization: its name.
        models: each model with its organization, None if that is unknown.
        where: the board, for the error: "the newest board".

    Raises:
        ModelNotFoundError: no model is of that organization; the message lists the organizations of the board.
    """
    pairs = list(models)
    wanted = organization.casefold()
    found = [model for model, name in pairs if name and name.casefold() == wanted]
    if not found:
        known = list(dict.fromkeys(name for _, name in pairs if name))
        more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
        has = f"it has those of {', '.join(known[:_NAMED])}{more}" if known else "it names none"
        asked = f"{shortened(organization)!r}{did_you_mean(organization, known)}"
        raise ModelNotFoundError(f"no model on {where} is of the organization {asked}: {has}")
    return found
