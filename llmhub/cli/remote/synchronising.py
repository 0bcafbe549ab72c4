"""`llmhub remote pull` and `push`: synchronise this store and a remote."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from llmhub.arena.sources import SOURCES
from llmhub.cli import progress, render
from llmhub.cli.options import FINDINGS, NameType, SpanType, json_option
from llmhub.cli.remote.options import address_of, url_argument
from llmhub.errors import counted
from llmhub.offers.fields import OFFER_SOURCES

if TYPE_CHECKING:
    from llmhub.remote.address import Address
    from llmhub.remote.snapshots import Snapshot
    from llmhub.remote.synchronising import Conflict, Refused, Synchronised

_ALL_SOURCES = (*SOURCES, *OFFER_SOURCES)


@click.command()
@url_argument
@click.option("--since", type=SpanType(end=False), metavar="DATE", help="Only snapshots from this date or age on.")
@click.option(
    "--leaderboard",
    "leaderboards",
    multiple=True,
    type=NameType("leaderboard"),
    metavar="NAME",
    help="Only this leaderboard; may be given again.",
)
@click.option("--all", "everything", is_flag=True, help="Compare everything, not only what is new since the last pull.")
@json_option
@click.pass_context
def pull(
    context: click.Context,
    *,
    url: str | None,
    since: datetime | None,
    leaderboards: tuple[str, ...],
    everything: bool,
    output: str | None,
) -> None:
    """Copy from the remote what this store lacks.

    A snapshot is refused if a row of it does not have its digest or breaks a rule of the store. Each snapshot is one
    transaction: the next pull completes an interrupted one.

    A snapshot that both sides have with different content is a conflict: it is named, neither side is changed, and the
    rest is copied. The exit code is 3 if there was a conflict, or if a snapshot was refused.
    """
    from llmhub import settings
    from llmhub.arena.team.store import opened_here, pull_here
    from llmhub.remote.pulling import Choice

    address = address_of(context, url)
    path = settings.arena_db()
    choice = Choice(since=since, parts=leaderboards)
    # What was left out before must be looked for again.
    anew = everything or not choice.is_all
    with progress.shown(), opened_here(address, path, everything=anew) as origin:
        done = pull_here(origin, path, choice)
        if any(one.source in OFFER_SOURCES for one in done.new):
            from llmhub.catalog.offered.lives import refresh_lives

            # The catalog on disk says when models end: what came may know more of it.
            refresh_lives()
    _tell(context, address, done, output, ("pulled", "from"))


@click.command()
@url_argument
@click.option(
    "--source",
    "sources",
    multiple=True,
    type=click.Choice(_ALL_SOURCES),
    help="Only snapshots of this source; may be given again.",
)
@json_option
@click.pass_context
def push(context: click.Context, *, url: str | None, sources: tuple[str, ...], output: str | None) -> None:
    """Copy to the remote what it lacks.

    Each snapshot is one transaction: the next push completes an interrupted one. Conflicts and exit codes are those of
    `pull`. A whole store on a web server or in a file can only be read.
    """
    from llmhub import settings
    from llmhub.arena.team.store import push_from_here, server_of

    address = address_of(context, url)
    with progress.shown(), server_of(address) as server:
        done = push_from_here(server, settings.arena_db(), sources=sources)
    _tell(context, address, done, output, ("pushed", "to"))


def _tell(
    context: click.Context, address: Address, done: Synchronised, output: str | None, words: tuple[str, str]
) -> None:
    """Print what was copied, and exit with 3 if there was a conflict or something was refused.

    Args:
        context: the command's.
        address: the remote.
        done: the result.
        output: the form of the output.
        words: what was done, and in which direction: pulled, from.
    """
    if output == "json":
        render.echo_json({"remote": address.shown, **_json(done)})
    else:
        _show(done)
        did, whither = words
        news = counted(len(done.new), "snapshot") if done.new else "nothing new"
        render.outcome(f"{did} {news} {whither} {address.shown}")
    if done.conflicts or done.refused:
        context.exit(FINDINGS)


def _json(done: Synchronised) -> dict[str, object]:
    def named(one: Snapshot | Conflict | Refused) -> dict[str, object]:
        return {"source": one.source, "taken_at": render.moment_json(one.taken_at)}

    return {
        "new": [named(each) for each in done.new],
        "known": done.known,
        "conflicts": [{**named(each), "part": each.part, "differ": list(each.places)} for each in done.conflicts],
        "refused": [{**named(each), "reason": each.reason} for each in done.refused],
    }


def _show(done: Synchronised) -> None:
    for conflict in done.conflicts:
        where = f"{conflict.part} of {conflict.source} at {render.moment_text(conflict.taken_at)} UTC"
        render.line(f"conflict: {where}: {_listed(conflict.places)} differ; neither side was changed")
    for refused in done.refused:
        where = f"{refused.source} at {render.moment_text(refused.taken_at)} UTC"
        render.line(f"refused: {where}: {refused.reason}")


def _listed(places: tuple[str, ...], most: int = 3) -> str:
    more = f" and {len(places) - most:,} more" if len(places) > most else ""
    return f"{', '.join(places[:most])}{more}"
