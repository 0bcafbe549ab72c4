"""`llmhub catalog show`: the models that can be called, filtered and sorted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from llmhub.cli import render
from llmhub.cli.catalog.current import current, say_if_empty
from llmhub.cli.catalog.texts import NO_TIER, OTHER_SETTING, TIERS, counted, dollars, tier
from llmhub.cli.options import NameType, NumberType, list_options

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel, Catalog

# What llmhub.catalog.selection offers, said again since --help imports none of it; a test compares.
ABILITIES = ("attachments", "audio", "pdf", "reasoning", "structured-output", "tools", "video", "vision")
ORDERS = (*TIERS, "rating", "price", "name", "context", "release")

_LEGEND = f"""\
tiers    1 is the best or cheapest, 5 the last; no mark: measured; ~ guessed from the newest rated model that it
         follows; ? nothing is known, whatever the number; {NO_TIER} it does not answer in text
ratings  points on text / overall, with their 95 % interval; * rated at another effort or mode, as its tiers are
prices   US dollars per million tokens"""
_MOST = 1_000_000_000


@click.command()
@click.option(
    "--provider",
    "providers",
    multiple=True,
    type=NameType("provider"),
    metavar="NAME",
    help="Of this provider; repeat for more.",
)
@click.option("--quality", type=click.IntRange(1, 5), metavar="TIER", help="At most this tier of quality.")
@click.option("--reasoning", type=click.IntRange(1, 5), metavar="TIER", help="At most this tier of reasoning.")
@click.option("--creative", type=click.IntRange(1, 5), metavar="TIER", help="At most this tier of creative writing.")
@click.option("--cost", type=click.IntRange(1, 5), metavar="TIER", help="At most this tier of cost.")
@click.option(
    "--include-guesses", is_flag=True, help="Let tiers that are guessed from another model pass the four above."
)
@click.option("--include-unknown", is_flag=True, help="Let tiers that rest on nothing pass the four above.")
@click.option(
    "--max-price",
    type=NumberType(min=0),
    metavar="USD",
    help="At most this per million tokens, three in four of them input: (3 x input + output) / 4.",
)
@click.option("--can", multiple=True, type=click.Choice(ABILITIES), help="Able to do this; repeat for more.")
@click.option("--open-weights", is_flag=True, help="With open weights.")
@click.option("--min-context", type=click.IntRange(1, _MOST), metavar="TOKENS", help="With a context of at least this.")
@click.option("--rated", is_flag=True, help="With a rating of its own.")
@click.option("--no-deprecated", is_flag=True, help="Not called deprecated or retired.")
@click.option(
    "--type",
    "types",
    multiple=True,
    type=NameType(),
    metavar="TYPE",
    default=("chat",),
    show_default=True,
    help="For this: chat, embedding, image, ..., or all; repeat for more.",
)
@click.option("--search", type=NameType(), metavar="TEXT", help="With this in its id, name, family or lab.")
@click.option(
    "--sort", type=click.Choice(ORDERS), default="quality", show_default=True, help="The order; unknown comes last."
)
@click.option("--top", type=click.IntRange(1, _MOST), metavar="N", help="Only the first N.")
@list_options
def show(
    *,
    providers: tuple[str, ...],
    types: tuple[str, ...],
    can: tuple[str, ...],
    sort: str,
    top: int | None,
    output: str | None,
    **asked: Any,
) -> None:
    """Show the models that you can call and that answer in text.

    A model that does not say what a filter asks for is left out. Tiers go from 1, the best or cheapest, to 5; filters
    by tier count measured ones alone.
    """
    from llmhub.catalog.selection import Selection, select

    worst = {name: tier for name in TIERS if (tier := asked.pop(name)) is not None}
    selection = Selection(
        providers=frozenset(providers),
        types=frozenset() if "all" in types else frozenset(types),
        most=worst,
        can=frozenset(can),
        **asked,
    )
    found = current()
    models = select(found, selection, sort=sort, top=top)
    if output == "json":
        from llmhub.catalog.stored.record import as_json

        render.echo_json(as_json(found, models=models))
    elif output == "csv":
        from llmhub.catalog.schema import CatalogRow, rows_of

        render.echo_csv([row._asdict() for row in rows_of(models)], CatalogRow._fields)
    elif not found.models:
        say_if_empty(found)
    else:
        _show_models(models, found)


def _show_models(models: tuple[CanonicalModel, ...], found: Catalog) -> None:
    of = f"{len(models):,} of " if len(models) < len(found.models) else ""
    render.heading(
        f"{of}{counted(len(found.models), 'model')} that can be called, as of {render.moment_text(found.built_at)} UTC"
    )
    render.echo_table(
        ("model", *TIERS, "rating", "interval", "in", "out", "context"),
        (
            (
                _named(model),
                *(tier(model, name) for name in TIERS),
                f"{render.number(model.arena_score)}{OTHER_SETTING if model.arena_setting else ''}",
                render.interval(model.arena_ci_low, model.arena_ci_high),
                dollars(model.price_input_per_million),
                dollars(model.price_output_per_million),
                render.count(model.context_tokens),
            )
            for model in models
        ),
        left=("model",),
    )
    for text in _LEGEND.splitlines():
        render.line(text)
    if others := sum(model.type != "chat" for model in found.models) - sum(model.type != "chat" for model in models):
        what = f"{counted(others, 'model')} for something else than answers in text"
        render.line(f"types    {what}: --type all shows {'it' if others == 1 else 'them'} too")


def _named(model: CanonicalModel) -> str:
    """Return a model's id, with what models.dev says of its life."""
    return model.canonical_id if model.status in {None, "active"} else f"{model.canonical_id} ({model.status})"
