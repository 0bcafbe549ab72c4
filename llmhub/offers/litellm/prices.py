"""Parse LiteLLM's price map from bytes to offers: `{id: {litellm_provider, mode, input_cost_per_token, ...}}`.

Pure. The map's prices are US dollars per token; they are multiplied as decimal numbers, so that 1.5e-07 becomes 0.15.
A value that cannot be true becomes unknown; a row is left out only if it is not about a model, or does not name its
provider. Both are counted by their reason.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

from llmhub.arena.rules import is_name
from llmhub.errors import SourceError, counted, printable
from llmhub.offers.litellm.names import PARTIAL, PRICES, Key, keys_of
from llmhub.offers.lives.days import FIRST_DAY, LAST_DAY, NO_DAY, TOO_FAR, day_of
from llmhub.offers.values import Offer, PriceTier

SAMPLE = "sample_spec"
"""The first key of the map: it describes the others, and is not a model."""

# LiteLLM's modes of models, and models.dev's types. Other modes are those of services, such as web search.
_TYPES: Mapping[str, str] = {
    "audio_speech": "speech",
    "audio_transcription": "transcription",
    "chat": "chat",
    "completion": "chat",
    "embedding": "embedding",
    "image_edit": "image",
    "image_generation": "image",
    "moderation": "moderation",
    "ocr": "ocr",
    "realtime": "realtime",
    "rerank": "reranking",
    "responses": "chat",
    "video_generation": "video",
}
_ABOVE = re.compile(r"(?P<price>\w+?)_above_(?P<thousands>\d{1,6})k_tokens", re.ASCII)
# The price of an image, a second, a query, ...; those of tools, such as web search, are extra.
_ANOTHER_UNIT = re.compile(r"(?:input|output|ocr)_cost_per_(?!token)\w+", re.ASCII)
_PAID_OTHERWISE = "0 dollars per token of what is paid by another unit"
_MILLION = Decimal(1_000_000)
# Over three times the dearest price that any provider asks (o1-pro: 600). A few rows of the map state the price of a
# thousand or a million tokens as that of one.
_MOST_PER_MILLION = Decimal(2_000)
_MOST_TOKENS = 2**53 - 1
_MOST_TEXT = 500
_MOST_SHOWN = 60
_MOST_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class Parsed:
    """The result of reading a map.

    Attributes:
        offers: the offers by `provider/model_id` in models.dev's spelling.
        rows: how many rows the map has, without `sample_spec`.
        left_out: how many rows were left out, by the reason.
        unknown: how many values were taken as unknown, by the reason.
        problems: the first problems of both kinds, one line each.
    """

    offers: dict[str, Offer]
    rows: int
    left_out: Mapping[str, int]
    unknown: Mapping[str, int]
    problems: tuple[str, ...]

    @property
    def summary(self) -> str | None:
        """Return one line that counts what was left out and taken as unknown; None if there is neither."""
        return summary(self.left_out, self.unknown)


def summary(left_out: Mapping[str, int], unknown: Mapping[str, int]) -> str | None:
    """Return one line that counts what was left out and what was taken as unknown; None if there is neither."""
    counts = [f"{count:,} left out: {why}" for why, count in left_out.items()]
    counts += [f"{counted(count, 'value')} taken as unknown: {why}" for why, count in unknown.items()]
    return "; ".join(counts) or None


class _Tally:
    """Counts what is left out and what is taken as unknown, and keeps the first lines about it."""

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.problems: list[str] = []

    def leave_out(self, row: str, why: str) -> None:
        self.left_out[why] += 1
        self._tell(row, f"left out: {why}")

    def doubt(self, row: str, field: str, why: str) -> None:
        self.unknown[why] += 1
        self._tell(row, f"{field}: {why}: taken as unknown")

    def _tell(self, row: str, what: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(f"litellm: {printable(row, _MOST_SHOWN)}: {what}")


def parse_prices(body: bytes) -> Parsed:
    """Return the offers of LiteLLM's map.

    Raises:
        SourceError: the map is not JSON in UTF-8, is nested too deeply, or is not an object.
    """
    return read_prices(_object(body))


def read_prices(data: Mapping[str, Any]) -> Parsed:
    """Return the offers of a map that was parsed as JSON; its numbers may be floats, decimals or integers."""
    tally = _Tally()
    rows = {written: row for written, row in data.items() if written != SAMPLE}
    best: dict[str, tuple[Key, Offer]] = {}
    rows_of: dict[str, str] = {}
    about: set[str] = set()
    for written, row in rows.items():
        for key, offer in _offers_of(written, row, rows, tally):
            name = offer.canonical_id
            before = best.get(name)
            found = best[name] = (key, offer) if before is None else _merged(before, (key, offer))
            about.add(written)
            if found[0] is key:
                rows_of[name] = written
    for written in sorted(about - set(rows_of.values())):
        tally.leave_out(written, "a plainer row is about the same offer")
    offers = {name: offer for name, (_, offer) in best.items()}
    return Parsed(offers, len(rows), dict(tally.left_out), dict(tally.unknown), tuple(tally.problems))


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body.decode("utf-8-sig"), parse_float=_decimal, parse_constant=str)
    except UnicodeDecodeError as error:
        raise SourceError(f"found bytes that are not UTF-8 (at {error.start:,}), expected JSON") from None
    except json.JSONDecodeError as error:
        raise SourceError(f"found text that is not JSON ({error}), expected a whole JSON document") from None
    except RecursionError:
        raise SourceError("found JSON that is nested too deeply, expected an object of models") from None
    except ValueError:
        # Python refuses to convert whole numbers of thousands of digits.
        raise SourceError("found a number of thousands of digits, expected prices") from None
    if not isinstance(data, dict):
        kind = "a list" if isinstance(data, list) else "a plain value"
        raise SourceError(f"found {kind}, expected an object of models")
    return data


def _decimal(text: str) -> Decimal | str:
    """Return a decimal number; its text if the exponent is too large."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _offers_of(written: str, row: Any, ids: Collection[str], tally: _Tally) -> Iterator[tuple[Key, Offer]]:
    """Yield the offers that a row is about."""
    keys: tuple[Key, ...] = ()
    why = _owner_unknown(row)
    if why is None:
        keys = keys_of(row["litellm_provider"], written, ids)
        why = _not_a_model(keys, row.get("mode"))
    if why is not None:
        return tally.leave_out(written, why)
    values = _Row(written, row, tally).values(_TYPES[row["mode"]])
    for key in keys:
        own = {name: value for name, value in values.items() if key.rank < PARTIAL or not name.startswith("price_")}
        yield (
            key,
            Offer.model_construct(
                canonical_id=f"{key.provider}/{key.model_id}",
                provider=key.provider,
                model_id=key.model_id,
                display_name=key.model_id,
                **own,
            ),
        )
    return None


