"""--quiet, --verbose, NO_COLOR and COLUMNS, and the progress that only a terminal sees."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Script
from tests.conftest import Llmhub
from tests.support.made_up.publications import row, small_publication, write_publication
from tests.support.processes.commands import ago, board, document, error_line, output, seed, upstream_json, utc_now
from tests.support.processes.terminal import Shown, on_terminal
from tests.support.servers.http import DatasetServer

STYLE = re.compile(r"\x1b\[[\d;]*m")


@pytest.fixture
def stored() -> None:
    seed(board({"made-up-a": 1010.0, "made-up-b": 1000.0}), ago(days=2))


@pytest.mark.parametrize(
    "words", [["-q", "arena", "refresh"], ["arena", "--quiet", "refresh"], ["arena", "refresh", "-q"]], ids=" ".join
)
def test_a_quiet_refresh_says_nothing_and_does_it(llmhub: Llmhub, publication: DatasetServer, words: list[str]) -> None:
    small_publication(publication.folder, published_on=utc_now().date().isoformat())
    run = llmhub(*words)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert [one["models"] for one in document(llmhub("-q", "arena", "history", "--json"))] == [5]


def test_quiet_keeps_results_warnings_and_errors(llmhub: Llmhub, publication: DatasetServer) -> None:
    published = (utc_now() - timedelta(days=20)).date().isoformat()
    write_publication(publication.folder, "text", [row("made-up-a", 1000.0, published_on=published)])
    refreshed = llmhub("arena", "refresh", "--quiet")
    assert (output(refreshed), refreshed.stderr.startswith("warning: the runs succeed but")) == ("", True)
    assert "made-up-a" in output(llmhub("arena", "show", "-q"))
    assert "no-such" in error_line(llmhub("-q", "arena", "show", "--category", "no-such"), code=2)


def test_quiet_imports_backups_and_exports_say_nothing(llmhub: Llmhub, tmp_path: Path) -> None:
    file = write_publication(tmp_path, "text", [row("made-up-a", 1000.0), row("made-up-b", None)])
    for words in (["import", str(file)], ["backup", "copy.db"], ["export", "-o", "out"]):
        run = llmhub("arena", *words, "-q")
        assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert llmhub("arena", "history", "nobody", "-q").returncode == 2


def test_verbose_says_what_was_done_without_a_password(
    llmhub: Llmhub, publication: DatasetServer, tmp_path: Path
) -> None:
    secret = publication.resolve_url.replace("http://", "http://someone:made-up-secret@")
    write_publication(publication.folder, "text", [row("made-up-a", 1000.0)], name="full-00000-of-00001.parquet")
    run = llmhub("arena", "backfill", "--verbose", LLMHUB_ARENA_SOURCE_URL=secret)
    assert output(run).startswith("text: 1 date stored")
    lines = run.stderr.splitlines()
    assert all(re.match(r"(debug|info): \[\d+\.\d{3} s\] ", line) for line in lines), lines
    assert any(f"downloading {publication.resolve_url}/text/full-00000-of-00001.parquet" in line for line in lines)
    assert any("dates: 1, of them new: 1; rows: 1, left out: 0" in line for line in lines)
    assert "made-up-secret" not in run.stderr
    assert "opened, mode ro" in llmhub("-v", "arena", "history").stderr


@pytest.mark.parametrize(
    "words", [["-q", "arena", "status", "-v"], ["arena", "-v", "status", "-q"], ["arena", "status", "-q", "-v"]]
)
def test_quiet_and_verbose_exclude_each_other(llmhub: Llmhub, words: list[str]) -> None:
    assert "--quiet and --verbose exclude each other" in error_line(llmhub(*words), code=2)


# -- on a terminal


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("command", [("arena", "show"), ("arena", "history", "made-up-a"), ("arena", "--help")])
def test_no_color_means_no_style_at_all(tmp_path: Path, command: tuple[str, ...]) -> None:
    assert not STYLE.search(on_terminal(*command, columns=100, folder=tmp_path, NO_COLOR="1").screen)
    assert not STYLE.search(on_terminal(*command, columns=100, folder=tmp_path, NO_COLOR="1", FORCE_COLOR="1").screen)
    styled = STYLE.search(on_terminal(*command, columns=100, folder=tmp_path, NO_COLOR="").screen)
    assert styled or "--help" in command


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("columns", ["60", "90"])
def test_columns_decides_how_wide_tables_and_help_are(tmp_path: Path, columns: str) -> None:
    for command in (("arena", "show"), ("arena", "refresh", "--help")):
        screen = on_terminal(*command, columns=140, folder=tmp_path, COLUMNS=columns, NO_COLOR="1").screen
        # The line that names the snapshot is no table.
        widths = [len(line) for line in screen.splitlines() if "snapshot 1 of" not in line]
        assert int(columns) - 40 < max(widths) <= int(columns)


SAYS_SO = "import sys, time\nprint('made-up [red]news[/red] \\x1b[31m', file=sys.stderr, flush=True)\ntime.sleep(0.5)\n"


def refreshed(script: Script, folder: Path, *options: str, **variables: str) -> Shown:
    write = f"open('data/leaderboard-text.json', 'w').write({upstream_json({'made-up': 1.0})!r})"
    script(SAYS_SO + write)
    return on_terminal("arena", "refresh", *options, columns=120, folder=folder, **variables)


def test_progress_shows_what_is_done_and_vanishes(script: Script, tmp_path: Path) -> None:
    shown = refreshed(script, tmp_path)
    assert "running the update script" in shown.screen
    assert r"made-up [red]news[/red] \x1b[31m" in shown.screen
    assert visible(shown.screen)[0].startswith("stored snapshot 1 of ")
    assert visible(shown.screen)[1:] == []


@pytest.mark.parametrize(("options", "term"), [(("-q",), "xterm"), ((), "dumb")])
def test_no_progress_where_it_is_not_wanted_or_cannot_be(
    script: Script, tmp_path: Path, options: tuple[str, ...], term: str
) -> None:
    shown = refreshed(script, tmp_path, *options, TERM=term)
    assert "running" not in shown.screen
    assert shown.screen.startswith("stored snapshot 1 of " if not options else "")
    assert "\x1b" not in shown.screen


def test_a_bar_says_how_much_of_how_much(tmp_path: Path) -> None:
    days = [f"2025-{month:02}-01" for month in range(1, 13)]
    rows = [row(f"made-up-{n}", 1000.0 + n, published_on=day) for day in days for n in range(200)]
    file = write_publication(tmp_path, "text", rows, name="full-00000-of-00001.parquet")
    shown = on_terminal("arena", "import", str(file), columns=300, folder=tmp_path)
    assert "importing text/full-00000-of-00001.parquet" in shown.screen
    assert visible(shown.screen) == [f"text: 12 dates stored (2025-01-01 to 2025-12-01): 2,400 rows ({file})"]


def test_log_messages_appear_above_the_progress(script: Script, tmp_path: Path) -> None:
    shown = refreshed(script, tmp_path, "-v")
    lines = visible(shown.screen)
    assert any("the update script ended with 0" in line for line in lines)
    assert not any("running the update script" in line for line in lines)


def visible(screen: str) -> list[str]:
    """Return what stands on a terminal after it was sent this: it knows line feeds, and what rich erases with."""
    lines, at = [""], 0
    for part in re.findall(r"\x1b\[(?:\?\d+[hl]|[\d;]*[A-Za-z])|\r|\n|[^\x1b\r\n]+", screen):
        if part == "\n":
            at += 1
            lines += [""] * (at + 1 - len(lines))
        elif part.endswith("A") and part.startswith("\x1b"):
            at -= int(part[2:-1] or 1)
        elif part == "\x1b[2K":
            lines[at] = ""
        elif not part.startswith(("\x1b", "\r")):
            lines[at] += part
    return [line for line in lines if line.strip()]
