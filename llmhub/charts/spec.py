"""Build a chart in Vega-Lite's language from the content in `series` and the colours of a theme.

Overlaps, gaps and room are decided before: a spec draws its rows unchanged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import altair as alt

from llmhub.charts.frame import SIZE, WIDE, Frame, Row, Shape, iso, of_table
from llmhub.charts.layout import stack
from llmhub.charts.series import Dot, Picture, Series, signed
from llmhub.charts.theme import Theme

# Above this number of points, lines are marked only at their ends.
_MANY_MOMENTS = 40
_BREAK_LABEL = 44
_BREAK_LINE = 13
# Decimals of ratings: at most a hundredth of a pixel off, for a smaller file.
_DIGITS = 3


def chart(picture: Picture, theme: Theme, *, shape: Shape = WIDE, hover: bool = False) -> dict[str, Any]:
    """Return the Vega-Lite spec of a chart, checked against Vega-Lite's schema.

    Args:
        picture: the content.
        theme: the colours.
        shape: the size.
        hover: whether pointing at a model's moment shows a tooltip.
    """
    drawing = _Drawing(picture, theme, shape, hover=hover)
    layers = [*drawing.rules(), *drawing.bands(), *drawing.lines(), *drawing.labels()]
    if hover:
        layers.append(drawing.targets())
    rows = 1 + max((row["row"] for row in drawing.tables["breaks"]), default=0)
    return drawing.frame.finished(layers, picture, drawing.tables, above=_BREAK_LINE * (rows - 1))


class _Drawing:
    """The layers of one chart, which share its axes and its colours."""

    def __init__(self, picture: Picture, theme: Theme, shape: Shape, *, hover: bool) -> None:
        self._picture, self._theme = picture, theme
        self._first, self._last = picture.span
        self._low, self._high = picture.ratings
        self._whiskers = [] if picture.banded else _whiskers(picture)
        if shape.numbered:
            # The whiskers beside the plot take their room from it.
            columns = 1 + max((one.column for one in self._whiskers), default=-1)
            shape = shape._replace(width=shape.width - shape.whisker * columns)
        self.frame = frame = Frame(picture.span, len(picture.series), theme, shape)
        self.x, self.color, self.dash = frame.x, frame.color, frame.dash
        self.y = self._y_of("rating")
        self.tables: dict[str, list[Row]] = {
            "dots": list(_dot_rows(picture, hover=hover)),
            "labels": self._label_rows(),
            "breaks": self._break_rows(),
            "whiskers": list(self._whisker_rows()),
            "foot": frame.foot_rows(picture.attribution),
        }

    def rules(self) -> Iterator[alt.Chart]:
        """Yield the scale breaks, and the attribution below the axis."""
        theme = self._theme
        yield self.frame.foot()
        if not self._picture.breaks:
            return
        yield (
            of_table("breaks")
            .mark_rule(color=theme.muted, strokeDash=[3, 3], strokeWidth=1, opacity=0.7)
            .encode(x=self.x, y=alt.value(0), y2=alt.value(self.frame.height))
        )
        for row in sorted({one["row"] for one in self.tables["breaks"]}):
            yield (
                of_table("breaks")
                .transform_filter(alt.FieldEqualPredicate(field="row", equal=row))
                .mark_text(baseline="bottom", color=theme.muted, fontSize=SIZE - 1)
                .encode(x=self.x, y=alt.value(-4 - _BREAK_LINE * row), text="text:N")
            )

    def bands(self) -> Iterator[alt.Chart]:
        """Yield the intervals: as a band, or as a bar where a single moment has one."""
        bounds = {"x": self.x, "y": self._y_of("lower"), "y2": alt.Y2("upper"), "color": self.color}
        kinds = {row["bounds"] for row in self.tables["dots"]}
        if "band" in kinds:
            yield (
                self._where(alt.FieldEqualPredicate(field="bounds", equal="band"))
                .mark_area(opacity=0.13)
                .encode(**bounds, detail="band:N")
            )
        if "bar" in kinds:
            yield (
                self._where(alt.FieldEqualPredicate(field="bounds", equal="bar"))
                .mark_rule(opacity=0.5, strokeWidth=2)
                .encode(**bounds)
            )
        if self.tables["whiskers"]:
            # Beside the plot, one next to the other: lines that end together would hide each other's.
            yield (
                of_table("whiskers")
                .mark_rule(opacity=0.7, strokeWidth=2)
                .encode(
                    x=alt.X("pixel:Q", scale=None, axis=None),
                    y=self._y_of("lower"),
                    y2=alt.Y2("upper"),
                    color=self.color,
                )
            )

    def lines(self) -> Iterator[alt.Chart]:
        """Yield the ratings: a line for each stretch without a gap, and the dots on it."""
        encoded = {"x": self.x, "y": self.y, "color": self.color}
        yield (
            of_table("dots")
            .mark_line(strokeWidth=1.75, strokeJoin="round", strokeCap="butt")
            .encode(**encoded, strokeDash=self.dash, detail="run:N")
        )
        yield (
            self._where(alt.FieldEqualPredicate(field="dotted", equal=True))
            .mark_circle(size=22, opacity=1)
            .encode(**encoded)
        )

    def labels(self) -> Iterator[alt.Chart]:
        """Return each line's name and last rating beside the plot, with a leader from the line's end."""
        right = int(max((row["pixel"] - self.frame.shape.width + 2 for row in self.tables["whiskers"]), default=0))
        return self.frame.labels(self.tables["labels"], self.y, self._y_of("place"), right=right)

    def targets(self) -> alt.Chart:
        """Return invisible discs around all moments, which show a tooltip when pointed at."""
        tooltips = [
            alt.Tooltip("model:N"),
            alt.Tooltip("listed_as:N", title="listed as"),
            alt.Tooltip("day:N", title="date (UTC)"),
            alt.Tooltip("rating:Q", format=".1f"),
            alt.Tooltip("interval:N"),
            alt.Tooltip("rank:Q", format=",d"),
            alt.Tooltip("votes:N"),
        ]
        discs: alt.Chart = (
            of_table("dots").mark_circle(size=160, opacity=0).encode(x=self.x, y=self.y, tooltip=tooltips)
        )
        return discs

    def _where(self, predicate: alt.FieldEqualPredicate) -> alt.Chart:
        """Return a filter for one kind of dots: applied in the chart, so that its layers share one table."""
        return of_table("dots").transform_filter(predicate)

    def _y_of(self, field: Literal["rating", "lower", "place"]) -> alt.Y:
        """Return the axis of ratings for a field."""
        return alt.Y(
            f"{field}:Q",
            scale=alt.Scale(domain=[self._low, self._high], nice=False, zero=False),
            axis=alt.Axis(title=None, format="d", tickCount=7, tickMinStep=1, domain=False, ticks=False),
        )

    def _whisker_rows(self) -> Iterator[Row]:
        shape = self.frame.shape
        for one in self._whiskers:
            bounds = {"lower": round(one.lower, _DIGITS), "upper": round(one.upper, _DIGITS)}
            yield {"series": one.series, "pixel": shape.width + 4 + shape.whisker * one.column, **bounds}

    def _break_rows(self) -> list[Row]:
        span = self._last - self._first
        rows = stack(
            [(one.moment - self._first) / span * self.frame.shape.width for one in self._picture.breaks], _BREAK_LABEL
        )
        return [
            {"moment": iso(one.moment), "text": signed(one.shift), "row": row}
            for one, row in zip(self._picture.breaks, rows, strict=True)
        ]

    def _label_rows(self) -> list[Row]:
        lasts = [one.last for one in self._picture.series]
        points = (self._high - self._low) / self.frame.height
        heights = self.frame.places([(dot.rating - self._low) / points for dot in lasts])
        newest = max(dot.moment for dot in lasts)
        return [
            {
                "series": number,
                "moment": iso(one.last.moment),
                "rating": one.last.rating,
                "place": self._low + height * points,
                "early": one.last.moment < self._last,
                "text": self.frame.label(
                    number,
                    one.label,
                    f"{one.last.rating:.0f}",
                    f" on {one.last.moment:%Y-%m-%d}" if one.last.moment < newest else "",
                ),
            }
            for number, (one, height) in enumerate(zip(self._picture.series, heights, strict=True))
        ]


class _Whisker(NamedTuple):
    series: int
    column: int
    lower: float
    upper: float


def _whiskers(picture: Picture) -> list[_Whisker]:
    """Return the last interval of each line, in the first column beside the plot in which it covers no other."""
    found: list[_Whisker] = []
    columns: list[float] = []
    ends = [(one.last.lower, number, one.last.upper) for number, one in enumerate(picture.series)]
    for lower, number, upper in sorted(one for one in ends if one[0] is not None):
        if lower is not None and upper is not None:
            free = [column for column, end in enumerate(columns) if end < lower]
            column = free[0] if free else len(columns)
            columns[column : column + 1] = [upper]
            found.append(_Whisker(number, column, lower, upper))
    return found


def _dot_rows(picture: Picture, *, hover: bool) -> Iterator[Row]:
    few = picture.moments <= _MANY_MOMENTS
    for number, one in enumerate(picture.series):
        runs, bands = Counter(dot.run for dot in one.dots), Counter(dot.band for dot in one.dots)
        for dot in one.dots:
            row: Row = {
                "series": number,
                "moment": iso(dot.moment),
                "rating": round(dot.rating, _DIGITS),
                "run": dot.run,
                "dotted": few or dot is one.last or runs[dot.run] == 1,
                "bounds": None,
            }
            if picture.banded and dot.lower is not None and dot.upper is not None:
                row |= {"lower": round(dot.lower, _DIGITS), "upper": round(dot.upper, _DIGITS), "band": dot.band}
                row["bounds"] = "band" if bands[dot.band] > 1 else "bar"
            yield row | _tooltip(one, dot) if hover else row


def _tooltip(one: Series, dot: Dot) -> Row:
    """Return the tooltip's text for a model at a moment, beside its position."""
    bounds = ("unknown" if bound is None else f"{bound:.1f}" for bound in (dot.lower, dot.upper))
    return {
        "model": one.model,
        "listed_as": dot.listed_as,
        "day": f"{dot.moment:%Y-%m-%d}",
        "interval": " to ".join(bounds),
        "rank": dot.rank,
        "votes": "unknown" if dot.votes is None else f"{dot.votes:,}",
    }
