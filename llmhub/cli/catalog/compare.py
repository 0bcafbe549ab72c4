"""`llmhub catalog compare`: models side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from llmhub.cli import progress, render
from llmhub.cli.catalog.current import current
from llmhub.cli.options import NameType, list_options

if TYPE_CHECKING:
    from llmhub.catalog.choosing.comparison import ComparedField, Comparison, Plain
    from llmhub.catalog.schema import CanonicalModel, Catalog

_FEWEST = 2
_RATINGS = frozenset({"arena_score", "arena_ci_low", "arena_ci_high"})


@click.command()
@click.argument("models", nargs=-1, required=True, type=NameType("callable"), metavar="A B...")
@list_options
def compare(*, models: tuple[str, ...], output: str | None) -> None:
    """Show models side by side, differences first.

    Name each as provider/model_id, or as a model id that only one provider offers. A model that cannot be called is
    looked up among the offers of models.dev, under its name there.
    """
    from llmhub.catalog.choosing.comparison import compared

    names = list(dict.fromkeys(models))
    if len(names) < _FEWEST:
        raise click.UsageError("give two models or more")
    found = compared(_found(current(), names))
    if output == "json":
        render.echo_json(
            {
                "models": list(found.models),
                "different": {field.field: list(field.values) for field in found.different},
                "same": {field.field: field.values[0] for field in found.same},
            }
        )
    elif output == "csv":
        rows = [
            {"field": field.field, "differs": field.differs, **dict(zip(found.models, field.values, strict=True))}
            for field in found.fields
        ]
        render.echo_csv(rows, ("field", "differs", *found.models))
    else:
        _show(found)


def _found(catalog: Catalog, names: list[str]) -> list[CanonicalModel]:
    from llmhub.catalog.choosing.selection import find
    from llmhub.catalog.stored.kept_catalog import read_few
    from llmhub.errors import ModelNotFoundError

    found: list[CanonicalModel] = []
    whole: Catalog | None = None
    for name in names:
        try:
            found.append(find(catalog, name))
        except ModelNotFoundError as error:
            if whole is None:
                from llmhub.catalog.assembly.whole import stored_whole_catalog

                with progress.building():
                    whole = stored_whole_catalog(catalog)
            try:
                found.append(find(whole, name))
            except ModelNotFoundError:
                # Most people mean a callable model.
                raise error from None
    read_few(found)
    return found


def _show(found: Comparison) -> None:
    from llmhub.cli.screen.layout import GAP, text_width
    from llmhub.cli.terminal import columns

    heads: tuple[str, ...] = found.models
    fields = max(len(field.field) for field in found.fields)
    if fields + sum(GAP + text_width(model) for model in heads) > columns():
        # Not all ids fit beside each other.
        heads = tuple(chr(ord("A") + place) for place in range(len(heads)))
        render.fields(zip(heads, found.models, strict=True))
        render.line("")
    for title, listed in (("different", found.different), ("the same", found.same)):
        if listed:
            render.heading(f"{title} ({len(listed)})", apart=title != "different" and bool(found.different))
            known = tuple(field for field in listed if field.differs or field.values[0] not in {None, ""})
            _table(heads if title == "different" else ("all",), known)
            if silent := [field.field for field in listed if field not in known]:
                render.line(f"unknown in all: {', '.join(silent)}")


def _table(heads: tuple[str, ...], listed: tuple[ComparedField, ...]) -> None:
    render.echo_table(
        ("field", *heads),
        ((field.field, *(_text(field.field, value) for value in field.values[: len(heads)])) for field in listed),
        left=("field", *heads),
        prose=heads,
    )


def _text(field: str, value: Plain) -> str:
    if value is None:
        return render.UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field in _RATINGS and isinstance(value, float):
        return render.number(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.10g}" if isinstance(value, float) else value
