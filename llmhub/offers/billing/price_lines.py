"""Decide which price of an offer counts on a day: the user's own, else models.dev's, else LiteLLM's.

Two sources are never mixed or averaged: an offer has all its prices from one. Pure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, NamedTuple

from llmhub.offers.fields import LITELLM, MODELS_DEV, NUMBERS, OWN, PriceSource, Recorded
from llmhub.offers.plain_offer import plain_offer

if TYPE_CHECKING:
    from llmhub.offers.billing.own_prices import OwnPrice
    from llmhub.offers.history import State
    from llmhub.offers.values import Offer

NAMES = {MODELS_DEV: "models.dev", LITELLM: "LiteLLM", OWN: "your overrides.json"}
"""What people call the sources of prices."""

# A change holds from the day on which it was recorded, so the last moment of a day counts.
_END = time.max
_NOBODY: Offer = plain_offer({})


class Price(NamedTuple):
    """The offer with the prices that count on a day.

    Attributes:
        offer: the offer with these prices.
        recorded: the snapshot that first had the source's offer in this form; None if no source has it.
        source: whose prices they are: `models.dev`, `litellm` or `overrides.json`.
        asked: the sources that would have to know a missing price.
    """

    offer: Offer
    recorded: Recorded | None
    source: str
    asked: tuple[str, ...]


def is_priced(offer: Offer | None) -> bool:
    """Say whether a source has a price of input or of output."""
    return offer is not None and (
        offer.price_input_per_million is not None or offer.price_output_per_million is not None
    )


def witness_counts(ours: Offer | None, theirs: Offer | None, named: PriceSource | None) -> bool:
    """Say whether LiteLLM's prices of an offer count instead of those of models.dev.

    Args:
        ours: the offer as models.dev has it.
        theirs: the very same offer as LiteLLM has it.
        named: whose prices the user wants.
    """
    return is_priced(theirs) and (named == LITELLM or (named is None and not is_priced(ours)))


class PriceLine:
    """The prices of one offer over time."""

    def __init__(
        self,
        ours: Sequence[State],
        theirs: Sequence[State] = (),
        *,
        named: PriceSource | None = None,
        own: OwnPrice | None = None,
    ) -> None:
        """Make the price line of an offer.

        Args:
            ours: how it changed in models.dev, oldest first.
            theirs: how it changed in LiteLLM's map.
            named: whose prices the user wants.
            own: what the user pays, on every day.
        """
        self._ours = _Line(ours)
        self._theirs = _Line(theirs)
        self._named = named
        self._own = own

    def at(self, moment: datetime) -> Price | str:
        """Return the price at the end of a moment's day (UTC), or why there is none."""
        end = datetime.combine(moment.astimezone(UTC).date(), _END, UTC)
        ours, theirs = self._ours.at(end), self._theirs.at(end)
        one, other = (None if change is None else change.offer for change in (ours, theirs))
        chosen = theirs if witness_counts(one, other, self._named) or one is None else ours
        offer = None if chosen is None else chosen.offer
        listed = [NAMES[source] for source, each in ((MODELS_DEV, one), (LITELLM, other)) if each is not None]
        paid = None if self._own is None else self._own.of(_NOBODY if offer is None else offer)
        if paid is not None and _has_price(paid):
            recorded = None if chosen is None or offer is None else chosen.recorded
            return Price(paid, recorded, OWN, (NAMES[OWN], *listed[:1]))
        if chosen is None or offer is None:
            return self._why_none(ours, theirs)
        asked = tuple(listed) if not is_priced(offer) else (NAMES[chosen.recorded.source],)
        return Price(offer, chosen.recorded, chosen.recorded.source, asked)

    def _why_none(self, ours: State | None, theirs: State | None) -> str:
        went = [change.recorded.taken_at for change in (ours, theirs) if change is not None]
        if went:
            return f"it was no longer offered on {max(went):%Y-%m-%d}"
        first = min((line.first for line in (self._ours, self._theirs) if line.first is not None), default=None)
        return "no price of it was recorded" if first is None else f"no price was recorded before {first:%Y-%m-%d}"


class _Line:
    """How an offer changed in one source."""

    def __init__(self, changes: Sequence[State]) -> None:
        self._changes = changes
        self._from = [change.recorded.taken_at for change in changes]

    @property
    def first(self) -> datetime | None:
        return self._from[0] if self._from else None

    def at(self, end: datetime) -> State | None:
        """Return the last change by a moment; None if the offer was not recorded by then."""
        place = bisect_right(self._from, end)
        return self._changes[place - 1] if place else None


def _has_price(offer: Offer) -> bool:
    return any(getattr(offer, name) is not None for name in NUMBERS.values())
