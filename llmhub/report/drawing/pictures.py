"""The geometry of the pictures, in pixels of a viewBox; the templates only draw it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import NamedTuple

from llmhub.arena.boards import RankedEntry, Score
from llmhub.arena.compare.history import HistoryPoint
from llmhub.report.drawing.labels import Box, Label, Place, place, truncated
from llmhub.report.drawing.scales import Linear, Log, log_ticks, step, ticks, time_ticks
from llmhub.report.frontier import Priced, callable_or_all, frontier

MOST_LABS = 8
"""So many labs have a colour and a shape of their own; all other labs share the last ones."""

OTHER_LABS = "other labs"

_ROOM_FOR_A_BREAK = 64.0
_MOST_DOTS = 80
_MANY = 30
_CENT = 0.01


class Size(NamedTuple):
    """A picture's width and height, its margins, and about how many lines each axis has room for."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    across: int
    up: int


class Tick(NamedTuple):
    """A line of an axis: its position and its text."""

    at: float
    text: str


class Interval(NamedTuple):
    """A rating on the common scale; an end with an unknown bound is the rating's own position.

    The middle is None for a rating below the scale's left end.
    """

    low: float
    high: float
    middle: float | None


@dataclass(frozen=True, slots=True)
class Intervals:
    """The ratings of a board on one scale, by model; `cut` says that some are below its left end."""

    width: float
    cut: bool
    ticks: tuple[Tick, ...]
    of: Mapping[str, Interval]


class Dot(NamedTuple):
    """A point, with its interval if known, and its text."""

    x: float
    y: float
    low: float | None
    high: float | None
    text: str


class Break(NamedTuple):
    """A re-anchoring of the scale; without a text if there is no room for one."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class HistoryPicture:
    """A model's ratings over time.

    Attributes:
        bands: outlines of the interval, each as a polygon's points; interrupted at scale breaks.
        alone: the moments whose interval is in no band, because neither neighbour's is known.
        lines: the ratings, each as a line's points; interrupted there too.
        dots: the moments, if there are few enough to tell apart; otherwise only the last one.
    """

    size: Size
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    bands: tuple[str, ...]
    alone: tuple[Dot, ...]
    lines: tuple[str, ...]
    dots: tuple[Dot, ...]
    breaks: tuple[Break, ...]
    last: Dot
    last_text: str


class PricePoint(NamedTuple):
    """A model in a picture of prices.

    Attributes:
        x: its position from the left.
        y: its position from the top.
        low: where the lower end of its interval is, from the top; None if unknown.
        high: the same of the upper end.
        text: what it is, in words.
        name: its name.
        lab: its lab's number.
        best: whether it is on the frontier.
        away: whether no key of this machine calls it, though one calls others of the picture.
    """

    x: float
    y: float
    low: float | None
    high: float | None
    text: str
    name: str
    lab: int
    best: bool
    away: bool


class Lab(NamedTuple):
    """A lab of a picture of prices, with the number of its colour and shape, and of its models."""

    name: str
    number: int
    models: int


@dataclass(frozen=True, slots=True)
class PricePicture:
    """Ratings against prices, and the staircase of the best models for the money.

    Attributes:
        points: the models, those of the frontier last, so that they are drawn in front.
        labs: the legend.
        stairs: the frontier.
        beyond: the frontier of all models, if those that no key of this machine calls are better; else None.
        labels: the names beside the points.
    """

    size: Size
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    points: tuple[PricePoint, ...]
    labs: tuple[Lab, ...]
    stairs: str
    beyond: str | None
    labels: tuple[Label, ...]


def intervals(scores: Sequence[RankedEntry], width: float = 176.0, margin: float = 12.0) -> Intervals:
    """Return a board's intervals on one scale, which ends at its highest bound.

    On a board of many models the scale begins at the lower bound of the last of the best three quarters: the few far
    below would make the other intervals too small to see. The margin has room for half of a number at an end.
    """
    best = sorted(scores, key=lambda score: -score.rating)
    shown = best[: -(-len(best) * 3 // 4)] if len(best) >= _MANY else best
    bounds = [bound for score in shown for bound in _bounds(score)]
    low, high = min(bounds, default=0.0), max(bounds, default=0.0)
    x = Linear(low, high, margin, width - margin)

    def interval(score: RankedEntry) -> Interval:
        if score.rating < low:
            return Interval(margin, margin, None)
        lower, upper = (score.rating if bound is None else bound for bound in (score.lower, score.upper))
        return Interval(x(max(lower, low)), x(upper), x(score.rating))

    return Intervals(
        width,
        any(score.rating < low for score in scores),
        tuple(Tick(x(value), f"{value:.0f}") for value in ticks(low, high, 4)) if high > low else (),
        {score.model: interval(score) for score in scores},
    )


def _bounds(score: RankedEntry | Score | Priced) -> list[float]:
    return [bound for bound in (score.lower, score.rating, score.upper) if bound is not None]


def history_picture(points: Sequence[HistoryPoint], size: Size) -> HistoryPicture:
    """Return the picture of a model's history, which has at least one point."""
    bounds = [bound for point in points for bound in _bounds(point.score)]
    margin = max((max(bounds) - min(bounds)) * 0.08, 2.0)
    low, high = min(bounds) - margin, max(bounds) + margin
    first, last = points[0].moment, points[-1].moment
    x = Linear(first.timestamp(), last.timestamp(), size.left, size.width - size.right)
    y = Linear(low, high, size.height - size.bottom, size.top)
    # By column: a picture can have thousands of points.
    scores = [point.score for point in points]
    # Of many points only the last is drawn.
    texts = [_dot_text(point) if len(points) <= _MOST_DOTS or point is points[-1] else "" for point in points]
    columns = (
        x.each([point.moment.timestamp() for point in points]),
        y.each([score.rating for score in scores]),
        y.each_known([score.lower for score in scores]),
        y.each_known([score.upper for score in scores]),
        texts,
    )
    dots = list(map(Dot._make, zip(*columns, strict=True)))
    runs = list(_runs(points, dots))
    spans = [span for run in runs for span in _with_known_bounds(run)]
    return HistoryPicture(
        size=size,
        x_ticks=date_ticks(first, last, x, size),
        y_ticks=rating_ticks(low, high, y, size),
        bands=tuple(_band(span) for span in spans if len(span) > 1),
        alone=tuple(span[0] for span in spans if len(span) == 1),
        lines=tuple(_path((dot.x, dot.y) for dot in run) for run in runs if len(run) > 1),
        dots=tuple(dots if len(dots) <= _MOST_DOTS else dots[-1:]),
        breaks=tuple(_breaks(points, dots)),
        last=dots[-1],
        last_text=f"{points[-1].score.rating:.1f}",
    )


