"""Long output on a terminal goes through a pager, as with git; on request, and in a pipe, it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Llmhub
from tests.support.processes.commands import ago, board, output, seed
from tests.support.processes.terminal import on_terminal

MARK = "shown by the pager"


@pytest.fixture
def long_board() -> None:
    """Store a board that is longer than the tests' terminal."""
    seed(board({f"made-up-{number}": 1000.0 + number for number in range(40)}), ago(hours=1))


@pytest.fixture
def page(tmp_path: Path) -> str:
    """Return a pager that says so, and shows how many columns it was given room for."""
    script = tmp_path / "page"
    script.write_text(f"#!/bin/sh\necho '{MARK}'\nexec cat\n")
    script.chmod(0o755)
    return f"'{script}' -x"


@pytest.mark.usefixtures("long_board")
def test_what_is_longer_than_the_terminal_is_shown_in_the_pager_of_llmhub_or_of_the_system(
    tmp_path: Path, page: str
) -> None:
    command = ("arena", "show")
    shown = on_terminal(*command, columns=80, folder=tmp_path, LLMHUB_PAGER=page).screen
    assert shown.startswith(MARK)
    assert "made-up-0" in shown
    assert not on_terminal(*command, "--top", "3", columns=80, folder=tmp_path, LLMHUB_PAGER=page).screen.startswith(
        MARK
    )


@pytest.mark.usefixtures("long_board")
@pytest.mark.parametrize("pager", ["", "cat", "no-such-pager-anywhere", "'unfinished"])
def test_without_a_pager_that_can_be_started_everything_is_printed(tmp_path: Path, pager: str) -> None:
    shown = on_terminal("arena", "show", columns=80, folder=tmp_path, LLMHUB_PAGER=pager)
    assert shown.returncode == 0
    assert "made-up-0" in shown.screen


@pytest.mark.usefixtures("long_board")
def test_no_pager_is_started_for_no_pager_in_front_or_behind_nor_in_a_pipe(
    llmhub: Llmhub, tmp_path: Path, page: str
) -> None:
    for command in (("--no-pager", "arena", "show"), ("arena", "show", "--no-pager")):
        assert MARK not in on_terminal(*command, columns=80, folder=tmp_path, LLMHUB_PAGER=page).screen
    assert MARK not in output(llmhub("arena", "show", LLMHUB_PAGER=page))


@pytest.mark.usefixtures("long_board")
def test_the_exit_code_and_the_error_of_a_paged_command_are_those_of_the_command(tmp_path: Path, page: str) -> None:
    seed(board({"made-up-1": 1.0}), ago(hours=2))
    command = ("arena", "diff", "--all", "--exit-code")
    shown = on_terminal(*command, columns=80, folder=tmp_path, LLMHUB_PAGER=page)
    assert (shown.returncode, shown.screen.startswith(MARK)) == (3, True)
    failed = on_terminal("arena", "show", "nonsense", columns=80, folder=tmp_path, LLMHUB_PAGER=page)
    assert (failed.returncode, MARK in failed.screen) == (2, False)
