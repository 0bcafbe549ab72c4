"""`llmhub arena prune`: keeping the store small."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from llmhub.arena.sources import SOURCES, precedence
from llmhub.cli import progress, render
from llmhub.cli.options import MOST, AgeType, json_option
from llmhub.cli.verbosity import is_quiet
from llmhub.errors import counted
from llmhub.nearest import listed

if TYPE_CHECKING:
    from llmhub.arena.upkeep.prune import Pruned

_NUMBER = click.IntRange(1, MOST)


@click.command()
@click.option("--keep-last", type=_NUMBER, metavar="N", help="Keep the newest N.")
@click.option(
    "--keep-within", type=AgeType(), metavar="AGE", help="Keep those at most this much older than the newest: 7d, 4w."
)
@click.option("--keep-daily", type=_NUMBER, metavar="N", help="Keep the newest of each of the newest N days.")
@click.option("--keep-weekly", type=_NUMBER, metavar="N", help="Keep the newest of each of the newest N weeks.")
@click.option("--keep-monthly", type=_NUMBER, metavar="N", help="Keep the newest of each of the newest N months.")
@click.option("--orphans", is_flag=True, help="Keep every snapshot, and remove only rows that none of them uses.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    type=click.Choice(SOURCES),
    help="Remove only snapshots of this source; may be given again.",
)
@click.option("--dry-run", is_flag=True, help="Change nothing, and print what would be done and why.")
@json_option
@click.pass_context
def prune(
    context: click.Context,
    *,
    keep_last: int | None,
    keep_within: timedelta | None,
    keep_daily: int | None,
    keep_weekly: int | None,
    keep_monthly: int | None,
    orphans: bool,
    sources: tuple[str, ...],
    dry_run: bool,
    output: str | None,
) -> None:
    """Remove the snapshots that no --keep option keeps.

    Each source is judged by itself: script (runs), dataset and arena-catalog (imports). Snapshots of prices and
    listings always stay. A snapshot stays if any option keeps it. Days, ISO weeks and months are those of UTC, and only
    those that have a snapshot count.

    These stay whatever the options say: the newest snapshot of each source, the newest of each leaderboard, and those
    dated in the future. Boards that only the removed snapshots used are removed too, and the file becomes smaller.
    """
    from llmhub import settings
    from llmhub.arena.upkeep.prune import prune as prune_store
    from llmhub.arena.upkeep.retention import Policy

    policy = Policy(keep_last, keep_within, keep_daily, keep_weekly, keep_monthly)
    if policy.empty and not orphans:
        raise click.UsageError("give at least one --keep option, or --orphans: this would keep nothing", context)
    if orphans and not (policy.empty and not sources):
        raise click.UsageError("--orphans keeps every snapshot: give it without --keep and --source", context)
    with progress.shown():
        done = prune_store(
            settings.arena_db(),
            None if orphans else policy,
            now=datetime.now(UTC),
            sources=sources or SOURCES,
            dry_run=dry_run,
        )
    if output == "json":
        render.echo_json(_pruned_json(done, dry_run=dry_run))
    elif dry_run or not is_quiet():
        _show_pruned(done, dry_run=dry_run)


def _pruned_json(done: Pruned, *, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "kept": [{**render.snapshot_json(one), "reasons": list(reasons)} for one, reasons in done.kept],
        "removed": [render.snapshot_json(one) for one in done.removed],
        **done.gone,
        "size_bytes_before": done.size_before,
        "size_bytes_after": done.size_after,
    }


def _show_pruned(done: Pruned, *, dry_run: bool) -> None:
    judged = [*done.kept, *((snapshot, ()) for snapshot in done.removed)]
    judged.sort(key=lambda verdict: (verdict[0].taken_at, -precedence(verdict[0].source)), reverse=True)
    render.echo_table(
        ("id", "taken at (UTC)", "source", "", "because"),
        (
            (one.id, render.moment_text(one.taken_at), one.source, "keep" if why else "remove", ", ".join(why))
            for one, why in judged
        ),
        left=("taken at (UTC)", "source", "", "because"),
        prose=("because",),
    )
    rows = [counted(number, what.removesuffix("s")) for what, number in done.gone.items() if number]
    would = "would remove" if dry_run else "removed"
    line = f"{would} {len(done.removed):,} of {counted(len(judged), 'snapshot')}"
    if rows:
        line += f", and {listed(rows, 'and')} that no other snapshot uses"
    if done.size_after is not None:
        line += f"; the file went from {render.size_text(done.size_before)} to {render.size_text(done.size_after)}"
    render.line(line)
