"""Texts that several commands of the catalog show: counts, tiers and prices."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from llmhub.catalog.stored.format import CHAT
from llmhub.cli import render

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel

TIERS = ("quality", "reasoning", "creative", "cost")
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
    basis, number = getattr(model, f"{name}_basis"), getattr(model, f"{name}_tier")
    return tier_text(model.type, basis, number, model.arena_setting)


@cache
def tier_text(kind: str, basis: str, number: int, setting: str | None) -> str:
    """Return a tier with the mark of what it rests on.

    Args:
        kind: what the model is for.
        basis: what its tier rests on.
        number: the tier.
        setting: the setting at which it was rated, where that is another one.
    """
    if kind != CHAT:
        return f"{NO_TIER:<2} "
    mark = OTHER_SETTING if basis == "rated" and setting else _MARKS[basis]
    return f"{number}{mark:<2}"


@cache
def dollars(price: float | None) -> str:
    """Return US dollars as people read them, or `unknown`."""
    from llmhub.offers.prices import price_text

    return render.UNKNOWN if price is None else price_text(price)