def _owner_unknown(row: Any) -> str | None:
    """Return why a row does not say whose offer it is about; None if it does."""
    if not isinstance(row, dict):
        return "the row is not an object"
    if isinstance(row.get("alias_of"), str):
        return "it is LiteLLM's own name for another row"
    provider = row.get("litellm_provider")
    named = isinstance(provider, str) and is_name(provider) and "/" not in provider
    return None if named else "it does not say whose offer it is"


def _not_a_model(keys: tuple[Key, ...], mode: Any) -> str | None:
    """Return why a row of these offers and this mode is not about one model; None if it is."""
    if not keys:
        return "it is not about one model"
    if not isinstance(mode, str) or mode not in _TYPES:
        return f"unknown mode {printable(mode, _MOST_SHOWN) if isinstance(mode, str) else 'none'}"
    return None if all(is_name(key.model_id) for key in keys) else "its id breaks the rules for names"


def _merged(one: tuple[Key, Offer], other: tuple[Key, Offer]) -> tuple[Key, Offer]:
    """Return the offer of two rows about one: the first by rank, with what only the other knows of its life."""
    first, second = (other, one) if other[0].rank < one[0].rank else (one, other)
    life = ("retires_on", "retires_source", "replacement")
    if first[1].retires_on is None and second[1].retires_on is not None:
        return first[0], first[1].model_copy(update={name: getattr(second[1], name) for name in life})
    return first


def _is_positive(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float | Decimal) and isfinite(value) and value > 0


