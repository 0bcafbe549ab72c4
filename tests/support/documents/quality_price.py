"""Draw the README's picture, quality against price of made-up models, as the report draws it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from llmhub.report.drawing.pictures import PricePicture, PricePoint, Size, price_picture
from llmhub.report.frontier import Priced

_SIZE = Size(width=960, height=520, left=52, right=24, top=56, bottom=52, across=9, up=6)
_COLOURS = {
    "Example Research": "#0d9488",
    "Made-Up Labs": "#d97706",
    "Pretend AI": "#7c3aed",
    "Invented Inc": "#db2777",
    "Fabled Weights": "#2563eb",
}
# Name, lab, blended price in US dollars per million tokens, rating: all made up.
_MODELS = (
    ("fictional-ultra-4", "Example Research", 35.0, 1492.2),
    ("fictional-pro-3", "Example Research", 5.63, 1475.8),
    ("fictional-flash-3", "Example Research", 0.85, 1424.3),
    ("fictional-flash-lite-3", "Example Research", 0.17, 1382.0),
    ("fictional-pro-2", "Example Research", 3.44, 1431.5),
    ("fictional-flash-2", "Example Research", 0.26, 1362.4),
    ("fictional-nano-1", "Example Research", 0.08, 1271.9),
    ("imaginary-opus-2", "Made-Up Labs", 30.0, 1481.2),
    ("imaginary-sonnet-3", "Made-Up Labs", 6.0, 1466.3),
    ("imaginary-sonnet-2", "Made-Up Labs", 6.0, 1428.7),
    ("imaginary-haiku-3", "Made-Up Labs", 2.0, 1409.8),
    ("imaginary-haiku-2", "Made-Up Labs", 1.6, 1341.2),
    ("imaginary-opus-1", "Made-Up Labs", 30.0, 1402.6),
    ("pretend-large", "Pretend AI", 3.0, 1440.2),
    ("pretend-medium", "Pretend AI", 0.8, 1397.3),
    ("pretend-small", "Pretend AI", 0.15, 1372.6),
    ("pretend-tiny", "Pretend AI", 0.05, 1302.5),
    ("pretend-large-1", "Pretend AI", 4.5, 1351.0),
    ("pretend-coder", "Pretend AI", 0.45, 1379.4),
    ("invented-405b", "Invented Inc", 3.5, 1385.4),
    ("invented-120b", "Invented Inc", 0.31, 1391.7),
    ("invented-70b", "Invented Inc", 0.64, 1414.3),
    ("invented-20b", "Invented Inc", 0.09, 1334.9),
    ("invented-8b", "Invented Inc", 0.04, 1238.1),
    ("invented-thinker", "Invented Inc", 9.2, 1449.1),
    ("fabled-v4", "Fabled Weights", 0.48, 1446.0),
    ("fabled-v3", "Fabled Weights", 0.52, 1405.0),
    ("fabled-v2", "Fabled Weights", 0.21, 1319.3),
    ("fabled-r2", "Fabled Weights", 0.96, 1457.6),
    ("fabled-r1", "Fabled Weights", 0.96, 1416.2),
    ("fabled-mini", "Fabled Weights", 0.11, 1353.8),
    ("fabled-chat", "Fabled Weights", 0.19, 1288.6),
)


def quality_price() -> str:
    """Return the picture as SVG, with a legend of the labs and the efficient frontier."""
    models = [Priced(name, price, rating) for name, _, price, rating in _MODELS]
    return "\n".join(_lines(price_picture(models, _SIZE))) + "\n"


def _lines(picture: PricePicture) -> Iterator[str]:
    width, height, left, right, top, bottom = picture.size[:6]
    labs = {name: lab for name, lab, *_ in _MODELS}
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'font-family="Helvetica, Arial, sans-serif" font-size="12">'
    )
    yield "<title>Rating against price of made-up models, with the efficient frontier</title>"
    yield f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    for tick in picture.x_ticks:
        yield f'<path d="M{tick.at:.1f} {top}V{height - bottom}" stroke="#e5e7eb"/>'
        yield _text(tick.at, height - bottom + 18, tick.text, "middle", "#4b5563")
    for tick in picture.y_ticks:
        yield f'<path d="M{left} {tick.at:.1f}H{width - right}" stroke="#e5e7eb"/>'
        yield _text(left - 8, tick.at + 4, tick.text, "end", "#4b5563")
    yield _text(
        (left + width - right) / 2, height - 10, "US dollars per million tokens (3 in : 1 out)", "middle", "#111827"
    )
    yield _text(
        left, 20, "Rating by people (points) against price: all models are made up", "start", "#111827", bold=True
    )
    stroke = 'fill="none" stroke="#111827" stroke-width="1.5" stroke-dasharray="5 4"'
    yield f'<polyline points="{picture.stairs}" {stroke}/>'
    for dot in picture.points:
        yield _circle(dot, _COLOURS[_lab(dot, labs)], *((6.5, 1.0) if dot.best else (4.5, 0.55)))
    for label in picture.labels:
        yield _text(label.x, label.y, label.text, "start" if label.right else "end", "#111827")
    for number, (lab, colour) in enumerate(_COLOURS.items()):
        x = left + number * 150
        yield f'<circle cx="{x + 5}" cy="38" r="5" fill="{colour}"/>'
        yield _text(x + 16, 42, lab, "start", "#374151")
    yield "</svg>"


def _lab(dot: PricePoint, labs: dict[str, str]) -> str:
    return labs[dot.name]


def _circle(dot: PricePoint, colour: str, radius: float, opacity: float) -> str:
    return (
        f'<circle cx="{dot.x:.1f}" cy="{dot.y:.1f}" r="{radius}" fill="{colour}" fill-opacity="{opacity}" '
        f'stroke="#ffffff"><title>{escape(dot.text)}</title></circle>'
    )


def _text(x: float, y: float, text: str, anchor: str, colour: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{weight}>{escape(text)}</text>'
