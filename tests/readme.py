"""The README's generated parts: what the commands print and how they are called.

`python -m tests.readme` writes them; a test fails when they are not what the program does.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from llmhub.demo import demonstration

README = Path(__file__).resolve().parents[1] / "README.md"
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
OTHER_COMMANDS = ("completion", "demo")
CATALOG_COMMANDS = ("refresh", "show", "explain", "providers")
_JSON = (("history", "--json", "--limit", "1"), ("show", "--json", "--top", "1"), ("diff", "--json", "1", "2"))
_PART = re.compile(r"(?<=<!-- generated: )(\w+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)
_TRACK = ("history", "--json", "pretend-small")


def generated() -> str:
    """Return the README with its generated parts as the program has them now."""
    parts = {"demo": _demo(), "commands": _commands(), "json": _json()}
    return _PART.sub(lambda found: f"{found[1]}{found[2]}{parts[found[1]]}", README.read_text(encoding="utf-8"))


def _llmhub(*words: str) -> str:
    environment = {**os.environ, "COLUMNS": "100", "LLMHUB_DEBUG": ""}
    done = subprocess.run(
        [sys.executable, "-m", "llmhub", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


def _block(text: str, language: str = "text") -> str:
    return f"```{language}\n{text}\n```\n"


def _demo() -> str:
    return _block(_llmhub("demo"))


def _commands() -> str:
    arena = [_llmhub("arena", command, "--help") for command in COMMANDS]
    catalog = [_llmhub("catalog", command, "--help") for command in CATALOG_COMMANDS]
    others = [_llmhub(command, "--help") for command in OTHER_COMMANDS]
    return _block("\n\n".join([*catalog, *arena, *others]))


def _json() -> str:
    with tempfile.TemporaryDirectory() as home, demonstration(Path(home)) as refreshes:
        list(refreshes)
        shown = [(words, _llmhub("arena", *words)) for words in (*_JSON, _TRACK)]
    return "\n".join(f"`llmhub arena {' '.join(words)}`\n\n{_block(text, 'json')}" for words, text in shown)


if __name__ == "__main__":
    README.write_text(generated(), encoding="utf-8")
