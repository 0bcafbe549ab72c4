"""The help, where Python leaves docstrings out."""

from __future__ import annotations

import json
import subprocess
import sys
from inspect import cleandoc

import click

from llmhub.cli import cli

_WALK = """
import json, sys
import click
from tests.cli.test_help_texts import helps
assert not __debug__ or sys.exit("this is for -OO")
print(json.dumps(helps()))
"""


def helps(command: click.Command = cli, *words: str) -> dict[str, str | None]:
    """Return the help text of a command and of all below it, by the words that call it."""
    found = {" ".join(words): command.help and cleandoc(command.help)}
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            found |= helps(below, *words, name)
    return found


def test_every_command_has_its_help_without_docstrings_too() -> None:
    told = helps()
    assert all(told.values())
    run = subprocess.run([sys.executable, "-OO", "-c", _WALK], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == told
