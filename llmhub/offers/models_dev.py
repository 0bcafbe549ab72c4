"""Parse models.dev's document from bytes to models: `{provider: {..., "models": {model_id: {...}}}}`.

Pure: takes bytes or parsed JSON and returns values, with the place and reason for everything left out. Unread keys are
ignored at every level, and null is unknown. A value that cannot be used becomes unknown, with a remark; the model
stays. A model is left out only if its identity cannot be read.

Formats of earlier years are read too: prices `inputCached` and `outputCached`, modalities at the top level of a model,
`alpha` and `beta` as flags.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache, partial
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from llmhub.errors import SourceError, printable
from llmhub.offers.values import Offer, OfferStatus

MAX_PROBLEMS = 100
"""How many problems, and how many remarks, are kept one by one."""

_MAX_NAME = 500
_MAX_SHOWN = 80
_MAX_FOUND = 60
# Longer whole numbers exceed every price and limit; Python refuses to convert thousands of digits.
_MAX_DIGITS = 20
_DATE = re.compile(r"\d{4}-\d\d(-\d\d)?", re.ASCII)
_LEFT_OUT = "the model is left out"

# The key from which each field is read, to name it in a problem.
_KEYS: Mapping[str, str] = {
    "model_id": "id",
    "display_name": "name",
    "family": "family",
    "supports_reasoning": "reasoning",
    "supports_tool_call": "tool_call",
    "supports_structured_output": "structured_output",
    "input_modalities": "modalities.input",
    "output_modalities": "modalities.output",
    "attachments": "attachment",
    "context_tokens": "limit.context",
    "max_input_tokens": "limit.input",
    "max_output_tokens": "limit.output",
    "price_input_per_million": "cost.input",
    "price_output_per_million": "cost.output",
    "price_reasoning_per_million": "cost.reasoning",
    "price_cache_read_per_million": "cost.cache_read",
    "price_cache_write_per_million": "cost.cache_write",
    "price_input_audio_per_million": "cost.input_audio",
    "price_output_audio_per_million": "cost.output_audio",
    "price_tiers": "cost.tiers",
    "knowledge_cutoff": "knowledge",
    "release_date": "release_date",
    "last_updated": "last_updated",
    "open_weights": "open_weights",
    "status": "status",
    "type": "type",
    "canonical_model_id": "canonical_model_id",
}
_OLD_KEYS = {"input_modalities", "output_modalities", "cost.inputCached", "cost.outputCached"}
_ENTRY = "entry"
_READ = frozenset(_KEYS.values()) | _OLD_KEYS | {"modalities", "limit", "cost", "cost.context_over_200k"}
# Without these the entry's model cannot be identified.
_IDENTITY = frozenset({"canonical_id", "provider", "model_id"})
_STATUSES = frozenset(get_args(OfferStatus))
_PRICES = tuple(
    (name, f"price_{name}_per_million")
    for name in ("input", "output", "reasoning", "cache_read", "cache_write", "input_audio", "output_audio")
)
_OLD_PRICES = {
    "cache_read": ("inputCached", "price_cache_read_per_million"),
    "cache_write": ("outputCached", "price_cache_write_per_million"),
}
_MOST_TOKENS = 2**53 - 1
_MOST_MONEY = 1e300
_LONG_CONTEXT = 200_000


class RepeatingObject(dict[str, Any]):
    """A JSON object with repeated keys; it holds the last value of each.

    Attributes:
        repeated: those keys.
    """

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated = frozenset(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)


@dataclass(frozen=True, slots=True)
class Normalized:
    """The result of reading a document.

    Attributes:
        models: every sound model, by `provider/model_id`, in the document's order.
        problems: why models were left out, one line each; at most `MAX_PROBLEMS`, and one line that counts the rest.
        left_out: how many models were left out; an unreadable provider counts as one.
        remarks: which values were taken as unknown, one line each, bounded likewise.
        odd_values: how many such values there were, without impossible dates: models.dev always has a few.
        odd_value: the first of them.
    """

    models: dict[str, Offer]
    problems: tuple[str, ...]
    left_out: int
    remarks: tuple[str, ...]
    odd_values: int = 0
    odd_value: str | None = None

    @property
    def remark(self) -> str | None:
        """Return one line that sums up all odd values; None if there are none."""
        if self.odd_value is None:
            return None
        if self.odd_values == 1:
            return f"one value is taken as unknown: {self.odd_value}"
        return f"{self.odd_values:,} values are taken as unknown, the first of them: {self.odd_value}"


class _Wrong(Exception):  # noqa: N818 -- not an error to a caller: it costs one model
    """A value that makes a model unusable; the text names the key."""

    def __init__(self, key: str, found: str, expected: str) -> None:
        super().__init__(f"{key}: found {found}, expected {expected}")


class _Lines:
    """Lines for people; only the first ones are kept, the rest are counted."""

    def __init__(self) -> None:
        self._kept: list[str] = []
        self.count = 0
        self.odd_values = 0
        self.odd_value: str | None = None

    def add(self, line: str) -> None:
        self.count += 1
        if self.count <= MAX_PROBLEMS:
            self._kept.append(printable(line))

    def add_odd(self, line: str) -> None:
        """Add a line about a value taken as unknown, and remember the first such line."""
        self.odd_values += 1
        self.odd_value = self.odd_value or printable(line)
        self.add(f"models.dev: {line}")

    def __iter__(self) -> Iterator[str]:
        yield from self._kept
        if self.count > MAX_PROBLEMS:
            yield f"models.dev: {self.count - MAX_PROBLEMS:,} more like these"


def parse_document(body: bytes, *, repeating: list[RepeatingObject] | None = None) -> dict[str, Any]:
    """Return the JSON object that `body` is; an object in it that repeats a key is a `RepeatingObject`.

    Numbers that JSON does not have (NaN, 1e400) become non-finite floats, as Python reads them.

    Args:
        body: the document.
        repeating: a list to which the objects that repeat a key are added.

    Raises:
        SourceError: `body` is not JSON in UTF-8, is nested too deeply, or is not an object.
    """
    try:
        data = _parsed(body.decode("utf-8-sig"), _object_of if repeating is None else partial(_noting, repeating))
    except UnicodeDecodeError as error:
        raise SourceError(f"found bytes that are not UTF-8 (at {error.start:,}), expected JSON") from None
    except json.JSONDecodeError as error:
        raise SourceError(f"found text that is not JSON ({error}), expected a whole JSON document") from None
    except RecursionError:
        raise SourceError("found JSON that is nested too deeply, expected an object of providers") from None
    if not isinstance(data, dict):
        raise SourceError(f"found {_shown(data)}, expected an object of providers")
    return data


def normalize(data: Mapping[str, Any]) -> Normalized:
    """Return the models of a parsed document; a fault in one model affects only that model.

    Raises:
        SourceError: `data` is not an object.
    """
    if not isinstance(data, dict):
        raise SourceError(f"found {_shown(data)}, expected an object of providers")
    problems, remarks = _Lines(), _Lines()
    models: dict[str, Offer] = {}
    for provider, entry in data.items():
        try:
            rows = _rows(data, provider, entry)
        except _Wrong as wrong:
            problems.add(f"models.dev: {_name(provider)}: {wrong}; its models are left out")
        else:
            models |= _models_of(provider, rows, problems, remarks)
    return Normalized(models, tuple(problems), problems.count, tuple(remarks), remarks.odd_values, remarks.odd_value)


def _parsed(text: str, hook: Callable[[list[tuple[str, Any]]], dict[str, Any]]) -> Any:
    try:
        return json.loads(text, object_pairs_hook=hook)
    except json.JSONDecodeError:
        raise
    except ValueError:
        # A whole number of thousands of digits, which may stand under a key that nobody reads.
        return json.loads(text, object_pairs_hook=hook, parse_int=_whole_number)


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else RepeatingObject(pairs)


def _noting(repeating: list[RepeatingObject], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        found = RepeatingObject(pairs)
        repeating.append(found)
    return found


def _whole_number(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)


def _rows(data: dict[str, Any], provider: str, entry: Any) -> dict[str, Any]:
    """Return a provider's models, unread.

    Raises:
        _Wrong: its models cannot be told from another provider's.
    """
    if not provider or "/" in provider or len(provider) > _MAX_NAME:
        raise _Wrong("name", _shown(provider), f"1 to {_MAX_NAME} characters without a slash")
    if isinstance(data, RepeatingObject) and provider in data.repeated:
        raise _Wrong("name", "the provider twice", "each once")
    if entry is not None and not isinstance(entry, dict):
        raise _Wrong(_ENTRY, _shown(entry), "an object")
    if isinstance(entry, RepeatingObject) and "models" in entry.repeated:
        raise _Wrong("models", "the key twice", "it once")
    rows = (entry or {}).get("models")
    if not isinstance(rows, dict):
        raise _Wrong("models", _shown(rows), "an object")
    return rows


def _models_of(provider: str, rows: dict[str, Any], problems: _Lines, remarks: _Lines) -> dict[str, Offer]:
    """Return a provider's models by key; record models left out and values taken as unknown."""
    repeated = rows.repeated if isinstance(rows, RepeatingObject) else ()
    fields: dict[str, dict[str, Any]] = {}
    for model_id, row in rows.items():
        try:
            if model_id in repeated:
                raise _Wrong("id", "the model twice", "each once")  # noqa: TRY301 -- handled with the others
            fields[f"{provider}/{model_id}"] = _Entry(f"{provider}/{model_id}", remarks).fields(provider, model_id, row)
        except _Wrong as wrong:
            problems.add(f"models.dev: {_name(provider)}/{_name(model_id)}: {wrong}; {_LEFT_OUT}")
    try:
        # Validating all at once takes half the time of one by one.
        return _models().validate_python(fields, strict=True)
    except ValidationError:
        return dict(_one_by_one(fields, problems, remarks))


