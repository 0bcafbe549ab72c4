"""The answers to agents' questions, as small plain values. They come from what is stored: no server is asked.

Each function is a tool; its docstring and its parameters are what an agent reads of it, in the command line's words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field

from llmhub.agents.arguments import Amount, Fields, Limit, Names, Price, Text, Tier, several
from llmhub.agents.shapes import (
    Changed,
    Compared,
    Cost,
    CostOf,
    Explained,
    Found,
    ModelInShort,
    OfferChanges,
    Picked,
    RatingChanges,
    Retirement,
    Retirements,
)
from llmhub.arena.references import parse_age
from llmhub.catalog.choosing.comparison import compared
from llmhub.catalog.choosing.conditions import selection_of
from llmhub.catalog.choosing.keys import with_names_of_models_dev
from llmhub.catalog.choosing.none_left import why_none
from llmhub.catalog.choosing.picking import pick as picked_of
from llmhub.catalog.choosing.selection import find, select
from llmhub.catalog.explanation import match_text, reasons
from llmhub.catalog.offered.keys import very_offer
from llmhub.catalog.offered.lives import EVER, known_lifecycles
from llmhub.catalog.offered.stages import stage_on
from llmhub.catalog.stored.kept_catalog import read_few
from llmhub.errors import ModelNotFoundError, NothingKnownError, SnapshotNotFound, counted
from llmhub.offers.billing.cost import Tokens
from llmhub.offers.fields import MODELS_DEV, PRICE_FIELDS
from llmhub.offers.lives.calendar import calendar_of
from llmhub.store import SnapshotStore

if TYPE_CHECKING:
    from llmhub.catalog.choosing.selection import Selection
    from llmhub.catalog.schema import CanonicalModel, Catalog
    from llmhub.offers.billing.cost import CostRow

Ability = Literal["attachments", "audio", "pdf", "reasoning", "structured-output", "tools", "video", "vision"]
Order = Literal["quality", "reasoning", "creative", "cost", "rating", "price", "name", "context", "release"]

# The conditions that several tools take.
WorstTier = Annotated[Tier | None, Field(description="worst tier, 1 best to 5; only measured ones count")]
HighestPrice = Annotated[Price | None, Field(description="US dollars per million tokens, (3 x input + output) / 4")]
Abilities = Annotated[list[Ability], BeforeValidator(several)]
Providers = Annotated[Names, Field(description="such as openai; of several any")]
Kind = Annotated[Text, Field(description="chat, embedding, image, ..., or all")]
LeastContext = Annotated[Limit | None, Field(description="tokens that the context must hold")]

_MOST = 20
_OPTION = re.compile(r"--([a-z][a-z-]*)", re.ASCII)
# The conditions that have another name on the command line.
_AS_ARGUMENTS = {"search": "query"}
# An id that takes attachments has other abilities that say which.
_ABLE = frozenset({"audio", "pdf", "reasoning", "structured-output", "tools", "video", "vision"})
_FIRST_FIELDS = frozenset(PRICE_FIELDS)
# How an id is written and matched does not help to choose.
_NOT_COMPARED = frozenset({"provider", "display_name", "family", "arena_id", "rated_on", "last_updated", "disputed"})


def search(
    *,
    query: Annotated[Text | None, Field(description="a text in the id, name, family or lab")] = None,
    quality: WorstTier = None,
    max_price: HighestPrice = None,
    can: Abilities = [],  # noqa: B006 -- never changed
    provider: Providers = [],  # noqa: B006
    lab: Annotated[Names, Field(description="who made it; of several any")] = [],  # noqa: B006
    kind: Kind = "chat",
    min_context: LeastContext = None,
    released_since: Annotated[date | None, Field(description="first day on which it may have come out")] = None,
    open_weights: bool = False,
    one_each: Annotated[
        bool, Field(description="only the cheapest offer of each base model: shorter with `all`")
    ] = False,
    sort: Order = "quality",
    top: Annotated[int, Field(ge=1, le=10_000, description="how many; 20 at most are listed")] = 5,
    all: Annotated[bool, Field(description="every offer of models.dev, also without a key")] = False,  # noqa: A002
) -> Found:
    """List the models that can be called with this machine's keys, best first, under conditions: what is there?

    Each with id, quality tier, rating, price (US dollars per million tokens), context and abilities. What is unknown is
    left out, and meets no condition.
    """
    catalog = _catalog(whole=all)
    selection = selection_of(
        search=query,
        quality=quality,
        max_price=max_price,
        can=can,
        providers=provider,
        lab=lab,
        kind=kind,
        min_context=min_context,
        released_since=released_since,
        open_weights=open_weights,
        one_each=one_each,
    )
    if all:
        selection = with_names_of_models_dev(selection, catalog)
    found = select(catalog, selection, sort=sort)
    shown = found[: min(top, _MOST)]
    read_few(shown)
    by_day = released_since is not None or sort == "release"
    models = [model_in_short(model, with_day=by_day) for model in shown]
    answer: Found = {"models": models, "more": len(found) - len(shown)}
    return answer if found else {**answer, "why": _why_none(catalog, selection)}


def pick(
    *,
    quality: WorstTier = None,
    max_price: HighestPrice = None,
    can: Abilities = [],  # noqa: B006 -- never changed
    provider: Providers = [],  # noqa: B006
    kind: Kind = "chat",
    min_context: LeastContext = None,
    sort: Annotated[Order, Field(description="price: the cheapest")] = "quality",
) -> Picked:
    """Choose one model to call: the first under conditions that does not end within 30 days: which one shall I use?

    The conditions are those of `search`. Null, and why, if no model meets them.
    """
    catalog = _catalog()
    selection = selection_of(
        quality=quality, max_price=max_price, can=can, providers=provider, kind=kind, min_context=min_context
    )
    found = select(catalog, selection, sort=sort)
    chosen, passed_over = picked_of(found, today=datetime.now(UTC).date())
    if chosen is not None:
        return {"model": model_in_short(chosen)}
    ends = f"{counted(len(passed_over), 'model')} that meet all conditions end within 30 days"
    return {"model": None, "why": ends if passed_over else _why_none(catalog, selection)}


def compare(
    *, models: Annotated[Names, Field(min_length=2, description="two or more, each as provider/model_id")]
) -> Compared:
    """Show models side by side: the fields in which they differ, such as prices, limits, ratings: A or B?"""
    found = [_model(name) for name in models]
    read_few(found)
    comparison = compared(found)
    different = {
        field.field: [_rounded(value) for value in field.values]
        for field in comparison.different
        if field.field not in _NOT_COMPARED
    }
    return {"models": list(comparison.models), "different": different}


def explain(*, model: Annotated[Text, Field(description="provider/model_id")]) -> Explained:
    """Tell all about one model: why its tiers are what they are, how it was matched, when it ends: why?"""
    try:
        found = _model(model)
    except ModelNotFoundError:
        if (told := _life_of(model)) is not None:
            return told
        raise
    # A reseller may still list `openai/gpt-4-0314` as the id of a model of its own.
    if found.canonical_id != model and (told := _life_of(model)) is not None and told["status"] == "retired":
        return {**told, "offered_as": found.canonical_id, "note": "its own provider lists it no more"}
    answer: dict[str, Any] = {
        **model_in_short(found),
        # What the store knows of its end may be newer than the catalog.
        **{name: value for name, value in (_end_of(_offer_of(found)) or {}).items() if value != "active"},
        "because": reasons(found),
        "matched": {
            "models.dev": match_text(found.modelsdev_match, "models.dev"),
            "rating": match_text(found.arena_match, "the leaderboard"),
        },
    }
    more = {
        "retires_source": found.retires_citation or found.retires_source,
        "price_reason": found.price_reason,
        "disputed": list(found.disputed) or None,
    }
    return cast("Explained", answer | {name: value for name, value in more.items() if value is not None})


def cost(
    *,
    models: Annotated[Names, Field(min_length=1, description="each as provider/model_id")],
    input: Amount = 0,  # noqa: A002 -- the command line's word
    output: Amount = 0,
    cached: Annotated[Amount, Field(description="of input that the provider's cache had")] = 0,
    written: Annotated[Amount, Field(description="of input that the provider then caches")] = 0,
    prompt: Annotated[Amount | None, Field(description="how long each prompt is: long ones cost more at some")] = None,
) -> Cost:
    """Tell what so many tokens cost in US dollars with each model, cheapest first: how much would it be?

    At your own prices, or else those of models.dev, or where it has none, of LiteLLM.
    """
    from llmhub.catalog.offered.costs import cost_of

    tokens = Tokens(input, output, cached, written)
    if not any(tokens):
        raise ValueError("give how many tokens: input, output, cached or written")
    found = cost_of(models, tokens, _known_catalog(), prompt=prompt)
    rows = {row.model: row for row in found.rows}
    # Each by the name that was asked for.
    priced = [(rows[model], name) for name, model in found.names.items() if model in rows]
    answer: Cost = {
        "at": f"{found.at:%Y-%m-%d}",
        "currency": "USD",
        "rows": [_cost_of(row, name) for row, name in sorted(priced, key=lambda each: each[0].total)],
    }
    if found.unpriced:
        named = {model: name for name, model in found.names.items()}
        answer["unpriced"] = [{"model": named[one.model], "reason": one.reason} for one in found.unpriced]
    if found.long_prompts:
        which = ", ".join(name for name, model in found.names.items() if model in found.long_prompts)
        answer["note"] = f"long prompts of {which} have other prices: give `prompt`, how long yours are"
    return answer


def changed(
    *,
    since: Annotated[Text, Field(description="previous, an age (7d, 2w), or a date (2026-05-01)")] = "7d",
    field: Annotated[Fields, Field(description="only changes of these: input, output, context, status, ...")] = [],  # noqa: B006
) -> Changed:
    """Tell what changed: prices and limits of callable models; rated models that came, went or moved: what is new?

    Changes of prices come first, in US dollars per million tokens.
    """
    mine = {key for model in _catalog().models if (key := very_offer(model.modelsdev_match)) is not None}
    with SnapshotStore.open() as store:
        return {
            "offers": _offer_changes(store, since, mine, frozenset(field)),
            "ratings": _rating_changes(store, since),
        }


def retirements(
    *,
    within: Annotated[Text, Field(description="an age: 90d, 12w")] = "90d",
    mine: Annotated[bool, Field(description="only models that can be called")] = True,
) -> Retirements:
    """List the models that end within a time, the nearest day first, and what follows them: what stops working?"""
    today = datetime.now(UTC).date()
    span = parse_age(within)
    keys = {_offer_of(model) for model in _catalog().models} if mine else None
    with SnapshotStore.open() as store:
        lives = known_lifecycles(store, today=today, only=keys, ending=(today, EVER[1]))
    found = calendar_of(lives, today=today, within=span)
    rows: list[Retirement] = []
    for one in found[:_MOST]:
        row: Retirement = {"model": one.model, "retires_on": one.retires_on.isoformat()}
        if one.life.replacement:
            row["replacement"] = one.life.replacement
        rows.append(row)
    until = today + span if span <= date.max - today else date.max
    return {"from": f"{today}", "to": f"{until}", "retirements": rows, "more": len(found) - len(rows)}


TOOLS: tuple[Callable[..., Any], ...] = (search, pick, compare, explain, cost, changed, retirements)
"""All tools."""


def model_in_short(model: CanonicalModel, *, with_day: bool = False) -> ModelInShort:
    """Return what helps to choose a model; what is unknown, and a tier that is guessed, are left out.

    Args:
        model: the model.
        with_day: whether the day on which it came out helps.
    """
    measured = model.quality_basis == "rated"
    source = model.price_source
    callable_as = getattr(model, "callable_as", None)
    status = stage_on(model, f"{datetime.now(UTC):%Y-%m-%d}")
    known: dict[str, Any] = {
        "model": model.canonical_id,
        "quality": model.quality_tier if measured else None,
        "rating": None if model.arena_score is None else round(model.arena_score),
        "in": model.price_input_per_million,
        "out": model.price_output_per_million,
        "price_source": None if source == MODELS_DEV else source,
        "context": model.context_tokens,
        "can": [tag for tag in model.tags if tag in _ABLE] or None,
        "released": model.release_date if with_day else None,
        "status": None if status == "active" else status,
        "retires_on": model.retires_on,
        "replacement": model.replacement,
        "callable_as": None if callable_as is None else list(callable_as),
    }
    return cast("ModelInShort", {name: value for name, value in known.items() if value is not None})


def _offer_changes(store: SnapshotStore, since: str, models: Collection[str], fields: frozenset[str]) -> OfferChanges:
    try:
        found = store.offers_diff(since, "latest", models=models)
    except SnapshotNotFound as error:
        return {"none": str(error)}
    if fields:
        found = found.of_fields(fields)
    changed = sorted(found.changed, key=lambda one: one.field not in _FIRST_FIELDS)
    rows = [
        {"model": one.model, "field": one.field, "old": one.old, "new": one.new}
        | ({"note": one.note} if one.note else {})
        for one in changed
    ]
    told = _first_of_each({"added": found.added, "removed": found.removed, "changed": rows})
    return cast("OfferChanges", _span(found.before.taken_at, found.after.taken_at) | told)


def _rating_changes(store: SnapshotStore, since: str) -> RatingChanges:
    try:
        board = store.diff(since, "latest")
    except SnapshotNotFound as error:
        return {"none": str(error)}
    names = {
        "added": [one.model for one in board.added],
        "removed": [one.model for one in board.removed],
        "moved": [one.model for one in board.changed if one.significant],
    }
    told = _first_of_each(names)
    return cast("RatingChanges", _span(board.before.taken_at, board.after.taken_at) | told)


def _cost_of(row: CostRow, name: str) -> CostOf:
    told: CostOf = {"model": name, "total": _rounded(row.total)}
    return told if row.price_source == MODELS_DEV else {**told, "price_source": row.price_source}


def _rounded(value: Any) -> Any:
    """Return a number without the digits that nobody decides by; of a rating the store has thirteen."""
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _known_catalog() -> Catalog | None:
    """Return the last built catalog, whatever its age; None if none was built."""
    from llmhub.catalog.cache import last_catalog

    return last_catalog()


def _catalog(*, whole: bool = False) -> Catalog:
    """Return the last built catalog, whatever its age.

    Raises:
        NothingKnownError: none was built.
    """
    found = _known_catalog()
    if found is None:
        raise NothingKnownError("no catalog was built yet: run `llmhub catalog refresh`")
    if not whole:
        return found
    from llmhub.catalog.assembly.whole import stored_whole_catalog

    return stored_whole_catalog(found)


def _why_none(catalog: Catalog, selection: Selection) -> str:
    if not catalog.models:
        return "no model can be called: `llmhub catalog providers` says what each provider needs"
    why = "; ".join(why_none(catalog, selection)) or f"no model of {len(catalog.models):,} meets all of that"
    return _OPTION.sub(lambda found: _AS_ARGUMENTS.get(found[1], found[1].replace("-", "_")), why)


def _model(name: str) -> CanonicalModel:
    """Return a callable model, or else an offer of models.dev, by its name."""
    try:
        return find(_catalog(), name)
    except ModelNotFoundError as error:
        try:
            return find(_catalog(whole=True), name)
        except ModelNotFoundError:
            # An agent has the tool and not always a shell.
            said = str(error).replace("`llmhub catalog show` lists its models", "`search` with `all` finds models")
            raise ModelNotFoundError(said) from None


def _life_of(model: str) -> Explained | None:
    """Return what the store knows of the life of an offer that no list has today; None if it knows nothing."""
    if (told := _end_of(model)) is None:
        return None
    return cast("Explained", {"model": model, **told, "note": "it is on no list today, and cannot be called"})


def _offer_of(model: CanonicalModel) -> str:
    return very_offer(model.modelsdev_match) or model.canonical_id


def _end_of(model: str) -> dict[str, str] | None:
    """Return what the store knows of an offer's end; None if no source ever listed the offer."""
    with SnapshotStore.open() as store:
        life = known_lifecycles(store, today=datetime.now(UTC).date(), only={model}).get(model)
    if life is None:
        return None
    ends = life.retires_on is not None or life.status in {"deprecated", "retired"}
    said = {
        "status": life.status,
        "retires_on": None if life.retires_on is None else life.retires_on.isoformat(),
        "replacement": life.replacement,
        "retires_source": life.citation or life.source if ends else None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _span(before: datetime, after: datetime) -> dict[str, Any]:
    return {"from": f"{before:%Y-%m-%d}", "to": f"{after:%Y-%m-%d}"}


def _first_of_each(lists: Mapping[str, Sequence[object]]) -> dict[str, Any]:
    """Return the first of some values, and how many more there are; or that there are none."""
    found: dict[str, Any] = {name: list(values[:_MOST]) for name, values in lists.items() if values}
    if not found:
        return {"none": "nothing changed"}
    more = {name: len(values) - _MOST for name, values in lists.items() if len(values) > _MOST}
    return found | ({"more": more} if more else {})
