"""`llmhub catalog cost`: what usage costs at recorded prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from llmhub.cli import progress, render
from llmhub.cli.catalog.filters import filter_options_of_usage, selection_of
from llmhub.cli.catalog.texts import OWN_PRICE, WITNESS_PRICE
from llmhub.cli.options import REFERENCES, NameType, ReferenceType, TokensType, list_options
from llmhub.errors import counted

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from datetime import date, datetime

    from llmhub.offers.billing.cost import CostRow, Unpriced

_CENT = 0.01
_COLUMNS = ("model", "input", "output", "cached", "written", "total", "recorded")
_UNPRICED_NAMED = 5


@click.command(epilog=REFERENCES)
@click.argument("models", nargs=-1, type=NameType(), metavar="[MODEL]...")
@click.option(
    "--input", "given", type=TokensType(), metavar="N", help="Tokens of input, without cached ones: 10M, 500k."
)
@click.option("--output", "generated", type=TokensType(), metavar="N", help="Tokens of output.")
@click.option("--cached", type=TokensType(), metavar="N", help="Tokens of input that come from the provider's cache.")
@click.option(
    "--written", type=TokensType(), metavar="N", help="Tokens of input that the provider puts into its cache."
)
@click.option(
    "--prompt", type=TokensType(), metavar="N", help="Tokens of each prompt: some providers charge more for long ones."
)
@click.option(
    "--at", "reference", type=ReferenceType(), metavar="REF", help="Use the prices of that moment; default: latest."
)
@click.option(
    "--usage",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Price recorded usage: CSV, JSON lines, or what ccusage, LiteLLM, OpenAI and Anthropic export.",
)
@click.option("--provider", type=NameType(), metavar="NAME", help="The provider of model ids that name none.")
@click.option("--all", "whole", is_flag=True, help="Let filters choose among every offer of models.dev.")
@filter_options_of_usage
@list_options
@click.pass_context
def cost(
    context: click.Context,
    /,
    *,
    models: tuple[str, ...],
    given: int | None,
    generated: int | None,
    cached: int | None,
    written: int | None,
    prompt: int | None,
    reference: str | None,
    usage: str | None,
    provider: str | None,
    whole: bool,
    output: str | None,
    **asked: Any,
) -> None:
    """Show what usage costs at recorded prices.

    With --input, --output, --cached and --written it shows what so many tokens cost on each MODEL (provider/model_id,
    as the catalog or models.dev names it), cheapest first. Without MODEL, filters choose the models: `--quality 1`
    means every model that can be called and is rated among the best fifth.

    With --usage it prices each line of a file at the price that was recorded by the end of that day (UTC, as are times
    without a zone), and adds the costs up by model, dearest first. The columns are time, model, provider, input,
    output, cached and written, or what ccusage, LiteLLM, OpenAI and Anthropic call them. An id without a provider means
    its lab's own offer.

    Your own prices in overrides.json (=) take precedence over those of models.dev, and LiteLLM's (^) count where
    models.dev has none. Prices are those of short prompts, unless --prompt or the file says how long they are. Usage
    that cannot be priced is listed with the reason, and is in no sum. It exits with 1 if no MODEL has a known price.
    """
    from pathlib import Path

    from llmhub.catalog.cache import last_catalog
    from llmhub.catalog.offered.costs import cost_of, cost_of_usage, no_such_model
    from llmhub.offers.billing.cost import Tokens

    amounts = (given, generated, cached, written)
    filtered = whole or any(_is_given(context, name) for name in asked)
    _require_one_question(usage, models, reference, (*amounts, prompt), filtered=filtered)
    named = _selected(asked, provider, whole=whole) if filtered else models
    if usage is None:
        tokens = Tokens(*(amount or 0 for amount in amounts))
        when = reference or "latest"
        found = cost_of(named, tokens, last_catalog(), reference=when, prompt=prompt, provider=provider)
        if models and set(found.unknown) == set(models):
            raise no_such_model(found)
        _print(_Shown(found.at, found.rows, found.unpriced, found.long_prompts), output)
        if models and not found.rows:
            context.exit(1)
        return
    with progress.shown("pricing usage"):
        bill = cost_of_usage(Path(usage), last_catalog(), provider=provider)
    if bill.without_zone:
        has = "has" if bill.without_zone == 1 else "have"
        render.note(f"{counted(bill.without_zone, 'time')} {has} no time zone: taken as UTC")
    _print(
        _Shown(None, bill.rows(), bill.unpriced(), bill.long_prompts, (bill.first, bill.last), bill.searches), output
    )


def _require_one_question(
    usage: str | None,
    models: tuple[str, ...],
    reference: str | None,
    amounts: tuple[int | None, ...],
    *,
    filtered: bool,
) -> None:
    """Check that either a file says what was used, or amounts and models do.

    Raises:
        UsageError: both do, or neither.
    """
    if usage is not None and (models or reference or filtered or any(amount is not None for amount in amounts)):
        raise click.UsageError(
            "--usage names models, times and tokens: give it without MODEL, amounts, --at and filters"
        )
    if models and filtered:
        raise click.UsageError("filters choose the models: give either filters or MODEL")
    if usage is None and not ((models or filtered) and any(amounts[:-1])):
        raise click.UsageError("give MODEL or filters with --input, --output, --cached or --written, or --usage FILE")


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def _selected(asked: dict[str, Any], provider: str | None, *, whole: bool) -> tuple[str, ...]:
    """Return the ids of the models that the filters let through."""
    from llmhub.catalog.choosing.selection import select
    from llmhub.cli.catalog.current import current, say_if_empty
    from llmhub.cli.catalog.model_table import say_why_none

    selection = selection_of(asked | {"providers": () if provider is None else (provider,)})
    found = current()
    if whole:
        from llmhub.catalog.assembly.whole import stored_whole_catalog
        from llmhub.catalog.choosing.keys import with_names_of_models_dev

        with progress.building():
            found = stored_whole_catalog(found)
        selection = with_names_of_models_dev(selection, found)
    chosen = select(found, selection, sort="price")
    if not found.models:
        say_if_empty(found)
    elif not chosen:
        say_why_none(found, selection)
    return tuple(model.canonical_id for model in chosen)


class _Shown(NamedTuple):
    """What is shown: at a moment, or of days of usage."""

    at: datetime | None
    rows: list[CostRow]
    unpriced: list[Unpriced]
    long_prompts: AbstractSet[str]
    days: tuple[date | None, date | None] = (None, None)
    searches: int = 0


def _print(shown: _Shown, output: str | None) -> None:
    from llmhub.offers.billing.cost import CostRow, total_of

    lines = [
        row._asdict() | {"recorded_on": render.moment_json(row.recorded_on) if row.recorded_on else None}
        for row in shown.rows
    ]
    if output == "json":
        render.echo_json(
            {
                "at": None if shown.at is None else render.moment_json(shown.at),
                "rows": lines,
                "total": total_of(shown.rows),
                "unpriced": [one._asdict() for one in shown.unpriced],
                "long_prompts": sorted(shown.long_prompts),
                "searches": shown.searches,
            }
        )
        return
    if output == "csv":
        render.echo_csv(lines, CostRow._fields)
    else:
        _show(shown)
    # Of a file each line of usage that is in no sum is named; of models that a filter chose, a few.
    named = shown.unpriced if shown.at is None else shown.unpriced[:_UNPRICED_NAMED]
    for one in named:
        counts = f"{one.input:,} in, {one.output:,} out, {one.cached:,} cached, {one.written:,} written"
        render.warn(f"not priced: {one.model or 'a line without a model'} ({counts}): {one.reason}")
    if len(named) < len(shown.unpriced):
        render.warn(f"not priced: {len(shown.unpriced) - len(named):,} more; --json names all")
    if shown.searches:
        render.warn(f"not priced: searches of the web ({shown.searches:,}): the prices here are those of tokens")


def _show(shown: _Shown) -> None:
    from llmhub.nearest import first_few
    from llmhub.offers.billing.cost import total_of

    if shown.rows or shown.at is not None or shown.days[0] is not None:
        render.heading(_heading(shown))
    if not shown.rows:
        render.note("nothing could be priced")
        return
    rows = shown.rows
    table = [(row.model, *_amounts(row), f"{row.recorded_on:%Y-%m-%d}" if row.recorded_on else "") for row in rows]
    # Of most bills nothing comes from a cache or goes into one.
    spent = {"cached": any(row.cached_cost for row in rows), "written": any(row.written_cost for row in rows)}
    kept = [place for place, name in enumerate(_COLUMNS) if spent.get(name, True)]
    render.echo_table(
        [_COLUMNS[place] for place in kept],
        ([line[place] for place in kept] for line in table),
        left=("model", "recorded"),
        ids=("model",),
        drop=("written", "cached", "recorded"),
    )
    if shown.at is None:
        render.line(f"total {_dollars(total_of(shown.rows))}")
    if shown.long_prompts:
        which = first_few(sorted(shown.long_prompts))
        render.note(f"long prompts of {which} have other prices: give --prompt N, how long yours are")


def _heading(shown: _Shown) -> str:
    """Return whose prices, and of when: the user's own and LiteLLM's are marked."""
    from llmhub.offers.fields import LITELLM, OWN

    days = "" if shown.at is not None else f", {shown.days[0]} to {shown.days[1]}"
    sources = [row.price_source for row in shown.rows]
    if sources and set(sources) == {OWN}:
        return f"US dollars at your own prices ({OWN_PRICE}) of overrides.json{days}"
    if shown.at is None:
        recorded = f"each day's recorded prices{days}"
    else:
        recorded = f"the prices that models.dev had recorded by {render.moment_text(shown.at)} UTC"
    witness = f"; {WITNESS_PRICE} at LiteLLM's" if any(LITELLM in source for source in sources) else ""
    return f"US dollars at {recorded}{witness}{f'; {OWN_PRICE} at your own' if OWN in sources else ''}"


def _amounts(row: CostRow) -> list[str]:
    """Return the parts of a cost and their sum, marked if the price is not models.dev's."""
    from llmhub.offers.fields import LITELLM, OWN

    *parts, total = (_dollars(value) for value in row[1:6])
    mark = OWN_PRICE if row.price_source == OWN else WITNESS_PRICE if LITELLM in row.price_source else ""
    return [*parts, f"{total}{mark}"]


def _dollars(value: float) -> str:
    """Return US dollars to the cent; amounts below a cent with two significant digits."""
    return f"{value:,.2f}" if value >= _CENT or value == 0 else f"{value:.2g}"
