"""Which models a chart is of, where nobody named them."""

from __future__ import annotations

from collections.abc import Sequence

from llmhub.arena.schema import Entry
from llmhub.errors import ModelNotFoundError
from llmhub.nearest import did_you_mean, shortened

_NAMED = 12


def choose(entries: Sequence[Entry], organization: str | None) -> list[str]:
    """Return the models of a board, best first, or those of one organization, whatever its name's capitals.

    Raises:
        ModelNotFoundError: the board has none of that organization; the message says which it has.
    """
    if organization is None:
        return [entry.model for entry in entries]
    wanted = organization.casefold()
    found = [entry.model for entry in entries if entry.organization and entry.organization.casefold() == wanted]
    if not found:
        known = list(dict.fromkeys(entry.organization for entry in entries if entry.organization))
        more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
        has = f"it has those of {', '.join(known[:_NAMED])}{more}" if known else "it names none"
        asked = f"{shortened(organization)!r}{did_you_mean(organization, known)}"
        raise ModelNotFoundError(f"no model on the newest board is of the organization {asked}: {has}")
    return found