def _dot_text(point: HistoryPoint) -> str:
    return f"{point.moment:%Y-%m-%d}: {point.score.rating:.1f}, rank {point.rank}"


def price_picture(models: Sequence[Priced], size: Size, *, numbered: bool = False) -> PricePicture:
    """Return the picture of priced models, at least one; every price is above 0.

    Args:
        models: all of them, in any order.
        size: the picture's size.
        numbered: write numbers from 1 beside the frontier's models, if a narrow picture has no room for names.
    """
    yours = callable_or_all(models)
    best, every = frontier(yours), frontier(models)
    on, mixed = set(best), len(yours) < len(models)
    prices = [one.price for one in models]
    ratings = [one.rating for one in models] + [bound for one in best for bound in _bounds(one)]
    x = Log(min(prices) / 1.35, max(prices) * 1.2, size.left, size.width - size.right)
    margin = max((max(ratings) - min(ratings)) * 0.06, 5.0)
    low, high = min(ratings) - margin, max(ratings) + margin
    y = Linear(low, high, size.height - size.bottom, size.top)
    labs = _labs(models)
    numbers = {lab.name: lab.number for lab in labs}

    def point(one: Priced) -> PricePoint:
        low, high = (None if bound is None else y(bound) for bound in (one.lower, one.upper))
        number = numbers.get(one.lab or OTHER_LABS, numbers.get(OTHER_LABS, 0))
        away = mixed and not one.callable
        text = _point_text(one, away=away)
        return PricePoint(x(one.price), y(one.rating), low, high, text, one.name, number, one in on, away)

    places = {one: point(one) for one in models}
    texts = {one: str(number) if numbered else truncated(one.name) for number, one in enumerate(best, start=1)}
    # In a narrow picture the list below numbers the frontier alone.
    if not numbered:
        texts |= {one: truncated(one.name) for one in every if one not in on}
    steps, further = (
        _corners([(places[one].x, places[one].y) for one in each], size.width - size.right)
        for each in (best, every if every != best else [])
    )
    named = sorted((places[one].x, one.name, text, places[one].y) for one, text in texts.items())
    return PricePicture(
        size=size,
        x_ticks=tuple(Tick(x(value), axis_dollars(value)) for value in log_ticks(x.low, x.high, size.across)),
        y_ticks=rating_ticks(low, high, y, size),
        points=tuple(sorted(places.values(), key=lambda one: (one.best, not one.away))),
        labs=labs,
        stairs=_path(steps),
        beyond=_path(further) if further else None,
        labels=tuple(
            place(
                [(name, text, x, y) for x, name, text, y in named],
                Box(size.left + 4, 4.0, size.width - 4, size.height - size.bottom),
                12.0,
                others=[(places[one].x, places[one].y) for one in models if one not in texts],
                lines=[*_edges(steps), *_edges(further)],
            )
        ),
    )


