"""What is measured: the speed and the size that the store has to reach, each against its target."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep
from typing import Any

from llmhub import load_arena_models
from llmhub.arena import SnapshotStore
from llmhub.arena.exchange.importing import read_leaderboard_file
from llmhub.arena.exchange.json_files import parse_leaderboard
from llmhub.arena.sql.proofs import PROOFS
from llmhub.catalog import arena_source
from llmhub.catalog.arena_model import ArenaModel
from llmhub.storage.sqlite_file import identity
from llmhub.storage.stamps import stamp
from tests.benchmarks.stores import (
    NewestFile,
    bare_table,
    count_scores,
    newest_file,
    publications,
    store_of_runs,
)
from tests.benchmarks.timing import Ratio, Work, compare, process

SNAPSHOTS = 250


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table: what was measured, the figure, its target, and the figure in detail."""

    what: str
    figure: str
    target: str
    met: bool
    detail: str


def results(folder: Path) -> Iterator[Result]:
    """Measure everything in an empty folder, one after the other."""
    one, many = folder / "one", folder / "many"
    for place in (one, many):
        place.mkdir()
    newest = newest_file(folder)
    store_of_runs(one, 1)
    store_of_runs(many, SNAPSHOTS)
    yield from _reading(newest, one, many)
    yield from _starting(folder, one, many)
    yield from _ingesting(newest, folder)
    yield from _again(folder)


def judged(what: str, ratio: Ratio, most: float, target: str | None = None) -> Result:
    """Return the line of a ratio that must be at most `most`."""
    detail = f"{ratio.ours * 1000:.2f} ms against {ratio.theirs * 1000:.2f} ms"
    return Result(what, f"{ratio.value:.3f}", target or f"at most {most:g}", ratio.value <= most, detail)


# -- reading, in a running process


def _reading(newest: NewestFile, one: Path, many: Path) -> Iterator[Result]:
    def from_json() -> dict[str, ArenaModel]:
        with newest.path.open(encoding="utf-8") as file:
            board = json.load(file)["full"]
        return {
            name: ArenaModel(
                arena_id=name,
                rating=row["rating"],
                rating_q025=row["rating_q025"],
                rating_q975=row["rating_q975"],
                category="overall",
                votes=None,
                organization=None,
            )
            for name, row in board.items()
        }

    def bare() -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(one / "arena.db")) as connection:
            (board,) = connection.execute(_NEWEST_BOARD).fetchone()
            return connection.execute(_ROWS, (board,)).fetchall()

    with store_in(one):
        if load_arena_models() != from_json() or len(bare()) != len(from_json()):
            raise RuntimeError("what is compared does not come to the same")
        # The store's file must have been left alone for a while before a process keeps what it has proven.
        while stamp(one / "arena.db", identity(one / "arena.db")) is None:
            sleep(0.1)
        json_ratio = compare(load_arena_models, from_json, rounds=60)
        cold_ratio = compare(load_arena_models, from_json, rounds=60, prepare=_forget)
        bare_ratio = compare(load_arena_models, bare, rounds=300)
    # Not 0.07, which calls one after the other reach: each of these comes after a collection of garbage, with the
    # processor's caches cold. SQLite then takes as long for the definitions of all tables and the rows alone.
    yield judged("load_arena_models() again / json.load and the same objects", json_ratio, 0.15)
    yield judged("the same, all that it remembers forgotten each time", cold_ratio, 0.3)
    yield judged("load_arena_models() / bare sqlite3, the same rows", bare_ratio, 2)
    yield judged(f"load_arena_models(), {SNAPSHOTS} snapshots / 1", _growth(one, many), 1.15, "about 1")


def _forget() -> None:
    PROOFS.forget()
    arena_source._arena_models.cache_clear()
    arena_source._arena_model.cache_clear()


_NEWEST_BOARD = """
    SELECT b.board_id FROM snapshot s JOIN snapshot_board b ON b.snapshot_id = s.id
     WHERE b.ranking_id = (SELECT id FROM ranking WHERE leaderboard = 'text' AND category = 'overall')
     ORDER BY s.taken_at DESC LIMIT 1
"""
_ROWS = """
    SELECT m.name, c.rating, c.lower, c.upper, c.votes, m.organization
      FROM score c JOIN model m ON m.id = c.model_id WHERE c.board_id = ?
"""


def _growth(one: Path, many: Path) -> Ratio:
    def load(folder: Path) -> None:
        os.environ["LLMHUB_ARENA_CACHE_DIR"] = str(folder)
        load_arena_models()

    with store_in(one):
        return compare(lambda: load(many), lambda: load(one), rounds=300)


@contextmanager
def store_in(folder: Path) -> Iterator[None]:
    """Make a folder that of the store; what is set in between is undone with it."""
    os.environ["LLMHUB_ARENA_CACHE_DIR"] = str(folder)
    try:
        yield
    finally:
        del os.environ["LLMHUB_ARENA_CACHE_DIR"]


# -- starting a process

