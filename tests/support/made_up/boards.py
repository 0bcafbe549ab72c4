"""Made-up boards for the arena's tests, and functions that read a store's file without llmhub.

store.add(text(alpha=1400.0, beta=1390.0), taken_at=NOW)
entries(board(alpha=1400.0))            # as a board is read back
assert sound(path)                      # every board still has its digest, and no row refers to a missing one
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from llmhub.arena import Score, Snapshot
from llmhub.arena.boards import Board, Entry
from llmhub.arena.database import REVISIONS
from llmhub.arena.sql.digest import board_digest

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

TABLES = ("snapshot", "ranking", "board", "snapshot_leaderboard", "snapshot_board", "model", "score")

_ORPHANS = {
    "boards": "SELECT count(*) FROM board WHERE id NOT IN (SELECT board_id FROM snapshot_board)",
    "scores": "SELECT count(*) FROM score WHERE board_id NOT IN (SELECT id FROM board)",
    "models": "SELECT count(*) FROM model WHERE id NOT IN (SELECT model_id FROM score)",
    "rankings": "SELECT count(*) FROM ranking WHERE id NOT IN (SELECT ranking_id FROM board)",
}


def score(rating: float, half: float = 5.0, votes: int | None = 1000) -> Score:
    """Return a score whose interval reaches `half` points to either side."""
    return Score(rating, rating - half, rating + half, votes)


def replaced(given: Score, field: str, value: object) -> Score:
    """Return a score with another value in the field of this name."""
    return Score(**{**given._asdict(), field: value})


def board(**ratings: float) -> dict[str, Score]:
    """Return a board of these models."""
    return {name: score(rating) for name, rating in ratings.items()}


def text(**ratings: float) -> dict[str, dict[str, dict[str, Score]]]:
    """Return the argument of `SnapshotStore.add` for one board, text / overall."""
    return {"text": {"overall": board(**ratings)}}


def many(models: int, shift: float = 0.0) -> dict[str, dict[str, dict[str, Score]]]:
    """Return a text / overall board that fills many pages of the file."""
    return {"text": {"overall": {f"made-up-{number:05}": score(1000.0 + number + shift) for number in range(models)}}}


def entries(scores: Board) -> list[Entry]:
    """Return a board's lines as the store reads them, in no special order."""
    return [Entry(name, *line, None) for name, line in scores.items()]


def snapshot(number: int) -> Snapshot:
    """Return a snapshot for functions that only pass it on."""
    return Snapshot(number, "script", NOW - (10 - number) * DAY, {"text": None}, 1, 1)


def payload(categories: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> bytes:
    """Return a leaderboard file's bytes."""
    return json.dumps(categories).encode()


def upstream_row(rating: float, half: float = 5.0) -> dict[str, float]:
    """Return a model's line with upstream's keys, in upstream's order."""
    return {"rating": rating, "rating_q975": rating + half, "rating_q025": rating - half}


def rows(path: Path) -> dict[str, int]:
    """Return how many rows each table of a store has."""
    with closing(sqlite3.connect(path)) as connection:
        counts = (connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES)
        return dict(zip(TABLES, counts, strict=True))


def orphans(path: Path) -> dict[str, int]:
    """Return the kinds of rows that nothing refers to, and how many of each there are."""
    with closing(sqlite3.connect(path)) as connection:
        counts = {kind: connection.execute(statement).fetchone()[0] for kind, statement in _ORPHANS.items()}
        return {kind: count for kind, count in counts.items() if count}


def revision(path: Path) -> str:
    """Return the schema revision that a store says it has."""
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def sound(path: Path, *, revisions: Iterable[str] = REVISIONS) -> bool:
    """Say whether a store is sound: SQLite's own checks, its schema revision, and each board's digest."""
    with closing(sqlite3.connect(path)) as connection:
        damage = connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]
        dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
        boards = connection.execute(
            "SELECT b.id, b.digest, r.leaderboard, r.category FROM board b JOIN ranking r ON r.id = b.ranking_id"
        ).fetchall()
        lines = "SELECT m.name, rating, lower, upper, votes FROM score JOIN model m ON m.id = model_id WHERE board_id=?"
        intact = all(
            digest
            == board_digest(
                leaderboard, category, {name: Score(*line) for name, *line in connection.execute(lines, [n])}
            )
            for n, digest, leaderboard, category in boards
        )
    return not damage and not dangling and intact and revision(path) in set(revisions)


_finite = st.floats(-1e6, 1e6, allow_nan=False)
_width = st.none() | st.floats(0, 100, allow_nan=False)


@st.composite
def _scores(draw: st.DrawFn, ratings: st.SearchStrategy[float]) -> Score:
    rating, below, above = draw(ratings), draw(_width), draw(_width)
    lower = None if below is None else rating - below
    upper = None if above is None else rating + above
    return Score(rating, lower, upper, draw(st.none() | st.integers(0, (1 << 63) - 1)))


def boards_of(names: st.SearchStrategy[str], ratings: st.SearchStrategy[float] = _finite) -> st.SearchStrategy[Board]:
    """Return a strategy of boards, unknown bounds and votes included."""
    return st.dictionaries(names, _scores(ratings), max_size=8)


SOME_BOARDS = boards_of(st.sampled_from("abcdefghij"), st.sampled_from([1000.0, 1000.5, 1003.0, 1100.0]) | _finite)
"""Boards that often have models and ratings in common."""

ANY_BOARDS = boards_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=5).filter(str.strip)
)
