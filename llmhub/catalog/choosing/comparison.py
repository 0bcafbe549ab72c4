"""Compare models side by side, differences first; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from llmhub.catalog.choosing.selection import price_of
from llmhub.catalog.stored.rows import rows_of

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel

Plain = str | float | int | bool | None

# These say how an entry was found, or stand in the head of the column.
_LEFT_OUT = frozenset({"canonical_id", "model_id", "arena_match", "modelsdev_match", "modelsdev_id", "tags"})
_FIRST = frozenset(
    {"price_input_per_million", "price_output_per_million", "arena_score", "arena_ci_low", "arena_ci_high"}
    | {"quality_tier", "reasoning_tier", "creative_tier", "cost_tier", "context_tokens", "max_output_tokens"}
)


class ComparedField(NamedTuple):
    """A field of several models.

    Attributes:
        field: its name, as in a row of the catalog; `blended_price` is (3 x input + output) / 4.
        values: its value in each model, in their order; None: unknown.
        differs: whether two of them have different values; unknown differs from known.
    """

    field: str
    values: tuple[Plain, ...]
    differs: bool


class ComparedRow(NamedTuple):
    """One model's value of a field, for tables."""

    field: str
    differs: bool
    model: str
    value: str | None


class Comparison(NamedTuple):
    """Models side by side.

    Attributes:
        models: their ids.
        fields: every field, those that differ first.
    """

    models: tuple[str, ...]
    fields: tuple[ComparedField, ...]

    def __repr__(self) -> str:
        """Say what it is in one line: its fields would fill a screen."""
        counts = f"{len(self.different)} of {len(self.fields)} fields differ"
        return f"<Comparison of {', '.join(self.models)}: {counts}>"

    @property
    def different(self) -> tuple[ComparedField, ...]:
        """The fields in which two of the models differ."""
        return tuple(field for field in self.fields if field.differs)

    @property
    def same(self) -> tuple[ComparedField, ...]:
        """The fields that are the same in all of them."""
        return tuple(field for field in self.fields if not field.differs)

    @property
    def rows(self) -> list[ComparedRow]:
        """A row for each field and model, which `pandas.DataFrame` and `polars.DataFrame` take as it is."""
        return [
            ComparedRow(field.field, field.differs, model, None if value is None else str(value))
            for field in self.fields
            for model, value in zip(self.models, field.values, strict=True)
        ]


def compared(models: Sequence[CanonicalModel]) -> Comparison:
    """Return models side by side, in the given order."""
    rows = [row._asdict() for row in rows_of(models)]
    names = sorted((name for name in rows[0] if name not in _LEFT_OUT), key=lambda name: name not in _FIRST)
    fields = [
        *_fields([("blended_price", tuple(map(price_of, models)))]),
        *_fields((name, tuple(row[name] for row in rows)) for name in names),
    ]
    return Comparison(
        tuple(model.canonical_id for model in models), tuple(sorted(fields, key=lambda field: not field.differs))
    )


def _fields(values: Iterable[tuple[str, tuple[Plain, ...]]]) -> Iterable[ComparedField]:
    for name, each in values:
        yield ComparedField(name, each, len(set(each)) > 1)