_LOAD = "import llmhub; assert len(llmhub.load_arena_models()) > 200"
_PYDANTIC = """
import sqlite3, json
from pydantic import BaseModel
class Model(BaseModel):
    name: str
    rating: float
    lower: float | None
    upper: float | None
    category: str
    votes: int | None
    organization: str | None
"""
TEN_LINES = '''\
import click

@click.command()
@click.option("--name", default="you", help="Whom to greet.")
def greet(name: str) -> None:
    """Greet someone."""
    click.echo(f"Hello {name}!")

if __name__ == "__main__":
    greet()
'''


def ten_line_program(folder: Path) -> Work:
    """Return the work of starting a small click program, which says how to call it."""
    program = folder / "greet.py"
    program.write_text(TEN_LINES)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LLMHUB_")}
    return process([sys.executable, str(program), "--help"], kept)


def _starting(folder: Path, one: Path, many: Path) -> Iterator[Result]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LLMHUB_")}
    settings: dict[str, str] = {"LLMHUB_ARENA_CACHE_DIR": str(one)}
    python = sys.executable
    llmhub = str(Path(python).with_name("llmhub"))
    click = ten_line_program(folder)
    load = process([python, "-c", _LOAD], kept | settings)
    yield judged(
        "new process: load_arena_models() / sqlite3, json, one pydantic model",
        compare(load, process([python, "-c", _PYDANTIC], kept), rounds=40),
        1.15,
    )
    yield judged(
        "llmhub --help / a ten-line click program's --help",
        compare(process([llmhub, "--help"], kept), click, rounds=40),
        1.2,
    )
    history = process([llmhub, "arena", "history", "--json"], kept | {"LLMHUB_ARENA_CACHE_DIR": str(many)})
    yield judged(
        f"llmhub arena history --json on {SNAPSHOTS} snapshots / the same --help", compare(history, click, rounds=40), 2
    )
    for words in (("status",), ("show",), ("diff",)):
        command = process([llmhub, "--quiet", "arena", *words], kept | {"LLMHUB_ARENA_CACHE_DIR": str(many)})
        yield judged(f"llmhub arena {words[0]} / the same --help", compare(command, click, rounds=25), 3)


# -- ingesting a publication, in a running process


def _ingesting(newest: NewestFile, folder: Path) -> Iterator[Result]:
    previous_store, previous_table = folder / "previous.db", folder / "previous-bare.db"
    with SnapshotStore.open(previous_store) as store:
        store.add({"text": publications()[-2]["text"]}, taken_at=datetime.now(UTC) - timedelta(days=2))
    boards = publications()[-2]["text"].boards
    models = {name: number for number, name in enumerate(sorted({m for board in boards.values() for m in board}))}
    bare_table(
        previous_table,
        [(n, models[name], *score) for n, board in enumerate(boards.values()) for name, score in sorted(board.items())],
    )
    target, bare_target = folder / "target.db", folder / "target-bare.db"

    def ingest() -> None:
        text = parse_leaderboard(read_leaderboard_file(newest.path), str(newest.path))
        with SnapshotStore.open(target) as store:
            store.add({"text": text}, taken_at=datetime.now(UTC))

    def rows() -> list[tuple[int, int, float, float | None, float | None, int | None]]:
        with newest.path.open(encoding="utf-8") as file:
            categories = json.load(file)
        numbers: dict[str, int] = {}
        return [
            (
                board,
                numbers.setdefault(name, len(numbers)),
                row["rating"],
                row["rating_q025"],
                row["rating_q975"],
                row.get("vote_count"),
            )
            for board, models in enumerate(categories.values(), start=1000)
            for name, row in models.items()
        ]

    def bare_into_previous() -> None:
        with closing(sqlite3.connect(bare_target)) as connection, connection:
            connection.executemany("INSERT INTO score VALUES (?, ?, ?, ?, ?, ?)", rows())

    def bare_into_new() -> None:
        bare_table(bare_target, rows())

    def with_previous() -> None:
        shutil.copyfile(previous_store, target)
        shutil.copyfile(previous_table, bare_target)

    def empty() -> None:
        target.unlink(missing_ok=True)
        bare_target.unlink(missing_ok=True)

    what = f"ingest of {newest.rows:,} rows / json.load and bare executemany, "
    yield judged(what + "after another date", compare(ingest, bare_into_previous, rounds=25, prepare=with_previous), 2)
    into_new = compare(ingest, bare_into_new, rounds=25, prepare=empty)
    # Not 2: a part of it makes the tables, of which there are 18 since those of prices and remotes came.
    yield judged(what + "into a new store", into_new, 2.5)


# -- the same run again


def _again(folder: Path) -> Iterator[Result]:
    place = folder / "again"
    place.mkdir()
    path = store_of_runs(place, 1)
    size, scores = path.stat().st_size, count_scores(path)
    with SnapshotStore.open(path) as store:
        store.add(publications()[-1], taken_at=datetime.now(UTC), script="benchmark")
    added, growth = count_scores(path) - scores, path.stat().st_size - size
    of = f"of {scores:,}"
    yield Result("the same run again: score rows added", str(added), "0", added == 0, of)
    yield Result("the same run again: bytes added", str(growth), "below 8192", growth < 8192, f"to {size:,} bytes")