def _one_by_one(fields: dict[str, dict[str, Any]], problems: _Lines, remarks: _Lines) -> Iterator[tuple[str, Offer]]:
    """Validate each model without its invalid values; leave out models without a usable id."""
    for key, values in fields.items():
        try:
            yield key, Offer.model_validate(values, strict=True)
        except ValidationError as error:
            where = f"{_name(values['provider'])}/{_name(values['model_id'])}"
            wrong: dict[str, str] = {}
            for fault in error.errors(include_url=False, include_context=False):
                wrong.setdefault(str(fault["loc"][0]), _describe(fault))
            if unnamed := [name for name in wrong if name in _IDENTITY]:
                problems.add(f"models.dev: {where}: {wrong[unnamed[-1]]}; {_LEFT_OUT}")
                continue
            for said in wrong.values():
                remarks.add_odd(f"{where}: {said}")
            sound = {name: value for name, value in values.items() if name not in wrong}
            yield key, Offer.model_validate({"display_name": values["model_id"], **sound}, strict=True)


@cache
def _models() -> TypeAdapter[dict[str, Offer]]:
    return TypeAdapter(dict[str, Offer])


class _Entry:
    """Reads one model's entry; unusable values become unknown, with a remark."""

    def __init__(self, key: str, remarks: _Lines) -> None:
        self._key = key
        self._remarks = remarks

    def fields(self, provider: str, model_id: str, row: Any) -> dict[str, Any]:
        """Return the fields of a model; plain values are type-checked later, for all models at once.

        Raises:
            _Wrong: the entry is not an object, or states another id.
        """
        if not isinstance(row, dict):
            raise _Wrong(_ENTRY, _shown(row), "an object")
        own_id = row.get("id")
        if own_id is not None and own_id != model_id:
            raise _Wrong("id", _shown(own_id), "the key that it stands under")
        row = self._object(row, "")
        cost, limit = self._object(row.get("cost"), "cost"), self._object(row.get("limit"), "limit")
        modalities = self._object(row.get("modalities"), "modalities")
        return {
            "canonical_id": self._key,
            "provider": provider,
            "model_id": model_id,
            "family": _unless_empty(row.get("family")),
            "display_name": model_id if _unless_empty(row.get("name")) is None else row["name"],
            "supports_reasoning": row.get("reasoning"),
            "supports_tool_call": row.get("tool_call"),
            "supports_structured_output": row.get("structured_output"),
            "input_modalities": self._listed("modalities.input", _first(modalities, row, "input", "input_modalities")),
            "output_modalities": self._listed(
                "modalities.output", _first(modalities, row, "output", "output_modalities")
            ),
            "attachments": row.get("attachment"),
            "context_tokens": _tokens(limit.get("context")),
            "max_input_tokens": _tokens(limit.get("input")),
            "max_output_tokens": _tokens(limit.get("output")),
            **_prices(cost),
            "price_tiers": self._price_tiers(cost),
            "knowledge_cutoff": self._date("knowledge", row.get("knowledge")),
            "release_date": self._date("release_date", row.get("release_date")),
            "last_updated": self._date("last_updated", row.get("last_updated")),
            "open_weights": row.get("open_weights"),
            "status": self._status(row),
            "type": _unless_empty(row.get("type")),
            "canonical_model_id": self._base(_unless_empty(row.get("canonical_model_id"))),
        }

    def _odd(self, name: str, found: str, expected: str) -> None:
        self._remarks.add_odd(f"{_name(self._key)}: {name}: found {found}, expected {expected}")

    def _object(self, value: Any, path: str) -> dict[str, Any]:
        """Return a JSON object without keys that are read and repeated; an empty one if the value is not an object."""
        if type(value) is dict:
            return value
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._odd(path, _shown(value), "an object")
            return {}
        repeated = value.repeated if isinstance(value, RepeatingObject) else frozenset()
        twice = sorted(key for key in repeated if (f"{path}.{key}" if path else key) in _READ)
        for key in twice:
            self._odd(f"{path}.{key}" if path else key, "the key twice", "it once")
        return {key: item for key, item in value.items() if key not in twice}

    def _listed(self, name: str, value: Any) -> tuple[Any, ...]:
        if value is not None and not isinstance(value, list):
            self._odd(name, _shown(value), "a list of words")
        return tuple(value) if isinstance(value, list) else ()

    def _date(self, name: str, value: Any) -> Any:
        """Return a date unchanged; None, with a remark, if no calendar has it.

        A value that is not text is reported later.
        """
        if not isinstance(value, str) or (len(value) <= len("2025-08-31") and _is_date(value)):
            return value
        found = f"found {_shown(value)}, which is not a date: taken as unknown"
        self._remarks.add(f"models.dev: {_name(self._key)}: {name}: {found}")
        return None

    def _status(self, row: dict[str, Any]) -> str | None:
        value = _unless_empty(row.get("status"))
        if value is None:
            # The format until November 2025.
            return next((word for word in ("alpha", "beta") if row.get(word) is True), None)
        if isinstance(value, str) and value in _STATUSES:
            return value
        self._odd("status", _shown(value), f"one of {', '.join(sorted(_STATUSES))}")
        return None

    def _base(self, value: Any) -> Any:
        if not isinstance(value, str) or ("/" in value.strip("/") and len(value) <= _MAX_NAME):
            return value
        self._odd("canonical_model_id", _shown(value), "provider/model")
        return None

    def _price_tiers(self, cost: dict[str, Any]) -> tuple[dict[str, Any], ...]:
        """Return the prices of long prompts, shortest first; none if one of them cannot be read.

        A list with a gap would give a prompt the price of a shorter one.
        """
        told = cost.get("tiers")
        if told is None:
            beyond = cost.get("context_over_200k")
            told = [] if beyond is None else [{"beyond": beyond}]
        name = "cost.tiers" if cost.get("tiers") is not None else "cost.context_over_200k"
        tiers = [_price_tier(each) for each in told] if isinstance(told, list) else [None]
        sound = [tier for tier in tiers if tier is not None]
        if len(sound) < len(tiers) or len({tier["above_tokens"] for tier in sound}) < len(sound):
            self._odd(name, _shown(cost.get(name.partition(".")[2])), "prices, each above a number of tokens")
            return ()
        return tuple(sorted(sound, key=lambda tier: tier["above_tokens"]))


