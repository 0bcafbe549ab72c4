"""Shell completion: what is offered, in which form each shell takes it, and that nothing is ever amiss."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from llmhub.catalog import save_catalog
from llmhub.cli.completion.command import SHELLS
from tests.conftest import Llmhub
from tests.support.made_up.models import catalog_of, line
from tests.support.processes.commands import (
    HOSTILE,
    ago,
    arena_db,
    arena_folder,
    board,
    error_line,
    files_in,
    output,
    seed,
)

NAMES = ("made-up-a", "made-up-b:free", "Made-Up C", "it's", 'say "x"', "50% $HOME `id` \\ *", "a,b", "invented/d")


@pytest.fixture
def store() -> None:
    seed(board(dict.fromkeys(NAMES, 1000.0)), ago(days=2))
    seed(board({"made-up-a": 1.0}), ago(days=1), category="coding")
    seed(board({"made-up-a": 1.0}), ago(days=1), leaderboard="vision", category="diagram", source="dataset")


def offered(llmhub: Llmhub, line: str, **variables: str) -> list[str]:
    """Return what bash is told to put in the place of a line's last word."""
    asking = {"_LLMHUB_COMPLETE": "bash_complete", "COMP_LINE": line, "COMP_WORDBREAKS": " \t\n\"'><=;|&(:"}
    run = llmhub(**asking | variables)
    assert (run.returncode, run.stderr) == (0, "")
    return [answer.removeprefix("plain,") for answer in run.stdout.splitlines() if answer]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("llmhub c", ["catalog", "completion"]),
        ("llmhub are", ["arena"]),
        ("llmhub arena ver", ["verify"]),
        ("llmhub arena show --lea", ["--leaderboard"]),
        ("llmhub arena show --leaderboard ", ["text", "vision"]),
        ("llmhub arena show --leaderboard=v", ["vision"]),
        ("llmhub arena show --category ", ["coding", "overall"]),
        ("llmhub arena show --leaderboard vision --category ", ["diagram"]),
        ("llmhub arena show --category CO", ["coding"]),
        ("llmhub arena history made-up-", ["made-up-a", "made-up-b:free"]),
        ("llmhub arena history MADE-UP-B", ["made-up-b:free"]),
        # None begins so: those that have it in them.
        ("llmhub arena history nvented", ["invented/d"]),
        # What bash sees after the colon is replaced, and no more.
        ("llmhub arena history made-up-b:f", ["free"]),
        ("llmhub arena history it", ["it\\'s"]),
        ("llmhub arena history 'Made-Up ", ["Made-Up C"]),
        ('llmhub arena history "it', ["it's"]),
        # No text between single quotes is this name.
        ("llmhub arena history 'it", []),
        ("llmhub arena history 50", ["50%\\ \\$HOME\\ \\`id\\`\\ \\\\\\ \\*"]),
        ('llmhub arena history "50', []),
        ("llmhub arena history a", ["a,b"]),
        ("llmhub arena show la", ["latest"]),
        ("llmhub arena diff previous l", ["latest"]),
        ("llmhub arena show 3", ["3"]),
        ("llmhub arena export -o x", ["dir,x"]),
        ("llmhub arena backup x", ["file,x"]),
        ("llmhub arena show --no-such x", []),
    ],
)
def test_what_completes_a_line(llmhub: Llmhub, line: str, expected: list[str]) -> None:
    found = offered(llmhub, line)
    assert [one for one in found if one not in {"-q", "-v"}] == expected


def test_models_and_providers_of_the_cached_catalog_complete(llmhub: Llmhub) -> None:
    save_catalog(catalog_of(line("openai/made-up"), line("groq/other")))
    assert offered(llmhub, "llmhub catalog explain open") == ["openai/made-up"]
    assert offered(llmhub, "llmhub catalog explain OTHER") == ["groq/other"]


def test_names_that_no_line_can_carry_are_left_out(llmhub: Llmhub) -> None:
    seed(board(dict.fromkeys((*HOSTILE, "--force", "-x", "sound"), 1000.0)), ago(days=2))
    shown = offered(llmhub, "llmhub arena history ")
    assert "sound" in shown
    assert all(name.isprintable() and not name.startswith("-") for name in shown)
    harmless = [name for name in HOSTILE if name.isprintable()]
    assert len(shown) == len(harmless) + 1


@pytest.mark.usefixtures("store")
def test_no_more_are_offered_than_a_terminal_holds(llmhub: Llmhub) -> None:
    seed(board({f"many-{number}": 1.0 for number in range(500)}), ago(hours=2))
    assert len(offered(llmhub, "llmhub arena history many")) == 200


LINES = ["llmhub arena history m", "llmhub arena show l", "llmhub arena show --category o", "llmhub catalog explain a"]


@pytest.mark.parametrize("line", LINES)
def test_without_a_store_nothing_is_made_and_nothing_said(llmhub: Llmhub, home: Path, line: str) -> None:
    assert offered(llmhub, line) == (["latest"] if line.endswith("show l") else [])
    assert files_in(home) == set()


