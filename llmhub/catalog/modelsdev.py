"""models.dev's document, bytes to models: `{provider: {..., "models": {model_id: {...}}}}`.

Pure: takes bytes or parsed JSON, returns values, and says of everything that it left out where and why. Keys that
are not read are ignored at every level, and null is unknown. A date that no calendar has is unknown as well: that
costs the date and not the model.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from llmhub.catalog.schema import ModelsDevModel
from llmhub.errors import SourceError, printable

MAX_PROBLEMS = 100
"""How many problems are told one by one."""

_MAX_NAME = 500
_MAX_SHOWN = 80
_MAX_FOUND = 60
# Longer whole numbers are beyond every price and limit; Python refuses those of thousands of digits.
_MAX_DIGITS = 20
_DATE = re.compile(r"\d{4}-\d\d(-\d\d)?", re.ASCII)
_LEFT_OUT = "the model is left out"

# What each field is read from, to name the key in a problem.
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
    "knowledge_cutoff": "knowledge",
    "release_date": "release_date",
    "last_updated": "last_updated",
    "open_weights": "open_weights",
}
_ENTRY = "entry"
_READ = frozenset(_KEYS.values()) | {"modalities", "limit", "cost"}


class RepeatingObject(dict[str, Any]):
    """A JSON object in which keys stand more than once; it holds the last value of each.

    Attributes:
        repeated: those keys.
    """

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated = frozenset(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)


@dataclass(frozen=True, slots=True)
class Normalized:
    """What a document came to.

    Attributes:
        models: every sound model, by `provider/model_id`, in the document's order.
        problems: why models were left out, one line each; at most `MAX_PROBLEMS`, and one on how many more.
        left_out: how many models were; a provider that cannot be read counts as one.
        remarks: what was taken as unknown, one line each, bounded likewise.
    """

    models: dict[str, ModelsDevModel]
    problems: tuple[str, ...]
    left_out: int
    remarks: tuple[str, ...]


class _Wrong(Exception):  # noqa: N818 -- not an error to a caller: it costs one model
    """A value of a model that cannot be used; its text names the key."""

    def __init__(self, key: str, found: str, expected: str) -> None:
        super().__init__(f"{key}: found {found}, expected {expected}")


class _Lines:
    """Lines for people, of which only so many are kept."""

    def __init__(self) -> None:
        self._kept: list[str] = []
        self.count = 0

    def add(self, line: str) -> None:
        self.count += 1
        if self.count <= MAX_PROBLEMS:
            self._kept.append(printable(line))

    def __iter__(self) -> Iterator[str]:
        yield from self._kept
        if self.count > MAX_PROBLEMS:
            yield f"models.dev: {self.count - MAX_PROBLEMS:,} more like these"


def parse_document(body: bytes) -> dict[str, Any]:
    """Return the JSON object that `body` is; an object in it that repeats a key is a `RepeatingObject`.

    Numbers that JSON does not have (NaN, 1e400) come out as floats that are not finite, as Python reads them.

    Raises:
        SourceError: it is no JSON in UTF-8, nested too deeply to be read, or no object.
    """
    try:
        data = _parsed(body.decode("utf-8-sig"))
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
    """Return the models of a parsed document. What is wrong with a model costs that model alone.

    Raises:
        SourceError: `data` is no object.
    """
    if not isinstance(data, dict):
        raise SourceError(f"found {_shown(data)}, expected an object of providers")
    problems, remarks = _Lines(), _Lines()
    models: dict[str, ModelsDevModel] = {}
    for provider, entry in data.items():
        try:
            rows = _rows(data, provider, entry)
        except _Wrong as wrong:
            problems.add(f"models.dev: {_name(provider)}: {wrong}; its models are left out")
        else:
            models |= _models_of(provider, rows, problems, remarks)
    return Normalized(models, tuple(problems), problems.count, tuple(remarks))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object_of)
    except json.JSONDecodeError:
        raise
    except ValueError:
        # A whole number of thousands of digits, which may stand under a key that nobody reads.
        return json.loads(text, object_pairs_hook=_object_of, parse_int=_whole_number)


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else RepeatingObject(pairs)


def _whole_number(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)


def _rows(data: dict[str, Any], provider: str, entry: Any) -> dict[str, Any]:
    """Return a provider's models, unread.

    Raises:
        _Wrong: it has none that can be told from another's.
    """
    if not provider or "/" in provider or len(provider) > _MAX_NAME:
        raise _Wrong("name", _shown(provider), f"1 to {_MAX_NAME} characters without a slash")
    if isinstance(data, RepeatingObject) and provider in data.repeated:
        raise _Wrong("name", "the provider twice", "each once")
    rows = _object(entry, "", read={"models"}).get("models")
    if not isinstance(rows, dict):
        raise _Wrong("models", _shown(rows), "an object")
    return rows


def _models_of(provider: str, rows: dict[str, Any], problems: _Lines, remarks: _Lines) -> dict[str, ModelsDevModel]:
    """Return a provider's sound models by key, and tell of the others."""
    repeated = rows.repeated if isinstance(rows, RepeatingObject) else ()
    fields: dict[str, dict[str, Any]] = {}
    for model_id, row in rows.items():
        try:
            if model_id in repeated:
                raise _Wrong("id", "the model twice", "each once")  # noqa: TRY301 -- told where the others are
            fields[f"{provider}/{model_id}"] = _fields(provider, model_id, row, remarks)
        except _Wrong as wrong:
            problems.add(f"models.dev: {_name(provider)}/{_name(model_id)}: {wrong}; {_LEFT_OUT}")
    try:
        # All at once takes half the time of one by one.
        return _models().validate_python(fields, strict=True)
    except ValidationError:
        return dict(_one_by_one(fields, problems))


