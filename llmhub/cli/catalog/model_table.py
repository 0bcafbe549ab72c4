"""The table of a catalog's models, its legend, and what is said where no model is left."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from itertools import starmap
from operator import attrgetter
from typing import TYPE_CHECKING

from llmhub.catalog.offered.stages import end_of, stage_on
from llmhub.catalog.stored.format import CHAT
from llmhub.cli import render
from llmhub.cli.catalog.texts import (
    GUESSED,
    NO_TIER,
    OTHER_SETTING,
    OWN_PRICE,
    SOURCES,
    TIERS,
    UNKNOWN_TIER,
    WITNESS_PRICE,
    dollars,
    tier_text,
)
from llmhub.errors import counted
from llmhub.offers.fields import LITELLM, OWN

if TYPE_CHECKING:
    from llmhub.catalog.choosing.selection import Selection
    from llmhub.catalog.schema import CanonicalModel, Catalog

DISPUTED = "!"

# What each line of the legend says, and of each mark what it means.
_LEGEND: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "tiers": (
        "1 is the best or cheapest fifth, 5 the last",
        {
            GUESSED: "guessed",
            UNKNOWN_TIER: "unknown",
            NO_TIER: "it does not answer in text",
        },
    ),
    "ratings": (
        "points on text / overall",
        {OTHER_SETTING: "at another setting"},
    ),
    "prices": (
        "US dollars per million tokens",
        {DISPUTED: "sources differ", WITNESS_PRICE: "LiteLLM's", OWN_PRICE: "your own"},
    ),
}
_MARKS = tuple(mark for _, meanings in _LEGEND.values() for mark in meanings)
_DROP = ("interval", "creative", "reasoning", "context", "cost", "life", "quality")
_HYPHENS = {"quality": "qual- ity", "reasoning": "reason- ing", "creative": "creat- ive", "callable": "call- able"}
_CHAT_ALONE = f"--kind {CHAT}"


def show_models(
    models: Sequence[CanonicalModel], found: Catalog, *, what: str, selection: Selection, whole: bool = False
) -> None:
    """Print models as a table for people.

    Args:
        models: the models, in their order.
        found: the catalog that they are of.
        what: what the models of that catalog are, for the heading: `model that can be called`.
        selection: the conditions that the models meet.
        whole: it is of every offer, so say which can be called.
    """
    # What was asked for is the last to go where there is no room.
    keep = "life" if selection.retired or selection.retiring_by else None
    chat_alone = [name for name, _ in selection.conditions] == [_CHAT_ALONE]
    of = f"{len(models):,} of " if len(models) < len(found.models) else ""
    noun, _, rest = what.partition(" ")
    render.heading(f"{of}{counted(len(found.models), noun)} {rest}, {_as_of(found)}")
    columns = _columns(models, whole=whole)
    drop = (*(name for name in _DROP if name != keep), *([keep] if keep else ()))
    dropped = render.echo_table(
        [*columns],
        zip(*columns.values(), strict=True),
        left=("model", "life", "callable"),
        ids=("model",),
        drop=drop,
        hyphens=_HYPHENS,
    )
    shown = [name for name in columns if name not in dropped]
    # An id has no marks.
    texts = ["".join(columns[name]) for name in shown[1:]]
    render.legend(_legend(shown, {mark for mark in _MARKS if any(mark in text for text in texts)}))
    if chat_alone:
        _say_of_other_kinds(found)


def _legend(columns: Collection[str], marks: Collection[str]) -> str:
    """Return what the numbers in these columns mean, and the marks among them."""
    lines = []
    for name, (text, meanings) in _LEGEND.items():
        if name == "tiers" and not set(TIERS) & set(columns):
            continue
        more = ", with 95 % interval" if name == "ratings" and "interval" in columns else ""
        there = [f"{mark} {meaning}" for mark, meaning in meanings.items() if mark in marks]
        lines.append("; ".join((f"{name:<8} {text}{more}", *there)))
    return "\n".join(lines)


def _callable_text(callable_as: Sequence[str] | None) -> str:
    return render.UNKNOWN if callable_as is None else "yes" if callable_as else "no"


def _as_of(found: Catalog) -> str:
    return f"as of {render.moment_text(found.built_at)} UTC"


def _columns(models: Sequence[CanonicalModel], *, whole: bool) -> dict[str, list[str]]:
    """Return the cells of each column by its name: there may be thousands of rows, so the loops are few and short."""
    found = {"model": [model.canonical_id for model in models]}
    for name in TIERS:
        read = attrgetter("type", f"{name}_basis", f"{name}_tier", "arena_setting")
        found[name] = list(starmap(tier_text, map(read, models)))
    found["rating"] = [
        f"{render.number(model.arena_score)}{OTHER_SETTING if model.arena_setting else ''}" for model in models
    ]
    found["interval"] = [render.interval(model.arena_ci_low, model.arena_ci_high) for model in models]
    for title, name in (("in", "input"), ("out", "output")):
        prices = map(attrgetter(f"price_{name}_per_million"), models)
        found[title] = [_price(model, name, price) for model, price in zip(models, prices, strict=True)]
    found["context"] = [render.count(model.context_tokens) for model in models]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    lives = [life_text(model, today) for model in models]
    if any(lives):
        found["life"] = lives
    if whole:
        found["callable"] = [_callable_text(model.callable_as) for model in models]  # type: ignore[attr-defined]
    return found


def _price(model: CanonicalModel, name: str, price: float | None) -> str:
    """Return a price with the marks of its source: the user's own, the second witness, or disputed by it."""
    if model.price_source == OWN:
        mark = OWN_PRICE
    elif name in model.disputed:
        mark = DISPUTED
    else:
        mark = WITNESS_PRICE if model.price_source == LITELLM and price is not None else ""
    return f"{dollars(price)}{mark}"


def life_text(model: CanonicalModel, today: str) -> str:
    """Return what is known of a model's life on a day, in ISO 8601, where it is not simply active."""
    stage, day = stage_on(model, today), end_of(model)
    mark = DISPUTED if "retires_on" in model.disputed else ""
    said = "" if stage in {None, "active"} else str(stage)
    if day is None:
        return f"{said}{mark}"
    # A last day says that it is deprecated, too.
    return f"{'retired' if stage == 'retired' else 'ends'} {day}{mark}"


def _say_of_other_kinds(found: Catalog) -> None:
    others = sum(model.type != CHAT for model in found.models)
    if others:
        does, it = ("does", "it") if others == 1 else ("do", "them")
        render.line(f"kinds    {counted(others, 'model')} {does} not answer in text: --kind all shows {it} too")


def say_why_none(found: Catalog, selection: Selection) -> None:
    """Say on stderr why no model of a catalog is left."""
    from llmhub.catalog.choosing.none_left import why_none

    why = why_none(found, selection)
    render.note(f"no model of {len(found.models):,} meets all of that{': ' if why else ''}{'; '.join(why)}")


def warn_of_sources(found: Catalog) -> None:
    """Warn on stderr of each source that a catalog lacks something of."""
    for status in found.sources:
        if status.status != "ok":
            render.warn(f"warning: {SOURCES[status.source]}: {status.status}: {status.reason or render.UNKNOWN}")
