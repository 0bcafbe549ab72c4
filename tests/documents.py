"""What is generated: parts of README.md and docs/, their pictures, and the SQL that makes a new store.

`python -m tests.documents` writes them; a test fails when they are not what the program does. A part that begins with
`$ ` is a command line, run by a shell in a folder where the demonstration was kept.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from textwrap import fill
from typing import Any

import click
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from llmhub.cli import cli
from tests.support.documents import head
from tests.support.documents.quality_price import quality_price
from tests.support.documents.retiring import give_notice, shown_today
from tests.support.processes.forks import Job, shared_forks
from tests.support.processes.terminal import on_terminal

REPOSITORY = Path(__file__).resolve().parents[1]
README = REPOSITORY / "README.md"
DOCS = REPOSITORY / "docs"
TERMINAL = DOCS / "terminal.svg"
CHARTS = (DOCS / "ratings.svg", DOCS / "prices.svg")
QUALITY_PRICE = DOCS / "quality-price.svg"
_JSON = (("history", "--json", "--limit", "1"), ("show", "--json", "--top", "1"), ("diff", "--json", "1", "2"))
_PART = re.compile(r"(?<=<!-- generated: )([^\n]+?)( -->\n).*?(?=<!-- end -->)", re.DOTALL)
DEMONSTRATION = "llmhub-demo"
_DEMONSTRATES = f"llmhub demo --keep {DEMONSTRATION}"
_SAID = "said"
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
_DOCUMENTED = (
    "arena status",
    "arena history --limit 1",
    "arena history invented-70b",
    "arena show --top 1",
    "arena diff 1 2",
    "arena movers 2025-10-13",
    "arena prune --keep-last 2 --dry-run",
    "arena verify",
    "arena repair --dry-run",
    "catalog show --top 1",
    "catalog pick",
    "catalog compare fictional-pro-3 fictional-flash-3",
    "catalog explain openai/fictional-pro-3",
    "catalog providers",
    "report -o site",
    "catalog diff 2025-10-01 --all",
    "catalog history openai/imaginary-opus-2",
    "catalog cost openai/fictional-pro-3 --input 10M --output 2M",
    "doctor --offline",
    "audit app.py",
    "remote status file://$LLMHUB_CONFIG_DIR/arena/arena.db",
    "remote pull file://$LLMHUB_CONFIG_DIR/arena/arena.db",
    "arena refresh --max-age 9999d",
    "arena backup copy.db",
    "arena export -o out",
    "arena import out",
    "catalog refresh",
    "catalog import api-2025-08-01.json",
    "catalog export --format csv -o models.csv",
)
_TRACK = ("history", "--json", "--since", "2026-01-06", "pretend-small")


def documents() -> list[Path]:
    """Return the README and the pages of the site."""
    return [README, *sorted(DOCS.rglob("*.md"))]


def demonstrate(folder: Path) -> None:
    """Keep the demonstration in a folder, under its usual name, and beside it, as `said`, what it says."""
    (folder / _SAID).write_text(shell(_DEMONSTRATES, folder), encoding="utf-8")


def written(kept: Path) -> dict[Path, str]:
    """Return what the documents and their pictures hold as the program is now, by file.

    Args:
        kept: the folder of `demonstrate`; it is only read.
    """
    with tempfile.TemporaryDirectory() as home:
        made: dict[Path, str] = {}
        for number, document in enumerate(documents()):
            text = document.read_text(encoding="utf-8")
            folder = Path(home) / str(number)
            folder.mkdir()
            if "<!-- generated: " in text:
                _demonstrate_again(kept, folder)
            made[document] = _PART.sub(partial(_part, folder), text)
            for chart in CHARTS:
                # One of the command lines has drawn it.
                if (drawn := folder / chart.name).exists():
                    made[chart] = f"{drawn.read_text(encoding='utf-8').rstrip()}\n"
        return {**made, head.PATH: head.head(), TERMINAL: _terminal(kept), QUALITY_PRICE: quality_price()}


def _demonstrate_again(kept: Path, folder: Path) -> None:
    """Do what `demonstrate` does, with a copy of the demonstration that it kept in another folder."""
    shutil.copytree(kept / DEMONSTRATION, folder / DEMONSTRATION)
    said = (kept / _SAID).read_text(encoding="utf-8")
    (folder / _SAID).write_text(said.replace(str(kept), str(folder)), encoding="utf-8")


def _part(folder: Path, found: re.Match[str]) -> str:
    name = found[1]
    if name.startswith("$ "):
        made = _shown(name.removeprefix("$ "), folder)
    else:
        kind, *words = name.split()
        made = _WHOLE[kind](folder, words)
    return f"{name}{found[2]}{made}"


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of a shell whose reader did what the tutorial says, and has `llmhub` on the PATH."""
    return {
        **os.environ,
        "COLUMNS": "100",
        "LLMHUB_DEBUG": "",
        "LLMHUB_OFFLINE": "1",
        "LLMHUB_CONFIG_DIR": str(folder / DEMONSTRATION / "config"),
        "PATH": f"{shared_forks().for_shells}{os.pathsep}{os.environ['PATH']}",
    }


