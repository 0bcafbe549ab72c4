"""What can be asked of a chart. Imports nothing heavy: `--help` reads it. Pure."""

from __future__ import annotations

from llmhub.offers.fields import NUMBERS

ENDINGS = (".png", ".svg", ".html")
"""How the name of a picture can end: its kind."""

MOST_MODELS = 24
"""The most lines that a chart can hold: eight colours, each with three kinds of dashes."""

BLENDED = "blended"
"""The price of a token of which three in four go in: (3 x input + output) / 4."""

PRICES = (BLENDED, *NUMBERS)
"""The prices that can be drawn."""
