"""`llmhub report`: a static site of what the store and the catalog hold."""

from __future__ import annotations

from pathlib import Path

import click

from llmhub.cli import render
from llmhub.cli.options import board_options, json_option, show_log_messages


@click.command()
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where to write; made if it is not there.",
)
@board_options
@click.option("--force", is_flag=True, help="Write into a folder that holds files of others.")
@json_option
def report(*, folder: Path, leaderboard: str, category: str, force: bool, output: str | None) -> None:
    """Write a site to look at and to send: the newest board, a page a model, prices, what changed.

    Every page stands for itself and loads nothing, from the network or from elsewhere: open index.html, or put the
    folder on any web server. Nothing is asked for either: ratings are those of the store, tiers and prices those of
    the last catalog that `llmhub catalog refresh` built, however old.

    A later report into the same folder takes the place of the earlier one. Files that llmhub did not write stay.
    """
    from datetime import UTC, datetime  # noqa: PLC0415 -- --help needs none of it
    from importlib.metadata import version  # noqa: PLC0415

    from llmhub.arena.store import SnapshotStore  # noqa: PLC0415
    from llmhub.catalog.cache import last_catalog  # noqa: PLC0415
    from llmhub.report.collect import collect  # noqa: PLC0415
    from llmhub.report.folder import write_site  # noqa: PLC0415
    from llmhub.report.site import FIRST_PAGE, render as pages  # noqa: PLC0415

    show_log_messages()
    with render.progress("reading the store"), SnapshotStore.open() as store:
        found = collect(
            store,
            last_catalog(),
            leaderboard=leaderboard,
            category=category,
            now=datetime.now(UTC),
            version=version("llmhub-catalog"),
        )
    folder = folder.expanduser().absolute()
    with render.progress("writing the pages"):
        written = write_site(folder, pages(found), force=force)
    first = folder / FIRST_PAGE
    built_at = None if found.catalog is None else found.catalog.built_at
    if output == "json":
        render.echo_json(
            {
                "folder": str(folder),
                "first_page": str(first),
                "url": first.as_uri(),
                "pages": written.pages,
                "bytes": written.size,
                "removed": written.removed,
                "leaderboard": leaderboard,
                "category": category,
                "snapshot": render.snapshot_json(found.snapshot),
                "models": len(found.lines),
                "catalog_built_at": None if built_at is None else render.moment_json(built_at),
            }
        )
        return
    render.line(f"{leaderboard} / {category}: {len(found.lines)} models, {render.snapshot_text(found.snapshot)}")
    if built_at is None:
        render.note("no catalog: prices and tiers are missing; `llmhub catalog refresh` builds one")
    else:
        render.line(f"catalog of {render.moment_text(built_at)} UTC: {sum(bool(one.offers) for one in found.lines)} callable")
    gone = f"; {written.removed} of an earlier report are gone" if written.removed else ""
    render.line(f"{written.pages} pages, {render.size_text(written.size)}{gone}")
    render.line(f"first page: {first}")
    render.line(f"            {first.as_uri()}")
