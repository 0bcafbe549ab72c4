"""A line a model for scripts: its id, or a template of the user's."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING, Any

import click

from llmhub.cli import render
from llmhub.cli.options import Command, choose_form, form_option

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel


class TemplateType(click.ParamType[str]):
    """A text with names of fields in braces; a template can read nothing but a row's fields."""

    name = "template"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the template if all its fields are those of a model's row."""
        from llmhub.catalog.stored.rows import CatalogRow
        from llmhub.nearest import did_you_mean

        try:
            parts = list(Formatter().parse(value))
        except ValueError as error:
            self.fail(f"{value!r}: {error}: write {{{{ and }}}} for braces", param, ctx)
        for _, field, form, conversion in parts:
            if field is None:
                continue
            if form or conversion:
                self.fail(f"{value!r}: only names of fields may stand in braces, such as {{{field}}}", param, ctx)
            if field not in CatalogRow._fields:
                hint = did_you_mean(field, CatalogRow._fields)
                self.fail(f"{field!r} is not a field{hint}; there are {', '.join(CatalogRow._fields)}", param, ctx)
        return value


def template_option(command: Command) -> Command:
    """Give a command `--format`; its parameter is `template`."""
    return click.option(
        "--format",
        "template",
        type=TemplateType(),
        metavar="TEMPLATE",
        callback=choose_form,
        help="Print this for each model: '{canonical_id} {price_input_per_million}', the columns of --csv.",
    )(command)


def line_options(command: Command) -> Command:
    """Give a command `--ids` and `--format`."""
    return form_option("--ids", help="Print ids, one a line.")(template_option(command))


def echo_line(model: CanonicalModel, template: str | None) -> None:
    """Print a model's id, or a template with its values; what is unknown is empty, as in CSV."""
    if template is None:
        render.data_line(model.canonical_id)
        return
    from llmhub.catalog.stored.rows import rows_of

    (row,) = rows_of([model])
    values: dict[str, Any] = {name: "" if value is None else value for name, value in row._asdict().items()}
    filled = (text + ("" if field is None else str(values[field])) for text, field, *_ in Formatter().parse(template))
    render.data_line("".join(filled))
