"""What a model's own page shows of its prices over time; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from llmhub.report.drawing.pictures import Size
from llmhub.report.over_time.days import OfferRow, OffersOverTime, rows_of_changes
from llmhub.report.over_time.price_lines import PriceHistoryPicture, has_moved, price_history_picture

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel


@dataclass(frozen=True, slots=True)
class ModelPrices:
    """The recorded past of a model's callable offers.

    Attributes:
        shown: the offer that is drawn: the one that counts as the model's price, or the first of them that has a past.
        since: when it was first recorded.
        pictures: its prices in each size; none if they never changed.
        events: the changes of all offers of the model, newest first, each with the moment that recorded it.
        marked: whether one of the changes that are drawn is likely a correction.
    """

    shown: CanonicalModel
    since: datetime
    pictures: tuple[PriceHistoryPicture, ...]
    events: tuple[tuple[datetime, OfferRow], ...]
    marked: bool


def model_prices(
    offers: Sequence[CanonicalModel], recorded: OffersOverTime, sizes: Sequence[Size]
) -> ModelPrices | None:
    """Return the past of a model's offers, the one that counts first; None if nothing of them was recorded."""
    known = [(offer, key) for offer in offers if (key := offer_key(offer)) in recorded.changes]
    if recorded.span is None or not known:
        return None
    changes = {key: recorded.changes[key] for _, key in known if key is not None}
    shown, key = next(((one, key) for one, key in known if has_moved(changes[key or ""])), known[0])
    drawn = changes[key or ""]
    end = recorded.span[1]
    pictures = [price_history_picture(drawn, end, size) for size in sizes] if has_moved(drawn) else []
    events = sorted(rows_of_changes(changes, recorded.span[0]), key=lambda one: one[0], reverse=True)
    return ModelPrices(
        shown=shown,
        since=drawn[0].recorded.taken_at,
        pictures=tuple(one for one in pictures if one is not None),
        events=tuple(events),
        marked=any(change.notes for change in drawn),
    )


def offer_key(model: CanonicalModel) -> str | None:
    """Return the offer of a callable model, as models.dev names it; None if it was matched to none."""
    return None if model.modelsdev_match is None else model.modelsdev_match.target
