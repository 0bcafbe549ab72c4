"""`llmhub report`: a static site of what the store and the catalog hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmhub.cli import progress, render
from llmhub.cli.options import board_options, json_option, output_option
from llmhub.errors import counted

if TYPE_CHECKING:
    from llmhub.report.make import MadeReport


class AddressType(click.ParamType[str]):
    """The address of a folder on a web server."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the address, which ends in a slash."""
        from urllib.parse import urlsplit

        try:
            parts = urlsplit(value)
            host = parts.hostname
        except ValueError as error:
            self.fail(f"{value!r} is not the http address of a folder: {error}", param, ctx)
        if parts.scheme not in {"http", "https"} or not host or not value.isascii() or not value.isprintable():
            self.fail(f"{value!r} is not the http address of a folder", param, ctx)
        if parts.query or parts.fragment or parts.username or " " in value:
            self.fail(f"{value!r} is an address with more in it than a host and a path", param, ctx)
        return value if value.endswith("/") else f"{value}/"


@click.command()
@output_option("folder", folder=True, help="The folder to write into; made if it does not exist.")
@board_options
@click.option("--url", type=AddressType(), metavar="URL", help="The address that the site will have, for the feed.")
@click.option("--force", is_flag=True, help="Write into a folder that holds other files.")
@json_option
def report(*, folder: Path, leaderboard: str, category: str, url: str | None, force: bool, output: str | None) -> None:
    """Write a web site of the board, models, prices and changes.

    Every page is complete in itself and loads nothing: open index.html, or put the folder on any web server. Making it
    asks no server: ratings come from the store, tiers and prices from the last catalog that `llmhub catalog refresh`
    built, however old. A model that your keys cannot call has the price of its cheapest offer of models.dev at a
    provider that llmhub can call, and is marked.

    changes.atom is a feed with an entry for each day on which a price, a limit, a listing or a rating changed.

    A later report into the same folder replaces the earlier one. Files that llmhub did not write stay.
    """
    from llmhub.report.make import make_report

    with progress.shown("writing the report"):
        made = make_report(folder, leaderboard=leaderboard, category=category, force=force, url=url)
    if output == "json":
        render.echo_json(_json(made, leaderboard, category))
    else:
        _show(made, f"{leaderboard} / {category}")


def _json(made: MadeReport, leaderboard: str, category: str) -> dict[str, object]:
    from llmhub.report.offers import price_in

    lines = made.report.lines
    return {
        "folder": str(made.first_page.parent),
        "first_page": str(made.first_page),
        "url": made.first_page.as_uri(),
        "feed": str(made.feed),
        "pages": made.written.pages,
        "bytes": made.written.size,
        "removed": made.written.removed,
        "leaderboard": leaderboard,
        "category": category,
        "snapshot": render.snapshot_json(made.report.snapshot),
        "models": len(lines),
        "callable": sum(bool(line.offers) for line in lines),
        "priced": sum(price_in(line.counted).blended is not None for line in lines),
        "catalog_built_at": render.moment_json(made.catalog_built_at),
    }


def _show(made: MadeReport, board: str) -> None:
    found, written, built_at = made.report, made.written, made.catalog_built_at
    render.outcome(f"{board}: {counted(len(found.lines), 'model')}, {render.snapshot_text(found.snapshot)}")
    if built_at is None and found.catalog is not None:
        render.warn("no catalog: what can be called is not known; `llmhub catalog refresh` builds one")
    elif built_at is None:
        render.warn("no catalog: prices and tiers are missing; `llmhub catalog refresh` builds one, without a key too")
    else:
        able = sum(bool(line.offers) for line in found.lines)
        render.outcome(f"{able} of them can be called (catalog of {render.moment_text(built_at)} UTC)")
        if others := sum(bool(line.elsewhere) and not line.offers for line in found.lines):
            need = counted(others, "other needs a key", "others need a key")
            render.outcome(f"{need}; `llmhub catalog providers` says which")
    gone = f"; removed {counted(written.removed, 'file')} of the earlier report" if written.removed else ""
    render.outcome(f"{counted(written.pages, 'page')}, {render.size_text(written.size)}{gone}")
    render.outcome(f"first page: {made.first_page}")
    render.outcome(f"            {made.first_page.as_uri()}")
