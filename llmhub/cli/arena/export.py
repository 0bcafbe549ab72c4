"""`llmhub arena export`: a snapshot as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmhub.cli import progress, render
from llmhub.cli.options import REFERENCES, NameType, ReferenceType
from llmhub.cli.render import boards_text

if TYPE_CHECKING:
    from llmhub.arena.exchange.exporting import Format


@click.command(epilog=REFERENCES)
@click.argument("reference", type=ReferenceType(), default="latest", metavar="[REF]")
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder to write into.",
)
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
def export(*, reference: str, folder: Path, kind: Format, leaderboard: str | None, force: bool) -> None:
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
        done = files.export(store, snapshot, absolute(folder), leaderboard=leaderboard, format=kind, force=force)
    render.outcome(render.snapshot_text(snapshot))
    for file in done.files:
        render.outcome(f"{file.leaderboard}: {boards_text(file.boards, file.scores)} in {file.path}")
        if file.lost:
            render.warn(f"{file.leaderboard}: {file.lost}")
