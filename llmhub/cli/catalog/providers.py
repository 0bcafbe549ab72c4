"""`llmhub catalog providers`: which providers can be called, and why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from llmhub.cli import render
from llmhub.cli.catalog.current import current, say_if_empty, say_what_to_install
from llmhub.cli.catalog.texts import counted
from llmhub.cli.options import list_options

if TYPE_CHECKING:
    from llmhub.catalog.schema import Catalog, ProviderStatus


@click.command()
@list_options
def providers(*, output: str | None) -> None:
    """Show which providers can be called, and why not."""
    found = current()
    ordered = sorted(found.providers, key=lambda status: (not status.callable, not status.failed))
    rows = [_provider_json(status) for status in ordered]
    if output == "json":
        render.echo_json(rows)
    elif output == "csv":
        columns = ("provider", "callable", "failed", "configured", "reason", "models", "key_variables", "install")
        render.echo_csv([row | {"key_variables": " ".join(row["key_variables"])} for row in rows], columns)
    else:
        _show_providers(ordered, found)


def _provider_json(status: ProviderStatus) -> dict[str, Any]:
    from llmhub.catalog.providers.packages import pip_line
    from llmhub.catalog.stored.record import as_json

    return as_json(status) | {"install": pip_line([status], unconfigured=True)}


def _show_providers(ordered: list[ProviderStatus], found: Catalog) -> None:
    able = sum(status.callable for status in ordered)
    asked = f"as of {render.moment_text(found.built_at)} UTC"
    render.heading(f"{able} of {counted(len(ordered), 'provider')} can be called, {asked}")
    render.echo_table(
        ("provider", "callable", "models", "why"),
        (
            (
                status.provider,
                "yes" if status.callable else "FAILED" if status.failed else "no",
                f"{status.models:,}" if status.callable else "",
                status.reason or "",
            )
            for status in ordered
        ),
        left=("provider", "callable", "why"),
        prose=("why",),
    )
    say_what_to_install(found, unconfigured=True)
    say_if_empty(found)
