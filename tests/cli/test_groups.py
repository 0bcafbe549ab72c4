"""Groups list their commands without importing them."""

from __future__ import annotations

import click
import pytest

from llmhub.cli import cli
from llmhub.cli.arena import arena
from llmhub.cli.catalog import catalog
from llmhub.cli.groups import Group, Lazy

LAZY = [(group, name) for group in (cli, arena, catalog) for name in group.lazy]


@pytest.mark.parametrize(("group", "name"), LAZY, ids=lambda value: getattr(value, "name", value))
def test_what_a_group_says_of_a_command_that_is_not_imported_is_what_the_command_says(group: Group, name: str) -> None:
    told, real = group.lazy[name], group.get_command(click.Context(group), name)
    assert real is not None
    assert real.name == name
    assert told.short_help == real.get_short_help_str(1000)


def test_the_commands_of_a_group_stand_in_the_order_in_which_its_help_lists_them() -> None:
    for group in (cli, arena, catalog):
        assert list(group.lazy) == sorted(group.lazy)


def test_a_name_that_leads_to_no_command_is_no_command() -> None:
    group = Group("made-up", lazy={"wrong": Lazy("llmhub.cli:main", "Made up.")})
    with pytest.raises(TypeError, match="llmhub\\.cli:main"):
        group.get_command(click.Context(group), "wrong")
