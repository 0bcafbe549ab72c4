"""The README's generated parts and pictures: what the commands print, how they are called, how that looks.

`python -m tests.readme` writes them; a test fails when they are not what the program does. A part that begins with
`$ ` is a command line, run by a shell in a folder where the demonstration was kept.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from tests.cli.terminal import on_terminal

REPOSITORY = Path(__file__).resolve().parents[1]
README = REPOSITORY / "README.md"
TERMINAL = REPOSITORY / "docs" / "terminal.svg"
CHART = REPOSITORY / "docs" / "ratings.svg"
COMMANDS = (
    "refresh",
    "status",
    "history",
    "show",
    "diff",
    "movers",
    "plot",
    "import",
    "backfill",
    "export",
    "prune",
    "verify",
    "repair",
    "backup",
)
CATALOG_COMMANDS = ("refresh", "show", "explain", "providers")
OTHER_COMMANDS = ("report", "doctor", "completion", "demo")
_JSON = (("history", "--json", "--limit", "1"), ("show", "--json", "--top", "1"), ("diff", "--json", "1", "2"))
_PART = re.compile(r"(?<=<!-- generated: )([^\n]+?)( -->\n).*?(?=<!-- end -->)", re.DOTALL)
_SQL = (
    """SELECT rank, model, organization, rating, lower, upper, votes, taken_at
  FROM leaderboard_latest
 WHERE leaderboard = 'text' AND category = 'overall'
 ORDER BY rank LIMIT 3""",
    """SELECT taken_at, rating, lower, upper, rank, votes
  FROM rating_history
 WHERE leaderboard = 'text' AND category = 'overall' AND model = 'invented-70b'
 ORDER BY taken_at DESC LIMIT 3""",
    """SELECT id, taken_at, source, published_on, leaderboards, boards, models
  FROM snapshot_summary
 ORDER BY taken_at DESC LIMIT 3""",
)
_PICTURED = (("catalog", "show", "--quality", "2"), ("arena", "history", "invented-70b", "--since", "2025-12-22"))
_COLUMNS = 124
_TRACK = ("history", "--json", "--since", "2026-01-06", "pretend-small")


def written() -> dict[Path, str]:
    """Return what the README and its pictures hold as the program is now, by file."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)

        def part(found: re.Match[str]) -> str:
            name = found[1]
            made = _shown(name.removeprefix("$ "), folder) if name.startswith("$ ") else whole[name](folder)
            return f"{name}{found[2]}{made}"

        whole = {"commands": _commands, "json": _json, "sql": _sql}
        # The first of its command lines keeps the demonstration for the others, as its reader does.
        text = _PART.sub(part, README.read_text(encoding="utf-8"))
        # One of the command lines has drawn it.
        chart = (folder / CHART.name).read_text(encoding="utf-8")
        return {README: text, TERMINAL: _terminal(folder), CHART: f"{chart.rstrip()}\n"}


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of a shell whose reader did what the README says, and has `llmhub` on the PATH."""
    return {
        **os.environ,
        "COLUMNS": "100",
        "LLMHUB_DEBUG": "",
        "LLMHUB_OFFLINE": "1",
        "LLMHUB_CONFIG_DIR": str(folder / "llmhub-demo" / "config"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


def _shown(command: str, folder: Path) -> str:
    """Return a command line with what it prints, on stderr too."""
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=True,
        encoding="utf-8",
    )
    lines = [line.rstrip() for line in done.stdout.replace(str(folder), "/home/you").splitlines()]
    return _block("\n".join([f"$ {command}", *lines]), "console")


def _llmhub(*words: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "llmhub", *words],
        env={**os.environ, "COLUMNS": "100", "LLMHUB_DEBUG": "", **environment},
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


def _block(text: str, language: str = "text") -> str:
    return f"```{language}\n{text}\n```\n"


def _commands(_: Path) -> str:
    arena = [_llmhub("arena", command, "--help") for command in COMMANDS]
    catalog = [_llmhub("catalog", command, "--help") for command in CATALOG_COMMANDS]
    other = [_llmhub(command, "--help") for command in OTHER_COMMANDS]
    return _block("\n\n".join([*catalog, *arena, *other]))


def _json(folder: Path) -> str:
    shown = [(words, _llmhub("arena", *words, **_environment(folder))) for words in (*_JSON, _TRACK)]
    return "\n".join(f"`llmhub arena {' '.join(words)}`\n\n{_block(text, 'json')}" for words, text in shown)


def _sql(folder: Path) -> str:
    """Return each query of `_SQL` with what it answers on the demonstration's store, opened as others open it."""
    store = Path(_environment(folder)["LLMHUB_CONFIG_DIR"]) / "arena" / "arena.db"
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        return "\n".join(f"{_block(f'{query};', 'sql')}\n{_answer(connection.execute(query))}" for query in _SQL)


def _answer(rows: sqlite3.Cursor) -> str:
    table = [[column[0] for column in rows.description], *([str(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table)
    return _block("\n".join(lines))


def _terminal(folder: Path) -> str:
    """Return a picture of the commands of `_PICTURED` on a terminal, as SVG."""
    variables = {name: _environment(folder)[name] for name in ("LLMHUB_OFFLINE", "LLMHUB_CONFIG_DIR")}
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 -- it is no path of ours
        console = Console(record=True, width=_COLUMNS, file=nowhere, force_terminal=True, color_system="truecolor")
        for words in _PICTURED:
            console.print(Text(f"$ llmhub {' '.join(words)}", style="bold green"))
            shown = on_terminal(*words, columns=_COLUMNS, folder=folder, **variables)
            console.print(Text.from_ansi(shown.screen))
    drawn = console.export_svg(title="llmhub, on made-up data", unique_id="llmhub", code_format=_without_fonts())
    return f"{drawn.rstrip()}\n"


def _without_fonts() -> str:
    """Return rich's frame without the fonts that it would load from a web site."""
    return re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


if __name__ == "__main__":
    for path, text in written().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
