"""A picture of an offer's prices over time, as steps: a price holds until the next recorded one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from llmhub.offers.fields import PRICE_FIELDS
from llmhub.offers.history import WENT, Change
from llmhub.report import words
from llmhub.report.drawing.pictures import Size, Tick, axis_dollars, date_ticks
from llmhub.report.drawing.scales import Linear, ticks

DRAWN = {"input": "in", "output": "out"}
"""The prices that are drawn, by their short names, and how a line is named."""

_LABEL_GAP = 15.0


class Mark(NamedTuple):
    """A recorded change: its position, its text, and whether it is likely a correction."""

    x: float
    y: float
    text: str
    correction: bool


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One price: the points of its steps, one run for each time that it was known, its marks and its label's place."""

    name: str
    label: str
    runs: tuple[str, ...]
    marks: tuple[Mark, ...]
    label_x: float
    label_y: float


@dataclass(frozen=True, slots=True)
class PriceHistoryPicture:
    """An offer's prices over time; `went` is where it ended, None while it is offered."""

    size: Size
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[PriceLine, ...]
    went: float | None


class _Step(NamedTuple):
    moment: datetime
    price: float | None
    note: str | None
    changed: bool


def drawn_price(change: Change, name: str) -> float | None:
    """Return a price of an offer by its short name; None if unknown, or if the offer went."""
    value = None if change.offer is None else getattr(change.offer, PRICE_FIELDS[name])
    return value if isinstance(value, float | int) else None


def has_moved(changes: Sequence[Change]) -> bool:
    """Say whether one of the drawn prices ever changed."""
    return any(name in change.changed for change in changes for name in DRAWN)


def price_history_picture(changes: Sequence[Change], end: datetime, size: Size) -> PriceHistoryPicture | None:
    """Return the picture of an offer's prices up to the last snapshot; None if no price of it is known.

    Args:
        changes: those of the offer, oldest first, at least one.
        end: when the last snapshot was recorded.
        size: the picture's size.
    """
    steps = {name: list(_steps(changes, name)) for name in DRAWN}
    prices = [step.price for each in steps.values() for step in each if step.price is not None]
    if not prices:
        return None
    first, last = changes[0].recorded.taken_at, max(end, changes[-1].recorded.taken_at)
    x = Linear(first.timestamp(), last.timestamp(), size.left, size.width - size.right)
    # From zero, so that half the price is half as high; free throughout still needs a height.
    y = Linear(0.0, max(prices) * 1.06 or 1.0, size.height - size.bottom, size.top)
    stop = changes[-1].recorded.taken_at if changes[-1].offer is None else last
    lines = [_line(name, steps[name], stop, x, y) for name in DRAWN if any(s.price is not None for s in steps[name])]
    return PriceHistoryPicture(
        size=size,
        x_ticks=date_ticks(first, last, x, size),
        y_ticks=tuple(Tick(y(value), axis_dollars(value)) for value in ticks(0.0, y.high, size.up)),
        lines=tuple(_with_labels_apart(lines)),
        went=x(stop.timestamp()) if changes[-1].changed == (WENT,) else None,
    )


def _steps(changes: Sequence[Change], name: str) -> Iterator[_Step]:
    """Yield the points at which a price is another one than before."""
    before: float | None = None
    for number, change in enumerate(changes):
        price = drawn_price(change, name)
        if number == 0 or price != before:
            yield _Step(change.recorded.taken_at, price, change.notes.get(name), name in change.changed)
        before = price


def _line(name: str, steps: Sequence[_Step], stop: datetime, x: Linear, y: Linear) -> PriceLine:
    runs: list[list[tuple[float, float]]] = [[]]
    ends = [*(step.moment for step in steps[1:]), stop]
    last = None
    for step, end in zip(steps, ends, strict=True):
        if step.price is None:
            runs.append([])
            continue
        runs[-1] += [(x(step.moment.timestamp()), y(step.price)), (x(end.timestamp()), y(step.price))]
        last = (x(end.timestamp()), y(step.price), step.price)
    at_x, at_y, price = last or (0.0, 0.0, 0.0)
    return PriceLine(
        name=name,
        # Short enough for the margin: the table and the marks have all digits.
        label=f"{DRAWN[name]} {f'${words.blended(price)}' if price else 'free'}",
        runs=tuple(" ".join(f"{one:.1f},{other:.1f}" for one, other in run) for run in runs if run),
        marks=tuple(
            Mark(x(step.moment.timestamp()), y(step.price), _mark_text(name, step), step.note is not None)
            for step in steps
            if step.changed and step.price is not None
        ),
        label_x=at_x,
        label_y=at_y,
    )


def _mark_text(name: str, step: _Step) -> str:
    note = f", likely a correction: {step.note}" if step.note else ""
    return f"{step.moment:%Y-%m-%d}: {DRAWN[name]} {words.dollars(step.price)}{note}"


def _with_labels_apart(lines: Sequence[PriceLine]) -> Iterator[PriceLine]:
    """Yield the lines with labels that do not overlap: at most two, one of which is moved up or down."""
    placed: list[PriceLine] = []
    for line in sorted(lines, key=lambda one: -one.label_y):
        y = line.label_y
        if placed and placed[-1].label_y - y < _LABEL_GAP:
            y = placed[-1].label_y - _LABEL_GAP
        placed.append(PriceLine(line.name, line.label, line.runs, line.marks, line.label_x, y))
    yield from placed
