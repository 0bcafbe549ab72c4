"""`llmhub arena`: the commands of the versioned store, a module for each few that belong together."""

from __future__ import annotations

import click

from llmhub.cli.arena.diff import diff
from llmhub.cli.arena.export import export
from llmhub.cli.arena.history import history
from llmhub.cli.arena.importing import backfill, import_
from llmhub.cli.arena.intake import refresh, status
from llmhub.cli.arena.movers import movers
from llmhub.cli.arena.show import show
from llmhub.cli.arena.upkeep import backup, prune, repair, verify
from llmhub.cli.options import show_log_messages


@click.group()
def arena() -> None:
    """LMArena's leaderboards, with history and diffs."""
    show_log_messages()


for command in (refresh, status, history, show, diff, movers, import_, backfill, export, prune, verify, repair, backup):
    arena.add_command(command)
