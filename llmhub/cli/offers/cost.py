"""`llmhub catalog cost`: what usage costs at recorded prices."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from llmhub.cli import progress, render
from llmhub.cli.catalog.filters import filter_options_of_usage, selection_of
from llmhub.cli.catalog.texts import OWN_PRICE
from llmhub.cli.offers.texts import labs
from llmhub.cli.options import REFERENCES, NameType, ReferenceType, TokensType, list_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmhub.offers.billing.cost import Bill, CostRow
    from llmhub.offers.billing.own_prices import OwnPrice

_CENT = 0.01
_UNPRICED_NAMED = 5


@click.command(epilog=REFERENCES)
@click.argument("models", nargs=-1, type=NameType(), metavar="[MODEL]...")
@click.option("--input", "given", type=TokensType(), metavar="N", help="Tokens of input that no cache had: 10M, 500k.")
@click.option("--output", "generated", type=TokensType(), metavar="N", help="Tokens of output.")
@click.option("--cached", type=TokensType(), metavar="N", help="Tokens of input that the provider's cache had.")
@click.option("--at", "reference", type=ReferenceType(), metavar="REF", help="At the prices of then; default: latest.")
@click.option(
    "--usage",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Price recorded usage: CSV, JSON lines, or what ccusage and LiteLLM export.",
)
@click.option("--provider", type=NameType(), metavar="NAME", help="Whose offer a model is without a provider.")
@click.option("--all", "whole", is_flag=True, help="With filters: of every offer of models.dev.")
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
    reference: str | None,
    usage: str | None,
    provider: str | None,
    whole: bool,
    output: str | None,
    **asked: Any,
) -> None:
    """Show what usage costs at recorded prices.

    Of MODELs (provider/model_id, as models.dev names them) with --input, --output and --cached: what so many tokens
    cost, cheapest first. Without MODEL the filters say which: `--quality 1` is every model that can be called and is
    rated among the best fifth. With --usage: each line of a file at the price that models.dev had recorded by the end
    of its day (UTC, as are times without a zone), added up by model, dearest first. Its columns are time, model,
    provider, input, output, cached and written, or what ccusage and LiteLLM call them. An id without a provider means
    its lab's own offer.

    Prices are those of short prompts, as recorded; your own ones in overrides.json go before them. What cannot be
    priced is listed with the reason, and is in no sum.
    """
    from pathlib import Path

    from llmhub.offers.billing.cost import Tokens
    from llmhub.offers.billing.pricing import Prices, bill_of, quote
    from llmhub.offers.billing.usage import read_usage
    from llmhub.offers.sql.finding import resolve
    from llmhub.store import SnapshotStore

    amounts = (given, generated, cached)
    filtered = whole or any(_is_given(context, name) for name in asked)
    _require_one_question(usage, models, reference, amounts, filtered=filtered)
    named = _selected(asked, provider, whole=whole) if filtered else models
    now = datetime.now(UTC)
    own = _own_price()
    with SnapshotStore.open() as store, store.reading() as connection:
        if usage is not None:
            with progress.shown("pricing usage"):
                bill = bill_of(
                    Prices(connection, now=now, provider=provider, own=own, labs=labs), read_usage(Path(usage))
                )
            at = None
        else:
            _, snapshot = resolve(connection, reference or "latest", now=now)
            at = snapshot.taken_at
            tokens = Tokens(given or 0, generated or 0, cached or 0)
            bill = quote(Prices(connection, now=at, provider=provider, own=own, labs=labs), named, tokens, at=at)
    if bill.without_zone:
        times = "1 time has" if bill.without_zone == 1 else f"{bill.without_zone:,} times have"
        render.note(f"{times} no time zone: taken as UTC")
    _print(bill, at, output)


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
        raise click.UsageError("--usage says models, times and tokens: give nothing else of these")
    if models and filtered:
        raise click.UsageError("filters say which models there are: give these or MODEL")
    if usage is None and not ((models or filtered) and any(amounts)):
        raise click.UsageError("give MODEL or filters with --input, --output or --cached, or --usage FILE")


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def _selected(asked: dict[str, Any], provider: str | None, *, whole: bool) -> tuple[str, ...]:
    """Return models.dev's ids of the offers that the filters let through."""
    from llmhub.catalog.choosing.selection import select
    from llmhub.cli.catalog.current import current, say_if_empty
    from llmhub.cli.catalog.model_table import say_none

    selection = selection_of(asked | {"providers": () if provider is None else (provider,)})
    found = current()
    if whole:
        from llmhub.catalog.assembly.whole import stored_whole_catalog
        from llmhub.catalog.choosing.keys import with_names_of_models_dev

        with progress.shown():
            found = stored_whole_catalog(found)
        selection = with_names_of_models_dev(selection, found)
    chosen = select(found, selection, sort="price")
    if not found.models:
        say_if_empty(found)
    elif not chosen:
        say_none(found, selection)
    matches = [model.modelsdev_match for model in chosen]
    # A variant is another offer than the one that is called, whose price says nothing of it.
    return tuple(match.target for match in matches if match is not None and match.target and match.kind != "variant")


