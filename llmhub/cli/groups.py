"""Groups of commands that are imported when one of them runs, and the options that every command has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from llmhub.cli.help_texts import add_help
from llmhub.cli.verbosity import add_options

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class Lazy(NamedTuple):
    """A command that is not imported yet.

    Attributes:
        where: its module and its name there, as in ``llmhub.cli.demo:demo``.
        short_help: the first sentence of its help, for the group's help; a test compares them.
    """

    where: str
    short_help: str

    def load(self) -> click.Command:
        """Import the command."""
        from importlib import import_module

        module, _, name = self.where.partition(":")
        command = getattr(import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(self.where)
        return command


class Group(click.Group):
    """A group whose lazy commands are listed without being imported."""

    def __init__(self, *arguments: Any, lazy: Mapping[str, Lazy] | None = None, **options: Any) -> None:
        """Make a group; `lazy` holds its commands by name, the other arguments are click's."""
        super().__init__(*arguments, **options)
        self.lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        return sorted({*super().list_commands(ctx), *self.lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, and import it if needed; None if no command has the name."""
        if cmd_name in self.lazy and cmd_name not in self.commands:
            self.add_command(self.lazy[cmd_name].load(), cmd_name)
        return super().get_command(ctx, cmd_name)

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command, and give it its help and the options that every command has."""
        add_help(cmd)
        add_options(cmd)
        super().add_command(cmd, name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the words begin with; the error for an unknown one names the nearest."""
        name = args[0]
        if not (name.startswith("-") or ctx.resilient_parsing) and self.get_command(ctx, name) is None:
            # click itself knows only the imported commands.
            from llmhub.nearest import listed, nearest, shortened

            near = nearest(name, self.list_commands(ctx))
            hint = f": did you mean {listed(near)}?" if near else ""
            ctx.fail(f"No such command {shortened(name)!r}{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the names and first sentences of all commands."""
        names = self.list_commands(ctx)
        if not names:
            return
        limit = formatter.width - 6 - max(map(len, names))
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._listed(ctx, name).get_short_help_str(limit)) for name in names])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands and options that begin with a text."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=self._listed(ctx, name).get_short_help_str())
            for name in self.list_commands(ctx)
            if name.startswith(incomplete)
        ]
        # Not the group's own method, which imports every command; a command's, which knows options.
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def _listed(self, ctx: click.Context, name: str) -> click.Command:
        """Return a command with its name and short help, for a list."""
        if name in self.lazy:
            return click.Command(name, short_help=self.lazy[name].short_help)
        command = self.get_command(ctx, name)
        if command is None:
            raise LookupError(name)
        return command
