"""Compute what usage costs at recorded prices. Pure: tokens are added as whole numbers, and priced once.

Prices are those of short prompts, unless the length of the prompts is known: summed usage does not tell it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from llmhub.offers.billing.price_lines import Price, PriceLine
from llmhub.offers.fields import Moment

if TYPE_CHECKING:
    from llmhub.offers.values import Offer

_MILLION = 1_000_000


class Tokens(NamedTuple):
    """How many tokens were used, each counted once.

    Attributes:
        input: input, without cached, written and audio tokens.
        output: output, without audio and reasoning tokens.
        cached: input that was read from the provider's cache.
        written: input that was put into its cache.
        input_audio: input that is audio.
        output_audio: output that is audio.
        reasoning: output that is reasoning before the answer.
    """

    input: int = 0
    output: int = 0
    cached: int = 0
    written: int = 0
    input_audio: int = 0
    output_audio: int = 0
    reasoning: int = 0


class CostRow(NamedTuple):
    """The cost of one model's usage, in US dollars.

    Attributes:
        input_cost: the cost of input, that of audio included.
        output_cost: the cost of output, that of reasoning and audio included.
        recorded_on: the moment of the snapshot with the price; the newest one of several; None if no source has the
            offer, and the price is the user's own.
        written_cost: the cost of tokens that the provider put into its cache.
        price_source: `models.dev`; `litellm` where only that has the price; `overrides.json` for a price of the user's
            own. Of usage over time it may be `models.dev, litellm`.
    """

    model: str
    input_cost: float
    output_cost: float
    cached_cost: float
    written_cost: float
    total: float
    recorded_on: Moment | None
    price_source: str


class Unpriced(NamedTuple):
    """Usage that cannot be priced, and why; audio and reasoning are counted among input and output."""

    model: str
    reason: str
    input: int
    output: int
    cached: int
    written: int


class _Part(NamedTuple):
    """A kind of tokens.

    Attributes:
        price: the attribute of `Offer` with its price.
        sum: the index of the sum that it is counted in; see below.
        name: what messages call it.
    """

    price: str
    sum: int
    name: str


# The indexes of the four sums of a bill.
_INPUT, _OUTPUT, _CACHED, _WRITTEN = range(4)
_PARTS: Mapping[str, _Part] = {
    "input": _Part("price_input_per_million", _INPUT, "input"),
    "output": _Part("price_output_per_million", _OUTPUT, "output"),
    "cached": _Part("price_cache_read_per_million", _CACHED, "cached input"),
    "written": _Part("price_cache_write_per_million", _WRITTEN, "input that is written to a cache"),
    "input_audio": _Part("price_input_audio_per_million", _INPUT, "audio input"),
    "output_audio": _Part("price_output_audio_per_million", _OUTPUT, "audio output"),
    "reasoning": _Part("price_reasoning_per_million", _OUTPUT, "output"),
}


def tier_above(offer: Offer, prompt: int | None) -> int | None:
    """Return the length above which the prices of prompts of this length begin; None for an offer's normal prices."""
    passed = [tier.above_tokens for tier in offer.price_tiers if prompt is not None and prompt > tier.above_tokens]
    return max(passed, default=None)


def lacking(price: Price, tokens: Tokens, prompt: int | None = None) -> str | None:
    """Return which prices of these tokens are unknown, and to which sources; None if all are known."""
    prices = _prices(price.offer, tier_above(price.offer, prompt))
    unknown = [
        part.name for name, part in _PARTS.items() if getattr(tokens, name) and _price(prices, name, part) is None
    ]
    if not unknown:
        return None
    long = "" if tier_above(price.offer, prompt) is None else " in long prompts"
    return f"the price of {' and of '.join(dict.fromkeys(unknown))}{long} is unknown to {' and '.join(price.asked)}"


def costs(offer: Offer, tokens: Tokens, above: int | None = None) -> list[Decimal]:
    """Return the cost of tokens in US dollars: input, output, cached, written. All needed prices must be known.

    Args:
        offer: the offer with the prices.
        tokens: what was used.
        above: the tier of prices, as `tier_above` returns it.
    """
    found = [Decimal(0)] * 4
    prices = _prices(offer, above)
    for name, part in _PARTS.items():
        number, price = getattr(tokens, name), _price(prices, name, part)
        if number and price is not None:
            found[part.sum] += Decimal(repr(price)) * number / _MILLION
    return found


def _prices(offer: Offer, above: int | None) -> object:
    return next((tier for tier in offer.price_tiers if tier.above_tokens == above), offer) if above else offer


