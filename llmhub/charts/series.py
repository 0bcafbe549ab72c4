"""The content of a chart of ratings: models' histories as lines with gaps, bands, scale breaks and words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from llmhub.arena.compare.history import BoardPoint, HistoryPoint, ModelHistory
from llmhub.arena.exchange.attribution import attribution
from llmhub.errors import counted, printable

MOST_BANDS = 4
"""The most lines with their intervals as bands; of more, each has its last interval as a bar at its end."""

_LONGEST_LABEL = 44
_LEAST_SPAN = 10.0
_MARGIN = 0.04


class Dot(NamedTuple):
    """A model at one moment.

    Attributes:
        run: the number of its stretch without a gap and on one scale, from 0.
        band: the number of its stretch of known bounds, from 0; None if a bound is unknown.
    """

    moment: datetime
    rating: float
    lower: float | None
    upper: float | None
    rank: int
    votes: int | None
    listed_as: str
    run: int
    band: int | None


@dataclass(frozen=True, slots=True)
class Series:
    """One model's line; `model` is harmless text, and `label` the same, short enough to stand beside the chart."""

    model: str
    label: str
    dots: tuple[Dot, ...]

    @property
    def last(self) -> Dot:
        """The last point of the line."""
        return self.dots[-1]


class Break(NamedTuple):
    """A moment halfway between the two publications between which the board's scale moved, and by how many points."""

    moment: datetime
    shift: float


@dataclass(frozen=True, slots=True)
class Picture:
    """The content of a chart, independent of its looks.

    Attributes:
        finding: which model is rated highest, and by how much; empty if that cannot be said.
        notes: what bands, gaps and vertical lines mean, as far as there are any.
        attribution: the source to name for the data.
        moments: how many publications of the board there are from the first to the last shown.
    """

    title: str
    finding: str
    notes: str
    attribution: str
    series: tuple[Series, ...]
    breaks: tuple[Break, ...]
    moments: int

    @property
    def banded(self) -> bool:
        """Say whether intervals are drawn as bands."""
        return len(self.series) <= MOST_BANDS

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Return the first and the last moment to draw; for a single moment, one day before and after it."""
        return drawn_span([dot.moment for one in self.series for dot in (one.dots[0], one.last)])

    @property
    def ratings(self) -> tuple[float, float]:
        """Return the least and the greatest rating to draw, in points, including bounds and a margin."""
        dots = [dot for one in self.series for dot in one.dots]
        bounded = dots if self.banded else [one.last for one in self.series]
        low = min([dot.rating for dot in dots] + [dot.lower for dot in bounded if dot.lower is not None])
        high = max([dot.rating for dot in dots] + [dot.upper for dot in bounded if dot.upper is not None])
        missing = max(0.0, _LEAST_SPAN - (high - low)) / 2
        low, high = low - missing, high + missing
        air = (high - low) * _MARGIN
        return low - air, high + air


def drawn_span(moments: Sequence[datetime]) -> tuple[datetime, datetime]:
    """Return the first and the last of some moments; for a single moment, one day before and after it."""
    first, last = min(moments), max(moments)
    return (first, last) if first < last else (first - timedelta(days=1), last + timedelta(days=1))


def distinct(histories: Sequence[ModelHistory]) -> tuple[list[ModelHistory], list[tuple[str, str]]]:
    """Return the histories without repetitions under a later name, and the names of such pairs."""
    kept: dict[tuple[HistoryPoint, ...], ModelHistory] = {}
    twice = []
    for found in histories:
        first = kept.setdefault(found.points, found)
        if first is not found:
            twice.append((found.model, first.model))
    return list(kept.values()), twice


def picture(
    histories: Sequence[ModelHistory], timeline: Sequence[BoardPoint], *, aligned: bool = False, made_up: bool = False
) -> Picture:
    """Return the content of a chart of these histories.

    Args:
        histories: of one board, each with at least one point.
        timeline: the board's publications, oldest first, read with the histories.
        aligned: whether to move earlier ratings onto the newest scale, so that no line is broken where it moved.
        made_up: whether the data is the demonstration's, so that no source is named for it.
    """
    last_moment = max(one.points[-1].moment for one in histories)
    moved = _shifts_to_scale_of(timeline, last_moment) if aligned else {}
    if moved:
        timeline = [point._replace(scale_break=None) for point in timeline]
    numbers = {point.snapshot_id: number for number, point in enumerate(timeline)}
    anchored = {point.snapshot_id for point in timeline if point.scale_break is not None}
    series = tuple(
        Series(printable(one.model), short(one.model), tuple(_dots(one, numbers, anchored, moved))) for one in histories
    )
    has_gaps = any(
        numbers[point.snapshot_id] != numbers[before.snapshot_id] + 1
        for one in histories
        for before, point in pairwise(one.points)
    )
    first = min(one.dots[0].moment for one in series)
    last = max(one.last.moment for one in series)
    shown = [point for point in timeline if first <= point.moment <= last]
    shifts = [moved.get(point.snapshot_id, 0.0) for point in shown]
    breaks = tuple(
        # Between the two publications, where no interval is drawn.
        Break(before.moment + (point.moment - before.moment) / 2, point.scale_break)
        # Scale breaks before the first moment shown are not visible in the chart.
        for before, point in pairwise(shown)
        if point.scale_break is not None
    )
    board = printable(f"{histories[0].leaderboard} / {histories[0].category}")
    dates = dict.fromkeys((f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"))
    return Picture(
        title=f"Ratings on {board}, {' to '.join(dates)}",
        finding=_finding(series, shown[-1].moment if shown else last),
        notes=" ".join(_notes(series, breaks, has_gaps=has_gaps, moved=max(shifts, key=abs, default=0.0))),
        attribution=_credits(shown, made_up=made_up),
        series=series,
        breaks=breaks,
        moments=len(shown),
    )


def signed(points: float) -> str:
    """Return a number of points with its sign."""
    return f"{points:+.1f}".replace("-", "\N{MINUS SIGN}")


def short(name: str) -> str:
    """Return a name as harmless text of at most 44 characters; of a longer one, the beginning and the end."""
    name = printable(name)
    kept = (_LONGEST_LABEL - 1) // 2
    return name if len(name) <= _LONGEST_LABEL else f"{name[:kept]}…{name[-kept:]}"


def _shifts_to_scale_of(timeline: Sequence[BoardPoint], until: datetime) -> dict[int, float]:
    """Return by how many points each publication's ratings are moved onto the scale of a moment, by its snapshot."""
    moved: dict[int, float] = {}
    sum_of_breaks = 0.0
    for point in reversed([one for one in timeline if one.moment <= until]):
        moved[point.snapshot_id] = sum_of_breaks
        sum_of_breaks += point.scale_break or 0.0
    return moved if any(moved.values()) else {}