def _labs(models: Sequence[Priced]) -> tuple[Lab, ...]:
    """Return the labs of most models, each with a number of its own, and the others together as the last."""
    counts = Counter(one.lab for one in models if one.lab)
    ranked = sorted(counts, key=lambda lab: (-counts[lab], lab))
    own = ranked if len(ranked) < MOST_LABS and sum(counts.values()) == len(models) else ranked[: MOST_LABS - 1]
    found = [Lab(lab, number, counts[lab]) for number, lab in enumerate(own)]
    if rest := len(models) - sum(lab.models for lab in found):
        found.append(Lab(OTHER_LABS, len(found), rest))
    return tuple(found)


def axis_dollars(value: float) -> str:
    """Return a price as an axis has it: whole dollars, cents, or as many digits as it takes."""
    return f"${value:.0f}" if value == round(value) else f"${value:.2f}" if value >= _CENT else f"${value:g}"


def _point_text(one: Priced, *, away: bool) -> str:
    lab = f" ({truncated(one.lab)})" if one.lab else ""
    return f"{truncated(one.name)}: {one.rating:.1f} at ${one.price:.4g}{lab}{', with another key' if away else ''}"


def stairs(places: Sequence[Place], end: float) -> str:
    """Return the points of the staircase of a frontier's places, cheapest first, which goes on to `end`."""
    return _path(_corners(places, end))


def _corners(places: Sequence[Place], end: float) -> list[Place]:
    found: list[Place] = []
    for x, y in places:
        if found:
            found.append((x, found[-1][1]))
        found.append((x, y))
    return [*found, (end, found[-1][1])] if found else []


def _edges(corners: Sequence[Place]) -> Iterator[Box]:
    """Yield the lines of a staircase."""
    for (x, y), (to_x, to_y) in pairwise(corners):
        yield Box(min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y))


def rating_ticks(low: float, high: float, y: Linear, size: Size) -> tuple[Tick, ...]:
    """Return the lines of an axis of ratings."""
    digits = 0 if step(low, high, size.up) >= 1 else 1
    return tuple(Tick(y(value), f"{value:.{digits}f}") for value in ticks(low, high, size.up))


def date_ticks(first: datetime, last: datetime, x: Linear, size: Size) -> tuple[Tick, ...]:
    """Return the dates along an axis of time."""
    days = time_ticks(first.date(), last.date(), size.across)
    whole_months = all(day.day == 1 for day in days) and len(days) > 1
    zone = first.tzinfo
    moments = [datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() for day in days]
    inside = [(max(at, x.low), day) for at, day in zip(moments, days, strict=True)]
    return tuple(Tick(x(at), f"{day:%b %Y}" if whole_months else f"{day.day} {day:%b %Y}") for at, day in inside)


def _runs(points: Sequence[HistoryPoint], dots: Sequence[Dot]) -> Iterable[Sequence[Dot]]:
    """Yield the dots that one line joins: no line leads across a scale break."""
    run: list[Dot] = []
    for point, dot in zip(points, dots, strict=True):
        if point.scale_break is not None and run:
            yield run
            run = []
        run.append(dot)
    yield run


def _with_known_bounds(run: Sequence[Dot]) -> Iterable[list[Dot]]:
    """Yield the neighbours with known bounds, up to the first unknown one."""
    for known, span in groupby(run, key=lambda dot: dot.low is not None and dot.high is not None):
        if known:
            yield list(span)


def _band(span: Sequence[Dot]) -> str:
    edges = [(dot.x, dot.high) for dot in span] + [(dot.x, dot.low) for dot in reversed(span)]
    return _path((x, y) for x, y in edges if y is not None)


def _breaks(points: Sequence[HistoryPoint], dots: Sequence[Dot]) -> Iterable[Break]:
    written = float("-inf")
    for number, point in enumerate(points):
        if (shift := point.scale_break) is None:
            continue
        at = (dots[number - 1].x + dots[number].x) / 2
        room = at - written >= _ROOM_FOR_A_BREAK
        yield Break(at, f"scale {shift:+.1f}".replace("-", "−") if room else "")  # noqa: RUF001 -- a minus
        written = at if room else written


def _path(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
