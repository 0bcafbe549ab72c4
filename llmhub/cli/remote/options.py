"""What the commands of a remote share: the address, and how it may be given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from llmhub.cli.options import Command

if TYPE_CHECKING:
    from llmhub.remote.address import Address

_URL = click.argument("url", required=False, metavar="[URL]")


def url_argument(command: Command) -> Command:
    """Give a command the address of a remote; its parameter is `url`, None for LLMHUB_REMOTE_URL."""
    return _URL(command)


def address_of(context: click.Context, url: str | None) -> Address:
    """Return the remote that a command is about.

    Raises:
        UsageError: a password stands in the argument, where every user of the machine can read it.
        SettingsError: there is no remote, or its address cannot be used.
    """
    from llmhub.arena.team.store import shared_address

    address = shared_address(url)
    if url is not None and address.holds_secret:
        raise click.UsageError(
            "the argument holds a password, which every user of this machine can read in the list of processes: "
            "set LLMHUB_REMOTE_URL or PGPASSWORD, or write it into ~/.pgpass",
            context,
        )
    return address