def _price(prices: object, name: str, part: _Part) -> float | None:
    price: float | None = getattr(prices, part.price)
    if price is None and name == "reasoning":
        # Reasoning is output, and costs the same unless a source says otherwise.
        price = getattr(prices, _PARTS["output"].price)
    return price


class _PricedAs(NamedTuple):
    """What usage must have in common to be added up: its model, and the price that it has."""

    model: str
    line: PriceLine | str
    source: str
    snapshot_id: int | None
    above: int | None


@dataclass(slots=True)
class Bill:
    """Usage added up by model and recorded price.

    Attributes:
        first: the day (UTC) of the first usage.
        last: the day of the last usage.
        without_zone: how many times had no zone, and were taken as UTC.
        long_prompts: the models with other prices for long prompts, which were not counted since the lengths of the
            prompts are unknown.
        searches: how many searches of the web were counted beside tokens; they are in no sum.
    """

    _priced: dict[_PricedAs, tuple[Price, Tokens]] = field(default_factory=dict)
    _unpriced: dict[tuple[str, str], Tokens] = field(default_factory=dict)
    first: date | None = None
    last: date | None = None
    without_zone: int = 0
    long_prompts: set[str] = field(default_factory=set)
    searches: int = 0

    def add(
        self,
        model: str,
        line: PriceLine | str,
        moment: datetime,
        tokens: Tokens,
        *,
        prompt: int | None = None,
        unlike: str | None = None,
    ) -> None:
        """Add usage of a model.

        Args:
            model: its name.
            line: its price line, or the reason why there is none.
            moment: when it was used.
            tokens: what was used.
            prompt: the length of each prompt in tokens; None if it is unknown.
            unlike: why the recorded prices do not hold for this usage.
        """
        day = moment.astimezone(UTC).date()
        self.first = day if self.first is None else min(self.first, day)
        self.last = day if self.last is None else max(self.last, day)
        price = unlike or (line if isinstance(line, str) else line.at(moment))
        if isinstance(price, Price):
            price = lacking(price, tokens, prompt) or price
        if isinstance(price, str):
            if not any(tokens):
                # A failed call costs nothing.
                return
            key = (model, price)
            self._unpriced[key] = _sum(self._unpriced.get(key, Tokens()), tokens)
            return
        if prompt is None and price.offer.price_tiers:
            self.long_prompts.add(model)
        above = tier_above(price.offer, prompt)
        priced_as = _PricedAs(model, line, price.source, price.recorded.id if price.recorded else None, above)
        _, before = self._priced.get(priced_as, (price, Tokens()))
        self._priced[priced_as] = (price, _sum(before, tokens))

    def rows(self) -> list[CostRow]:
        """Return the cost of each model, the dearest first."""
        sums: dict[str, list[Decimal]] = {}
        newest: dict[str, datetime | None] = {}
        sources: dict[str, set[str]] = {}
        for priced_as, (price, tokens) in self._priced.items():
            model = priced_as.model
            before = sums.get(model, [Decimal(0)] * 4)
            more = costs(price.offer, tokens, priced_as.above)
            sums[model] = [one + other for one, other in zip(before, more, strict=True)]
            moments = (newest.get(model), price.recorded.taken_at if price.recorded else None)
            newest[model] = max((moment for moment in moments if moment is not None), default=None)
            sources.setdefault(model, set()).add(priced_as.source)
        rows = []
        for model, each in sums.items():
            into, out, cached, written = map(float, each)
            source = ", ".join(sorted(sources[model], reverse=True))
            rows.append(CostRow(model, into, out, cached, written, float(sum(each)), newest[model], source))
        return sorted(rows, key=lambda row: (-row.total, row.model))

    def unpriced(self) -> list[Unpriced]:
        """Return the usage that cannot be priced, by model."""
        return [_unpriced(model, reason, tokens) for (model, reason), tokens in sorted(self._unpriced.items())]


def total_of(rows: Iterable[CostRow]) -> float:
    """Return the sum of all priced usage, in US dollars."""
    return float(sum(Decimal(repr(row.total)) for row in rows))


def _unpriced(model: str, reason: str, tokens: Tokens) -> Unpriced:
    counts = [0] * 4
    for name, part in _PARTS.items():
        counts[part.sum] += getattr(tokens, name)
    return Unpriced(model, reason, *counts)


def _sum(one: Tokens, other: Tokens) -> Tokens:
    return Tokens(*(a + b for a, b in zip(one, other, strict=True)))
