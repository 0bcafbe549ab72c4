"""`llmhub arena repair`: saving the sound parts of a damaged store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmhub.cli import progress, render
from llmhub.cli.options import FINDINGS, json_option
from llmhub.errors import counted

if TYPE_CHECKING:
    from llmhub.arena.upkeep.kinds import Lost
    from llmhub.arena.upkeep.repair import Repaired


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
        "taken_at": render.moment_json(loss.taken_at),
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