def shell(command: str, folder: Path) -> str:
    """Run a command line, and return what it prints, on stderr too."""
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=True,
        encoding="utf-8",
    )
    return done.stdout


def _shown(command: str, folder: Path) -> str:
    """Return a command line with what it prints; the demonstration's is there already."""
    printed = (
        shell(command.replace(_DEMONSTRATES, f"cat {_SAID}"), folder).replace(str(folder), "/home/you").splitlines()
    )
    return _block("\n".join([f"$ {command}", *(line.rstrip() for line in printed)]), "console")


def _block(text: str, language: str = "text") -> str:
    return f"```{language}\n{text}\n```\n"


def _commands(_: Path, words: Sequence[str]) -> str:
    """Return how each command of a group is called, or without a group, those of none."""
    group: click.Command = cli
    for word in words:
        group = _commands_of(group)[word]
    commands = {name: one for name, one in _commands_of(group).items() if not isinstance(one, click.Group)}
    return "\n".join(
        f"## llmhub {' '.join([*words, name])}\n\n{_block(_help([*words, name]))}" for name in sorted(commands)
    )


def _commands_of(group: click.Command) -> dict[str, click.Command]:
    if not isinstance(group, click.Group):
        raise TypeError(group)
    context = click.Context(group)
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def _help(words: Sequence[str]) -> str:
    # In a process of its own: click keeps how the first context of a command was told to spell its options.
    job = Job.command(*words, "--help", variables={**os.environ, "COLUMNS": "100"}, folder=REPOSITORY)
    shown = shared_forks().run(job).run
    shown.check_returncode()
    return "\n".join(line.rstrip() for line in shown.stdout.rstrip().splitlines())


def _json(folder: Path, _: Sequence[str]) -> str:
    shown = [(f"llmhub arena {' '.join(words)}", folder) for words in (*_JSON, _TRACK)]
    return "\n".join(f"`{command}`\n\n{_block(shell(command, folder).rstrip(), 'json')}" for command, folder in shown)


def _keys(folder: Path, _: Sequence[str]) -> str:
    """Return the keys of each command's JSON document, as the demonstration has them."""
    parts = []
    (folder / "app.py").write_text('MODEL = "fictional-pro-2"\n', encoding="utf-8")
    offer = {"name": "A", "cost": {"input": 1, "output": 2}}
    (folder / "api-2025-08-01.json").write_text(json.dumps({"acme": {"models": {"a": offer}}}), encoding="utf-8")
    for command in _DOCUMENTED:
        # The doctor's exit code is 3 where it finds an error.
        shown = json.loads(shell(f"llmhub {command} --json 2>/dev/null || true", folder))
        lines = [f"{where}: {', '.join(names)}" for where, names in _objects(shown, "")]
        text = "\n".join(fill(line, 100, subsequent_indent="    ", break_long_words=False) for line in lines)
        parts.append(f"`llmhub {command.partition(' -')[0]} --json`\n\n{_block(text)}")
    return "\n".join(parts)


def _objects(value: Any, where: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the place of each object in a JSON document, and its keys; of a list's objects, the first one."""
    if isinstance(value, list):
        yield from _objects(value[0] if value else None, f"{where}[]")
    elif isinstance(value, dict):
        yield where or "document", list(value)
        for name, inner in value.items():
            yield from _objects(inner, f"{where}.{name}".lstrip("."))


def _sql(folder: Path, _: Sequence[str]) -> str:
    """Return each query of `_SQL` with what it answers on the demonstration's store, opened as others open it."""
    store = Path(_environment(folder)["LLMHUB_CONFIG_DIR"]) / "arena" / "arena.db"
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        return "\n".join(f"{_block(f'{query};', 'sql')}\n{_answer(connection.execute(query))}" for query in _SQL)


def _retiring(folder: Path, words: Sequence[str]) -> str:
    """Return a command with what it prints on the day after the demonstration, of which some models retire soon."""
    config = folder / DEMONSTRATION / "config"
    give_notice(config / "arena" / "arena.db")
    variables = {"COLUMNS": "100", "LLMHUB_OFFLINE": "1", "LLMHUB_CONFIG_DIR": str(config)}
    return _block(f"$ llmhub {' '.join(words)}\n{shown_today(words, variables, folder).rstrip()}", "console")


_WHOLE: Mapping[str, Callable[[Path, Sequence[str]], str]] = {
    "commands": _commands,
    "json": _json,
    "keys": _keys,
    "retiring": _retiring,
    "sql": _sql,
}


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
    with tempfile.TemporaryDirectory() as demonstrated:
        demonstrate(Path(demonstrated))
        made = written(Path(demonstrated))
    for path, text in made.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
