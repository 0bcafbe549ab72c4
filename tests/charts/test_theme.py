"""The colours of the charts, measured as WCAG does."""

from __future__ import annotations

from itertools import combinations

import pytest

from llmhub.charts.limits import MOST_MODELS
from llmhub.charts.theme import DASHES, THEMES, Theme

# Linear RGB as people without one kind of cones see it (Machado, Oliveira and Fernandes 2009, severity 1).
SEEN_BY = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopes": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopes": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopes": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
Rgb = tuple[float, ...]


def _linear(colour: str) -> Rgb:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return tuple(one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)


def _times(matrix: tuple[Rgb, ...], colour: Rgb) -> Rgb:
    return tuple(sum(factor * one for factor, one in zip(row, colour, strict=True)) for row in matrix)


def _contrast(first: str, second: str) -> float:
    bright = [_times(((0.2126, 0.7152, 0.0722),), _linear(colour))[0] + 0.05 for colour in (first, second)]
    return max(bright) / min(bright)


def _oklab(colour: Rgb) -> Rgb:
    """Return linear RGB in a space in which a distance is how different two colours look (Ottosson 2020)."""
    cones = _times(
        (
            (0.4122214708, 0.5363325363, 0.0514459929),
            (0.2119034982, 0.6806995451, 0.1073969566),
            (0.0883024619, 0.2817188376, 0.6299787005),
        ),
        tuple(min(max(one, 0.0), 1.0) for one in colour),
    )
    return _times(
        (
            (0.2104542553, 0.7936177850, -0.0040720468),
            (1.9779984951, -2.4285922050, 0.4505937099),
            (0.0259040371, 0.7827717662, -0.8086757660),
        ),
        tuple(one ** (1 / 3) for one in cones),
    )


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_lines_stand_out_from_their_ground_and_words_are_readable(theme: Theme) -> None:
    assert min(_contrast(colour, theme.ground) for colour in theme.colours) >= 3.0
    assert _contrast(theme.ink, theme.ground) >= 7.0
    assert _contrast(theme.muted, theme.ground) >= 4.5


@pytest.mark.parametrize("people", SEEN_BY)
@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_eight_colours_can_be_told_apart_whoever_looks(theme: Theme, people: str) -> None:
    seen = [_oklab(_times(SEEN_BY[people], _linear(colour))) for colour in theme.colours]
    nearest = min(sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) ** 0.5 for pair in combinations(seen, 2))
    # Two of Okabe and Ito's own eight are 0.076 apart for deuteranopes, and three do not stand out from white.
    assert nearest >= 0.08
    assert len(theme.colours) == 8


def test_as_many_models_as_a_chart_takes_have_a_colour_and_dashes_of_their_own() -> None:
    assert all(len(theme.colours) * len(DASHES) == MOST_MODELS for theme in THEMES.values())
    assert len(set(DASHES)) == len(DASHES)
