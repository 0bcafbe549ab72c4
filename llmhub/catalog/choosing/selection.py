"""Select and sort the models of a catalog; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from llmhub.catalog.offered.stages import ends_between, stage_on
from llmhub.catalog.stored.format import CHAT, TIER_NAMES
from llmhub.errors import ModelNotFoundError, NotFoundError
from llmhub.nearest import MOST, did_you_mean, first_few, listed, nearest, shortened
from llmhub.offers.prices import blended_price

if TYPE_CHECKING:
    from llmhub.catalog.schema import Basis, CanonicalModel, Catalog
    from llmhub.offers.values import OfferStatus

ABILITIES = ("attachments", "audio", "pdf", "reasoning", "structured-output", "tools", "video", "vision")
"""The tags of a `CanonicalModel` that say what it can do."""


MEASURED: frozenset[Basis] = frozenset({"rated", "priced"})
"""The bases of tiers that are measured, not guessed."""

ENDING: frozenset[OfferStatus] = frozenset({"deprecated", "retired"})
"""The stages of life of offers that new work should avoid."""


Condition = Callable[["CanonicalModel"], bool]
Key = Callable[["CanonicalModel"], tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Conditions on a model; by default only that it chats. A model whose value is unknown is left out.

    Attributes:
        providers: their names; the model must be of one of them.
        types: the kinds that it may be of (`chat`, `embedding`, ...); empty: any.
        most: the worst tier that it may have, by the names of `TIER_NAMES`; only measured tiers count.
        include_guesses: also count tiers that are guessed from another model.
        include_unknown: also count tiers for which nothing is known, at their default values.
        no_deprecated: whether to leave out models that are deprecated or retired.
        retired: whether to leave out all others.
        no_retired: whether to leave out models that are retired.
        retiring_by: the last day on which it must end, from `today` on; ISO 8601, like the day below.
        today: the day on which a model is or is not retired; None: that on which the catalog was built.
        max_price: US dollars per million tokens, blended: (3 x input + output) / 4.
        can: the abilities that it must have, of `ABILITIES`.
        open_weights: whether its weights must be open.
        min_context: how many tokens its context must hold.
        rated: whether it must have a rating of its own.
        labs: who may have made it, in any case.
        first_party: whether its lab must serve it itself.
        released_since: the first day on which it may have come out, ISO 8601.
        search: a text that its id, name, family or lab must contain, in any case.
        one_each: keep only the cheapest offer of each base model, of those that meet all else.
    """

    providers: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset({CHAT})
    most: Mapping[str, int] = field(default_factory=dict)
    include_guesses: bool = False
    no_deprecated: bool = False
    retired: bool = False
    no_retired: bool = False
    retiring_by: str | None = None
    today: str | None = None
    include_unknown: bool = False
    max_price: float | None = None
    can: frozenset[str] = frozenset()
    open_weights: bool = False
    min_context: int | None = None
    rated: bool = False
    labs: frozenset[str] = frozenset()
    first_party: bool = False
    released_since: str | None = None
    search: str | None = None
    one_each: bool = False

    def takes(self, model: CanonicalModel) -> bool:
        """Say whether a model meets all conditions."""
        return all(holds(model) for _, holds in self.conditions)

    @property
    def conditions(self) -> list[tuple[str, Condition]]:
        """Each condition with its option of the command line, the most telling ones first."""
        found: list[tuple[str, Condition]] = []

        def add(name: str, value: object, holds: Condition) -> None:
            # False is 0, and a price of 0 is a condition.
            if value is not None and value is not False and value not in ("", frozenset()):
                found.append((name if value is True else f"{name} {_option_text(value)}", holds))

        add("--provider", self.providers, lambda model: model.provider in self.providers)
        add("--kind", self.types, lambda model: model.type in self.types)
        add("--lab", self.labs, lambda model: (model.lab or "").casefold() in self.labs)
        add("--search", self.search, lambda model: (self.search or "").casefold() in _said(model))
        for name, worst in self.most.items():
            add(f"--{name}", worst, partial(self._within, name=name, worst=worst))
        for ability in sorted(self.can):
            add("--can", ability, partial(_can, ability=ability))
        add("--max-price", self.max_price, lambda model: _at_most(price_of(model), self.max_price or 0.0))
        add("--min-context", self.min_context, lambda model: (model.context_tokens or 0) >= (self.min_context or 0))
        add("--open-weights", self.open_weights, lambda model: model.open_weights is True)
        add("--rated", self.rated, lambda model: model.arena_score is not None)
        add("--provider-of-lab", self.first_party, lambda model: getattr(model, "first_party", None) is True)
        add("--released-since", self.released_since, lambda model: _is_since(model.release_date, self.released_since))
        add("--no-deprecated", self.no_deprecated, lambda model: stage_on(model, self.today) not in ENDING)
        add("--no-retired", self.no_retired, lambda model: stage_on(model, self.today) != "retired")
        add("--retired", self.retired, lambda model: stage_on(model, self.today) in ENDING)
        first, last = self.today or "", self.retiring_by or ""
        add("--retiring until", self.retiring_by, lambda model: ends_between(model, first, last))
        return found

    def _within(self, model: CanonicalModel, *, name: str, worst: int) -> bool:
        tier: int = getattr(model, f"{name}_tier")
        basis: Basis = getattr(model, f"{name}_basis")
        counts = basis in MEASURED or (self.include_unknown if basis == "unknown" else self.include_guesses)
        return tier <= worst and counts and model.type == CHAT


