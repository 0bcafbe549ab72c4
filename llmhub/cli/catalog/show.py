"""`llmhub catalog show`: the models that can be called, or every offer, today or at a moment, filtered and sorted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from llmhub.cli import progress, render
from llmhub.cli.catalog.current import current, say_if_empty
from llmhub.cli.catalog.filters import filter_options, selection_of
from llmhub.cli.catalog.lines import echo_line, line_options
from llmhub.cli.catalog.model_table import say_why_none, show_models, warn_of_sources
from llmhub.cli.options import MOST, REFERENCES, ReferenceType, list_options

if TYPE_CHECKING:
    from llmhub.catalog.choosing.selection import Selection
    from llmhub.catalog.schema import CanonicalModel, Catalog

_FIRST = 10
_CALLABLE = "model that can be called"
_OFFERED = "offer of models.dev"
# What --full alone shows: they are long, and say nothing of a model.
_OF_THE_MACHINE = ("providers", "key_variables", "known_key_variables", "address_variables", "settings_digest")


@click.command(epilog=REFERENCES)
@click.option(
    "--all", "whole", is_flag=True, help="Show every offer of models.dev, and which can be called; needs no key."
)
@click.option("--at", "reference", type=ReferenceType(), metavar="REF", help="Show the catalog as it was then.")
@filter_options
@click.option("--top", type=click.IntRange(1, MOST), metavar="N", help="Only the first N.")
@line_options
@click.option("--full", is_flag=True, help="With --json: also providers, and names of variables.")
@list_options
def show(
    *,
    whole: bool,
    reference: str | None,
    sort: str,
    top: int | None,
    template: str | None,
    full: bool,
    output: str | None,
    **asked: Any,
) -> None:
    """Show the models that you can call and that answer in text.

    A filter leaves out a model for which it is unknown whether it meets it. Tiers go from 1, the best or cheapest
    fifth, to 5; filters by tier count only measured ones. --all shows every offer of models.dev, under its names there.
    --at shows the catalog of that moment, as far as the store knows it.
    """
    from llmhub.catalog.choosing.selection import select

    if full and output != "json":
        raise click.UsageError("--full adds to --json: give both")
    selection = selection_of(asked)
    found = _catalog(reference, whole=whole)
    if whole:
        from llmhub.catalog.choosing.keys import with_names_of_models_dev

        selection = with_names_of_models_dev(selection, found)
    models = select(found, selection, sort=sort, top=top)
    if output == "json":
        _echo_json(found, models, full=full)
    elif output == "csv":
        _echo_csv(models, whole=whole)
    elif output is not None:
        for model in models:
            echo_line(model, template)
        if not models and found.models:
            say_why_none(found, selection)
    else:
        _show(found, models, selection, sort=sort, top=top, whole=whole, past=reference is not None)


def _catalog(reference: str | None, *, whole: bool) -> Catalog:
    """Return the catalog that is asked for, to be read only; what it lacks is said on stderr."""
    if reference is not None:
        from llmhub.catalog.assembly.kept_past import stored_catalog_at

        with progress.building():
            then = stored_catalog_at(reference, whole=whole)
        warn_of_sources(then)
        return then
    found = current()
    if not whole:
        return found
    return _whole(found)


def _whole(found: Catalog) -> Catalog:
    from llmhub.catalog.assembly.whole import stored_whole_catalog

    with progress.building():
        return stored_whole_catalog(found)


def _echo_json(found: Catalog, models: Sequence[CanonicalModel], *, full: bool) -> None:
    from llmhub.catalog.stored.kept_catalog import texts_of
    from llmhub.catalog.stored.record import as_json

    texts = texts_of(models)
    whole = as_json(found, models=models if texts is None else ())
    document = {name: value for name, value in whole.items() if full or name not in _OF_THE_MACHINE}
    if texts is None:
        render.echo_json(document)
    else:
        render.echo_json_around(document, "models", texts)


def _echo_csv(models: Sequence[CanonicalModel], *, whole: bool) -> None:
    from llmhub.catalog.stored.rows import CatalogRow, rows_of

    rows = [row._asdict() for row in rows_of(models)]
    columns: tuple[str, ...] = CatalogRow._fields
    if whole:
        columns = (*columns, "callable_as")
        for row, model in zip(rows, models, strict=True):
            row["callable_as"] = " ".join(model.callable_as or ())  # type: ignore[attr-defined]  # an `OfferedModel`
    render.echo_csv(rows, columns)


def _show(
    found: Catalog,
    models: Sequence[CanonicalModel],
    selection: Selection,
    *,
    sort: str,
    top: int | None,
    whole: bool,
    past: bool,
) -> None:
    from llmhub.catalog.stored.kept_catalog import read_few

    read_few(models)
    if models:
        show_models(models, found, what=_OFFERED if whole else _CALLABLE, selection=selection, whole=whole)
    elif found.models:
        say_why_none(found, selection)
    elif past:
        at_all = "" if whole else ": add --all to show the offers of models.dev at that moment"
        render.note(f"the store does not know which models could be called then{at_all}")
    elif whole:
        render.note("models.dev's offers are not stored yet: `llmhub catalog refresh` fetches them, without a key too")
    else:
        say_if_empty(found)
        _show_offers_instead(found, selection, sort=sort, top=top)


def _show_offers_instead(found: Catalog, selection: Selection, *, sort: str, top: int | None) -> None:
    """Show the first offers of models.dev if no model can be called, so that the user sees which key is worth having.

    Of the many offers of one model only the cheapest is shown, so that the first ones are several models.
    """
    from dataclasses import replace

    from llmhub.catalog.choosing.keys import with_names_of_models_dev
    from llmhub.catalog.choosing.selection import select

    offers = _whole(found)
    if not offers.models:
        return
    selection = replace(with_names_of_models_dev(selection, offers), one_each=True)
    models = select(offers, selection, sort=sort, top=top or _FIRST)
    if models:
        show_models(models, offers, what=_OFFERED, selection=selection, whole=True)
        render.line("these are the cheapest offers of each model: `llmhub catalog show --all` shows all offers")
        render.line("`llmhub catalog providers` says what each key would bring")
    else:
        say_why_none(offers, selection)
