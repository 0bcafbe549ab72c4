"""`llmhub completion`: what a shell sources so that it completes commands, options and names."""

from __future__ import annotations

import click

from llmhub.cli.completion_scripts import SHELLS, script

_LINES = """\b
bash   eval "$(llmhub completion bash)"        in ~/.bashrc (bash 4.4 or later)
zsh    eval "$(llmhub completion zsh)"         in ~/.zshrc, after compinit
fish   llmhub completion fish | source         in ~/.config/fish/config.fish"""


@click.command(epilog=_LINES)
@click.argument("shell", type=click.Choice(SHELLS))
def completion(*, shell: str) -> None:
    """Print the script that completes commands in a shell.

    With it the Tab key completes commands, options and files, and from what is stored on this machine the names of
    models, leaderboards, categories and providers, and the newest snapshots. One line makes it so:
    """
    click.echo(script(shell), nl=False)
