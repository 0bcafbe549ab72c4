"""`llmhub remote`: the store that a team shares."""

from __future__ import annotations

import click

from llmhub.cli.groups import Group, Lazy

_HERE = "llmhub.cli.remote"

COMMANDS = {
    "init": Lazy(f"{_HERE}.making:init", "Make a remote in a PostgreSQL database, and print the rights to grant."),
    "pull": Lazy(f"{_HERE}.synchronising:pull", "Copy from the remote what this store lacks."),
    "push": Lazy(f"{_HERE}.synchronising:push", "Copy to the remote what it lacks."),
    "status": Lazy(f"{_HERE}.status:status", "Show what the remote holds, and what is not synchronised."),
}


@click.group(cls=Group, lazy=COMMANDS)
def remote() -> None:
    """A store that a team shares, in PostgreSQL or as a whole file."""
