"""What stage of its life a model of a catalog is at on a day: its day may have passed since it was built. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel
    from llmhub.offers.fields import OfferStatus


def stage_on(model: CanonicalModel, today: str | None) -> OfferStatus | None:
    """Return a model's stage of life on a day, in ISO 8601; without a day, the stage when the catalog was built."""
    day = end_of(model)
    if day is not None and today is not None and day < today:
        return "retired"
    return model.status


def end_of(model: CanonicalModel) -> str | None:
    """Return the day on which a model ends, in ISO 8601; None if none is known."""
    day: str | None = getattr(model, "retires_on", None)
    return day


def ends_between(model: CanonicalModel, first: str, last: str) -> bool:
    """Say whether a model ends on one of these days, each in ISO 8601."""
    day = end_of(model)
    return day is not None and first <= day <= last