def _price_tier(told: Any) -> dict[str, Any] | None:
    """Return the prices above a number of tokens; None if they cannot be read."""
    if not isinstance(told, dict):
        return None
    size: Any = _LONG_CONTEXT
    prices: Any = told.get("beyond")
    if "beyond" not in told:
        kind = told.get("tier")
        if not isinstance(kind, dict) or kind.get("type", "context") != "context":
            return None
        size, prices = kind.get("size"), told
    if type(size) is not int or not 0 < size <= _MOST_TOKENS or not isinstance(prices, dict):
        return None
    found = _prices(prices)
    if all(value is None or _is_price(value) for value in found.values()):
        return {"above_tokens": size, **found}
    return None


def _is_price(value: Any) -> bool:
    return type(value) in {int, float} and 0 <= value <= _MOST_MONEY


def _prices(cost: dict[str, Any]) -> dict[str, Any]:
    found = {attribute: cost.get(name) for name, attribute in _PRICES}
    for name, (old_name, attribute) in _OLD_PRICES.items():
        if name not in cost:
            found[attribute] = cost.get(old_name)
    return found


def _first(new: dict[str, Any], old: dict[str, Any], key: str, old_key: str) -> Any:
    return old.get(old_key) if new.get(key) is None else new[key]


def _unless_empty(value: Any) -> Any:
    return None if isinstance(value, str) and not value else value


