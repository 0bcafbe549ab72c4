"""`llmhub remote init`: make a remote, and say which rights its readers and writers need."""

from __future__ import annotations

import click

from llmhub.cli import progress, render
from llmhub.cli.options import json_option
from llmhub.cli.remote.options import address_of, url_argument


@click.command()
@url_argument
@click.option("--reader", default="reader", show_default=True, metavar="ROLE", help="The role that reads.")
@click.option("--writer", default="writer", show_default=True, metavar="ROLE", help="The role that also writes.")
@json_option
@click.pass_context
def init(context: click.Context, *, url: str | None, reader: str, writer: str, output: str | None) -> None:
    """Make a remote in a PostgreSQL database, and print the rights to grant.

    It makes one schema, llmhub, in one transaction. It upgrades a remote of an older llmhub; a remote of this version's
    format stays as it is. No other command makes or changes the schema. The GRANT statements are printed and not run.
    """
    from llmhub.errors import RemoteError
    from llmhub.remote.schema import grants, make

    address = address_of(context, url)
    if address.kind != "postgres":
        raise RemoteError(f"{address.shown} is a whole store: `llmhub arena backup` makes one to put there")
    with progress.shown("making the remote"):
        made = make(address)
    rights = grants(reader, writer)
    if output == "json":
        render.echo_json(
            {
                "status": made.status,
                "remote": address.shown,
                "format_before": made.before,
                "format": made.now,
                "grants": [
                    {"role": role, "statements": list(statements)}
                    for role, (_, statements) in zip((reader, writer), rights, strict=True)
                ],
            }
        )
        return
    match made.status:
        case "made":
            render.outcome(f"made the schema llmhub (format {made.now}) in {address.shown}")
        case "known":
            render.outcome(f"{address.shown} has the schema llmhub (format {made.now}) already: nothing was changed")
        case "upgraded":
            render.outcome(f"brought {address.shown} from format {made.before} to {made.now}")
    for who, statements in rights:
        render.line(f"-- {who}:")
        for statement in statements:
            render.line(statement)
