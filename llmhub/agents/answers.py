"""The answers to what agents ask, as small plain values; by what is stored, no server is asked.

Each function is a tool; its docstring and its parameters are what an agent reads of it, in the command line's words.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from llmhub.errors import ModelNotFoundError, NothingKnownError, SnapshotNotFound

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from llmhub.catalog.choosing.conditions import Conditions
    from llmhub.catalog.schema import CanonicalModel, Catalog

_MOST = 20
_ABLE = frozenset({"audio", "pdf", "reasoning", "structured-output", "tools", "video", "vision"})
# How an id is written and found says nothing that helps to choose.
_NOT_COMPARED = frozenset({"provider", "display_name", "family", "arena_id", "rated_on", "last_updated", "disputed"})


def search(
    *,
    query: str | None = None,
    quality: int | None = None,
    max_price: float | None = None,
    can: list[str] | None = None,
    provider: str | None = None,
    lab: str | None = None,
    min_context: int | None = None,
    open_weights: bool = False,
    sort: str = "quality",
    top: int = 5,
    all: bool = False,  # noqa: A002 -- the command line's word
) -> str:
    """List models that can be called, best first: id, quality tier (1 best to 5), rating, price, context, abilities.

    Prices are US dollars per million tokens; what is unknown is left out. `can`: attachments, audio, pdf, reasoning,
    structured-output, tools, video, vision. `max_price` counts (3 x input + output) / 4. `sort`: quality, reasoning,
    creative, cost, rating, price, name, context, release. `all`: every offer of models.dev, also without a key.
    """
    found = _selected(
        _catalog(whole=all),
        sort,
        search=query,
        quality=quality,
        max_price=max_price,
        can=can or (),
        providers=provider or (),
        lab=lab or (),
        min_context=min_context,
        open_weights=open_weights,
    )
    shown = found[: max(1, min(top, _MOST))]
    return _said({"models": [model_in_short(model) for model in shown], "more": len(found) - len(shown)})


def pick(
    *,
    quality: int | None = None,
    max_price: float | None = None,
    can: list[str] | None = None,
    provider: str | None = None,
    min_context: int | None = None,
    sort: str = "quality",
) -> str:
    """Choose one callable model that meets all conditions and does not end within 30 days; null if there is none.

    The conditions are those of `search`; `sort="price"` takes the cheapest.
    """
    from llmhub.catalog.choosing.picking import pick as picked_of

    found = _selected(
        _catalog(),
        sort,
        quality=quality,
        max_price=max_price,
        can=can or (),
        providers=provider or (),
        min_context=min_context,
    )
    chosen = picked_of(found, today=datetime.now(UTC).date()).model
    return _said({"model": None if chosen is None else model_in_short(chosen)})


def compare(*, models: list[str]) -> str:
    """Show in which fields two models or more differ; each as provider/model_id."""
    if len(models) < 2:  # noqa: PLR2004 -- one model has nothing to differ from
        raise ValueError("name two models or more")
    from llmhub.catalog.choosing.comparison import compared

    comparison = compared([_model(name) for name in models])
    different = {field.field: list(field.values) for field in comparison.different if field.field not in _NOT_COMPARED}
    return _said({"models": list(comparison.models), "different": different})


def explain(*, model: str) -> str:
    """Tell what is known of one model, why its tiers are what they are, how it was matched, and when it ends."""
    from llmhub.catalog.explanation import match_text, reasons

    found = _model(model)
    matched = {
        "models.dev": match_text(found.modelsdev_match, "models.dev"),
        "rating": match_text(found.arena_match, "the leaderboard"),
    }
    return _said(model_in_short(found) | {"because": reasons(found), "matched": matched} | _life(found))


def cost(*, models: list[str], input: int = 0, output: int = 0, cached: int = 0) -> str:  # noqa: A002 -- the command line's word
    """Tell what so many tokens cost in US dollars with each model, cheapest first; at the price of short prompts."""
    from llmhub.offers.billing.cost import Tokens
    from llmhub.offers.billing.pricing import Prices, quote
    from llmhub.offers.sql.finding import resolve
    from llmhub.store import SnapshotStore

    if min(input, output, cached) < 0:
        raise ValueError("tokens are counted: give 0 or more")
    keys = {_offer_key(name): name for name in models}
    with SnapshotStore.open() as store, store.reading() as connection:
        _, snapshot = resolve(connection, "latest", now=datetime.now(UTC))
        prices = Prices(connection, now=snapshot.taken_at, own=_own_price(), labs=_labs)
        bill = quote(prices, keys, Tokens(input, output, cached), at=snapshot.taken_at)
    rows = [{"model": keys.get(row.model, row.model), "total": round(row.total, 6)} for row in reversed(bill.rows())]
    unpriced = [{"model": keys.get(one.model, one.model), "reason": one.reason} for one in bill.unpriced()]
    return _said({"at": f"{snapshot.taken_at:%Y-%m-%d}", "rows": rows} | ({"unpriced": unpriced} if unpriced else {}))


def changed(*, since: str = "7d") -> str:
    """Tell what changed: prices and limits of callable models, and which rated models came, went or moved.

    `since`: previous, an age (7d, 2w), or a date.
    """
    from llmhub.store import SnapshotStore

    mine = {_key_of(model) for model in _catalog().models}
    told: dict[str, Any] = {}
    with SnapshotStore.open() as store:
        try:
            offers = store.offers_diff(since, "latest", models=mine)
            rows = [{"model": one.model, "field": one.field, "from": one.old, "to": one.new} for one in offers.changed]
            told["offers"] = {
                "from": f"{offers.before.taken_at:%Y-%m-%d}",
                "to": f"{offers.after.taken_at:%Y-%m-%d}",
                **_listed("added", offers.added),
                **_listed("removed", offers.removed),
                **_listed("changed", rows),
            }
        except SnapshotNotFound as error:
            told["offers"] = str(error)
        try:
            board = store.diff(since, "latest")
            told["ratings"] = {
                **_listed("added", [one.model for one in board.added]),
                **_listed("removed", [one.model for one in board.removed]),
                **_listed("changed significantly", [one.model for one in board.changed if one.significant]),
            }
        except SnapshotNotFound as error:
            told["ratings"] = str(error)
    return _said(told)


def retirements(*, within: str = "90d", mine: bool = True) -> str:
    """List the models that end within a time (90d, 12w), the nearest day first; `mine`: only callable ones."""
    from llmhub.arena.references import parse_age
    from llmhub.catalog.offered.lives import known_lifecycles
    from llmhub.offers.lives.calendar import calendar_of
    from llmhub.store import SnapshotStore

    today = datetime.now(UTC).date()
    keys = {_key_of(model) for model in _catalog().models} if mine else None
    with SnapshotStore.open() as store:
        lives = known_lifecycles(store, today=today, dated=True)
    span: timedelta = parse_age(within)
    found = calendar_of(lives, today=today, within=span, wanted=lambda model: keys is None or model in keys)
    rows = [
        {"model": one.model, "retires_on": one.retires_on.isoformat()}
        | ({"replacement": one.life.replacement} if one.life.replacement else {})
        for one in found
    ]
    return _said(_listed("retirements", rows) or {"retirements": []})


TOOLS = (search, pick, compare, explain, cost, changed, retirements)
"""All tools."""


def model_in_short(model: CanonicalModel) -> dict[str, Any]:
    """Return what helps to choose a model; what is unknown, and a tier that is guessed, are left out."""
    measured = model.quality_basis == "rated"
    known = {
        "model": model.canonical_id,
        "quality": model.quality_tier if measured else None,
        "rating": None if model.arena_score is None else round(model.arena_score),
        "in": model.price_input_per_million,
        "out": model.price_output_per_million,
        "context": model.context_tokens,
        "can": [tag for tag in model.tags if tag in _ABLE] or None,
        **_life(model),
    }
    callable_as = getattr(model, "callable_as", None)
    if callable_as is not None:
        known["callable_as"] = list(callable_as)
    return {name: value for name, value in known.items() if value is not None}


def _life(model: CanonicalModel) -> dict[str, Any]:
    said = {"status": model.status, "retires_on": model.retires_on, "replacement": model.replacement}
    return {name: value for name, value in said.items() if value not in {None, "active"}}


def _catalog(*, whole: bool = False) -> Catalog:
    """Return the last built catalog, whatever its age.

    Raises:
        NothingKnownError: none was built.
    """
    from llmhub.catalog.cache import last_catalog

    found = last_catalog()
    if found is None:
        raise NothingKnownError("no catalog was built yet: run `llmhub catalog refresh`")
    if not whole:
        return found
    from llmhub.catalog.assembly.whole import stored_whole_catalog

    return stored_whole_catalog(found)


def _selected(catalog: Catalog, sort: str, **conditions: Unpack[Conditions]) -> tuple[CanonicalModel, ...]:
    from llmhub.catalog.choosing.conditions import selection_of
    from llmhub.catalog.choosing.selection import ORDERS, select

    if sort not in ORDERS:
        raise ValueError(f"{sort!r} is no order; there are {', '.join(ORDERS)}")
    return select(catalog, selection_of(**conditions), sort=sort)


def _model(name: str) -> CanonicalModel:
    """Return a callable model, or else an offer of models.dev, by its name."""
    from llmhub.catalog.choosing.selection import find

    try:
        return find(_catalog(), name)
    except ModelNotFoundError as error:
        try:
            return find(_catalog(whole=True), name)
        except ModelNotFoundError:
            raise error from None


def _offer_key(name: str) -> str:
    """Return models.dev's name of a model that can be called; another name as it is."""
    from llmhub.catalog.choosing.selection import find

    try:
        return _key_of(find(_catalog(), name))
    except ModelNotFoundError:
        return name


def _key_of(model: CanonicalModel) -> str:
    match = model.modelsdev_match
    return model.canonical_id if match is None or match.target is None or match.kind == "variant" else match.target


def _own_price() -> Any:
    from llmhub.catalog.matching.overrides import load_overrides

    return load_overrides().own_price


def _labs() -> frozenset[str]:
    from llmhub.catalog.matching.overrides import load_overrides

    return load_overrides().vocabulary.lab_providers()


def _listed(name: str, values: Iterable[object]) -> dict[str, Any]:
    """Return the first of some values, and how many more there are; nothing where there are none."""
    found = list(values)
    if not found:
        return {}
    more = {f"{name}, more": len(found) - _MOST} if len(found) > _MOST else {}
    return {name: found[:_MOST], **more}


def _said(document: Mapping[str, Any]) -> str:
    """Return a document as JSON in as few characters as it takes."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