class _Row:
    """Reads one row; values that cannot be true become unknown, and are counted."""

    def __init__(self, written: str, row: Mapping[str, Any], tally: _Tally) -> None:
        self._written = written
        self._row = row
        self._tally = tally

    def values(self, kind: str) -> dict[str, Any]:
        """Return the fields of `Offer` that the row knows."""
        row = self._row
        prices = {name: self._price(key, row.get(key)) for key, name in PRICES.items()}
        if prices["price_cache_read_per_million"] is None:
            key = "input_cost_per_token_cache_hit"
            prices["price_cache_read_per_million"] = self._price(key, row.get(key))
        base, tiers = self._tiers()
        for name, price in base.items():
            prices[name] = price if prices[name] is None else prices[name]
        self._doubt_free_tokens(prices)
        citation = self._text("deprecation_source")
        replacement = self._text("successor_model")
        retires_on = self._day("deprecation_date")
        return {
            **prices,
            "price_tiers": tiers,
            "type": kind,
            "max_input_tokens": self._tokens("max_input_tokens"),
            "max_output_tokens": self._tokens("max_output_tokens"),
            "supports_tool_call": self._flag("supports_function_calling"),
            "supports_reasoning": self._flag("supports_reasoning"),
            "supports_structured_output": self._flag("supports_response_schema"),
            "retires_on": retires_on,
            "retires_source": citation,
            "replacement": self._model(replacement),
        }

    def _doubt_free_tokens(self, prices: dict[str, float | None]) -> None:
        """Take prices of 0 as unknown if tokens cost nothing and something else does: reranking is paid by query."""
        told = {name for name, price in prices.items() if price is not None}
        if not told or any(prices[name] for name in told):
            return
        for key, value in self._row.items():
            if _ANOTHER_UNIT.fullmatch(key) and key not in PRICES and _is_positive(value):
                self._tally.doubt(self._written, key, _PAID_OTHERWISE)
                prices.update(dict.fromkeys(told))
                return

    def _price(self, key: str, value: Any) -> float | None:
        """Return US dollars per million tokens; `value` is in US dollars per token."""
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            self._tally.doubt(self._written, key, "a price that is not a number")
            return None
        price = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        # Infinities and NaN cannot be compared.
        if not price.is_finite() or price < 0:
            self._tally.doubt(self._written, key, "a price that is negative or infinite")
            return None
        if price > _MOST_PER_MILLION / _MILLION:
            self._tally.doubt(self._written, key, f"a price over {_MOST_PER_MILLION:,} dollars per million tokens")
            return None
        return float(price * _MILLION)

    def _tiers(self) -> tuple[dict[str, float], tuple[PriceTier, ...]]:
        """Return the prices of the shortest prompts, if tiers have them, and the prices of longer prompts."""
        found: dict[int, dict[str, float]] = {}
        for key, value in self._row.items():
            above = _ABOVE.fullmatch(key)
            name = PRICES.get(above["price"]) if above else None
            if above and name is not None and (price := self._price(key, value)) is not None:
                found.setdefault(int(above["thousands"]) * 1_000, {})[name] = price
        base: dict[str, float] = {}
        for start, prices in self._ranges():
            if start == 0:
                base = prices
            else:
                found.setdefault(start, prices)
        tiers: list[dict[str, Any]] = [{"above_tokens": size, **found[size]} for size in sorted(found) if size > 0]
        return base, tuple(PriceTier.model_construct(**tier) for tier in tiers)

    def _ranges(self) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield the start in tokens and the prices of each range of `tiered_pricing`; none if a range is not valid."""
        told = self._row.get("tiered_pricing")
        if not isinstance(told, list):
            return
        found = []
        for tier in told:
            span = tier.get("range") if isinstance(tier, dict) else None
            start = span[0] if isinstance(span, list) and span else None
            if isinstance(start, bool) or not isinstance(start, int | float | Decimal) or not isfinite(start):
                return
            if not 0 <= start < _MOST_TOKENS:
                return
            prices = {name: self._price(key, tier.get(key)) for key, name in PRICES.items()}
            found.append((int(start), {name: price for name, price in prices.items() if price is not None}))
        yield from found

    def _tokens(self, key: str) -> int | None:
        value = self._row.get(key)
        if value is None or value == 0:
            return None
        number = not isinstance(value, bool) and isinstance(value, int | float | Decimal) and isfinite(value)
        if not number or not 0 < value <= _MOST_TOKENS or int(value) != value:
            self._tally.doubt(self._written, key, "a limit that is not a number of tokens")
            return None
        return int(value)

    def _flag(self, key: str) -> bool | None:
        value = self._row.get(key)
        return value if isinstance(value, bool) else None

    def _day(self, key: str) -> str | None:
        value = self._row.get(key)
        if value is None:
            return None
        day = day_of(value)
        if day is None:
            self._tally.doubt(self._written, key, NO_DAY)
        elif not FIRST_DAY <= day <= LAST_DAY:
            self._tally.doubt(self._written, key, TOO_FAR)
            day = None
        return None if day is None else day.isoformat()

    def _text(self, key: str) -> str | None:
        value = self._row.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value) > _MOST_TEXT or not is_name(value):
            self._tally.doubt(self._written, key, "a text that is not valid")
            return None
        return value

    def _model(self, written: str | None) -> str | None:
        """Return a successor's id without the provider that it shares with the row."""
        if written is None:
            return None
        keys = keys_of(str(self._row["litellm_provider"]), written)
        return keys[-1].model_id if keys else written
