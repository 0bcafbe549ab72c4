"""`llmhub arena prune`, `verify`, `repair` and `backup`: keeping the store small, sound and safe."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmhub.arena.sources import SOURCES, precedence
from llmhub.cli import progress, render
from llmhub.cli.options import FINDINGS, MOST, AgeType, TargetType, json_option
from llmhub.cli.verbosity import is_quiet
from llmhub.errors import counted
from llmhub.nearest import listed

if TYPE_CHECKING:
    from llmhub.arena.upkeep.kinds import Lost
    from llmhub.arena.upkeep.prune import Pruned
    from llmhub.arena.upkeep.repair import Repaired
    from llmhub.arena.upkeep.verify import Verification

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


@click.command()
@json_option
@click.pass_context
def verify(context: click.Context, *, output: str | None) -> None:
    """Check the whole store, and exit with 3 if it is damaged.

    It checks SQLite's integrity and foreign keys, each value, and the digest of each board, price list and listing,
    which it computes again. An error means that the store may give wrong answers; a hint means that something is unused
    or odd.
    """
    from llmhub import settings
    from llmhub.arena.upkeep.verify import verify as verify_store

    path = settings.arena_db()
    with progress.shown():
        found = verify_store(path)
    if output == "json":
        render.echo_json(
            {
                "store": str(path),
                "errors": found.errors,
                "hints": found.hints,
                **_proven_json(found),
                "findings": [
                    {"level": one.level, "check": one.check, "message": one.message, "remedy": one.remedy}
                    for one in found.findings
                ],
            }
        )
    else:
        _show_verification(path, found)
    if found.errors:
        context.exit(FINDINGS)


def _proven_json(found: Verification) -> dict[str, object]:
    return {
        "boards": found.boards,
        "scores": found.scores,
        "price_lists": found.price_lists,
        "listings": found.listings,
    }


def _proven_text(found: Verification) -> str:
    """Return what a store has, by what was proven of it; a kind that it has nothing of is not named."""
    parts = []
    if found.boards or not (found.price_lists or found.listings):
        parts.append(render.boards_text(found.boards, found.scores))
    if found.price_lists:
        parts.append(counted(found.price_lists, "price list"))
    if found.listings:
        parts.append(counted(found.listings, "listing"))
    return ", ".join(parts)


def _show_verification(path: Path, found: Verification) -> None:
    for finding in found.findings:
        render.line(f"{finding.level}: {finding.message}")
    for remedy in dict.fromkeys(finding.remedy for finding in found.findings if finding.remedy):
        render.line(f"remedy: {remedy}")
    checked = _proven_text(found)
    if found.findings:
        render.line(f"{path}: {counted(found.errors, 'error')}, {counted(found.hints, 'hint')} in {checked}")
    elif path.exists():
        render.line(f"{path} is sound: {checked}")
    else:
        render.line(f"{path} does not exist yet: `llmhub arena refresh` makes it")


@click.command()
@click.option("--dry-run", is_flag=True, help="Change nothing, and print what would be saved and what is lost.")
@json_option
@click.pass_context
def repair(context: click.Context, *, dry_run: bool, output: str | None) -> None:
    """Save the sound parts of a damaged store.

    A leaderboard of a snapshot is saved if each of its boards can be read and has the digest that it was stored with.
    The saved parts become the store's content in one transaction; the damaged store is kept beside it as
    arena.db.damaged-<time>. A sound store is not changed.

    The exit code is 0 if the store is sound or all of it was saved, 3 if something was lost, 1 if nothing can be saved.
    """
    from llmhub import settings
    from llmhub.arena.upkeep.repair import repair as repair_store

    path = settings.arena_db()
    with progress.shown("looking for the sound parts"):
        done = repair_store(path, dry_run=dry_run)
    if output == "json":
        render.echo_json(
            {
                "store": str(path),
                "dry_run": dry_run,
                "sound": done.sound,
                "damaged_file": None if done.damaged is None else str(done.damaged),
                "kept": [{**render.snapshot_json(one), "leaderboards": list(one.leaderboards)} for one in done.kept],
                "boards": done.boards,
                "scores": done.scores,
                "other_snapshots": done.others,
                "lost": [_loss_json(one) for one in done.lost],
                "unknown": list(done.unknown),
            }
        )
    else:
        _show_repaired(path, done, dry_run=dry_run)
    if done.lost or done.unknown:
        context.exit(FINDINGS)


def _loss_json(loss: Lost) -> dict[str, object]:
    return {
        "id": loss.snapshot_id,
        "taken_at": None if loss.taken_at is None else render.moment_json(loss.taken_at),
        "source": loss.source,
        "leaderboard": loss.part,
        "reason": loss.reason,
    }


def _show_repaired(path: Path, done: Repaired, *, dry_run: bool) -> None:
    if done.sound:
        render.line(
            f"{path} is sound: nothing was changed"
            if path.exists()
            else f"{path} does not exist yet: there is nothing to repair"
        )
        return
    for loss in done.lost:
        moment = "an unknown moment" if loss.taken_at is None else f"{render.moment_text(loss.taken_at)} UTC"
        named = f"snapshot {loss.snapshot_id} of {moment} ({loss.source or 'unknown source'})"
        render.line(f"lost: {loss.part or 'whatever it had'} of {named}: {loss.reason}")
    for fact in done.unknown:
        render.line(f"unknown from now on: {fact}")
    kept, lost = sum(len(one.leaderboards) for one in done.kept), len(done.lost)
    of = f"{counted(kept, 'leaderboard')} of {counted(len(done.kept), 'snapshot')}"
    what = f"{of} ({render.boards_text(done.boards, done.scores)})"
    if done.others:
        what += f" and {counted(done.others, 'snapshot')} of prices or listings"
    outcome = f"{counted(lost, 'leaderboard')} {'is' if lost == 1 else 'are'} lost" if lost else "none is lost"
    render.line(f"{'would save' if dry_run else 'saved'} {what}; {outcome}")
    if done.damaged is not None:
        render.line(
            f"{path} is sound; the damaged file is kept as {done.damaged.name}: remove it once you miss nothing"
        )
    if lost:
        render.line("remedy: `llmhub arena import` or `backfill` brings lost publications back; runs are gone")


@click.command()
@click.argument("file", type=TargetType())
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@json_option
def backup(*, file: Path, force: bool, output: str | None) -> None:
    """Copy the store to FILE while it may be in use.

    The copy is verified before it gets its name, and only its owner can read it. To restore it, put it in the store's
    place.
    """
    from llmhub import settings
    from llmhub.arena.upkeep.backup import backup as back_up

    target = settings.absolute(file)
    with progress.shown():
        found = back_up(settings.arena_db(), target, force=force)
    if output == "json":
        render.echo_json({**render.file_json(target), **_proven_json(found)})
    else:
        size = render.size_text(target.stat().st_size)
        render.outcome(f"backed up to {target}: {_proven_text(found)}, checked, {size}")
