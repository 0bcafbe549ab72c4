"""Select and sort the models of a catalog; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from llmhub.catalog.stored.format import CHAT
from llmhub.catalog.tiers.prices import blended_price
from llmhub.errors import ModelNotFoundError, NotFoundError
from llmhub.nearest import MOST, did_you_mean, listed, nearest, shortened

if TYPE_CHECKING:
    from llmhub.catalog.schema import Basis, CanonicalModel, Catalog
    from llmhub.offers.values import OfferStatus

TIER_NAMES = ("quality", "reasoning", "creative", "cost")
"""The kinds of tiers; each has the fields `<name>_tier` and `<name>_basis`."""

ABILITIES = ("attachments", "audio", "pdf", "reasoning", "structured-output", "tools", "video", "vision")
"""The tags of a `CanonicalModel` that say what it can do."""


MEASURED: frozenset[Basis] = frozenset({"rated", "priced"})
"""The bases of tiers that are measured, not guessed."""

ENDING: frozenset[OfferStatus] = frozenset({"deprecated", "retired"})
"""The stages of life of offers that new work should avoid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Conditions on a model; by default only that it chats. A model whose value is unknown is left out.

    Attributes:
        providers: any-llm names; the model must be of one of them.
        types: what it may be for (`chat`, `embedding`, ...); empty: anything.
        most: the worst tier that it may have, by the names of `TIER_NAMES`; only measured tiers count.
        include_guesses: also count tiers that are guessed from another model.
        include_unknown: also accept tiers of basis `unknown`, at the value that they are set to.
        no_deprecated: whether to leave out models that are deprecated or retired.
        max_price: US dollars per million tokens, blended: (3 x input + output) / 4.
        can: the abilities that it must have, of `ABILITIES`.
        open_weights: whether its weights must be open.
        min_context: how many tokens its context must hold.
        rated: whether it must have a rating of its own.
        search: a text that its id, name, family or lab must contain, in any case.
    """

    providers: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset({CHAT})
    most: Mapping[str, int] = field(default_factory=dict)
    include_guesses: bool = False
    no_deprecated: bool = False
    include_unknown: bool = False
    max_price: float | None = None
    can: frozenset[str] = frozenset()
    open_weights: bool = False
    min_context: int | None = None
    rated: bool = False
    search: str | None = None

    def takes(self, model: CanonicalModel) -> bool:
        """Say whether a model meets all conditions."""
        return (
            (not self.providers or model.provider in self.providers)
            and (not self.types or model.type in self.types)
            and not (self.no_deprecated and model.status in ENDING)
            and all(self._within(model, name, worst) for name, worst in self.most.items())
            and (self.max_price is None or _at_most(price_of(model), self.max_price))
            and self.can <= set(model.tags)
            and (not self.open_weights or model.open_weights is True)
            and (self.min_context is None or (model.context_tokens or 0) >= self.min_context)
            and (not self.rated or model.arena_score is not None)
            and (self.search is None or self.search.casefold() in _said(model))
        )

    def _within(self, model: CanonicalModel, name: str, worst: int) -> bool:
        tier: int = getattr(model, f"{name}_tier")
        basis: Basis = getattr(model, f"{name}_basis")
        counts = basis in MEASURED or (self.include_unknown if basis == "unknown" else self.include_guesses)
        return tier <= worst and counts and model.type == CHAT


def price_of(model: CanonicalModel) -> float | None:
    """Return a model's blended price in US dollars per million tokens; None if unknown."""
    return blended_price(model.price_input_per_million, model.price_output_per_million)


def select(catalog: Catalog, selection: Selection, *, sort: str, top: int | None = None) -> tuple[CanonicalModel, ...]:
    """Return the models that a selection takes, sorted by `order` (a key of `ORDERS`), at most `top`.

    Raises:
        NotFoundError: a provider asked for is not one that any-llm knows.
    """
    known = {status.provider for status in catalog.providers} | {model.provider for model in catalog.models}
    if strangers := selection.providers - known:
        there = ", ".join(sorted(known)) or "none"
        stranger = min(strangers)
        hint = did_you_mean(stranger, sorted(known))
        raise NotFoundError(f"no provider is called {shortened(stranger)!r}{hint}; there are {there}")
    return tuple(in_order(filter(selection.takes, catalog.models), sort)[:top])


def in_order(models: Iterable[CanonicalModel], name: str) -> list[CanonicalModel]:
    """Return models sorted by `order`; unknown values come last, ties are sorted by id."""
    return sorted(models, key=ORDERS[name])


def find(catalog: Catalog, name: str) -> CanonicalModel:
    """Return the model named `provider/model_id`, or by a bare model id that only one provider has.

    Raises:
        ModelNotFoundError: no provider has it, or several have; the message names the nearest ids, or the providers.
    """
    for model in catalog.models:
        if model.canonical_id == name:
            return model
    bare = [model for model in catalog.models if model.model_id == name]
    if len(bare) == 1:
        return bare[0]
    if bare:
        which = ", ".join(model.canonical_id for model in bare)
        raise ModelNotFoundError(f"{name!r} is offered by several providers: say which of {which}")
    if not catalog.models:
        raise ModelNotFoundError(f"{name!r} is not in the catalog, which is empty: see `llmhub catalog providers`")
    near = _nearest(catalog, name)
    hint = f"did you mean {listed(near)}?" if near else "`llmhub catalog show` lists what is"
    raise ModelNotFoundError(f"{shortened(name)!r} is not in the catalog: {hint}")


def _nearest(catalog: Catalog, name: str) -> list[str]:
    """Return the ids whose spelling is nearest to `name`, to suggest them."""
    ids = {spelling: model.canonical_id for model in catalog.models for spelling in _spellings(model)}
    # Twice as many, because a model can be found by either of its spellings.
    near = nearest(name, ids, 2 * MOST)
    return list(dict.fromkeys(ids[spelling] for spelling in near))[:MOST]


def _spellings(model: CanonicalModel) -> tuple[str, str]:
    return model.model_id, model.canonical_id


def _said(model: CanonicalModel) -> str:
    return "\n".join((model.canonical_id, model.display_name, model.family or "", model.lab or "")).casefold()


def _at_most(value: float | None, most: float) -> bool:
    return value is not None and value <= most


Key = Callable[["CanonicalModel"], tuple[Any, ...]]


def _tier_order(name: str) -> Key:
    def key(model: CanonicalModel) -> tuple[Any, ...]:
        unknown = getattr(model, f"{name}_basis") == "unknown"
        return unknown, getattr(model, f"{name}_tier"), *_rating_order(model)

    return key


def _rating_order(model: CanonicalModel) -> tuple[Any, ...]:
    score = model.arena_score
    return score is None, -(score or 0.0), model.canonical_id


def _price_order(model: CanonicalModel) -> tuple[Any, ...]:
    price = price_of(model)
    return price is None, price or 0.0, model.canonical_id


def _context_order(model: CanonicalModel) -> tuple[Any, ...]:
    return model.context_tokens is None, -(model.context_tokens or 0), model.canonical_id


def _release_order(model: CanonicalModel) -> tuple[Any, ...]:
    # Newest first: dates are text, and text cannot be negated.
    newest = tuple(-ord(character) for character in model.release_date or "")
    return model.release_date is None, newest, model.canonical_id


ORDERS: Mapping[str, Key] = {
    **{name: _tier_order(name) for name in TIER_NAMES},
    "rating": _rating_order,
    "price": _price_order,
    "name": lambda model: (model.canonical_id,),
    "context": _context_order,
    "release": _release_order,
}
"""The sort orders: best, cheapest, largest or newest first, names from a to z."""
