"""Texts that several commands of the catalog show: counts, tiers and prices."""

from __future__ import annotations

from collections.abc import Container
from functools import cache
from typing import TYPE_CHECKING

from llmhub.catalog.stored.format import CHAT, TIER_NAMES
from llmhub.cli import render

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel

TIERS = TIER_NAMES
SOURCES = {"anyllm": "any-llm", "modelsdev": "models.dev", "arena": "arena", "litellm": "LiteLLM"}
# The kinds of prices, by their names in `llmhub.offers.fields`.
PRICE_WORDS = {
    "input": "in",
    "output": "out",
    "reasoning": "reasoning",
    "cache_read": "cache read",
    "cache_write": "cache write",
    "input_audio": "audio in",
    "output_audio": "audio out",
}
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


def price_of(offer: object, name: str) -> float | None:
    """Return the price of a kind of `PRICE_WORDS` of a model, an offer or a tier of prices; None if unknown."""
    price: float | None = getattr(offer, f"price_{name}_per_million")
    return price


def prices_text(offer: object, *, always: Container[str] = ()) -> str:
    """Return the known prices of an offer, and those kinds that are named even if unknown."""
    prices = ((name, price_of(offer, name)) for name in PRICE_WORDS)
    return ", ".join(
        f"{PRICE_WORDS[name]} {dollars(price)}" for name, price in prices if price is not None or name in always
    )


@cache
def dollars(price: float | None) -> str:
    """Return US dollars as people read them, or `unknown`."""
    from llmhub.offers.prices import price_text

    return render.UNKNOWN if price is None else price_text(price)
