"""Build a chart of prices in Vega-Lite's language from the content in `prices` and the colours of a theme."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, log
from typing import Any

import altair as alt

from llmhub.charts.frame import WIDE, Frame, Row, Shape, iso, of_table
from llmhub.charts.layout import log_ticks
from llmhub.charts.prices import PriceDot, PricePicture, dollars
from llmhub.charts.theme import Theme

_DIGITS = 8
# Whole dollars, else cents, or as many digits as it takes: $0.50 beside $0.20, and not $0.5.
_DOLLARS = (
    "datum.value % 1 === 0 ? format(datum.value, '$,.0f') : format(datum.value, datum.value >= 0.01 ? '$.2f' : '$~r')"
)


def chart(picture: PricePicture, theme: Theme, *, shape: Shape = WIDE, hover: bool = False) -> dict[str, Any]:
    """Return the Vega-Lite spec of a chart, checked against Vega-Lite's schema.

    Args:
        picture: the content.
        theme: the colours.
        shape: the size.
        hover: whether pointing at a change shows a tooltip.
    """
    drawing = _Drawing(picture, theme, shape)
    layers = [drawing.frame.foot(), *drawing.lines(), *drawing.labels()]
    if hover:
        layers.append(drawing.targets())
    return drawing.frame.finished(layers, picture, drawing.tables)


class _Drawing:
    """The layers of one chart, which share its axes and its colours."""

    def __init__(self, picture: PricePicture, theme: Theme, shape: Shape) -> None:
        self._picture, self._theme = picture, theme
        self.frame = Frame(picture.span, len(picture.series), theme, shape)
        self._low, self._high = picture.prices
        self.tables: dict[str, list[Row]] = {
            "dots": list(self._dot_rows()),
            "labels": self._label_rows(),
            "foot": self.frame.foot_rows(picture.attribution),
        }

    def lines(self) -> Iterator[alt.Chart]:
        """Yield the steps, and a dot at each recorded change, hollow if it is likely a correction."""
        frame, y = self.frame, self._y_of("price")
        yield (
            of_table("dots")
            .mark_line(interpolate="step-after", strokeWidth=1.75, strokeCap="butt")
            .encode(x=frame.x, y=y, color=frame.color, strokeDash=frame.dash, detail="run:N")
        )
        dots = of_table("dots").transform_filter(alt.FieldEqualPredicate(field="kind", equal="change"))
        yield dots.mark_point(filled=True, size=30, opacity=1).encode(x=frame.x, y=y, color=frame.color)
        dots = of_table("dots").transform_filter(alt.FieldEqualPredicate(field="kind", equal="correction"))
        hollow = dots.mark_point(filled=False, fill=self._theme.ground, size=60, opacity=1, strokeWidth=1.75)
        yield hollow.encode(x=frame.x, y=y, color=frame.color)

    def labels(self) -> Iterator[alt.Chart]:
        """Return each line's name and last price beside the plot, with a leader from the line's end."""
        return self.frame.labels(self.tables["labels"], self._y_of("price"), self._y_of("place"))

    def targets(self) -> alt.Chart:
        """Return invisible discs around all changes, which show a tooltip when pointed at."""
        tooltips = [
            alt.Tooltip("model:N"),
            alt.Tooltip("day:N", title="recorded (UTC)"),
            alt.Tooltip("said:N", title="price"),
            alt.Tooltip("was:N"),
            alt.Tooltip("in:N"),
            alt.Tooltip("out:N"),
            alt.Tooltip("note:N", title="likely a correction"),
        ]
        changes = alt.FieldOneOfPredicate(field="kind", oneOf=["change", "correction"])
        discs: alt.Chart = of_table("dots").transform_filter(changes).mark_circle(size=160, opacity=0)
        return discs.encode(x=self.frame.x, y=self._y_of("price"), tooltip=tooltips)

    def _y_of(self, field: str) -> alt.Y:
        domain = [self._low, self._high]
        if self._picture.logarithmic:
            scale = alt.Scale(type="log", domain=domain, nice=False)
            axis = alt.Axis(title=None, labelExpr=_DOLLARS, domain=False, ticks=False, values=log_ticks(*domain))
        else:
            scale = alt.Scale(type="linear", domain=domain, nice=False, zero=False)
            axis = alt.Axis(title=None, labelExpr=_DOLLARS, domain=False, ticks=False, tickCount=6)
        return alt.Y(f"{field}:Q", scale=scale, axis=axis)

    def _dot_rows(self) -> Iterator[Row]:
        for number, one in enumerate(self._picture.series):
            for dot in one.dots:
                yield {
                    "series": number,
                    "moment": iso(dot.moment),
                    "price": round(dot.price, _DIGITS),
                    "run": dot.run,
                    **_kind_and_tooltip(one.model, dot),
                }

    def _label_rows(self) -> list[Row]:
        lasts = [one.last for one in self._picture.series]
        heights = self.frame.places([self._height_of(dot.price) for dot in lasts])
        end = self._picture.span[1]
        return [
            {
                "series": number,
                "moment": iso(one.last.moment),
                "price": one.last.price,
                "place": self._price_at(height),
                "early": one.last.moment < end,
                "text": self.frame.label(
                    number,
                    one.label,
                    dollars(one.last.price),
                    f" until {one.last.moment:%Y-%m-%d}" if one.went or one.last.moment < end else "",
                ),
            }
            for number, (one, height) in enumerate(zip(self._picture.series, heights, strict=True))
        ]

    def _height_of(self, price: float) -> float:
        """Return how high above the axis a price is, in pixels."""
        if self._picture.logarithmic:
            return self.frame.height * log(price / self._low) / log(self._high / self._low)
        return self.frame.height * (price - self._low) / (self._high - self._low)

    def _price_at(self, height: float) -> float:
        share = height / self.frame.height
        if self._picture.logarithmic:
            return self._low * exp(share * log(self._high / self._low))
        return self._low + share * (self._high - self._low)


def _kind_and_tooltip(model: str, dot: PriceDot) -> Row:
    if not dot.changed:
        return {"kind": "end"}
    return {
        "kind": "correction" if dot.note else "change",
        "model": model,
        "day": f"{dot.moment:%Y-%m-%d}",
        "said": dollars(dot.price),
        "was": "first recorded" if dot.was is None else dollars(dot.was),
        "in": dollars(dot.input),
        "out": dollars(dot.output),
        "note": dot.note or "no",
    }
