"""`llmhub arena export`: a snapshot as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmhub.cli import progress, render
from llmhub.cli.options import REFERENCES, NameType, ReferenceType, json_option, output_option
from llmhub.cli.render import boards_text

if TYPE_CHECKING:
    from llmhub.arena.exchange.exporting import Exported, Format


@click.command(epilog=REFERENCES)
@click.argument("reference", type=ReferenceType(), default="latest", metavar="[REF]")
@output_option("folder", folder=True, help="The folder to write into; made if it does not exist.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["json", "parquet"]),
    default="json",
    show_default=True,
    help="Upstream's JSON, or the published dataset's Parquet.",
)
@click.option(
    "--leaderboard",
    type=NameType("leaderboard"),
    metavar="NAME",
    help="Only this one; default: all leaderboards of the snapshot.",
)
@click.option("--force", is_flag=True, help="Overwrite existing files.")
@json_option
def export(
    *, reference: str, folder: Path, kind: Format, leaderboard: str | None, force: bool, output: str | None
) -> None:
    """Write a snapshot's leaderboards into a folder.

    JSON files have upstream's names and category keys, with votes, organization and licence of each model; Parquet
    files have the dataset's folders and columns. leaderboard-meta.json beside them holds source, date, revision and
    attribution. `llmhub arena import` reads either format back, the same to the last bit.

    Without --leaderboard, REF is resolved among the snapshots that have text / overall.
    """
    from llmhub.arena.exchange import exporting as files
    from llmhub.settings import absolute
    from llmhub.store import SnapshotStore

    with progress.shown(), SnapshotStore.open() as store:
        snapshot = files.find_snapshot(store, reference, leaderboard)
        target = absolute(folder)
        done = files.export(store, snapshot, target, leaderboard=leaderboard, format=kind, force=force)
    if output == "json":
        render.echo_json({"folder": str(target), "format": kind, **_exported_json(done)})
    else:
        render.outcome(render.snapshot_text(snapshot))
        for file in done.files:
            render.outcome(f"{file.leaderboard}: {boards_text(file.boards, file.scores)} in {file.path}")
    for file in done.files:
        if file.lost:
            render.warn(f"{file.leaderboard}: {file.lost}")


def _exported_json(done: Exported) -> dict[str, object]:
    return {
        "snapshot": render.snapshot_json(done.snapshot),
        "files": [
            {
                **render.file_json(file.path),
                "leaderboard": file.leaderboard,
                "boards": file.boards,
                "scores": file.scores,
                "lost": file.lost,
            }
            for file in done.files
        ],
        "meta": str(done.meta),
    }
