"""The content of a chart of prices: an offer's recorded prices as steps, with corrections marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf, isclose, isfinite, log
from typing import NamedTuple

from llmhub.arena.exchange.attribution import MADE_UP
from llmhub.charts.limits import BLENDED
from llmhub.charts.series import drawn_span, short
from llmhub.errors import counted, printable
from llmhub.offers.fields import PRICE_FIELDS
from llmhub.offers.history import Change
from llmhub.offers.prices import blended_price
from llmhub.offers.values import Offer

_LEAST_RATIO = 4.0
# A change by less is said to a tenth of a percent.
_WHOLE_PERCENT = 0.1
_SOURCES = {"models.dev": "models.dev, https://models.dev, MIT"}


class PriceDot(NamedTuple):
    """A price from a moment on.

    Attributes:
        run: the number of the stretch of time in which the price is known without a gap, from 0.
        changed: whether it was recorded there; otherwise it is where the price before ends.
        note: why the change is likely a correction; None if nothing says so.
        was: the price before; None if unknown.
        input: US dollars per million tokens of input; None if unknown.
        output: the same of output.
    """

    moment: datetime
    price: float
    run: int
    changed: bool
    note: str | None
    was: float | None
    input: float | None
    output: float | None


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """One offer's line.

    Attributes:
        key: the offer, as `provider/model_id`.
        model: the same as harmless text.
        label: the same, short enough to stand beside the chart.
        dots: its corners, oldest first.
        went: whether it is no longer offered at the end.
    """

    key: str
    model: str
    label: str
    dots: tuple[PriceDot, ...]
    went: bool

    @property
    def last(self) -> PriceDot:
        """The end of the line."""
        return self.dots[-1]


@dataclass(frozen=True, slots=True)
class PricePicture:
    """The content of a chart, independent of its looks; without a series there is nothing to draw.

    Attributes:
        finding: which price moved most; empty if that cannot be said.
        notes: what steps and hollow dots mean.
        attribution: the source to name for the data.
        logarithmic: whether the axis is; it is not where a price is 0, or where all are of about the same height.
        changes: how many changes of the price are drawn.
    """

    title: str
    finding: str
    notes: str
    attribution: str
    series: tuple[PriceSeries, ...]
    logarithmic: bool
    changes: int

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Return the first and the last moment to draw; for a single moment, one day before and after it."""
        return drawn_span([dot.moment for one in self.series for dot in (one.dots[0], one.last)])

    @property
    def prices(self) -> tuple[float, float]:
        """Return the least and the greatest price to draw, with a margin."""
        prices = [dot.price for one in self.series for dot in one.dots]
        low, high = min(prices), max(prices)
        if self.logarithmic:
            return low / 1.25, high * 1.25
        return 0.0, high * 1.08 or 1.0


def price_picture(
    changes: Mapping[str, Sequence[Change]],
    end: datetime,
    *,
    price: str = BLENDED,
    since: datetime | None = None,
    until: datetime | None = None,
    made_up: bool = False,
) -> PricePicture:
    """Return the content of a chart of these offers' prices.

    Args:
        changes: how each offer changed, oldest first, by `provider/model_id`.
        end: when the last snapshot was recorded: a price holds until then.
        price: one of `llmhub.charts.limits.PRICES`.
        since: leave out what was before; a price that holds then is drawn from there on.
        until: leave out later points.
        made_up: whether the data is the demonstration's, so that no source is named for it.
    """
    last = min(end, until) if until else end
    series = tuple(
        PriceSeries(model, printable(model), short(model), drawn, went=_has_gone(found, last))
        for model, found in changes.items()
        if (drawn := _dots(found, price, since, last))
    )
    dots = [dot for one in series for dot in one.dots]
    prices = [dot.price for dot in dots] or [0.0]
    moments = [dot.moment for dot in dots] or [last]
    what = "Blended prices (3 x input + output) / 4" if price == BLENDED else f"Prices of {price.replace('_', ' ')}"
    dates = dict.fromkeys((f"{min(moments):%Y-%m-%d}", f"{max(moments):%Y-%m-%d}"))
    logarithmic = min(prices) > 0 and max(prices) / min(prices) >= _LEAST_RATIO
    return PricePicture(
        title=f"{what}, {' to '.join(dates)}",
        finding=_finding(series),
        notes=" ".join(_notes(series, logarithmic=logarithmic)),
        attribution=_attribution(changes.values(), made_up=made_up),
        series=series,
        logarithmic=logarithmic,
        changes=sum(dot.changed and dot.was is not None for dot in dots),
    )


def dollars(price: float | None) -> str:
    """Return a price to the cent, or below a dollar to at least three significant digits."""
    if price is None or price == 0:
        return "unknown" if price is None else "free"
    cents = f"{price:.2f}"
    return f"${cents if price >= 1 or float(cents) == float(f'{price:.3g}') else f'{price:.3g}'}"


