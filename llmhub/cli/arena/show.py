"""`llmhub arena show`: one board."""

from __future__ import annotations

import click

from llmhub.cli import render
from llmhub.cli.options import MOST, REFERENCES, ReferenceType, board_options, list_options
from llmhub.errors import counted


@click.command(epilog=REFERENCES)
@click.argument("reference", type=ReferenceType(), default="latest", metavar="[REF]")
@click.option("--top", type=click.IntRange(1, MOST), metavar="N", help="Only the first N lines.")
@board_options
@list_options
def show(*, reference: str, top: int | None, leaderboard: str, category: str, output: str | None) -> None:
    """Show a board, best model first.

    The rank (UB) is 1 + the number of models whose lower bound is above this model's upper bound, as on
    LMArena's web site.
    """
    from llmhub.arena.boards import RankedEntry
    from llmhub.arena.compare.ranks import ranked
    from llmhub.store import SnapshotStore

    with SnapshotStore.open() as store:
        snapshot, entries = store.board(reference, leaderboard, category)
    lines = ranked(entries)[:top]
    rows = [entry._asdict() for entry in lines]
    if output == "json":
        render.echo_json(
            {
                "snapshot": render.snapshot_json(snapshot),
                "leaderboard": leaderboard,
                "category": category,
                "scores": rows,
            }
        )
    elif output == "csv":
        render.echo_csv(rows, RankedEntry._fields)
    else:
        part = f"the first {len(lines):,} of " if len(lines) < len(entries) else ""
        shown = f"{part}{counted(len(entries), 'model')}"
        render.heading(f"{leaderboard} / {category}: {shown}, {render.snapshot_text(snapshot)}")
        render.echo_table(
            ("rank", "rank (UB)", "model", "rating", "interval", "votes", "organization"),
            (
                (
                    entry.rank,
                    entry.rank_ub or render.UNKNOWN,
                    entry.model,
                    render.number(entry.rating),
                    render.interval(entry.lower, entry.upper),
                    render.count(entry.votes),
                    entry.organization or render.UNKNOWN,
                )
                for entry in lines
            ),
            left=("model", "organization"),
            ids=("model",),
            drop=("rank (UB)", "organization", "votes", "interval"),
        )
