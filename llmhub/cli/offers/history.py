"""`llmhub catalog history`: how offers changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from llmhub.cli import render
from llmhub.cli.offers.texts import PRICES, labs, value_text
from llmhub.cli.options import NameType, list_options, span_options

if TYPE_CHECKING:
    from datetime import datetime

    from llmhub.offers.history import PriceRow

_VALUES = ("input", "output", "cache_read", "cache_write", "context", "max_output", "status")


@click.command()
@click.argument("models", nargs=-1, required=True, type=NameType(), metavar="MODEL...")
@span_options
@list_options
def history(*, models: tuple[str, ...], since: datetime | None, until: datetime | None, output: str | None) -> None:
    """Show how an offer's prices, limits and status changed.

    MODEL is provider/model_id, as models.dev names it. Each change has a line, oldest first, with the time of the
    snapshot that first had it. Prices are those that models.dev recorded; a provider may have asked them earlier. A
    change of a price that is likely a correction is marked, as in `llmhub catalog diff`.
    """
    from llmhub.offers.history import PriceRow
    from llmhub.store import SnapshotStore

    with SnapshotStore.open() as store:
        whole = store.price_history(*models, labs=labs)
    shown = {
        model: [
            row for row in rows if (since is None or row.taken_at >= since) and (until is None or row.taken_at <= until)
        ]
        for model, rows in whole.items()
    }
    if output == "json":
        render.echo_json({model: [_point_json(row) for row in rows] for model, rows in shown.items()})
    elif output == "csv":
        lines = [_row(row) | {"changed": " ".join(row.changed)} for listed in shown.values() for row in listed]
        render.echo_csv(lines, PriceRow._fields)
    else:
        for number, (model, rows) in enumerate(shown.items()):
            render.heading(model, apart=number > 0)
            _show(rows)
        render.line(PRICES)


def _row(row: PriceRow) -> dict[str, object]:
    return row._asdict() | {"taken_at": render.moment_json(row.taken_at)}


def _point_json(row: PriceRow) -> dict[str, object]:
    point = {name: value for name, value in _row(row).items() if name != "model"}
    return point | {"changed": list(row.changed)}


def _show(rows: list[PriceRow]) -> None:
    if not rows:
        render.note("it did not change in that span of time")
        return
    render.echo_table(
        (
            "id",
            "taken at (UTC)",
            "in",
            "out",
            "cache read",
            "cache write",
            "context",
            "max out",
            "status",
            "what changed",
        ),
        (
            (
                row.id,
                render.moment_text(row.taken_at),
                *(_value(row, name) for name in _VALUES),
                f"{' '.join(row.changed) or 'first seen'}{f' ({row.note})' if row.note else ''}",
            )
            for row in rows
        ),
        left=("taken at (UTC)", "status", "what changed"),
        prose=("what changed",),
        drop=("cache write", "cache read", "id", "max out", "context"),
    )


def _value(row: PriceRow, name: str) -> str:
    if row.changed == ("went",):
        return ""
    value = getattr(row, name)
    # That models.dev says nothing of an offer's life is the rule.
    return "" if name == "status" and value is None else value_text(name, value)
