"""`llmhub catalog cost`: what usage costs at recorded prices."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from llmhub.cli import progress, render
from llmhub.cli.options import REFERENCES, NameType, ReferenceType, list_options

if TYPE_CHECKING:
    from llmhub.offers.cost import Bill, CostRow

_TOKENS = click.IntRange(0, 10**15)
_CENT = 0.01


@click.command(epilog=REFERENCES)
@click.argument("models", nargs=-1, type=NameType(), metavar="[MODEL]...")
@click.option("--input", "given", type=_TOKENS, metavar="N", help="Tokens of input that no cache had.")
@click.option("--output", "generated", type=_TOKENS, metavar="N", help="Tokens of output.")
@click.option("--cached", type=_TOKENS, metavar="N", help="Tokens of input that the provider's cache had.")
@click.option("--at", "reference", type=ReferenceType(), metavar="REF", help="At the prices of then; default: latest.")
@click.option(
    "--usage",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Price recorded usage: CSV, JSON lines, or what ccusage and LiteLLM export.",
)
@click.option("--provider", type=NameType(), metavar="NAME", help="Whose offer a model is without a provider.")
@list_options
def cost(
    *,
    models: tuple[str, ...],
    given: int | None,
    generated: int | None,
    cached: int | None,
    reference: str | None,
    usage: str | None,
    provider: str | None,
    output: str | None,
) -> None:
    """Show what usage costs at recorded prices.

    Of MODELs (provider/model_id, as models.dev names them) with --input, --output and --cached: what so many tokens
    cost, cheapest first. With --usage: each line of a file at the price that models.dev had recorded by the end of its
    day (UTC, as are times without a zone), added up by model, dearest first. Its columns are time, model, provider,
    input, output, cached and written, or what ccusage and LiteLLM call them.

    Prices are those of short prompts, as recorded. What cannot be priced is listed with the reason, and is in no sum.
    """
    from pathlib import Path

    from llmhub.offers.cost import Tokens
    from llmhub.offers.pricing import Prices, bill_of, quote
    from llmhub.offers.sql.finding import resolve
    from llmhub.offers.usage import read_usage
    from llmhub.store import SnapshotStore

    amounts = (given, generated, cached)
    if usage is not None and (models or reference or any(amount is not None for amount in amounts)):
        raise click.UsageError("--usage says models, times and tokens: give nothing else of these")
    if usage is None and not (models and any(amounts)):
        raise click.UsageError("give MODEL with --input, --output or --cached, or --usage FILE")
    now = datetime.now(UTC)
    with SnapshotStore.open() as store, store.reading() as connection:
        if usage is not None:
            with progress.shown("pricing usage"):
                bill = bill_of(Prices(connection, now=now, provider=provider), read_usage(Path(usage)))
            at = None
        else:
            _, snapshot = resolve(connection, reference or "latest", now=now)
            at = snapshot.taken_at
            tokens = Tokens(given or 0, generated or 0, cached or 0)
            bill = quote(Prices(connection, now=at, provider=provider), models, tokens, at=at)
    _print(bill, at, output)


def _print(bill: Bill, at: datetime | None, output: str | None) -> None:
    from llmhub.offers.cost import CostRow, total_of

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
    for one in bill.unpriced():
        counts = f"{one.input:,} in, {one.output:,} out, {one.cached:,} cached, {one.written:,} written"
        render.warn(f"not priced: {one.model} ({counts}): {one.reason}")


def _show(bill: Bill, rows: list[CostRow], at: datetime | None) -> None:
    from llmhub.offers.cost import total_of

    if at is not None:
        render.heading(f"US dollars at the prices that models.dev had recorded by {render.moment_text(at)} UTC")
    elif bill.first is not None:
        render.heading(f"US dollars at each day's recorded prices, {bill.first} to {bill.last}")
    if not rows:
        render.note("nothing could be priced")
        return
    render.echo_table(
        ("model", "input", "output", "cached", "written", "total", "recorded on"),
        ((row.model, *(_dollars(value) for value in row[1:6]), f"{row.recorded_on:%Y-%m-%d}") for row in rows),
        left=("model", "recorded on"),
        ids=("model",),
        drop=("written", "cached", "recorded on"),
    )
    if at is None:
        render.line(f"total {_dollars(total_of(rows))}")


def _dollars(value: float) -> str:
    """Return US dollars to the cent, and what is less than one with two digits that say something."""
    return f"{value:,.2f}" if value >= _CENT or value == 0 else f"{value:.2g}"
