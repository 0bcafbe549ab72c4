"""`llmhub catalog export`: the catalog's models as a file for another tool."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from llmhub.cli import render
from llmhub.cli.catalog.current import current, say_if_empty
from llmhub.cli.catalog.filters import filter_options, selection_of
from llmhub.cli.catalog.model_table import say_why_none
from llmhub.cli.options import json_option, output_option
from llmhub.errors import counted

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel, Catalog

_FORMATS = ("litellm", "csv", "parquet", "markdown")


@click.command()
@filter_options
@click.option(
    "--format",
    "kind",
    type=click.Choice(_FORMATS),
    required=True,
    help="A LiteLLM proxy's configuration, a table of all columns, or a short table for a README.",
)
@output_option("file", printed=True, help="The file to write; default: print it.")
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@json_option
@click.pass_context
def export(
    context: click.Context,
    /,
    *,
    sort: str,
    kind: str,
    file: Path | None,
    force: bool,
    output: str | None,
    **asked: Any,
) -> None:
    """Write the models that `show` would list for another tool.

    For a LiteLLM proxy it writes the models under their ids here, with prices, limits, the variables of their keys, and
    for each model up to three fallbacks of its tier of quality or the next lower ones. The exit code is 1 if there is
    no model.
    """
    from llmhub.catalog.choosing.selection import select
    from llmhub.settings import absolute

    if file is None and kind == "parquet":
        raise click.UsageError("Parquet cannot be printed: give -o FILE")
    if file is None and output == "json":
        raise click.UsageError("--json says what was written to a file: give -o FILE")
    selection = selection_of(asked)
    found = current()
    models = select(found, selection, sort=sort)
    if not models:
        if found.models:
            say_why_none(found, selection)
        else:
            say_if_empty(found)
        context.exit(1)
    target = None if file is None else absolute(file)
    written = _write(kind, models, found, target, force=force)
    for provider in written.unknown_providers:
        render.warn(f"left out: {_unknown(provider)}")
    if target is None:
        return
    if output == "json":
        render.echo_json(_written_json(written, kind, target))
    else:
        render.outcome(f"wrote {counted(written.models, 'model')} to {target}")


class _Written(NamedTuple):
    """How many models were written, and the providers whose models were left out because LiteLLM does not have them."""

    models: int
    unknown_providers: Sequence[str] = ()


def _unknown(provider: str) -> str:
    return f"LiteLLM has no provider for {provider}"


def _written_json(written: _Written, kind: str, target: Path) -> dict[str, object]:
    return {
        **render.file_json(target),
        "format": kind,
        "models": written.models,
        "left_out": [{"provider": one, "reason": _unknown(one)} for one in written.unknown_providers],
    }


def _write(
    kind: str, models: Sequence[CanonicalModel], found: Catalog, target: Path | None, *, force: bool
) -> _Written:
    """Write models to a file, or print them if there is none."""
    if kind == "parquet" and target is not None:
        from llmhub.catalog.exporting.parquet import write_parquet
        from llmhub.catalog.stored.rows import rows_of

        write_parquet(target, rows_of(models), force=force)
        return _Written(len(models))
    text, written = _text(kind, models, found)
    if target is None:
        click.echo(text, nl=False, color=True)
        return written
    from llmhub.files import written_whole

    with written_whole(target, force=force) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")
    return written


def _text(kind: str, models: Sequence[CanonicalModel], found: Catalog) -> tuple[str, _Written]:
    """Return a file's text, and what is in it."""
    if kind == "csv":
        from llmhub.catalog.exporting.cells import no_formulas
        from llmhub.catalog.stored.rows import CatalogRow, rows_of

        rows = [no_formulas(row._asdict()) for row in rows_of(models)]
        return f"{render.csv_text(rows, CatalogRow._fields)}\n", _Written(len(models))
    if kind == "markdown":
        from llmhub.catalog.exporting.markdown import markdown_table

        return markdown_table(models), _Written(len(models))
    from llmhub.catalog.exporting.litellm_config import litellm_config
    from llmhub.catalog.exporting.yaml_text import yaml_text

    config = litellm_config(models, found)
    return yaml_text(config.document), _Written(len(config.document["model_list"]), config.unknown)
