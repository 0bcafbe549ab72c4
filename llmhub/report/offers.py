"""Choose which of a model's offers represents its price; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from llmhub.catalog.choosing.selection import price_of

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel

Kind = Literal["priced", "free", "unknown", "not offered"]
"""What is known of a model's price: its amount, that it is free, nothing, or not even an offer."""


class Price(NamedTuple):
    """A model's price at its cheapest offer, in US dollars per million tokens, blended; None unless `priced`."""

    kind: Kind
    blended: float | None


def by_arena_name(models: Iterable[CanonicalModel]) -> Mapping[str, tuple[CanonicalModel, ...]]:
    """Map each name on the leaderboard to the callable models matched to it, sorted by `offer_order`."""
    found: defaultdict[str, list[CanonicalModel]] = defaultdict(list)
    for model in models:
        if model.arena_id is not None:
            found[model.arena_id].append(model)
    return {name: tuple(sorted(offers, key=offer_order)) for name, offers in found.items()}


def offer_order(model: CanonicalModel) -> tuple[int, float, bool, str]:
    """Sort key for offers of one model: priced ones, cheapest first; then free ones; then unknown prices.

    Free offers have limits that no price states, so they do not represent a model's price. Of equally cheap offers that
    of the model's lab comes first.
    """
    price = price_of(model)
    place = 2 if price is None else 0 if price > 0 else 1
    return place, price or 0.0, getattr(model, "first_party", None) is not True, model.canonical_id


def distance(model: CanonicalModel, within_reach: Collection[str]) -> int:
    """Return how far an offer that cannot be called is from being called, 0 to 2; the price of the nearest ones counts.

    Args:
        model: the offer.
        within_reach: the providers that llmhub can call, given a key. They come first, then the model's own lab, whose
            price is what others start from; the rest are mostly resellers.
    """
    if model.provider in within_reach:
        return 0
    return 1 if getattr(model, "first_party", None) is True else 2


def price_in(offers: tuple[CanonicalModel, ...]) -> Price:
    """Return what is known of a model's price from its offers, sorted by `offer_order`."""
    if not offers:
        return Price("not offered", None)
    blended = price_of(offers[0])
    if blended is None:
        return Price("unknown", None)
    return Price("priced", blended) if blended > 0 else Price("free", None)


def lab_of(offers: Sequence[CanonicalModel]) -> str | None:
    """Return the lab that most of a model's offers name: some resellers name themselves. None if none names any."""
    named = Counter(offer.lab for offer in offers if offer.lab)
    return max(named, key=named.__getitem__, default=None)
