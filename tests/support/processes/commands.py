"""Helpers of the command line's tests: seed a store in this process, and check what a run printed and returned."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from llmhub.arena import Score, SnapshotStore
from llmhub.arena.boards import Leaderboard, ModelFacts, Snapshot
from llmhub.arena.sources import Source
from llmhub.folders import MARK

Run = subprocess.CompletedProcess[str]

SNAPSHOT_KEYS = {"id", "taken_at", "published_on", "source", "boards", "models"}
SCORE_KEYS = {"rank", "rank_ub", "model", "rating", "lower", "upper", "votes", "organization", "license"}

# Names with terminal sequences, markup, and characters that CSV readers and spreadsheets act on; none may do harm.
HOSTILE = (
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "[red]x[/red]",
    "[/]",
    ":smile:",
    "two\nlines",
    "carriage\rreturn",
    "tab\there",
    "rtl\u202egnp.exe",
    "\u2066isolate\u2069",
    "<script>alert(1)</script>",
    'quote " comma , semicolon ;',
    "\x9b31m",
    "long-" * 60,
)


def utc_now() -> datetime:
    """Return the current moment, in UTC."""
    return datetime.now(UTC)


def ago(**length: float) -> datetime:
    """Return the moment that long ago: ``ago(hours=25)``."""
    return utc_now() - timedelta(**length)


def board(ratings: Mapping[str, float], half_width: float = 5.0) -> dict[str, Score]:
    """Return a board of these ratings, their bounds as far away on either side."""
    return {name: Score(value, value - half_width, value + half_width, 1000) for name, value in ratings.items()}


def seed(
    scores: Mapping[str, Score],
    taken_at: datetime,
    *,
    leaderboard: str = "text",
    category: str = "overall",
    published_on: date | None = None,
    organizations: Mapping[str, str] | None = None,
    source: Source = "script",
) -> Snapshot:
    """Store one board as a snapshot in this test's own store, through the store's API."""
    facts = {name: ModelFacts(organization) for name, organization in (organizations or {}).items()}
    with SnapshotStore.open() as store:
        given = Leaderboard({category: scores}, facts, published_on)
        return store.add({leaderboard: given}, taken_at=taken_at, source=source)


def upstream_json(ratings: Mapping[str, float], category: str = "full") -> str:
    """Return a leaderboard file in upstream's shape, with upstream's keys only."""
    rows = {
        name: {"rating": value, "rating_q975": value + 5.0, "rating_q025": value - 5.0}
        for name, value in ratings.items()
    }
    return json.dumps({category: rows})


def output(run: Run, code: int = 0) -> str:
    """Return what a run wrote to stdout, after checking its exit code."""
    assert run.returncode == code, (run.returncode, run.stdout, run.stderr)
    return run.stdout


def document(run: Run) -> Any:
    """Return the one JSON document that a run wrote; it wrote nothing to stderr."""
    assert run.stderr == ""
    return json.loads(output(run))


def table(run: Run) -> list[dict[str, str]]:
    """Return the CSV that a run wrote, a dictionary a line; it wrote nothing to stderr."""
    assert run.stderr == ""
    return list(csv.DictReader(io.StringIO(output(run), newline=""), strict=True))


def error_line(run: Run, code: int = 1) -> str:
    """Return the one line that a run failed with, without its ``error: ``; it wrote nothing to stdout."""
    assert (run.returncode, run.stdout) == (code, ""), (run.returncode, run.stdout, run.stderr)
    assert run.stderr.endswith("\n")
    line = run.stderr.removesuffix("\n")
    assert line.startswith("error: ")
    assert line.isprintable(), line
    return line.removeprefix("error: ")


def arena_folder() -> Path:
    """Return the folder of this test's own store."""
    return Path(os.environ["LLMHUB_CONFIG_DIR"]) / "arena"


def arena_db() -> Path:
    """Return the path of this test's own store."""
    return arena_folder() / "arena.db"


def files_in(folder: Path) -> set[str]:
    """Return the names of the entries of a folder, without llmhub's mark; none if the folder does not exist."""
    return {path.name for path in folder.iterdir()} - {MARK} if folder.exists() else set()
