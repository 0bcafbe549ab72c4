"""`llmhub remote status`: the state of a remote, and what is not synchronised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from llmhub.ages import age_text
from llmhub.cli import progress, render
from llmhub.cli.options import json_option
from llmhub.cli.remote.options import address_of, url_argument
from llmhub.errors import counted

if TYPE_CHECKING:
    from llmhub.arena.team.store import RemoteStatus


@click.command()
@url_argument
@json_option
@click.pass_context
def status(context: click.Context, *, url: str | None, output: str | None) -> None:
    """Show what the remote holds, and what is not synchronised.

    It changes neither side. A whole store on a web server or in a file is fetched and checked first.
    """
    from llmhub import settings
    from llmhub.arena.team.store import remote_status

    address = address_of(context, url)
    with progress.shown("asking the remote"):
        found = remote_status(address, settings.arena_db())
    if output == "json":
        render.echo_json(_json(found))
    else:
        render.fields(_fields(found))


def _json(found: RemoteStatus) -> dict[str, object]:
    return {
        "remote": found.address.shown,
        "kind": found.address.kind,
        "writable": found.writable,
        "format": found.format,
        "snapshots": found.snapshots,
        "newest_run": render.moment_json(found.newest_run),
        "fresh": found.fresh,
        "clock_ahead_seconds": None if found.skew is None else round(found.skew.total_seconds(), 3),
        "last_pull": render.moment_json(found.last_pull),
        "to_pull": found.to_pull,
        "to_push": found.to_push,
    }


def _fields(found: RemoteStatus) -> Iterator[tuple[str, str]]:
    how = "can be read and written" if found.writable else "can only be read"
    form = "" if found.format is None else f", format {found.format}"
    yield "remote", f"{found.address.shown} ({how}{form})"
    yield "holds", counted(found.snapshots, "snapshot")
    if found.newest_run is None:
        yield "newest run", "the update script has not run for it yet"
    else:
        yield "newest run", f"{render.moment_text(found.newest_run)} UTC ({'fresh' if found.fresh else 'stale'})"
    if found.skew is not None and abs(found.skew).total_seconds() >= 1:
        side = "ahead of" if found.skew.total_seconds() > 0 else "behind"
        yield "clock", f"this machine's is {age_text(abs(found.skew))} {side} the server's"
    yield "last pull", "never" if found.last_pull is None else f"{render.moment_text(found.last_pull)} UTC"
    yield "to pull", counted(found.to_pull, "snapshot")
    if found.to_push is not None:
        yield "to push", counted(found.to_push, "snapshot")
