"""Decades of daily runs: what asks about all of them, in seconds of processor time, and how that grows.

One run in four brings something new. The boards are made up and small, as what is measured is the number of snapshots;
one case has boards of a real one's size.
"""

from __future__ import annotations

import os
import random
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median

from llmhub.arena import Score, SnapshotStore
from llmhub.arena.boards import Leaderboard
from llmhub.arena.sql.digest import board_digest
from llmhub.storage import moments
from tests.benchmarks.cases import Result
from tests.benchmarks.timing import process

RUNS = 10_000
_FEWER = RUNS // 4
_MODELS, _REAL_MODELS = 10, 250
_EVERY = 4
_ROUNDS = 5
_MOST_SECONDS = 1.0
# Not 1: every report compiles its templates, which have filters, a feed and the changes of prices too.
_MOST_SECONDS_A_REPORT = 1.25
# Linear, with a fixed part that makes it less, and what timing adds.
_MOST_GROWTH = 4.4
_MODEL = "made-up-005"


def scale_results(folder: Path) -> Iterator[Result]:
    """Measure everything in an empty folder, one after the other."""
    few = store_of_daily_runs(folder / "few", _FEWER, _MODELS)
    many = store_of_daily_runs(folder / "many", RUNS, _MODELS)
    real = store_of_daily_runs(folder / "real", RUNS, _REAL_MODELS)
    for what, command in (
        ("history MODEL", ("arena", "history", _MODEL)),
        ("history MODEL --all", ("arena", "history", _MODEL, "--all")),
        ("history", ("arena", "history")),
        ("history --json", ("arena", "history", "--json")),
        ("diff", ("arena", "diff")),
        (f"report of {_MODELS} models", ("report", "--force", "-o", str(folder / "site"))),
    ):
        taken, fewer = _seconds(many, command), _seconds(few, command)
        detail = f"{_FEWER:,} runs: {fewer:.2f} s"
        most = _MOST_SECONDS_A_REPORT if command[0] == "report" else _MOST_SECONDS
        yield Result(f"{what}, {RUNS:,} runs, s", f"{taken:.2f}", f"under {most:g}", taken < most, detail)
        growth = taken / fewer
        yield Result(f"{what}, 4 times the runs", f"{growth:.2f}", "at most 4.4", growth <= _MOST_GROWTH, detail)
    taken = _seconds(real, ("arena", "history", _MODEL))
    what = f"history MODEL, {RUNS:,} runs of {_REAL_MODELS} models, s"
    yield Result(what, f"{taken:.2f}", "under 1", taken < _MOST_SECONDS, f"{RUNS // _EVERY:,} boards are read")


def _seconds(cache: Path, command: tuple[str, ...]) -> float:
    """Return a command's processor time as a whole process: the median of some rounds after one that does not count."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LLMHUB_")}
    places = {"LLMHUB_ARENA_CACHE_DIR": str(cache), "LLMHUB_CONFIG_DIR": str(cache / "config")}
    work = process([sys.executable, "-m", "llmhub", "--quiet", *command], kept | places)
    times = []
    for _ in range(_ROUNDS + 1):
        before = getrusage(RUSAGE_CHILDREN)
        work()
        after = getrusage(RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return median(times[1:])


def store_of_daily_runs(folder: Path, runs: int, models: int) -> Path:
    """Make a store of so many daily runs of one board and return its folder; every fourth brings a publication.

    Rows go in by hand, past the store: through it ten thousand transactions take minutes.
    """
    folder.mkdir(parents=True)
    chance = random.Random(1)  # noqa: S311 -- made-up ratings
    ratings = {f"made-up-{number:03}": 1000.0 + number for number in range(models)}
    first = datetime.now(UTC) - timedelta(days=runs)
    with SnapshotStore.open(folder / "arena.db") as store:
        given = Leaderboard({"overall": _board(ratings)}, {}, first.date())
        store.add({"text": given}, taken_at=first, script="benchmark")
    with closing(sqlite3.connect(folder / "arena.db")) as connection, connection:
        published, board = first, 1
        for day in range(1, runs):
            taken_at = first + timedelta(days=day)
            if day % _EVERY == 0:
                published, board = taken_at, board + 1
                for name in ratings:
                    ratings[name] += chance.uniform(-1, 1)
                _insert_board(connection, board, _board(ratings))
            row = (day + 1, moments.to_sql(taken_at), "script", "benchmark")
            connection.execute("INSERT INTO snapshot (id, taken_at, source, script) VALUES (?, ?, ?, ?)", row)
            day_published = published.date().isoformat()
            connection.execute("INSERT INTO snapshot_leaderboard VALUES (?, 'text', ?)", (day + 1, day_published))
            connection.execute("INSERT INTO snapshot_board VALUES (?, 1, ?)", (day + 1, board))
        connection.execute("PRAGMA optimize")
    return folder


def _board(ratings: dict[str, float]) -> dict[str, Score]:
    return {name: Score(rating, rating - 5.0, rating + 5.0, 1000) for name, rating in ratings.items()}


def _insert_board(connection: sqlite3.Connection, number: int, board: dict[str, Score]) -> None:
    digest = board_digest("text", "overall", board)
    connection.execute("INSERT INTO board (id, ranking_id, digest) VALUES (?, 1, ?)", (number, digest))
    numbers = dict(connection.execute("SELECT name, id FROM model"))
    rows = [(number, numbers[name], *score) for name, score in board.items()]
    connection.executemany("INSERT INTO score VALUES (?, ?, ?, ?, ?, ?)", rows)
