"""What every chart has: size and type, axis of time, colours of the series, names at the ends of lines, words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from textwrap import wrap
from typing import Any, NamedTuple, Protocol

import altair as alt

from llmhub.charts.layout import date_ticks, spread
from llmhub.charts.theme import Theme, line_style

Row = dict[str, Any]

SIZE = 12
"""The type size, in pixels."""


class Shape(NamedTuple):
    """How large a chart is, in pixels or characters.

    Attributes:
        width: the plot's, without what surrounds it.
        least_height: the same.
        padding: around all.
        ticks: the most dates along the axis.
        title: the most characters in a line of the title.
        words: the most characters in a line of notes.
        whisker: of an interval beside the plot, with the space beside it.
        numbered: whether lines have numbers at their ends, for a key below the chart, in place of names.
    """

    width: int
    least_height: int
    padding: int
    ticks: int
    title: int
    words: int
    whisker: int
    numbered: bool


WIDE = Shape(width=720, least_height=380, padding=20, ticks=7, title=90, words=145, whisker=6, numbered=False)
NARROW = Shape(width=240, least_height=300, padding=6, ticks=3, title=38, words=50, whisker=4, numbered=True)
"""As a phone shows it without scrolling sideways."""

HEIGHT_PER_MODEL = 24
LABELS_AT = 30
LEADERS_AT = 3

# The least distance between two labels beside the plot, in pixels.
_LINE = 17
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"


class Words(Protocol):
    """The words of a chart."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def finding(self) -> str:
        """What it shows, in a sentence; empty if there is nothing to say."""

    @property
    def notes(self) -> str:
        """What its marks mean."""

    @property
    def attribution(self) -> str:
        """Whom to name for the data."""


class Frame:
    """The axis of time, the colours and the dashes of a chart for a number of series."""

    def __init__(self, span: tuple[datetime, datetime], count: int, theme: Theme, shape: Shape) -> None:
        """Derive the height, the axis, the colours and the dashes from the span of time and the number of series."""
        self.theme, self.shape = theme, shape
        self.height = max(shape.least_height, HEIGHT_PER_MODEL * count)
        ticks = date_ticks(*span, shape.ticks)
        self.x = alt.X(
            "moment:T",
            scale=alt.Scale(type="utc", domain=[iso(moment) for moment in span], nice=False),
            axis=alt.Axis(
                title=None, values=[iso(moment) for moment in ticks.moments], format=ticks.format, grid=False
            ),
        )
        numbers = list(range(count))
        styles = [line_style(theme, number) for number in numbers]
        colours, dashes = [colour for colour, _ in styles], [list(dash) for _, dash in styles]
        self.color = alt.Color("series:N", scale=alt.Scale(domain=numbers, range=colours), legend=None)
        self.dash = alt.StrokeDash("series:N", scale=alt.Scale(domain=numbers, range=dashes), legend=None)

    def foot(self) -> alt.Chart:
        """Return the attribution below the axis."""
        found: alt.Chart = (
            of_table("foot")
            .mark_text(align="left", baseline="top", color=self.theme.muted, fontSize=SIZE - 1, lineBreak="\n")
            .encode(text="text:N", x=alt.value(0), y=alt.value(self.height + 34))
        )
        return found

    def foot_rows(self, attribution: str) -> list[Row]:
        """Return the table of the attribution, in lines that fit."""
        return [{"text": "\n".join(_in_lines(attribution, self.shape.words))}]

    def label(self, number: int, name: str, value: str, ended: str) -> str:
        """Return the text at the end of a line: its name, or its number if a key has the names, and its last value."""
        text = f"{number + 1}" if self.shape.numbered else name
        return f"{text}\N{EN SPACE}{value}" + ("" if self.shape.numbered else ended)

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
        edge = self.shape.width + right
        if any(row["early"] for row in rows):
            yield (
                of_table("labels")
                .transform_filter(alt.FieldEqualPredicate(field="early", equal=True))
                .mark_rule(strokeWidth=1, strokeDash=[1, 4], opacity=0.8)
                .encode(x=self.x, x2=alt.value(self.shape.width), y=end, color=self.color)
            )
        yield (
            of_table("labels")
            .mark_rule(strokeWidth=1.25)
            .encode(
                x=alt.value(edge + LEADERS_AT),
                x2=alt.value(edge + LABELS_AT - 5),
                y=end,
                y2=alt.Y2("place"),
                color=self.color,
                strokeDash=self.dash,
            )
        )
        yield (
            of_table("labels")
            .mark_text(align="left", baseline="middle", fontSize=SIZE, color=self.theme.ink)
            .encode(x=alt.value(edge + LABELS_AT), y=place, text="text:N")
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
        theme, shape = self.theme, self.shape
        said = [words.title + ".", words.finding, words.notes, words.attribution]
        layered = alt.layer(*layers).properties(
            width=shape.width,
            height=self.height,
            background=theme.ground,
            padding=shape.padding,
            description=" ".join(filter(None, said)),
            title=alt.TitleParams(
                text=_in_lines(words.title, shape.title),
                subtitle=[*_in_lines(words.finding, shape.words), *_in_lines(words.notes, shape.words)],
                anchor="start",
                frame="group",
                offset=14 + above,
                color=theme.ink,
                fontSize=17 if shape is WIDE else 15,
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


def _in_lines(text: str, most: int) -> list[str]:
    """Break a text into lines of at most so many characters, at spaces, but not between a number and its %."""
    return wrap(text.replace(" %", "\N{NO-BREAK SPACE}%"), most, break_on_hyphens=False)


def of_table(table: str) -> alt.Chart:
    """Return a chart of a set of rows; layers refer to their data by its name."""
    return alt.Chart(alt.NamedData(table))


def iso(moment: datetime) -> str:
    """Return a moment in UTC as JavaScript reads it, to the millisecond."""
    return moment.isoformat(timespec="milliseconds")
