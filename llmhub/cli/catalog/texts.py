"""Texts that several commands of the catalog show: counts, tiers and prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmhub.catalog.stored.format import TIER_NAMES
from llmhub.cli import render

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel

TIERS = TIER_NAMES
SOURCES = {"anyllm": "any-llm", "modelsdev": "models.dev", "arena": "arena", "litellm": "LiteLLM"}
OTHER_SETTING = "*"
OWN_PRICE = "="
WITNESS_PRICE = "^"
NO_TIER = "\N{EN DASH}"
GUESSED = "~"
UNKNOWN_TIER = "?"

_MARKS = {"rated": "", "priced": "", "unknown": UNKNOWN_TIER} | dict.fromkeys(
    ("predecessor", "family", "provider"), GUESSED
)


def tier(model: CanonicalModel, name: str) -> str:
    """Return a tier with the mark of what it rests on."""
    basis = getattr(model, f"{name}_basis")
    if model.type != "chat":
        return f"{NO_TIER:<2} "
    mark = OTHER_SETTING if basis == "rated" and model.arena_setting else _MARKS[basis]
    return f"{getattr(model, f'{name}_tier')}{mark:<2}"


def dollars(price: float | None) -> str:
    """Return US dollars as people read them, or `unknown`."""
    from llmhub.offers.prices import price_text

    return render.UNKNOWN if price is None else price_text(price)
