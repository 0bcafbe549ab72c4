"""`llmhub catalog backfill`: what models.dev listed in the past, from a clone of its git repository."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

from llmhub.cli import progress, render, results
from llmhub.cli.offers.texts import recorded_json
from llmhub.cli.options import MomentType, json_option
from llmhub.errors import counted
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
    help="The clone, made by: git clone https://github.com/anomalyco/models.dev",
)
@click.option("--since", type=MomentType(), metavar="DATE", help="Only that day and later ones.")
@json_option
@click.pass_context
def backfill(context: click.Context, *, folder: str, since: datetime | None, output: str | None) -> None:
    """Store models.dev's past from a clone of its git repository.

    For each day (UTC) it takes the last commit of the branch that is checked out, and stores what models.dev listed
    then as a snapshot of that commit's moment. Days that are stored already are not stored again, so the same command
    continues an interrupted backfill. It downloads nothing, and neither changes nor runs anything in the clone: run
    `git pull` there for what is new.

    A file that cannot be read is left out, and a value that cannot be read is taken as unknown; both are listed with
    their days.
    """
    from pathlib import Path

    from llmhub import settings
    from llmhub.offers.backfill import run
    from llmhub.offers.sql.storing import offer_writer

    with rare_garbage_collection(), progress.shown(), offer_writer(settings.arena_db()) as writer:
        done = run.backfill(writer, Path(folder), now=datetime.now(UTC), since=since)
    _note_gaps(_lines(done.gaps))
    if output == "json":
        render.echo_json(_json(done, folder))
    else:
        _say(done, folder)
    for error in done.refused:
        results.failed(error)
    if done.refused:
        results.exit_failed(context, len(done.refused), len(done.refused) + len(done.new), "day")


def _json(done: Backfilled, folder: str) -> dict[str, object]:
    return {
        "status": "failed" if done.refused else "stored" if done.new else "known",
        "folder": folder,
        "revision": done.head,
        "new": [recorded_json(one) for one in done.new],
        "known": len(done.known),
        "refused": [{"reason": str(error)} for error in done.refused],
        "offers": done.offers if done.new else None,
        "gaps": [
            {
                "path": gap.skipped.path,
                "reason": gap.skipped.why,
                "first": render.day_json(gap.first),
                "last": render.day_json(gap.last),
                "days": gap.days,
            }
            for gap in done.gaps
        ],
    }


def _note_gaps(lines: Sequence[str]) -> None:
    for line in lines[:_MOST_LINES]:
        render.note(line)
    if (more := len(lines) - _MOST_LINES) > 0:
        render.note(f"and {more:,} more lines like these")


def _say(done: Backfilled, folder: str) -> None:
    if done.known:
        render.outcome(f"known already: {_days(done.known)}")
    if done.new:
        offers = f"{counted(done.offers, 'offer')} on the last of them"
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
