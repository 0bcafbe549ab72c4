"""A JSON object read like the model that it was written from.

`model_construct` of pydantic would do the same, after an import that takes longer than all else that `show` does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from llmhub.catalog.schema import Catalog

MOMENTS = frozenset({"built_at", "as_of", "taken_at"})
"""The fields of `llmhub.catalog.schema` that hold a moment; a test compares."""

NESTED = frozenset(
    {
        "address_variables",
        "arena_match",
        "arena_snapshot",
        "callable_as",
        "candidates",
        "disputed",
        "input_modalities",
        "key_variables",
        "known_key_variables",
        "models",
        "modelsdev_match",
        "output_modalities",
        "price_tiers",
        "providers",
        "rated_on",
        "sources",
        "tags",
    }
)
"""Those that hold an object or a list; a test compares."""


# The fields before and after the models, as pydantic writes them, in the order of `llmhub.catalog.schema.Catalog`.
_MODELS, _AFTER_MODELS = b',"models":[', b'],"sources":['


class Stored:
    """An object that stands in a JSON document, with an attribute for each field; nothing changes in one."""

    __slots__ = ()

    def stored(self, *, without: Collection[str] = ()) -> dict[str, Any]:
        """Return it as it stands in the document; the fields of `without` may be empty."""
        raise NotImplementedError


class Record(Stored):
    """An object of a document that was parsed whole."""

    # Nearly all that is read of a large catalog are plain values: they are attributes as they stand in the document.
    __slots__ = ("__dict__", "_made")

    def __init__(self, fields: dict[str, Any]) -> None:
        self.__dict__ = fields
        self._made: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the catalog has no field {name!r} here")

    def stored(self, *, without: Collection[str] = ()) -> dict[str, Any]:  # noqa: ARG002 -- nothing is saved
        """Return it as it stands in the document."""
        return vars(self)


def _made(name: str) -> property:
    """Return the field whose value is made of what stands in the document when it is first read."""

    def read(self: Record) -> Any:
        if name not in self._made:
            stored = vars(self)[name] if name in vars(self) else self.__getattr__(name)
            self._made[name] = field_of(name, stored)
        return self._made[name]

    return property(read)


for _name in MOMENTS | NESTED:
    setattr(Record, _name, _made(_name))


def field_of(name: str, stored: Any) -> Any:
    """Return the value of a field as an attribute has it, made of what stands in the document."""
    return _moment(stored) if name in MOMENTS else _value(stored)


class CatalogRecord(Record):
    """A catalog whose models are read when they are first asked for: many a command asks only for its head."""

    __slots__ = ("_read",)

    def __init__(self, head: dict[str, Any], read: Callable[[], tuple[Stored, ...]]) -> None:
        """Take the catalog's other fields, with any list of models, and what returns its models."""
        super().__init__(head)
        self._read = read

    @property
    def models(self) -> tuple[Stored, ...]:
        """The models."""
        if "models" not in self._made:
            self._made["models"] = self._read()
        found: tuple[Stored, ...] = self._made["models"]
        return found

    def stored(self, *, without: Collection[str] = ()) -> dict[str, Any]:
        """Return it as it stands in a document."""
        models = [] if "models" in without else [model.stored() for model in self.models]
        return {**vars(self), "models": models}


def as_catalog(document: bytes) -> Catalog:
    """Return a proven document as a catalog that can be read: it has the attributes of one, and no methods."""
    # In a text of the document these quotation marks would be escaped.
    start = document.index(_MODELS) + len(_MODELS) - 1
    end = document.index(_AFTER_MODELS, start) + 1
    head = json.loads(b"%b[]%b" % (document[:start], document[end:]))
    return cast("Catalog", CatalogRecord(head, lambda: _value(json.loads(document[start:end]))))


def as_json(value: object, **replaced: Iterable[object]) -> dict[str, Any]:
    """Return a catalog, or an object in one, as it stands in a JSON document.

    Args:
        value: a value object of `llmhub.catalog.schema`, or one that was read of a document.
        replaced: fields to show other objects in, by name: `models=...`.
    """
    if isinstance(value, Stored):
        others = {name: [as_json(each) for each in them] for name, them in replaced.items()}
        return {**value.stored(without=replaced), **others}
    copied: Any = cast("Any", value).model_copy(update={name: tuple(them) for name, them in replaced.items()})
    found: dict[str, Any] = copied.model_dump(mode="json")
    return found


def _value(found: Any) -> Any:
    if isinstance(found, dict):
        return Record(found)
    return tuple(map(_value, found)) if isinstance(found, list) else found


def _moment(found: str | None) -> datetime | None:
    return None if found is None else datetime.fromisoformat(found)
