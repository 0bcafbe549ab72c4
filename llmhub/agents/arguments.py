"""What tools take: the schema of their arguments, and checking them; an error is one line in the tool's own words."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    create_model,
)

from llmhub.nearest import did_you_mean, shortened
from llmhub.offers.billing.amounts import tokens_of
from llmhub.offers.fields import FIELDS

MOST_NAMES = 20
_MOST_TEXT = 500


def several(given: Any) -> Any:
    """Return a list where a single text stands for it, as some clients write one."""
    if not isinstance(given, str):
        return given
    if given.lstrip().startswith("["):
        try:
            return json.loads(given)
        except (ValueError, RecursionError):
            return given
    return [given]


def _amount(given: Any) -> Any:
    return tokens_of(given) if isinstance(given, str) else given


def _within_bounds(number: int) -> int:
    return tokens_of(str(number))


def _fields(given: list[str]) -> list[str]:
    for name in given:
        if name not in FIELDS:
            raise ValueError(f"{name!r} is not a field{did_you_mean(name, FIELDS)}; there are {', '.join(FIELDS)}")
    return given


Text = Annotated[str, Field(max_length=_MOST_TEXT)]
Names = Annotated[list[Text], BeforeValidator(several), Field(max_length=MOST_NAMES)]
Fields = Annotated[Names, AfterValidator(_fields)]
Amount = Annotated[
    int,
    BeforeValidator(_amount, json_schema_input_type=int | str),
    # Bounds in the schema would hold for the text too.
    AfterValidator(_within_bounds),
    Field(description="tokens: 2000000 or 2M"),
]
Tier = Annotated[int, Field(ge=1, le=5)]
Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Limit = Annotated[int, Field(ge=1, le=2**53)]


class Arguments:
    """What one tool takes."""

    def __init__(self, tool: Callable[..., Any]) -> None:
        """Read a tool's parameters, all of them given by name."""
        hints = get_type_hints(tool, include_extras=True)
        fields: dict[str, Any] = {
            name: (hints[name], ... if parameter.default is parameter.empty else parameter.default)
            for name, parameter in inspect.signature(tool).parameters.items()
        }
        self._model: type[BaseModel] = create_model(
            tool.__name__, __config__=ConfigDict(extra="forbid", allow_inf_nan=False), **fields
        )
        self._names = tuple(fields)

    def schema(self) -> dict[str, Any]:
        """Return the schema of the arguments, without what says nothing to a model."""
        schema: dict[str, Any] = _in_short(self._model.model_json_schema(mode="validation"))
        return schema

    def checked(self, given: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the arguments as the tool takes them; null counts as not given.

        Raises:
            ValueError: one is unknown, missing or wrong; the message is one line.
        """
        known = {name: value for name, value in (given or {}).items() if value is not None}
        if strange := sorted(known.keys() - set(self._names)):
            hint = did_you_mean(strange[0], self._names)
            raise ValueError(
                f"there is no argument {shortened(strange[0])!r}{hint}; there are {', '.join(self._names)}"
            )
        try:
            checked = self._model.model_validate(known)
        except ValidationError as error:
            raise ValueError(_in_one_line(error)) from None
        return {name: getattr(checked, name) for name in self._names}


def schema_of(shape: Any) -> dict[str, Any]:
    """Return the schema of an answer."""
    schema: dict[str, Any] = _in_short(TypeAdapter(shape).json_schema(mode="serialization"))
    return schema


def _in_one_line(error: ValidationError) -> str:
    """Return the first fault: where, what is wrong with it, and what was found."""
    first = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(map(str, first["loc"])) or "arguments"
    if first["type"] == "missing":
        return f"{where} is missing"
    said = first["msg"].removeprefix("Value error, ")
    found = first["input"]
    text = "" if isinstance(found, dict | list) else f", found {shortened(str(found))!r}"
    return f"{where}: {said[:1].lower()}{said[1:]}{text}"


def _in_short(schema: Any) -> Any:
    """Return a schema without titles, which repeat names, and without null, which stands for what is left out."""
    if isinstance(schema, list):
        return [_in_short(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        key: {name: _in_short(each) for name, each in value.items()}
        if key in {"properties", "$defs"}
        else _in_short(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and value is None)
    }
    choices = [each for each in found.get("anyOf", ()) if each != {"type": "null"}]
    if len(choices) == 1 and len(choices) < len(found["anyOf"]) and "default" not in found and "$ref" not in choices[0]:
        del found["anyOf"]
        return choices[0] | found
    return found
