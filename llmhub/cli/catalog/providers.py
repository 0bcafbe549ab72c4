"""`llmhub catalog providers`: which providers can be called, why not, and what each key would bring."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import click

from llmhub.cli import progress, render
from llmhub.cli.catalog.current import current, say_if_empty, say_what_to_install
from llmhub.cli.catalog.texts import dollars
from llmhub.cli.options import list_options
from llmhub.errors import counted

if TYPE_CHECKING:
    from llmhub.catalog.choosing.keys import Brings
    from llmhub.catalog.schema import Catalog, ProviderStatus

_FACTS = ("provider", "callable", "failed", "configured", "reason", "models", "key_variables", "install")
_COLUMNS = ("provider", "callable", "models", "tier 1", "best rating", "cheapest of tier 1", "in", "out", "why")


@click.command()
@list_options
def providers(*, output: str | None) -> None:
    """Show which providers can be called, and what each key would bring.

    What a key would bring is what models.dev lists: how many models answer in text, the best rating of one, and the
    cheapest one rated among the best fifth. Providers that can be called come first, then those with the best models;
    the last column says why the others cannot be called.
    """
    from llmhub.catalog.choosing.keys import Brings

    found = current()
    brings = _brings(found)
    ordered = sorted(found.providers, key=lambda status: _order(status, brings[status.provider]))
    rows = [_provider_json(status, brings[status.provider]) for status in ordered]
    if output == "json":
        render.echo_json(rows)
    elif output == "csv":
        lines = [row | {"key_variables": " ".join(row["key_variables"])} for row in rows]
        render.echo_csv(lines, (*_FACTS, *Brings._fields))
    else:
        _show_providers(ordered, found, brings)


def _order(status: ProviderStatus, brings: Brings) -> tuple[Any, ...]:
    return not status.callable, not status.failed, -(brings.best_rating or 0.0), -brings.offers


def _brings(found: Catalog) -> Mapping[str, Brings]:
    from llmhub.catalog.assembly.whole import stored_briefs
    from llmhub.catalog.choosing.keys import brought_by_provider, names_of_models_dev

    with progress.building():
        briefs = stored_briefs(found)
    return brought_by_provider(briefs, (status.provider for status in found.providers), names_of_models_dev())


def _provider_json(status: ProviderStatus, brings: Brings) -> dict[str, Any]:
    from llmhub.catalog.providers.packages import pip_line
    from llmhub.catalog.stored.record import as_json

    return as_json(status) | {"install": pip_line([status], unconfigured=True)} | brings._asdict()


def _show_providers(ordered: list[ProviderStatus], found: Catalog, brings: Mapping[str, Brings]) -> None:
    able = sum(status.callable for status in ordered)
    asked = f"as of {render.moment_text(found.built_at)} UTC"
    render.heading(f"{able} of {counted(len(ordered), 'provider')} can be called, {asked}")
    if ordered:
        dropped = render.echo_table(
            _COLUMNS,
            (_cells(status, brings[status.provider]) for status in ordered),
            left=("provider", "callable", "cheapest of tier 1", "why"),
            prose=("why",),
            ids=("cheapest of tier 1",),
            drop=("tier 1", "out", "in", "cheapest of tier 1", "callable"),
        )
        render.legend(_legend(set(_COLUMNS) - set(dropped)))
    say_what_to_install(found, unconfigured=True)
    say_if_empty(found)


def _legend(columns: Collection[str]) -> str:
    """Return what the numbers in these columns mean."""
    lines = ["models   as the provider lists them; if it cannot be called, as models.dev does"]
    prices = "; the cheapest one's prices" if "in" in columns else ""
    if "tier 1" in columns:
        lines.append(f"tier 1   how many of them are rated among the best fifth{prices}")
    elif "cheapest of tier 1" in columns:
        lines.append(f"tier 1   those rated among the best fifth{prices}")
    if prices:
        lines.append("prices   US dollars per million tokens")
    return "\n".join(lines)


def _cells(status: ProviderStatus, brings: Brings) -> tuple[str, ...]:
    cheapest = brings.cheapest_tier_1
    models = status.models if status.callable else brings.offers or None
    return (
        status.provider,
        "yes" if status.callable else "FAILED" if status.failed else "no",
        "" if models is None else f"{models:,}",
        f"{brings.tier_1:,}" if brings.tier_1 else "",
        "" if brings.best_rating is None else render.number(brings.best_rating),
        "" if cheapest is None else cheapest.partition("/")[2],
        "" if cheapest is None else dollars(brings.cheapest_tier_1_input),
        "" if cheapest is None else dollars(brings.cheapest_tier_1_output),
        status.reason or "",
    )
