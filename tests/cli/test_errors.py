"""Exit codes and error lines, and the places from which the command may be run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from llmhub.cli import cli
from tests.conftest import Llmhub
from tests.support.processes.children import run_unprivileged
from tests.support.processes.commands import ago, arena_db, board, document, error_line, files_in, output, seed
from tests.support.processes.forks import Forks

BOARD = board({"made-up-a": 1010.0, "made-up-b": 1000.0})


def _commands(command: click.Command, *words: str) -> list[tuple[str, ...]]:
    below = command.list_commands(click.Context(command)) if isinstance(command, click.Group) else ()
    return [words, *(found for name in below for found in _commands(_below(command, name), *words, name))]


def _below(command: click.Command, name: str) -> click.Command:
    assert isinstance(command, click.Group)
    found = command.get_command(click.Context(command), name)
    assert found is not None
    return found


COMMANDS = _commands(cli)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(llmhub: Llmhub, words: tuple[str, ...]) -> None:
    run = llmhub(*words, "--help")
    assert output(run).startswith(f"Usage: {' '.join(('llmhub', *words))} ")
    assert run.stderr == ""
    context = click.Context(cli)
    command: click.Command = cli
    for word in words:
        command = _below(command, word)
    assert command.get_short_help_str()
    for option in command.get_params(context):
        assert not isinstance(option, click.Option) or option.help, option.name


@pytest.mark.parametrize("words", [words for words in COMMANDS if words in {(), ("arena",)}], ids=" ".join)
def test_a_group_without_a_command_shows_its_help_as_it_is(llmhub: Llmhub, words: tuple[str, ...]) -> None:
    run = llmhub(*words)
    assert output(run, code=2) == ""
    assert run.stderr == llmhub(*words, "--help").stdout


def test_the_module_is_the_command(llmhub: Llmhub, tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("llmhub")
    for arguments in (["--help"], ["--version"], ["arena", "status"], ["arena", "show"]):
        installed = subprocess.run([script, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        module = llmhub(*arguments)
        assert (installed.returncode, installed.stdout, installed.stderr) == (
            module.returncode,
            module.stdout,
            module.stderr,
        )


@pytest.mark.parametrize("words", [["nonsense"], ["arena", "nonsense"], ["--nonsense"], ["demo", "nonsense"]])
def test_what_is_no_command_is_wrong_usage(llmhub: Llmhub, words: list[str]) -> None:
    said = error_line(llmhub(*words), code=2)
    assert "nonsense" in said
    assert "--help`)" in said


def test_a_traceback_is_shown_only_when_asked_for(llmhub: Llmhub) -> None:
    plain = error_line(llmhub("arena", "show", LLMHUB_DEBUG="0"), code=2)
    run = llmhub("arena", "show", LLMHUB_DEBUG="1")
    assert (run.returncode, run.stdout) == (2, "")
    first, *_, last = run.stderr.splitlines()
    assert first == "Traceback (most recent call last):"
    assert "SnapshotNotFound" in run.stderr
    assert last == f"error: {plain}"


@pytest.mark.parametrize("reader", ["head -n 1", "true"])
def test_a_reader_that_has_seen_enough_is_no_failure(tmp_path: Path, forks: Forks, reader: str) -> None:
    # More than a pipe holds.
    for days in (2, 1):
        seed(board({f"made-up-{number}-{days}": 1000.0 - number for number in range(1500)}), ago(days=days))
    asked = ("--help", "arena history", "arena show", "arena show --csv", "arena show --json", "arena diff 1 2")
    commands = [*(f"llmhub {words}" for words in asked), f"{sys.executable} -m llmhub arena show"]
    run = subprocess.run(
        ["bash", "-c", "\n".join(f"{command} | {reader}; echo ${{PIPESTATUS[0]}} >&2" for command in commands)],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{forks.for_shells}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == "0\n" * len(commands)


def test_the_folder_that_the_command_runs_in_does_not_matter(llmhub: Llmhub, tmp_path: Path) -> None:
    seed(BOARD, ago(days=1))
    here = tmp_path / "elsewhere"
    before = document(llmhub("arena", "show", "--json"))
    relative = os.path.relpath(arena_db().parents[1], here)
    assert document(llmhub("arena", "show", "--json", LLMHUB_CONFIG_DIR=relative)) == before
    assert files_in(here) == set()


def test_where_the_store_lies_can_be_chosen(llmhub: Llmhub, tmp_path: Path, home: Path) -> None:
    chosen = tmp_path / "chosen"
    status = document(llmhub("arena", "status", "--json", LLMHUB_ARENA_CACHE_DIR=str(chosen)))
    assert status["store"] == str(chosen / "arena.db")
    status = document(llmhub("arena", "status", "--json", LLMHUB_ARENA_CACHE_DIR="~/chosen"))
    assert status["store"] == str(home / "chosen" / "arena.db")
    status = document(llmhub("arena", "status", "--json", LLMHUB_CONFIG_DIR=None, XDG_CONFIG_HOME=None))
    assert Path(status["store"]).is_relative_to(home)


# In this process and not one more: root that has given up its privileges gets them back with a new program.
_COMMAND = """
    import sys
    sys.stderr = sys.stdout
    from llmhub.cli import main
    try:
        main(sys.argv[1:])
    except SystemExit as error:
        print("exit", error.code)
"""


def test_a_home_that_cannot_be_written_is_one_line(home: Path) -> None:
    home.chmod(0o500)
    try:
        line, code = run_unprivileged(_COMMAND, "arena", "refresh").splitlines()
        status = run_unprivileged(_COMMAND, "arena", "status")
    finally:
        home.chmod(0o700)
    assert code == "exit 1"
    assert line.startswith(f"error: {home / 'llmhub' / 'arena'} cannot be made (Permission denied): make its parent")
    assert status.endswith("exit 0")
    assert files_in(home) == set()


def test_a_store_that_cannot_be_written_is_read_all_the_same(tmp_path: Path) -> None:
    seed(BOARD, ago(hours=30))
    file = tmp_path / "2025-06-01" / "leaderboard-text.json"
    file.parent.mkdir()
    file.write_text('{"full": {"made-up": {"rating": 1.0, "rating_q025": null, "rating_q975": null}}}')
    before = arena_db().read_bytes()
    arena_db().chmod(0o400)
    arena_db().parent.chmod(0o500)
    try:
        shown = run_unprivileged(_COMMAND, "arena", "show")
        refreshed = run_unprivileged(_COMMAND, "arena", "refresh").splitlines()
        imported = run_unprivileged(_COMMAND, "arena", "import", str(file)).splitlines()
    finally:
        arena_db().parent.chmod(0o700)
    assert "made-up-a" in shown
    assert shown.endswith("exit 0")
    for line, *_, code in (refreshed, imported):
        assert code == "exit 1"
        assert line.startswith(f"error: {arena_db()} cannot be written: make it writable")
    assert arena_db().read_bytes() == before


def test_a_store_that_may_not_be_read_is_one_line() -> None:
    seed(BOARD, ago(hours=1))
    arena_db().chmod(0)
    line, code = run_unprivileged(_COMMAND, "arena", "show").splitlines()
    assert code == "exit 1"
    assert line.startswith(f"error: {arena_db()} ")
    assert "it was not touched" in line
