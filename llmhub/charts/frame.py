"""What every chart has: size and type, axis of time, colours of the series, names at the ends of lines, words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import altair as alt

from llmhub.charts.layout import date_ticks, spread
from llmhub.charts.theme import DASHES, Theme

Row = dict[str, Any]

WIDTH = 720
"""The plot's size in pixels, without what surrounds it."""

SIZE = 12
"""The type size, in pixels."""

LEAST_HEIGHT = 380
HEIGHT_PER_MODEL = 24
LABELS_AT = WIDTH + 30
LEADERS_AT = WIDTH + 3

# The least distance between two labels beside the plot, in pixels.
_LINE = 17
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
_MOST_TICKS = 7


class Words(Protocol):
    """The words of a chart."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def notes(self) -> str:
        """What its marks mean."""

    @property
    def attribution(self) -> str:
        """Whom to name for the data."""


class Frame:
    """The axis of time, the colours and the dashes of a chart for a number of series."""

    def __init__(self, span: tuple[datetime, datetime], count: int, theme: Theme) -> None:
        """Derive the height, the axis, the colours and the dashes from the span of time and the number of series."""
        self.theme = theme
        self.height = max(LEAST_HEIGHT, HEIGHT_PER_MODEL * count)
        ticks = date_ticks(*span, _MOST_TICKS)
        self.x = alt.X(
            "moment:T",
            scale=alt.Scale(type="utc", domain=[iso(moment) for moment in span], nice=False),
            axis=alt.Axis(
                title=None, values=[iso(moment) for moment in ticks.moments], format=ticks.format, grid=False
            ),
        )
        numbers = list(range(count))
        colours = [theme.colours[number % len(theme.colours)] for number in numbers]
        dashes = [list(DASHES[number // len(theme.colours) % len(DASHES)]) for number in numbers]
        self.color = alt.Color("series:N", scale=alt.Scale(domain=numbers, range=colours), legend=None)
        self.dash = alt.StrokeDash("series:N", scale=alt.Scale(domain=numbers, range=dashes), legend=None)

    def foot(self) -> alt.Chart:
        """Return the attribution below the axis."""
        found: alt.Chart = (
            of_table("foot")
            .mark_text(align="left", baseline="top", color=self.theme.muted, fontSize=SIZE - 2)
            .encode(text="text:N", x=alt.value(0), y=alt.value(self.height + 34))
        )
        return found

    def places(self, heights: Sequence[float]) -> list[float]:
        """Return heights above the axis, in pixels, for labels of lines that end at these, so that no two overlap."""
        return spread(heights, _LINE, 0.0, float(self.height))

    def labels(self, rows: Sequence[Row], end: alt.Y, place: alt.Y, *, right: int = 0) -> Iterator[alt.Chart]:
        """Yield each line's name beside the plot, with a leader from the line's end.

        Args:
            rows: those of the table `labels`; `early` says that the line ends before the chart does.
            end: where a line ends, on the chart's axis.
            place: where its name stands, on the same axis: its field is `place`.
            right: how many pixels to leave between the plot and the leaders.
        """
        if any(row["early"] for row in rows):
            yield (
                of_table("labels")
                .transform_filter(alt.FieldEqualPredicate(field="early", equal=True))
                .mark_rule(strokeWidth=1, strokeDash=[1, 4], opacity=0.8)
                .encode(x=self.x, x2=alt.value(WIDTH), y=end, color=self.color)
            )
        yield (
            of_table("labels")
            .mark_rule(strokeWidth=1.25)
            .encode(
                x=alt.value(LEADERS_AT + right),
                x2=alt.value(LABELS_AT - 5 + right),
                y=end,
                y2=alt.Y2("place"),
                color=self.color,
                strokeDash=self.dash,
            )
        )
        yield (
            of_table("labels")
            .mark_text(align="left", baseline="middle", fontSize=SIZE, color=self.theme.ink)
            .encode(x=alt.value(LABELS_AT + right), y=place, text="text:N")
        )

    def finished(
        self, layers: Sequence[alt.Chart], words: Words, tables: Mapping[str, list[Row]], *, above: int = 0
    ) -> dict[str, Any]:
        """Return the Vega-Lite spec of a chart, checked against Vega-Lite's schema.

        Args:
            layers: from the back to the front.
            words: the chart's words.
            tables: the rows that the layers refer to.
            above: how many pixels the layers need above the plot.
        """
        theme = self.theme
        layered = alt.layer(*layers).properties(
            width=WIDTH,
            height=self.height,
            background=theme.ground,
            padding=20,
            description=f"{words.title}. {words.notes} {words.attribution}",
            title=alt.TitleParams(
                text=words.title,
                subtitle=words.notes,
                anchor="start",
                frame="group",
                offset=14 + above,
                color=theme.ink,
                fontSize=17,
                fontWeight=600,
                subtitleColor=theme.muted,
                subtitleFontSize=SIZE,
                subtitlePadding=6,
            ),
        )
        spec: dict[str, Any] = (
            layered.configure(font=_FONT)
            .configure_view(stroke=None)
            # Screen readers should read the chart's words, not thousands of dots.
            .configure_mark(aria=False)
            .configure_text(aria=True)
            .configure_axis(
                domainColor=theme.grid,
                gridColor=theme.grid,
                tickColor=theme.grid,
                labelColor=theme.muted,
                labelFontSize=SIZE - 1,
                labelPadding=6,
            )
            .to_dict()
        )
        # Added afterwards: altair would check thousands of rows again for each layer.
        return spec | {"datasets": dict(tables)}


def of_table(table: str) -> alt.Chart:
    """Return a chart of a set of rows; layers refer to their data by its name."""
    return alt.Chart(alt.NamedData(table))


def iso(moment: datetime) -> str:
    """Return a moment in UTC as JavaScript reads it, to the millisecond."""
    return moment.isoformat(timespec="milliseconds")