def _tokens(value: Any) -> Any:
    """Return a limit; models.dev's 0 means unknown, and false is not a number."""
    return None if value == 0 and value is not False else value


@lru_cache(maxsize=4096)
def _is_date(text: str) -> bool:
    """Say whether a text is a day (`2025-08-31`) or a month (`2025-08`)."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text if len(text) == len("2025-08-31") else f"{text}-01")
    except ValueError:
        return False
    return True


def _describe(fault: ErrorDetails) -> str:
    """Describe which key is wrong, what was found and what was expected."""
    field, *inside = fault["loc"]
    key = ".".join([_KEYS.get(str(field), str(field)), *map(str, inside)])
    expected = fault["msg"].removeprefix("Input should be ").removeprefix("String should have ")
    return f"{key}: found {_shown(fault['input'])}, expected {expected}"


def _name(text: str) -> str:
    return printable(text, _MAX_SHOWN)


def _shown(value: Any) -> str:
    """Describe any JSON value in a few words."""
    if isinstance(value, str):
        return printable(repr(value[:_MAX_FOUND]) + ("…" if len(value) > _MAX_FOUND else ""))
    if isinstance(value, int) and abs(value) >= 10**_MAX_DIGITS:
        return f"a whole number of over {_MAX_DIGITS} digits"
    if value is None:
        return "nothing"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return "an object" if isinstance(value, dict) else "a list"
