"""Compare what two sources say of the prices of the same offer. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from llmhub.offers.fields import NUMBERS, Moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmhub.offers.history import Change
    from llmhub.offers.values import Offer

# Some prices are computed from others and rounded: 5.00003 for 5.
_ROUNDED = 0.001


class Witness(NamedTuple):
    """What a source says of an offer's prices.

    Attributes:
        source: the source.
        offer: its newest offer.
        since: the moment of the snapshot that first had these prices.
        last: the moment of the newest snapshot that has them.
    """

    source: str
    offer: Offer
    since: Moment
    last: Moment


class Dispute(NamedTuple):
    """A price that two sources state differently; US dollars per million tokens."""

    field: str
    ours: float
    theirs: float


def differs(one: float | None, other: float | None) -> bool:
    """Say whether two known prices differ by more than rounding; False if one is unknown."""
    if one is None or other is None:
        return False
    return abs(one - other) > _ROUNDED * max(abs(one), abs(other))


def disputes(one: Offer, other: Offer) -> tuple[Dispute, ...]:
    """Return the prices that two sources state differently for the same offer."""
    return tuple(
        Dispute(name, ours, theirs)
        for name, attribute in NUMBERS.items()
        if differs(ours := getattr(one, attribute), theirs := getattr(other, attribute))
    )


def witness_of(changes: Sequence[Change], last: Moment) -> Witness | None:
    """Return what a source says of an offer's prices now; None if the offer went, or never had a price there.

    Args:
        changes: how the offer changed there, oldest first.
        last: the moment of the source's newest snapshot.
    """
    if not changes or changes[-1].offer is None:
        return None
    now = changes[-1].offer
    if not any(price is not None for price in _prices(now)):
        return None
    since = changes[-1].recorded
    for change in reversed(changes):
        if change.offer is None or _prices(change.offer) != _prices(now):
            break
        since = change.recorded
    return Witness(since.source, now, since.taken_at, last)


def _prices(offer: Offer) -> tuple[float | None, ...]:
    return tuple(getattr(offer, attribute) for attribute in NUMBERS.values())
