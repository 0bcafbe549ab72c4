"""`llmhub catalog export`: the catalog's models as a file for another tool."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llmhub.cli import render
from llmhub.cli.catalog.current import current, say_if_empty
from llmhub.cli.catalog.filters import filter_options, selection_of
from llmhub.cli.catalog.model_table import say_none
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
@click.option(
    "-o",
    "--output",
    "path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file to write; default: print it.",
)
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.pass_context
def export(context: click.Context, /, *, sort: str, kind: str, path: Path | None, force: bool, **asked: Any) -> None:
    """Write the models that `show` would list for another tool.

    For a LiteLLM proxy it writes the models under their ids here, with prices, limits, the variables of their keys, and
    for each model up to three fallbacks of its tier of quality or the next lower ones. The exit code is 1 if there is
    no model.
    """
    from llmhub.catalog.choosing.selection import select

    if kind == "parquet" and path is None:
        raise click.UsageError("Parquet cannot be printed: give -o FILE")
    selection = selection_of(asked)
    found = current()
    models = select(found, selection, sort=sort)
    if not models:
        if found.models:
            say_none(found, selection)
        else:
            say_if_empty(found)
        context.exit(1)
    if kind == "parquet" and path is not None:
        from llmhub.catalog.exporting.parquet import write_parquet
        from llmhub.catalog.stored.rows import rows_of

        write_parquet(path, rows_of(models), force=force)
        written = len(models)
    else:
        text, written = _text(kind, models, found)
        _write(text, path, force=force)
    if path is not None:
        render.outcome(f"wrote {counted(written, 'model')} to {path}")


def _text(kind: str, models: Sequence[CanonicalModel], found: Catalog) -> tuple[str, int]:
    """Return a file's text, and how many models are in it."""
    if kind == "csv":
        from llmhub.catalog.exporting.cells import no_formulas
        from llmhub.catalog.stored.rows import CatalogRow, rows_of

        rows = [no_formulas(row._asdict()) for row in rows_of(models)]
        return f"{render.csv_text(rows, CatalogRow._fields)}\n", len(models)
    if kind == "markdown":
        from llmhub.catalog.exporting.markdown import markdown_table

        return markdown_table(models), len(models)
    from llmhub.catalog.exporting.litellm_config import litellm_config
    from llmhub.catalog.exporting.yaml_text import yaml_text

    config = litellm_config(models, found)
    for provider in config.unknown:
        render.warn(f"left out: LiteLLM has no provider for {provider}")
    return yaml_text(config.document), len(config.document["model_list"])


def _write(text: str, path: Path | None, *, force: bool) -> None:
    if path is None:
        click.echo(text, nl=False, color=True)
        return
    from llmhub.files import written_whole

    with written_whole(path, force=force) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")
