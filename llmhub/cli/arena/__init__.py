"""`llmhub arena`: the commands of the versioned store."""

from __future__ import annotations

import click

from llmhub.cli.groups import Group, Lazy

_HERE = "llmhub.cli.arena"

COMMANDS = {
    "backfill": Lazy(f"{_HERE}.importing:backfill", "Download and store everything ever published."),
    "backup": Lazy(f"{_HERE}.verify:backup", "Copy the store to FILE while it may be in use."),
    "diff": Lazy(f"{_HERE}.diff:diff", "Show what came, went and moved on a board."),
    "export": Lazy(f"{_HERE}.export:export", "Write a snapshot's leaderboards into a folder."),
    "history": Lazy(f"{_HERE}.history:history", "List snapshots, or how models moved."),
    "import": Lazy(
        f"{_HERE}.importing:import_",
        "Store leaderboard files: upstream's JSON, plain or .gz, or the published dataset's Parquet.",
    ),
    "movers": Lazy(f"{_HERE}.movers:movers", "Show who rose and who fell most on a board."),
    "plot": Lazy(f"{_HERE}.plot:plot", "Draw how models' ratings moved over time, with their intervals."),
    "prune": Lazy(f"{_HERE}.prune:prune", "Remove the snapshots that no --keep option keeps."),
    "refresh": Lazy(f"{_HERE}.refresh:refresh", "Run the update script if the store is stale."),
    "repair": Lazy(f"{_HERE}.repair:repair", "Save the sound parts of a damaged store."),
    "show": Lazy(f"{_HERE}.show:show", "Show a board, best model first."),
    "status": Lazy(f"{_HERE}.status:status", "Show where the store is and how old its data is."),
    "verify": Lazy(f"{_HERE}.verify:verify", "Check the whole store, and exit with 3 if it is damaged."),
}


@click.group(cls=Group, lazy=COMMANDS)
def arena() -> None:
    """LMArena's leaderboards, with history and diffs."""
