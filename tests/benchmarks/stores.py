"""The stores that are measured, made of the real publications in ../shared/data."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from llmhub.arena import SnapshotStore
from llmhub.arena.boards import Leaderboard
from llmhub.arena.exchange.importing import identify, read_leaderboard_file
from llmhub.arena.exchange.json_files import parse_leaderboard

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "arena-catalog"

Publication = Mapping[str, Leaderboard]


@cache
def publications() -> list[Publication]:
    """Return every real publication, leaderboard by name, the oldest first."""
    return [_publication(folder) for folder in sorted(SHARED.iterdir())]


def _publication(folder: Path) -> Publication:
    found = {}
    for path in sorted(folder.glob("leaderboard-*.json.gz")):
        content = read_leaderboard_file(path)
        found[identify(path).leaderboard] = parse_leaderboard(
            content, str(path), published_on=date.fromisoformat(folder.name)
        )
    return found


@dataclass(frozen=True, slots=True)
class NewestFile:
    """The newest real leaderboard-text.json as a plain file, and how many rows it has."""

    path: Path
    rows: int


def newest_file(folder: Path) -> NewestFile:
    """Write the newest real text leaderboard, decompressed, into a folder."""
    content = gzip.decompress((max(SHARED.iterdir()) / "leaderboard-text.json.gz").read_bytes())
    path = folder / "leaderboard-text.json"
    path.write_bytes(content)
    return NewestFile(path, sum(map(len, json.loads(content).values())))


def store_of_runs(folder: Path, runs: int) -> Path:
    """Make a store of so many daily runs of the script, the newest an hour old and of the newest publication."""
    path = folder / "arena.db"
    newest = datetime.now(UTC) - timedelta(hours=1)
    real = publications()
    with SnapshotStore.open(path) as store:
        for back in reversed(range(runs)):
            # As in reality, most runs bring what the one before brought.
            publication = real[max(0, len(real) - 1 - back // 20)]
            store.add(publication, taken_at=newest - timedelta(days=back), script="benchmark")
    return path


def bare_table(path: Path, rows: list[tuple[int, int, float, float | None, float | None, int | None]]) -> Path:
    """Make a file with nothing but a table in the shape of the store's scores, and put rows into it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE score (board_id INTEGER NOT NULL, model_id INTEGER NOT NULL, rating REAL NOT NULL, "
            "lower REAL, upper REAL, votes INTEGER, PRIMARY KEY (board_id, model_id)) WITHOUT ROWID"
        )
        connection.executemany("INSERT INTO score VALUES (?, ?, ?, ?, ?, ?)", rows)
    return path


def count_scores(path: Path) -> int:
    """Return how many score rows a store has."""
    with closing(sqlite3.connect(path)) as connection:
        (number,) = connection.execute("SELECT count(*) FROM score").fetchone()
    return int(number)
