"""`llmhub arena verify` and `backup`: proving that the store is sound, and copying it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmhub.cli import progress, render
from llmhub.cli.options import FINDINGS, TargetType, json_option
from llmhub.errors import counted

if TYPE_CHECKING:
    from llmhub.arena.upkeep.verify import Verification


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
