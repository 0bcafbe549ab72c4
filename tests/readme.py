"""The README's generated parts and pictures: what the commands print, how they are called, how that looks.

`python -m tests.readme` writes them; a test fails when they are not what the program does. A part that begins with
`$ ` is a command line, run by a shell in a folder where the demonstration was kept.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llmhub.demo import demonstration
from tests.cli.terminal import on_terminal

REPOSITORY = Path(__file__).resolve().parents[1]
README = REPOSITORY / "README.md"
TERMINAL = REPOSITORY / "docs" / "terminal.svg"
COMMANDS = (
    "refresh",
    "status",
    "history",
    "show",
    "diff",
    "movers",
    "import",
    "backfill",
    "export",
    "prune",
    "verify",
    "backup",
)
CATALOG_COMMANDS = ("refresh", "show", "explain", "providers")
_JSON = (("history", "--json", "--limit", "1"), ("show", "--json", "--top", "1"), ("diff", "--json", "1", "2"))
_PART = re.compile(r"(?<=<!-- generated: )([^\n]+?)( -->\n).*?(?=<!-- end -->)", re.DOTALL)
_PICTURED = (("catalog", "show", "--quality", "2"), ("arena", "history", "invented-70b", "--since", "2025-12-22"))
_COLUMNS = 124
_TRACK = ("history", "--json", "pretend-small")


def generated() -> str:
    """Return the README with its generated parts as the program has them now."""
    whole = {"commands": _commands, "json": _json}
    # The first of the command lines keeps the demonstration, as its reader does.
    with tempfile.TemporaryDirectory() as folder:

        def part(found: re.Match[str]) -> str:
            name = found[1]
            made = _shown(name.removeprefix("$ "), Path(folder)) if name.startswith("$ ") else whole[name]()
            return f"{name}{found[2]}{made}"

        return _PART.sub(part, README.read_text(encoding="utf-8"))


@contextmanager
def kept_demonstration() -> Iterator[Path]:
    """Give a folder in which the demonstration was kept as `llmhub-demo`, as the README tells its reader to."""
    with tempfile.TemporaryDirectory() as home:
        _llmhub("demo", "--keep", str(Path(home) / "llmhub-demo"))
        yield Path(home)


def environment(folder: Path) -> dict[str, str]:
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
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=True,
        encoding="utf-8",
    )
    lines = [line.rstrip() for line in done.stdout.replace(str(folder), "/home/you").splitlines()]
    return _block("\n".join([f"$ {command}", *lines]), "console")


def _llmhub(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "llmhub", *words],
        env={**os.environ, "COLUMNS": "100", "LLMHUB_DEBUG": ""},
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


def _block(text: str, language: str = "text") -> str:
    return f"```{language}\n{text}\n```\n"


def _commands() -> str:
    arena = [_llmhub("arena", command, "--help") for command in COMMANDS]
    catalog = [_llmhub("catalog", command, "--help") for command in CATALOG_COMMANDS]
    return _block("\n\n".join([*catalog, *arena, _llmhub("demo", "--help")]))


def _json() -> str:
    with tempfile.TemporaryDirectory() as home, demonstration(Path(home)) as refreshes:
        list(refreshes)
        shown = [(words, _llmhub("arena", *words)) for words in (*_JSON, _TRACK)]
    return "\n".join(f"`llmhub arena {' '.join(words)}`\n\n{_block(text, 'json')}" for words, text in shown)


def terminal() -> str:
    """Return a picture of the commands of `_PICTURED` on a terminal, as SVG."""
    from rich.console import Console  # noqa: PLC0415 -- only for the picture
    from rich.text import Text  # noqa: PLC0415

    with kept_demonstration() as folder, open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        console = Console(record=True, width=_COLUMNS, file=nowhere, force_terminal=True, color_system="truecolor")
        for words in _PICTURED:
            console.print(Text(f"$ llmhub {' '.join(words)}", style="bold green"))
            variables = {name: environment(folder)[name] for name in ("LLMHUB_OFFLINE", "LLMHUB_CONFIG_DIR")}
            shown = on_terminal(*words, columns=_COLUMNS, folder=folder, **variables)
            console.print(Text.from_ansi(shown.screen))
    drawn = console.export_svg(title="llmhub, on made-up data", unique_id="llmhub", code_format=_without_fonts())
    return f"{drawn.rstrip()}\n"


def _without_fonts() -> str:
    """Return rich's frame without the fonts that it would load from a web site."""
    from rich._export_format import CONSOLE_SVG_FORMAT  # noqa: PLC0415, PLC2701 -- rich has no other name for it

    return re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


if __name__ == "__main__":
    README.write_text(generated(), encoding="utf-8")
    TERMINAL.parent.mkdir(exist_ok=True)
    TERMINAL.write_text(terminal(), encoding="utf-8")
