"""Pick one model: the first that meets the conditions and does not end soon; pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel

SOON_DAYS = 30
"""A model that ends within this number of days is not picked: a program with its id would soon have to change."""


class Picked(NamedTuple):
    """The picked model, and those before it that end soon."""

    model: CanonicalModel | None
    passed_over: tuple[CanonicalModel, ...] = ()


def pick(models: Iterable[CanonicalModel], *, today: date, allow_retiring: bool = False) -> Picked:
    """Return the first model that does not end within `SOON_DAYS`.

    Args:
        models: in the order of preference.
        today: the day to count from.
        allow_retiring: take the first model, even if it ends soon or has ended.
    """
    passed_over: list[CanonicalModel] = []
    for model in models:
        if allow_retiring or not ends_soon(model, today):
            return Picked(model, tuple(passed_over))
        passed_over.append(model)
    return Picked(None, tuple(passed_over))


def ends_soon(model: CanonicalModel, today: date) -> bool:
    """Say whether a model has ended, or ends within `SOON_DAYS`, as far as any source says."""
    day = getattr(model, "retires_on", None)
    if model.status == "retired" or day is None:
        return model.status == "retired"
    return (date.fromisoformat(str(day)) - today).days <= SOON_DAYS
