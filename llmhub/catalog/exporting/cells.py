"""Cells of a table that a spreadsheet opens. Pure."""

from __future__ import annotations

from collections.abc import Mapping

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def no_formulas(row: Mapping[str, object]) -> dict[str, object]:
    """Return a row with an apostrophe before each text that a spreadsheet would run as a formula.

    Examples:
        >>> no_formulas({"a": "=1+1", "b": "gpt", "c": -1})
        {'a': "'=1+1", 'b': 'gpt', 'c': -1}
    """
    return {
        name: f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
        for name, value in row.items()
    }