@pytest.mark.parametrize("line", LINES[:3])
@pytest.mark.parametrize("content", [b"", b"no database" * 1000, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_store_offers_nothing_and_stays_as_it_is(llmhub: Llmhub, line: str, content: bytes) -> None:
    arena_folder().mkdir(parents=True)
    arena_db().write_bytes(content)
    assert set(offered(llmhub, line)) <= {"latest"}
    assert arena_db().read_bytes() == content
    assert files_in(arena_folder()) == {"arena.db"}


@pytest.mark.skipif(os.name != "posix", reason="pipes and homes as POSIX has them")
@pytest.mark.parametrize("line", LINES)
def test_no_pipe_is_waited_for_and_a_home_that_there_is_not_is_no_error(llmhub: Llmhub, line: str) -> None:
    arena_folder().mkdir(parents=True)
    for place in (arena_db(), arena_folder().parent / "catalog.json"):
        os.mkfifo(place)
    assert set(offered(llmhub, line)) <= {"latest"}
    assert set(offered(llmhub, line, LLMHUB_CONFIG_DIR="~no-such-user/llmhub")) <= {"latest"}


@pytest.mark.usefixtures("store")
def test_another_programs_file_and_a_locked_store_offer_nothing(llmhub: Llmhub) -> None:
    with closing(sqlite3.connect(arena_db(), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert offered(llmhub, "llmhub arena history m") == []
        other.execute("ROLLBACK")
        assert offered(llmhub, "llmhub arena history made-up-a") == ["made-up-a"]
        other.execute("PRAGMA application_id = 1")
    assert offered(llmhub, "llmhub arena history m") == []


@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_prints_what_a_shell_sources(llmhub: Llmhub, shell: str) -> None:
    assert "_llmhub_completion" in output(llmhub("completion", shell))
    assert "'tcsh' is not one of" in error_line(llmhub("completion", "tcsh"), code=2)


# -- real shells

_WITH_LLMHUB = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}


def in_shell(shell: str, script: str, folder: Path) -> str:
    """Run a script in a real shell, which finds `llmhub`; it says nothing on stderr."""
    if not (program := shutil.which(shell)):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{shell} is not installed: apt-get install {shell}")
    bare = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    run = subprocess.run(
        [program, *bare, "-c", script],
        cwd=folder,
        env={**os.environ, **_WITH_LLMHUB},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, ""), run
    return run.stdout


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("line", "words", "expected"),
    [
        ("llmhub arena sh", ("llmhub", "arena", "sh"), ["show"]),
        ("llmhub arena history Made", ("llmhub", "arena", "history", "Made"), None),
        ("llmhub arena history 50", ("llmhub", "arena", "history", "50"), ["50%\\ \\$HOME\\ \\`id\\`\\ \\\\\\ \\*"]),
        ("llmhub arena history made-up-b:f", ("llmhub", "arena", "history", "made-up-b", ":", "f"), ["free"]),
    ],
)
def test_bash_takes_the_answers_as_they_are(
    tmp_path: Path, line: str, words: tuple[str, ...], expected: list[str] | None
) -> None:
    (tmp_path / "a-file-that-a-star-would-find").touch()
    quoted = " ".join(f"'{word}'" for word in words)
    script = f"""
        eval "$(llmhub completion bash)"
        COMP_LINE='{line}' COMP_POINT={len(line)} COMP_WORDS=({quoted}) COMP_CWORD={len(words) - 1}
        COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
        _llmhub_completion llmhub
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    found = in_shell("bash", script, tmp_path).splitlines()
    assert found == (expected or ["Made-Up\\ C", "made-up-a", "made-up-b:free"])
    # Read as a line of bash, an answer is the name.
    for answer in found if expected is None else ():
        assert in_shell("bash", f"printf %s {answer}", tmp_path) in NAMES


@pytest.mark.usefixtures("store")
def test_fish_offers_whole_names(tmp_path: Path) -> None:
    def complete(line: str) -> list[str]:
        script = f"llmhub completion fish | source; complete --do-complete '{line}'"
        return [answer.partition("\t")[0] for answer in in_shell("fish", script, tmp_path).splitlines()]

    assert complete("llmhub arena sh") == ["show"]
    assert set(complete("llmhub arena history made-up-")) >= {"made-up-a", "made-up-b:free"}
    assert complete("llmhub arena history a,") == ["a,b"]
    # Fish quotes what is special in a line of its own.
    assert complete("llmhub arena history 50") == ["50% $HOME `id` \\ *"]


@pytest.mark.usefixtures("store")
def test_zsh_quotes_the_names_itself(tmp_path: Path) -> None:
    script = """
        autoload -Uz compinit && compinit -u -d "$PWD/dump"
        compadd() { while [[ $1 != -a ]]; do shift; done; print -rl -- "${(@P)2}" }
        eval "$(llmhub completion zsh)"
        words=(llmhub arena history made-up-) CURRENT=4
        _llmhub_completion
    """
    assert in_shell("zsh", script, tmp_path).splitlines() == ["made-up-a", "made-up-b:free"]
