"""`llmhub catalog pick`: the id of one model, for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from llmhub.cli import render
from llmhub.cli.catalog.current import current, say_if_empty
from llmhub.cli.catalog.filters import filter_options, selection_of
from llmhub.cli.catalog.lines import echo_line, template_option
from llmhub.cli.catalog.model_table import say_why_none
from llmhub.cli.options import json_option

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel

_NAMED = 3


@click.command()
@filter_options
@click.option("--allow-retiring", is_flag=True, help="Also take a model that ends within 30 days, or has ended.")
@template_option
@json_option
@click.pass_context
def pick(
    context: click.Context,
    /,
    *,
    sort: str,
    allow_retiring: bool,
    template: str | None,
    output: str | None,
    **asked: Any,
) -> None:
    """Print the id of the first model that `show` would list.

    It is for scripts: it takes the same filters and order, prints one id on stdout, and exits with 1 if there is none.
    It passes over a model that ends within 30 days according to any source, unless --allow-retiring is given.
    """
    from llmhub.catalog.choosing.picking import pick as picked_of
    from llmhub.catalog.choosing.selection import select

    selection = selection_of(asked)
    found = current()
    models = select(found, selection, sort=sort)
    picked = picked_of(models, today=datetime.now(UTC).date(), allow_retiring=allow_retiring)
    if picked.passed_over:
        _say_passed_over(picked.passed_over)
    if picked.model is None:
        if not found.models:
            say_if_empty(found)
        elif not models:
            say_why_none(found, selection)
        context.exit(1)
    elif output == "json":
        from llmhub.catalog.stored.record import as_json

        render.echo_json(as_json(picked.model))
    else:
        echo_line(picked.model, template)


def _say_passed_over(models: Sequence[CanonicalModel]) -> None:
    shown = ", ".join(f"{model.canonical_id} ({_end(model)})" for model in models[:_NAMED])
    more = f" and {len(models) - _NAMED} more" if len(models) > _NAMED else ""
    render.note(f"passed over, since they end soon: {shown}{more}; --allow-retiring takes them")


def _end(model: CanonicalModel) -> str:
    day = getattr(model, "retires_on", None)
    return "retired" if day is None else f"ends {day}"