def _one_by_one(fields: dict[str, dict[str, Any]], problems: _Lines) -> Iterator[tuple[str, ModelsDevModel]]:
    for key, values in fields.items():
        try:
            yield key, ModelsDevModel.model_validate(values, strict=True)
        except ValidationError as error:
            where = f"{_name(values['provider'])}/{_name(values['model_id'])}"
            problems.add(f"models.dev: {where}: {_describe(error)}; {_LEFT_OUT}")


@cache
def _models() -> TypeAdapter[dict[str, ModelsDevModel]]:
    return TypeAdapter(dict[str, ModelsDevModel])


def _fields(provider: str, model_id: str, row: Any, remarks: _Lines) -> dict[str, Any]:
    """Return the fields of a model, of which only the containers are checked.

    Raises:
        _Wrong: a container is none, or its own id is another.
    """
    if row is None:
        raise _Wrong(_ENTRY, _shown(row), "an object")
    row = _object(row, "")
    cost = _object(row.get("cost"), "cost")
    limit = _object(row.get("limit"), "limit")
    modalities = _object(row.get("modalities"), "modalities")
    own_id = row.get("id")
    if own_id is not None and own_id != model_id:
        raise _Wrong("id", _shown(own_id), "the key that it stands under")
    name, family = row.get("name"), row.get("family")
    key = f"{provider}/{model_id}"
    return {
        "canonical_id": key,
        "provider": provider,
        "model_id": model_id,
        "family": None if family == "" else family,
        "display_name": model_id if name is None or name == "" else name,
        "supports_reasoning": row.get("reasoning"),
        "supports_tool_call": row.get("tool_call"),
        "supports_structured_output": row.get("structured_output"),
        "input_modalities": _listed("modalities.input", modalities.get("input")),
        "output_modalities": _listed("modalities.output", modalities.get("output")),
        "attachments": row.get("attachment"),
        "context_tokens": _tokens(limit.get("context")),
        "max_input_tokens": _tokens(limit.get("input")),
        "max_output_tokens": _tokens(limit.get("output")),
        "price_input_per_million": cost.get("input"),
        "price_output_per_million": cost.get("output"),
        "price_reasoning_per_million": cost.get("reasoning"),
        "knowledge_cutoff": _date(key, "knowledge", row.get("knowledge"), remarks),
        "release_date": _date(key, "release_date", row.get("release_date"), remarks),
        "last_updated": _date(key, "last_updated", row.get("last_updated"), remarks),
        "open_weights": row.get("open_weights"),
    }


def _object(value: Any, path: str, read: AbstractSet[str] = _READ) -> dict[str, Any]:
    """Return a JSON object, an empty one for null.

    Raises:
        _Wrong: it is something else, or repeats a key that is read.
    """
    if type(value) is dict:
        return value
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _Wrong(path or _ENTRY, _shown(value), "an object")
    if isinstance(value, RepeatingObject):
        for key in sorted(value.repeated):
            inside = f"{path}.{key}" if path else key
            if inside in read:
                raise _Wrong(inside, "the key twice", "it once")
    return value


def _listed(key: str, value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _Wrong(key, _shown(value), "a list of words")
    return tuple(value)


def _tokens(value: Any) -> Any:
    """Return a limit, for whose 0 models.dev means unknown; false is no number."""
    return None if value == 0 and value is not False else value


def _date(key: str, name: str, value: Any, remarks: _Lines) -> Any:
    """Return a date as it is, or None, with a remark, if no calendar has it; what is no text is told of later."""
    if not isinstance(value, str) or (len(value) <= len("2025-08-31") and _is_date(value)):
        return value
    remarks.add(f"models.dev: {_name(key)}: {name}: found {_shown(value)}, which is no date: taken as unknown")
    return None


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


def _describe(error: ValidationError) -> str:
    """Say which key is wrong first, what was found and what was expected."""
    first = error.errors(include_url=False, include_context=False)[0]
    field, *inside = first["loc"]
    key = ".".join([_KEYS.get(str(field), str(field)), *map(str, inside)])
    expected = first["msg"].removeprefix("Input should be ").removeprefix("String should have ")
    return f"{key}: found {_shown(first['input'])}, expected {expected}"


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