def _option_text(value: object) -> str:
    if isinstance(value, frozenset):
        return " or ".join(sorted(value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _can(model: CanonicalModel, *, ability: str) -> bool:
    return ability in model.tags


def _is_since(released: str | None, day: str | None) -> bool:
    """Say whether a day or a month, such as 2025-08, is not before a day."""
    return released is not None and day is not None and released >= day[: len(released)]


def price_of(model: CanonicalModel) -> float | None:
    """Return a model's blended price in US dollars per million tokens; None if unknown."""
    return blended_price(model.price_input_per_million, model.price_output_per_million)


def select(catalog: Catalog, selection: Selection, *, sort: str, top: int | None = None) -> tuple[CanonicalModel, ...]:
    """Return the models that a selection takes, sorted by `sort` (a key of `ORDERS`), at most `top`.

    Raises:
        NotFoundError: a given provider or lab does not exist.
    """
    require_names(catalog, selection)
    taken: Iterable[CanonicalModel] = catalog.models
    for _, holds in selection.conditions:
        taken = filter(holds, taken)
    return tuple(in_order(one_of_each(taken) if selection.one_each else taken, sort)[:top])


def require_names(catalog: Catalog, selection: Selection) -> None:
    """Check that a catalog knows the providers and labs that are asked for.

    Raises:
        NotFoundError: it does not know one of them.
    """
    if selection.providers:
        known = {status.provider for status in catalog.providers} | {model.provider for model in catalog.models}
        _require("provider", selection.providers, known)
    if selection.labs and catalog.models:
        _require("lab", selection.labs, {model.lab for model in catalog.models if model.lab is not None})


def _require(what: str, asked: frozenset[str], known: set[str]) -> None:
    if strangers := asked - known:
        there = ", ".join(sorted(known)) or "none"
        stranger = min(strangers)
        hint = did_you_mean(stranger, sorted(known))
        raise NotFoundError(f"no {what} is called {shortened(stranger)!r}{hint}; there are {there}")


def one_of_each(models: Iterable[CanonicalModel]) -> list[CanonicalModel]:
    """Return the cheapest offer of each base model; of equally cheap ones that of its lab.

    Two offers are of one base model if models.dev, their ids or the leaderboard say so.
    """
    groups: dict[str, list[CanonicalModel]] = {}
    of_rating: dict[tuple[str, str | None], str] = {}
    for model in models:
        base = getattr(model, "base_model", None) or model.canonical_id
        if model.arena_id is not None:
            # An undated and a dated id of one rated model can have two names.
            base = of_rating.setdefault((model.arena_id, model.arena_setting), base)
        groups.setdefault(base, []).append(model)

    def cheapness(model: CanonicalModel) -> tuple[Any, ...]:
        return *_price_order(model)[:2], getattr(model, "first_party", None) is not True, model.canonical_id

    return [min(group, key=cheapness) for group in groups.values()]


def in_order(models: Iterable[CanonicalModel], name: str) -> list[CanonicalModel]:
    """Return models sorted by the order `name`; unknown values come last, ties are sorted by id."""
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
        bare.sort(key=lambda model: (getattr(model, "first_party", None) is not True, model.canonical_id))
        which = first_few([model.canonical_id for model in bare])
        raise ModelNotFoundError(f"{name!r} is offered by several providers: say which of {which}")
    if not catalog.models:
        raise ModelNotFoundError(f"{name!r} is not in the catalog, which is empty: see `llmhub catalog providers`")
    near = _nearest(catalog, name)
    hint = f"did you mean {listed(near)}?" if near else "`llmhub catalog show` lists its models"
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


def _tier_order(name: str) -> Key:
    read = attrgetter(f"{name}_basis", f"{name}_tier", "arena_score", "canonical_id")

    def key(model: CanonicalModel) -> tuple[Any, ...]:
        basis, tier, score, canonical_id = read(model)
        return basis == "unknown", tier, score is None, -(score or 0.0), canonical_id

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
