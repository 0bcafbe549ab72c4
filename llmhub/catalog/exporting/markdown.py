"""Models as a table in Markdown, for a README. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from llmhub.errors import printable
from llmhub.offers.prices import price_text

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel

_HEAD = "| model | quality | rating | in | out | context |\n|---|---:|---:|---:|---:|---:|\n"
_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>|~&"})
_UNKNOWN = "unknown"


def markdown_table(models: Iterable[CanonicalModel]) -> str:
    """Return a table: tiers and ratings that are measured, and prices in US dollars per million tokens."""
    return _HEAD + "".join(_row(model) for model in models)


def _row(model: CanonicalModel) -> str:
    rated = model.quality_basis == "rated"
    cells = (
        escaped(model.canonical_id),
        str(model.quality_tier) if rated else _UNKNOWN,
        _UNKNOWN if model.arena_score is None else f"{model.arena_score:.0f}",
        _price(model.price_input_per_million),
        _price(model.price_output_per_million),
        _UNKNOWN if model.context_tokens is None else f"{model.context_tokens:,}",
    )
    return f"| {' | '.join(cells)} |\n"


def escaped(text: str) -> str:
    r"""Return a text that Markdown shows as it is, in one cell.

    Examples:
        >>> escaped("a|b_c\n")
        'a\\|b\\_c\\\\n'
    """
    return printable(text).translate(_SPECIAL)


def _price(price: float | None) -> str:
    return _UNKNOWN if price is None else f"${price_text(price)}"
