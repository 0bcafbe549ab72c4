"""What usage costs at recorded prices. Pure: tokens are added as whole numbers, and priced once.

Prices are those of short prompts: the length of single prompts cannot be told from summed usage.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from llmhub.offers.fields import MODELS_DEV, OWN, Moment
from llmhub.offers.history import Change

if TYPE_CHECKING:
    from llmhub.offers.values import Offer

_MILLION = 1_000_000
# A change holds from the day on which it was recorded, so the last moment of a day counts.
_END = time.max


class Tokens(NamedTuple):
    """How many tokens were used: `cached` were read from a provider's cache, and are not among `input`."""

    input: int = 0
    output: int = 0
    cached: int = 0
    written: int = 0


class CostRow(NamedTuple):
    """The cost of one model's usage, in US dollars.

    Attributes:
        recorded_on: the moment of the snapshot with the price; the newest one of several.
        written_cost: the cost of tokens that the provider put into its cache.
        price_source: `models.dev`, or `overrides.json` for a price of the user's own.
    """

    model: str
    input_cost: float
    output_cost: float
    cached_cost: float
    written_cost: float
    total: float
    recorded_on: Moment
    price_source: str


class Unpriced(NamedTuple):
    """Usage that cannot be priced, and why."""

    model: str
    reason: str
    input: int
    output: int
    cached: int
    written: int


_PRICES = {
    "input": "price_input_per_million",
    "output": "price_output_per_million",
    "cached": "price_cache_read_per_million",
    "written": "price_cache_write_per_million",
}
_NAMES = {"input": "input", "output": "output", "cached": "cached input", "written": "input that is written to a cache"}


def lacking(offer: Offer, tokens: Tokens) -> str | None:
    """Return which unknown price keeps tokens from being priced by an offer; None if none does."""
    unknown = [
        _NAMES[name]
        for name, attribute in _PRICES.items()
        if getattr(tokens, name) and getattr(offer, attribute) is None
    ]
    return f"the price of {' and of '.join(unknown)} is unknown" if unknown else None


def costs(offer: Offer, tokens: Tokens) -> list[Decimal]:
    """Return the cost of tokens in US dollars: input, output, cached, written. All needed prices must be known."""
    found = []
    for name, attribute in _PRICES.items():
        price = getattr(offer, attribute)
        number = getattr(tokens, name)
        found.append(Decimal(repr(price)) * number / _MILLION if number and price is not None else Decimal(0))
    return found


class PriceLine:
    """The prices of one offer over time: the recorded ones, or the user's own."""

    def __init__(self, changes: Sequence[Change], *, is_own: bool = False) -> None:
        self.is_own = is_own
        self._changes = changes
        self._from = [change.recorded.taken_at for change in changes]

    def at(self, moment: datetime) -> Change | str:
        """Return the record at the end of a moment's day (UTC), or why there is no price."""
        day = moment.astimezone(UTC).date()
        place = bisect_right(self._from, datetime.combine(day, _END, UTC))
        if not place:
            return f"no price was recorded before {self._from[0]:%Y-%m-%d}"
        change = self._changes[place - 1]
        if change.offer is None:
            return f"it was no longer offered on {change.recorded.taken_at:%Y-%m-%d}"
        return change


@dataclass(slots=True)
class Bill:
    """Usage added up by model and recorded price.

    Attributes:
        first: the day (UTC) of the first usage.
        last: the day of the last usage.
        without_zone: how many times had no zone, and were taken as UTC.
    """

    _priced: dict[tuple[str, int], tuple[Change, Tokens]] = field(default_factory=dict)
    _unpriced: dict[tuple[str, str], Tokens] = field(default_factory=dict)
    _own: set[str] = field(default_factory=set)
    first: date | None = None
    last: date | None = None
    without_zone: int = 0

    def add(self, model: str, line: PriceLine | str, moment: datetime, tokens: Tokens) -> None:
        """Add usage of a model; `line` is its price line, or the reason why there is none."""
        day = moment.astimezone(UTC).date()
        self.first = day if self.first is None else min(self.first, day)
        self.last = day if self.last is None else max(self.last, day)
        change = line if isinstance(line, str) else line.at(moment)
        if isinstance(change, Change) and change.offer is not None:
            change = lacking(change.offer, tokens) or change
        if isinstance(change, str):
            if not any(tokens):
                # A call that failed: nothing is to be paid.
                return
            key = (model, change)
            self._unpriced[key] = _sum(self._unpriced.get(key, Tokens()), tokens)
            return
        if not isinstance(line, str) and line.is_own:
            self._own.add(model)
        place = (model, change.recorded.id)
        before = self._priced.get(place, (change, Tokens()))[1]
        self._priced[place] = (change, _sum(before, tokens))

    def rows(self) -> list[CostRow]:
        """Return the cost of each model, the dearest first."""
        sums: dict[str, list[Decimal]] = {}
        newest: dict[str, datetime] = {}
        for (model, _), (change, tokens) in self._priced.items():
            if change.offer is None:
                continue
            before = sums.get(model, [Decimal(0)] * 4)
            sums[model] = [one + more for one, more in zip(before, costs(change.offer, tokens), strict=True)]
            newest[model] = max(newest.get(model, change.recorded.taken_at), change.recorded.taken_at)
        rows = []
        for model, each in sums.items():
            into, out, cached, written = map(float, each)
            source = OWN if model in self._own else MODELS_DEV
            rows.append(CostRow(model, into, out, cached, written, float(sum(each)), newest[model], source))
        return sorted(rows, key=lambda row: (-row.total, row.model))

    def unpriced(self) -> list[Unpriced]:
        """Return the usage that cannot be priced, by model."""
        return [Unpriced(model, reason, *tokens) for (model, reason), tokens in sorted(self._unpriced.items())]


def total_of(rows: Iterable[CostRow]) -> float:
    """Return the sum of all priced usage, in US dollars."""
    return float(sum(Decimal(repr(row.total)) for row in rows))


def _sum(one: Tokens, other: Tokens) -> Tokens:
    return Tokens(*(a + b for a, b in zip(one, other, strict=True)))