def _own_price() -> Callable[[str], OwnPrice | None] | None:
    """Return what tells the price that the user pays for an offer; None without an overrides.json."""
    from llmhub import settings

    if not settings.overrides_file().exists():
        return None
    from llmhub.catalog.matching.overrides import load_overrides

    return load_overrides().own_price


def _print(bill: Bill, at: datetime | None, output: str | None) -> None:
    from llmhub.offers.billing.cost import CostRow, total_of

    rows = bill.rows() if at is None else bill.rows()[::-1]
    if output == "json":
        render.echo_json(
            {
                "at": None if at is None else render.moment_json(at),
                "rows": [row._asdict() | {"recorded_on": render.moment_json(row.recorded_on)} for row in rows],
                "total": total_of(rows),
                "unpriced": [one._asdict() for one in bill.unpriced()],
            }
        )
        return
    if output == "csv":
        lines = [row._asdict() | {"recorded_on": render.moment_json(row.recorded_on)} for row in rows]
        render.echo_csv(lines, CostRow._fields)
    else:
        _show(bill, rows, at)
    unpriced = bill.unpriced()
    # Of a file each line of usage that is in no sum is named; of models that a filter chose, a few.
    named = unpriced if at is None else unpriced[:_UNPRICED_NAMED]
    for one in named:
        counts = f"{one.input:,} in, {one.output:,} out, {one.cached:,} cached, {one.written:,} written"
        render.warn(f"not priced: {one.model or 'a line without a model'} ({counts}): {one.reason}")
    if len(named) < len(unpriced):
        render.warn(f"not priced: {len(unpriced) - len(named):,} more; --json names all")


def _show(bill: Bill, rows: list[CostRow], at: datetime | None) -> None:
    from llmhub.offers.billing.cost import total_of
    from llmhub.offers.fields import OWN

    own = [row for row in rows if row.price_source == OWN]
    if own and len(own) == len(rows):
        days = "" if at is not None else f", {bill.first} to {bill.last}"
        render.heading(f"US dollars at your own prices ({OWN_PRICE}) of overrides.json{days}")
    elif at is not None or bill.first is not None:
        recorded = (
            f"each day's recorded prices, {bill.first} to {bill.last}"
            if at is None
            else f"the prices that models.dev had recorded by {render.moment_text(at)} UTC"
        )
        render.heading(f"US dollars at {recorded}{f'; {OWN_PRICE} at your own' if own else ''}")
    if not rows:
        render.note("nothing could be priced")
        return
    render.echo_table(
        ("model", "input", "output", "cached", "written", "total", "recorded on"),
        ((row.model, *_amounts(row), f"{row.recorded_on:%Y-%m-%d}") for row in rows),
        left=("model", "recorded on"),
        ids=("model",),
        drop=("written", "cached", "recorded on"),
    )
    if at is None:
        render.line(f"total {_dollars(total_of(rows))}")


def _amounts(row: CostRow) -> list[str]:
    """Return the parts of a cost and their sum, marked if the price is the user's own."""
    from llmhub.offers.fields import OWN

    *parts, total = (_dollars(value) for value in row[1:6])
    return [*parts, f"{total}{OWN_PRICE if row.price_source == OWN else ''}"]


def _dollars(value: float) -> str:
    """Return US dollars to the cent; amounts below a cent with two significant digits."""
    return f"{value:,.2f}" if value >= _CENT or value == 0 else f"{value:.2g}"
