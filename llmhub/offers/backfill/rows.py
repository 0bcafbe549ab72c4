"""Make the entry that api.json would have from a file of models.dev's repository. Pure.

Until April 2026 each file describes a model completely. Since then `[extends]` may name the file of another provider,
and since June 2026 `base_model` a file in `models/`; the model's own file then holds only what differs.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, NamedTuple

_SUFFIX = ".toml"
# Keys of a base model's file that are about the model itself, and not about its offers.
_OF_THE_MODEL = frozenset({"id", "benchmarks", "license", "links", "weights"})


class Base(NamedTuple):
    """The file that a model's file builds on, and the keys of it that do not hold.

    Attributes:
        path: the other file's, from the top of the repository.
        omitted: the keys that are left out, such as `cost.cache_read`.
        model: the base model's id; None if the other file is a provider's.
    """

    path: tuple[str, ...]
    omitted: tuple[str, ...]
    model: str | None


def parse_row(content: bytes | None) -> dict[str, Any]:
    """Return the content of a TOML file in values of JSON; `content` is None if the file is too large.

    Raises:
        ValueError: the content is not TOML in UTF-8; the message says why.
    """
    if content is None:
        raise ValueError("is larger than any file of a model")
    try:
        row = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"found bytes that are not UTF-8 (at {error.start:,}), expected TOML") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"found text that is not TOML ({error})") from None
    except RecursionError:
        raise ValueError("found TOML that is nested too deeply") from None
    # The file's name is the id, whatever the file says.
    row.pop("id", None)
    return {key: _as_json(value) for key, value in row.items()}


def base_of(row: Mapping[str, Any]) -> Base | None:
    """Return what a model's entry builds on; None if it is complete.

    Raises:
        ValueError: the entry does not name a file.
    """
    if (model := row.get("base_model")) is not None:
        path = _path("base_model", model)
        omitted = _words("base_model_omit", row.get("base_model_omit"))
        return Base(("models", *path[:-1], f"{path[-1]}{_SUFFIX}"), omitted, model)
    if (extends := row.get("extends")) is not None:
        if not isinstance(extends, dict):
            raise ValueError("extends: found no table")
        provider, *path = _path("extends.from", extends.get("from"))
        if not path:
            raise ValueError(f"extends.from: found {provider!r}, expected provider/model")
        omitted = _words("extends.omit", extends.get("omit"))
        return Base(("providers", provider, "models", *path[:-1], f"{path[-1]}{_SUFFIX}"), omitted, None)
    return None


def derive(base: Mapping[str, Any], row: Mapping[str, Any], how: Base) -> dict[str, Any]:
    """Return a model's entry: its base's values, overruled by its own, without the keys that it omits."""
    inherited = {key: value for key, value in base.items() if key not in _OF_THE_MODEL} if how.model else base
    own = {key: value for key, value in row.items() if key not in {"base_model", "base_model_omit", "extends"}}
    merged = _merged(inherited, own)
    for path in how.omitted:
        _leave_out(merged, path.split("."))
    if how.model is not None:
        merged["canonical_model_id"] = how.model
    return merged


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: _merged(value, {}) if isinstance(value, dict) else value for key, value in base.items()}
    for key, value in over.items():
        before = found.get(key)
        found[key] = _merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return found


def _leave_out(row: dict[str, Any], path: list[str]) -> None:
    """Remove a key, and the tables that become empty."""
    key, rest = path[0], path[1:]
    if not rest:
        row.pop(key, None)
    elif isinstance(inside := row.get(key), dict) and inside:
        _leave_out(inside, rest)
        if not inside:
            del row[key]


def _path(key: str, value: Any) -> list[str]:
    parts = value.split("/") if isinstance(value, str) else []
    if not parts or any(part in {"", ".", ".."} for part in parts):
        raise ValueError(f"{key}: found {value!r:.80}, expected a model's id")
    return parts


def _words(key: str, value: Any) -> tuple[str, ...]:
    words: Iterable[Any] = [] if value is None else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError(f"{key}: found {value!r:.80}, expected a list of keys")
    return tuple(words)


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_json(inside) for key, inside in value.items()}
    if isinstance(value, list):
        return [_as_json(inside) for inside in value]
    return value.isoformat() if isinstance(value, date | time | datetime) else value
