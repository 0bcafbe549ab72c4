"""Numbers on the command line: each option that takes one refuses what is none."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from llmhub.cli import cli
from llmhub.cli.options import NumberType


def commands(group: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    if isinstance(group, click.Group):
        for name in group.list_commands(context):
            if (command := group.get_command(context, name)) is not None:
                yield from commands(command, (*path, name))
    else:
        yield path, group


ASKING = [
    pytest.param(command, option, id=" ".join((*path, option.opts[-1])))
    for path, command in commands(cli)
    for option in command.params
    if isinstance(option.type, click.types.FloatParamType)
]


def test_there_are_such_options() -> None:
    assert ASKING


@pytest.mark.parametrize("text", ["nan", "NaN", "-nan", "inf", "Infinity", "-inf", "1e400", "1e-400x", ""])
@pytest.mark.parametrize(("command", "option"), ASKING)
def test_what_is_no_finite_number_is_wrong_usage(command: click.Command, option: click.Parameter, text: str) -> None:
    assert isinstance(option.type, NumberType)
    with pytest.raises(click.BadParameter):
        option.type.convert(text, option, click.Context(command))
    assert option.type.convert("1.5", option, click.Context(command)) == 1.5