def price_of(offer: Offer | None, price: str) -> float | None:
    """Return a price of an offer by its name in `llmhub.charts.limits.PRICES`; None if unknown."""
    if offer is None:
        return None
    if price != BLENDED:
        value: float | None = getattr(offer, PRICE_FIELDS[price])
        return value
    return blended_price(offer.price_input_per_million, offer.price_output_per_million)


def _has_gone(changes: Sequence[Change], last: datetime) -> bool:
    """Say whether an offer that was there is no longer offered at a moment."""
    return [change.offer for change in changes if change.recorded.taken_at <= last][-1:] == [None]


class _Stretch(NamedTuple):
    """A time in which one price holds: from a change until the next one, or until the chart ends."""

    begins: datetime
    ends: datetime
    price: float
    change: Change
    was: float | None


def _stretches(changes: Sequence[Change], price: str, last: datetime) -> Iterator[_Stretch]:
    """Yield the times in which a price is known, up to a moment."""
    values = [(change, price_of(change.offer, price)) for change in changes if change.recorded.taken_at <= last]
    if not values:
        return
    # A change of something else leaves the price as it is.
    steps = [one for number, one in enumerate(values) if number == 0 or one[1] != values[number - 1][1]]
    ends = [*(change.recorded.taken_at for change, _ in steps[1:]), last]
    for number, ((change, value), end) in enumerate(zip(steps, ends, strict=True)):
        if value is not None:
            yield _Stretch(change.recorded.taken_at, end, value, change, steps[number - 1][1] if number else None)


def _dots(changes: Sequence[Change], price: str, since: datetime | None, last: datetime) -> tuple[PriceDot, ...]:
    found: list[PriceDot] = []
    run = 0
    for one in _stretches(changes, price, last):
        if since is not None and one.ends < since:
            continue
        drawn = since is None or one.begins >= since
        begins = one.begins if since is None else max(one.begins, since)
        if found and found[-1].moment != begins.astimezone(UTC):
            run += 1
        elif found:
            found.pop()
        into, out = (price_of(one.change.offer, name) for name in ("input", "output"))
        dot = PriceDot(begins.astimezone(UTC), one.price, run, drawn, _note(one.change, price), one.was, into, out)
        found += [dot, dot._replace(moment=one.ends.astimezone(UTC), changed=False, note=None)]
    # The price before the change is no line of its own: a step is drawn from one change to the next.
    if len(found) > 1 and found[-1].moment == found[-2].moment:
        found.pop()
    return tuple(found)


def _note(change: Change, price: str) -> str | None:
    """Return why a change of a price is likely a correction; a blended price is one of input and output."""
    names = ("input", "output") if price == BLENDED else (price,)
    return "; ".join(dict.fromkeys(change.notes[name] for name in names if name in change.notes)) or None


def _notes(series: Sequence[PriceSeries], *, logarithmic: bool) -> Iterator[str]:
    scale = " on a logarithmic scale" if logarithmic else ""
    yield f"US dollars per million tokens{scale}, as recorded: a price holds until the next recorded one."
    if any(dot.note for one in series for dot in one.dots):
        yield "A hollow dot is likely a correction."
    if any(one.went for one in series):
        yield "A line ends where its offer went."


def _finding(series: Sequence[PriceSeries]) -> str:
    """Return which price moved most from its first to its last; empty if that cannot be said.

    Lines with a likely correction do not count. A move from or to free is greater than any other.
    """
    sure = [one for one in series if not any(dot.note for dot in one.dots)]
    corrected = len(sure) < len(series)
    sizes = {one: _size_of_move(one) for one in sure}
    greatest = max(sizes.values(), default=0.0)
    if greatest == 0:
        # A price that moved and came back to where it was did move.
        flat = all(dot.price == one.dots[0].price for one in sure for dot in one.dots)
        return "No price moved." if sure and flat and not corrected else ""
    moved, *others = [one for one, size in sizes.items() if isclose(size, greatest)]
    old, new = moved.dots[0], moved.last
    share = f" ({_share(new.price / old.price - 1)})" if isfinite(greatest) else ""
    aside = ", likely corrections aside" if corrected else ""
    level = f", as {counted(len(others), 'other')} did" if others else ""
    most = f"Moved most{aside}{level}: " if len(series) > 1 else ""
    return f"{most}{moved.label}, from {dollars(old.price)} to {dollars(new.price)} since {old.moment:%Y-%m-%d}{share}."


def _size_of_move(series: PriceSeries) -> float:
    """Return how far a price moved from its first to its last, equal for a rise and a fall by the same factor."""
    old, new = series.dots[0].price, series.last.price
    if old == new:
        return 0.0
    return abs(log(new / old)) if old and new else inf


def _share(ratio: float) -> str:
    digits = 0 if abs(ratio) >= _WHOLE_PERCENT else 1
    return f"{100 * ratio:+,.{digits}f} %".replace("-", "\N{MINUS SIGN}")


def _attribution(found: Iterable[Sequence[Change]], *, made_up: bool) -> str:
    if made_up:
        return f"Data: {MADE_UP}"
    sources = dict.fromkeys(change.recorded.source for changes in found for change in changes)
    return "Data: " + "; ".join(_SOURCES.get(source, source) for source in sources)
