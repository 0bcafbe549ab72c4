"""Which models are of one organization; pure."""

from __future__ import annotations

from collections.abc import Iterable

from llmhub.errors import ModelNotFoundError
from llmhub.nearest import did_you_mean, shortened

_NAMED = 12


def models_of(organization: str, models: Iterable[tuple[str, str | None]], where: str) -> list[str]:
    """Return the models of one organization, whatever its name's capitals, in their order.

    Args:
        organization: its name.
        models: each model with its organization, None where that is unknown.
        where: what the models are on, for the error: "the newest board".

    Raises:
        ModelNotFoundError: there are none of that organization; the message says of which there are.
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
