"""Say whether one model can replace another, by price and abilities. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel
    from llmhub.offers.values import Offer

_CHAT = "chat"


class Priced(Protocol):
    """Something with prices in US dollars per million tokens."""

    @property
    def price_input_per_million(self) -> float | None: ...  # noqa: D102 -- the class says it

    @property
    def price_output_per_million(self) -> float | None: ...  # noqa: D102 -- the class says it


def costs_no_more(other: Priced, own: Priced) -> bool:
    """Say whether both of a model's prices are known and no higher than those of another."""
    pairs = (
        (other.price_input_per_million, own.price_input_per_million),
        (other.price_output_per_million, own.price_output_per_million),
    )
    return all(new is not None and old is not None and new <= old for new, old in pairs)


def able_to_replace(other: CanonicalModel, own: Offer | None) -> bool:
    """Say whether a callable model is for the same, takes the same and can do the same as another, as far as known.

    A context of less than the other's counts only where both are known.
    """
    if own is None:
        return other.type == _CHAT
    return (
        other.type == (own.type or _CHAT)
        and set(own.input_modalities) - {"text"} <= set(other.input_modalities)
        and set(own.output_modalities) - {"text"} <= set(other.output_modalities)
        and (not own.supports_tool_call or other.supports_tool_call is not False)
        and (not own.supports_structured_output or other.supports_structured_output is not False)
        and (own.context_tokens is None or other.context_tokens is None or other.context_tokens >= own.context_tokens)
    )