def _dots(
    history: ModelHistory, numbers: Mapping[int, int], anchored: set[int], moved: Mapping[int, float]
) -> Iterable[Dot]:
    run, band, before, bounded = 0, -1, None, False
    for point in history.points:
        number = numbers[point.snapshot_id]
        # Between two scales nothing moved: a line from one to the other would look like a rise or a fall.
        if before is not None and (number != before + 1 or point.snapshot_id in anchored):
            run, bounded = run + 1, False
        rating, lower, upper, votes = point.score
        if shift := moved.get(point.snapshot_id, 0.0):
            rating += shift
            lower, upper = (None if bound is None else bound + shift for bound in (lower, upper))
        known = lower is not None and upper is not None
        band += known and not bounded
        before, bounded = number, known
        listed_as = printable(point.listed_as)
        moment = point.moment.astimezone(UTC)
        yield Dot(moment, rating, lower, upper, point.rank, votes, listed_as, run, band if known else None)


def _notes(series: Sequence[Series], breaks: Sequence[Break], *, has_gaps: bool, moved: float) -> Iterable[str]:
    banded = len(series) <= MOST_BANDS
    dots = [dot for one in series for dot in (one.dots if banded else one.dots[-1:])]
    known = sum(dot.band is not None for dot in dots)
    if known:
        yield f"Rating in points, with its {'95 % interval as a band' if banded else 'last 95 % interval as a bar'}" + (
            "." if known == len(dots) else ", where it is known."
        )
    else:
        yield "Rating in points; its interval is unknown."
    if has_gaps:
        yield "A line is broken where the model was not listed."
    if moved:
        yield f"The scale's moves are taken out: earlier ratings are moved by up to {signed(moved)} points."
    if breaks:
        yield "Vertical lines: the scale was re-anchored by that many points."


def _finding(series: Sequence[Series], newest: datetime) -> str:
    """Return which of the models on the newest board that is shown is rated highest."""
    there = sorted((one for one in series if one.last.moment == newest), key=lambda one: -one.last.rating)
    if not there:
        return ""
    best = there[0]
    if len(series) == 1:
        return f"{best.label}: {best.last.rating:.1f} points, rank {best.last.rank}."
    if len(there) == 1:
        return f"Only {best.label} is on the last board shown: {best.last.rating:.1f} points."
    first, second = (one.last for one in there[:2])
    gap = first.rating - second.rating
    if f"{gap:.1f}" == "0.0":
        level = [one for one in there[1:] if f"{first.rating - one.last.rating:.1f}" == "0.0"]
        others = level[0].label if len(level) == 1 else counted(len(level), "other")
        return f"Highest of these: {best.label}, level with {others} at {first.rating:.1f} points."
    if first.lower is None or second.upper is None:
        sure = ""
    else:
        sure = ": their 95 % intervals overlap" if second.upper >= first.lower else ", beyond their 95 % intervals"
    return f"Highest of these: {best.label}, {gap:.1f} points above {there[1].label}{sure}."


def _credits(snapshots: Iterable[BoardPoint], *, made_up: bool) -> str:
    return "Data: " + "; ".join(dict.fromkeys(attribution(one, made_up=made_up) for one in snapshots))
