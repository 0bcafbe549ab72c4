"""The colours of a chart on a light and on a dark background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ThemeName = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Theme:
    """A background and the colours drawn on it, as #rrggbb.

    Attributes:
        ink: titles and labels.
        muted: axes, notes and rules.
        grid: lines that only guide the eye.
        colours: models, in the order of Okabe and Ito's palette, each changed in lightness until it is distinct from
            this background and from the other seven for the three kinds of colour-blindness.
    """

    ground: str
    ink: str
    muted: str
    grid: str
    colours: tuple[str, ...]


LIGHT = Theme(
    ground="#ffffff",
    ink="#1f2328",
    muted="#59636e",
    grid="#e6e9ed",
    colours=("#0149dc", "#dd5900", "#32956b", "#da6eb5", "#874000", "#2397fa", "#844c96", "#2b312b"),
)
DARK = Theme(
    ground="#14171c",
    ink="#e6e9ed",
    muted="#9aa4b0",
    grid="#2a3038",
    colours=("#267ef5", "#d55e00", "#13b783", "#c16bb6", "#ffa628", "#48c1ff", "#ebea38", "#c4e7f7"),
)
THEMES: dict[ThemeName, Theme] = {"light": LIGHT, "dark": DARK}


def line_style(theme: Theme, number: int) -> tuple[str, tuple[int, int]]:
    """Return the colour and the dashes of the line with this number, from 0."""
    colours = len(theme.colours)
    return theme.colours[number % colours], DASHES[number // colours % len(DASHES)]


DASHES = ((1, 0), (6, 3), (2, 2))
"""The dashes of the lines of the first eight models, the second and the third: drawn and left out, in pixels."""
