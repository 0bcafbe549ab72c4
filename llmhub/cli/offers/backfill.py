"""`llmhub catalog backfill`: what models.dev listed in the past, from a clone of its git repository."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

from llmhub.cli import progress, render
from llmhub.cli.options import MomentType
from llmhub.memory import rare_garbage_collection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmhub.offers.backfill.run import Backfilled, Gap

_MOST_LINES = 100


@click.command()
@click.option(
    "--git",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False),
    metavar="DIR",
    help="A clone: git clone https://github.com/anomalyco/models.dev",
)
@click.option("--since", type=MomentType(), metavar="DATE", help="Only what was listed on that day or later.")
@click.pass_context
def backfill(context: click.Context, *, folder: str, since: datetime | None) -> None:
    """Store models.dev's past from a clone of its git repository.

    What models.dev listed at the last commit of each day (UTC) of the branch that is checked out becomes a snapshot of
    that commit's moment. What is stored already is not stored again, and a backfill that was interrupted is continued
    by the same command. Nothing is downloaded: `git pull` brings what is new. Nothing in the clone is changed or run.

    A file that cannot be read is left out, a value that cannot be is taken as unknown; both are listed with the days.
    """
    from pathlib import Path

    from llmhub import settings
    from llmhub.offers.backfill import run
    from llmhub.offers.sql.storing import offer_writer

    with rare_garbage_collection(), progress.shown(), offer_writer(settings.arena_db()) as writer:
        done = run.backfill(writer, Path(folder), now=datetime.now(UTC), since=since)
    _say(done, folder)
    for error in done.refused:
        render.warn(f"error: {error}")
    if done.refused:
        render.warn(f"{len(done.refused)} of {len(done.refused) + len(done.stored)} days could not be stored")
        context.exit(1)


def _say(done: Backfilled, folder: str) -> None:
    lines = _lines(done.gaps)
    for line in lines[:_MOST_LINES]:
        render.note(line)
    if (more := len(lines) - _MOST_LINES) > 0:
        render.note(f"and {more:,} more lines like these")
    if done.known:
        render.outcome(f"known already: {_days(done.known)}")
    if done.stored:
        offers = f"{done.offers:,} {'offer' if done.offers == 1 else 'offers'} on the last of them"
        render.outcome(f"stored: {_days(done.stored)}, {offers} (up to commit {done.head[:12]} in {folder})")
    elif not done.known and not done.refused:
        render.outcome(f"nothing to store: no day with models in {folder} up to commit {done.head[:12]}")


def _lines(gaps: Sequence[Gap]) -> list[str]:
    """Return what is not in the store, a line for the files of one folder that share the reason and the days."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for gap in gaps:
        path, why = gap.skipped
        folder = "/".join(path.split("/")[:2])
        alike.setdefault((_when(gap), folder, why), []).append(path)
    return [
        f"{when}: {paths[0] if len(paths) == 1 else f'{len(paths):,} files of {folder}, such as {paths[0]}'}: {why}"
        for (when, folder, why), paths in alike.items()
    ]


def _days(days: Sequence[date]) -> str:
    return f"1 day, {days[0]}" if len(days) == 1 else f"{len(days):,} days, {days[0]} to {days[-1]}"


def _when(gap: Gap) -> str:
    return f"{gap.first}" if gap.days == 1 else f"{gap.first} to {gap.last} ({gap.days:,} days)"
