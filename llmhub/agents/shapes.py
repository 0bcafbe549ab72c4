"""The shapes of the answers: each tool's output schema is made of them. What is unknown is left out."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

# `in` is a keyword of Python.
ModelInShort = TypedDict(
    "ModelInShort",
    {
        "model": str,
        "quality": Annotated[int, Field(description="tier, 1 best to 5; only where it is measured")],
        "rating": int,
        "in": Annotated[float, Field(description="US dollars per million tokens of input")],
        "out": Annotated[float, Field(description="US dollars per million tokens of output")],
        "price_source": Annotated[str, Field(description="where the price is not models.dev's")],
        "context": int,
        "can": list[str],
        "released": Annotated[str, Field(description="the day on which it came out, as models.dev says")],
        "status": str,
        "retires_on": str,
        "replacement": str,
        "callable_as": list[str],
    },
    total=False,
)


class Found(TypedDict, total=False):
    """Models, how many more there are, and why there are none."""

    models: list[ModelInShort]
    more: Annotated[int, Field(description="how many more meet the conditions")]
    why: str


class Picked(TypedDict, total=False):
    """One model, or null and why."""

    model: ModelInShort | None
    why: str


class Compared(TypedDict):
    """The values of each field that differs, in the order of the models."""

    models: list[str]
    different: dict[str, list[Any]]


class Explained(ModelInShort, total=False):
    """A model, the reasons for its tiers, how it was matched, and who says when it ends."""

    because: dict[str, str]
    matched: dict[str, str]
    retires_source: str
    price_reason: Annotated[str, Field(description="why the price is your own")]
    disputed: Annotated[list[str], Field(description="the prices and days that sources state differently")]
    offered_as: Annotated[str, Field(description="another provider's offer of the same id")]
    note: str


class CostOf(TypedDict, total=False):
    """What the usage costs with one model, in US dollars."""

    model: str
    total: float
    price_source: Annotated[str, Field(description="where the price is not models.dev's")]


class NoCost(TypedDict):
    """A model without a known price."""

    model: str
    reason: str


class Cost(TypedDict, total=False):
    """Costs, cheapest first, at the prices of a day."""

    at: Annotated[str, Field(description="the day whose prices are taken")]
    currency: str
    rows: list[CostOf]
    unpriced: list[NoCost]
    note: str


class OfferChange(TypedDict):
    """A field of an offer that changed; prices in US dollars per million tokens."""

    model: str
    field: str
    old: Any
    new: Any
    note: NotRequired[Annotated[str, Field(description="why the change is likely a correction of the source")]]


# `from` is a keyword of Python.
OfferChanges = TypedDict(
    "OfferChanges",
    {
        "from": str,
        "to": str,
        "added": list[str],
        "removed": list[str],
        "changed": list[OfferChange],
        "more": Annotated[dict[str, int], Field(description="how many are not listed here")],
        "none": Annotated[str, Field(description="that nothing changed, or why nothing can be compared")],
    },
    total=False,
)
RatingChanges = TypedDict(
    "RatingChanges",
    {
        "from": str,
        "to": str,
        "added": list[str],
        "removed": list[str],
        "moved": Annotated[list[str], Field(description="whose intervals of then and now do not overlap")],
        "more": Annotated[dict[str, int], Field(description="how many are not listed here")],
        "none": Annotated[str, Field(description="that nothing changed, or why nothing can be compared")],
    },
    total=False,
)


class Changed(TypedDict):
    """What changed in offers and in ratings."""

    offers: OfferChanges
    ratings: RatingChanges


class Retirement(TypedDict, total=False):
    """A model that ends."""

    model: str
    retires_on: str
    replacement: str


# `from` is a keyword of Python.
Retirements = TypedDict(
    "Retirements",
    {
        "from": Annotated[str, Field(description="today")],
        "to": str,
        "retirements": list[Retirement],
        "more": Annotated[int, Field(description="how many are not listed here")],
    },
    total=False,
)
