"""The conditions on a model as Python's callers write them; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from math import inf
from typing import TYPE_CHECKING, Any, TypedDict

from llmhub.catalog.choosing.selection import ABILITIES, Selection
from llmhub.catalog.stored.format import CHAT, TIER_NAMES, TYPES
from llmhub.nearest import shortened

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
        ValueError: there is no such ability, kind, tier or day, or a number is below 0.
        TypeError: there is no such condition, or its value is of another type.
    """
    if unknown := conditions.keys() - Conditions.__annotations__.keys():
        raise TypeError(f"there is no condition {min(unknown)!r}; there are {', '.join(Conditions.__annotations__)}")
    known: dict[str, Any] = {name: value for name, value in conditions.items() if value is not None}
    _require_types(known)
    most = {name: known.pop(name) for name in TIER_NAMES if name in known}
    for name, tier in most.items():
        if tier not in range(1, 6):
            raise ValueError(f"{name} is {tier!r}: tiers go from 1 to 5")
    can = _names("can", known.pop("can", ()))
    if strange := can - set(ABILITIES):
        raise ValueError(f"{min(strange)!r} is not an ability; there are {', '.join(ABILITIES)}")
    kinds = _names("kind", known.pop("kind", CHAT))
    if strange := kinds - {*TYPES, "all"}:
        raise ValueError(f"{min(strange)!r} is not a kind; there are {', '.join(TYPES)} and all")
    return Selection(
        most=most,
        can=can,
        types=frozenset() if "all" in kinds else kinds,
        providers=_names("providers", known.pop("providers", ())),
        labs=frozenset(name.casefold() for name in _names("lab", known.pop("lab", ()))),
        released_since=_day(known.pop("released_since", None)),
        **known,
    )


def _require_types(known: Mapping[str, Any]) -> None:
    """Check the values that are one number, truth value or text.

    Raises:
        TypeError: one is something else.
        ValueError: a number is below zero or not finite.
    """
    for name, value in known.items():
        kinds, what = _KINDS.get(name, ((), ""))
        # True is a whole number too.
        if kinds and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)):
            raise TypeError(f"{name} is {shortened(repr(value))}: give {what}")
        if name in {"max_price", "min_context"} and not 0 <= value < inf:
            raise ValueError(f"{name} is {value!r}: give a number of at least 0")


_WHOLE, _TRUTH = ((int,), "a whole number"), ((bool,), "True or False")
_KINDS: Mapping[str, tuple[tuple[type, ...], str]] = {
    **dict.fromkeys((*TIER_NAMES, "min_context"), _WHOLE),
    **dict.fromkeys(("include_guesses", "include_unknown", "first_party", "open_weights", "rated"), _TRUTH),
    **dict.fromkeys(("no_deprecated", "retired", "one_each"), _TRUTH),
    "max_price": ((int, float), "a number"),
    "search": ((str,), "a text"),
    "released_since": ((date, str), "a date, or its text"),
}


def _day(since: date | str | None) -> str | None:
    """Return a day, or a month or year alone, in ISO 8601.

    Raises:
        ValueError: a text is none of these.
    """
    if since is None or isinstance(since, date):
        return None if since is None else since.isoformat()[:10]
    try:
        date.fromisoformat(f"{since}-01-01"[:10])
    except ValueError:
        raise ValueError(
            f"released_since is {shortened(since)!r}: give a date such as 2026-05-01, or 2026-05"
        ) from None
    return since


def _names(name: str, given: Any) -> frozenset[str]:
    """Return one text or several.

    Raises:
        TypeError: it is something else.
    """
    if isinstance(given, str):
        return frozenset((given,))
    several = frozenset(given) if isinstance(given, Iterable) else None
    if several is None or not all(isinstance(each, str) for each in several):
        raise TypeError(f"{name} is {shortened(repr(given))}: give a text, or several")
    return several
