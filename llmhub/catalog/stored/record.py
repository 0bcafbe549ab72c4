"""A JSON object read like the model that it was written from.

`model_construct` of pydantic would do the same, after an import that takes longer than all else that `show` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from llmhub.catalog.schema import Catalog

MOMENTS = frozenset({"built_at", "as_of", "taken_at"})
"""The fields of `llmhub.catalog.schema` that hold a moment; a test compares."""


class Record:
    """An object of a JSON document, with an attribute for each field; nothing changes in one."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def __getattr__(self, name: str) -> Any:
        # Called only for a field that was not read before.
        if name.startswith("_") or name not in self._fields:
            raise AttributeError(f"the catalog has no field {name!r} here")
        found = _moment(self._fields[name]) if name in MOMENTS else _value(self._fields[name])
        self.__dict__[name] = found
        return found


def as_catalog(fields: Mapping[str, Any]) -> Catalog:
    """Return a proven document as a catalog that can be read: it has the attributes of one, and no methods."""
    return cast("Catalog", Record(fields))


def as_json(value: object, **replaced: Iterable[object]) -> dict[str, Any]:
    """Return a catalog, or an object in one, as it stands in a JSON document.

    Args:
        value: a value object of `llmhub.catalog.schema`, or a record of one.
        replaced: fields to show other objects in, by name: `models=...`.
    """
    if isinstance(value, Record):
        return {**value._fields, **{name: [as_json(each) for each in them] for name, them in replaced.items()}}
    copied: Any = cast("Any", value).model_copy(update={name: tuple(them) for name, them in replaced.items()})
    found: dict[str, Any] = copied.model_dump(mode="json")
    return found


def _value(found: Any) -> Any:
    if isinstance(found, dict):
        return Record(found)
    return tuple(map(_value, found)) if isinstance(found, list) else found


def _moment(found: str | None) -> datetime | None:
    return None if found is None else datetime.fromisoformat(found)
