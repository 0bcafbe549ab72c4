"""The colours that a chart is drawn in, on a light and on a dark ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ThemeName = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Theme:
    """A ground and what is drawn on it, as #rrggbb.

    Attributes:
        ink: of titles and labels.
        muted: of axes, notes and rules.
        grid: of lines that only lead the eye.
        colours: of models, in the order of Okabe and Ito's palette, each moved in lightness until it stands out from
            this ground and from the other seven in the three kinds of colour-blindness.
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

DASHES = ((1, 0), (6, 3), (2, 2))
"""How the lines of the first eight models, the second and the third are dashed: drawn and left out, in pixels."""
