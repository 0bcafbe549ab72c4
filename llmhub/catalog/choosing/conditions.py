"""The conditions on a model as Python's callers write them; pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, TypedDict

from llmhub.catalog.choosing.selection import ABILITIES, TIER_NAMES, Selection
from llmhub.catalog.stored.format import CHAT, TYPES

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Conditions(TypedDict, total=False):
    """What a model must meet, each as `llmhub catalog show` has it; a value that is unknown meets no condition.

    Attributes:
        quality: the worst tier of quality, 1 to 5.
        reasoning: the worst tier of reasoning.
        creative: the worst tier of creative writing.
        cost: the worst tier of cost.
        include_guesses: also count tiers that are guessed from another model.
        include_unknown: also count tiers for which nothing is known.
        max_price: US dollars per million tokens, (3 x input + output) / 4.
        can: abilities, such as `{"tools", "vision"}`.
        providers: the name of its provider, or several names, one of which must be its provider's.
        kind: its kind, `chat` by default; several kinds, or `all`.
        lab: the lab that made it, or several, one of which must have.
        first_party: whether its lab must serve it itself.
        open_weights: whether its weights must be open.
        min_context: the tokens that its context must hold.
        rated: whether it must have a rating of its own.
        released_since: the first day on which it may have come out: a date, or its text.
        no_deprecated: whether it must be neither deprecated nor retired.
        retired: whether it must be deprecated or retired.
        search: a text in its id, name, family or lab.
        one_each: keep only the cheapest offer of each base model.
    """

    quality: int | None
    reasoning: int | None
    creative: int | None
    cost: int | None
    include_guesses: bool
    include_unknown: bool
    max_price: float | None
    can: str | Iterable[str]
    providers: str | Iterable[str]
    kind: str | Iterable[str]
    lab: str | Iterable[str]
    first_party: bool
    open_weights: bool
    min_context: int | None
    rated: bool
    released_since: date | str | None
    no_deprecated: bool
    retired: bool
    search: str | None
    one_each: bool


def selection_of(**conditions: Unpack[Conditions]) -> Selection:
    """Return conditions as a selection.

    Examples:
        >>> selection_of(quality=2, can={"tools"}, max_price=5).conditions[1][0]
        '--quality 2'

    Raises:
        ValueError: there is no such ability, kind or tier.
        TypeError: there is no such condition.
    """
    if unknown := conditions.keys() - Conditions.__annotations__.keys():
        raise TypeError(f"there is no condition {min(unknown)!r}; there are {', '.join(Conditions.__annotations__)}")
    known: dict[str, Any] = dict(conditions)
    most = {name: tier for name in TIER_NAMES if (tier := known.pop(name, None)) is not None}
    for name, tier in most.items():
        if tier not in range(1, 6):
            raise ValueError(f"{name} is {tier!r}: tiers go from 1 to 5")
    can = _names(known.pop("can", ()))
    if strange := can - set(ABILITIES):
        raise ValueError(f"{min(strange)!r} is not an ability; there are {', '.join(ABILITIES)}")
    kinds = _names(known.pop("kind", CHAT))
    if strange := kinds - {*TYPES, "all"}:
        raise ValueError(f"{min(strange)!r} is not a kind; there are {', '.join(TYPES)} and all")
    since = known.pop("released_since", None)
    return Selection(
        most=most,
        can=can,
        types=frozenset() if "all" in kinds else kinds,
        providers=_names(known.pop("providers", ())),
        labs=frozenset(name.casefold() for name in _names(known.pop("lab", ()))),
        released_since=since.isoformat()[:10] if isinstance(since, date) else since,
        **known,
    )


def _names(given: str | Iterable[str]) -> frozenset[str]:
    return frozenset((given,) if isinstance(given, str) else given)
