"""What a connection finds, as values: snapshots, and boards that their digests prove."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from operator import itemgetter
from typing import Any

from llmhub.arena.boards import Board, Entry, Snapshot
from llmhub.arena.sql import statements
from llmhub.arena.sql.digest import board_digest, columns_digest
from llmhub.storage import sqlite_errors

END_OF_TIME = datetime.max.replace(tzinfo=UTC)
"""Later than any snapshot."""

_NO_LIMIT = -1
# What deriving a digest raises of values of other types and sizes than a score's.
_NO_DIGEST = (TypeError, ValueError, AttributeError, OverflowError, struct.error)


def span(since: datetime | None, until: datetime | None, limit: int | None = None) -> dict[str, str | int | None]:
    """Return the parameters of a statement that lists the snapshots of a span of time, both ends included."""
    return {
        "since": statements.to_sql(since or datetime.min.replace(tzinfo=UTC)),
        "until": statements.to_sql(until or END_OF_TIME),
        "limit": _NO_LIMIT if limit is None else limit,
    }


def snapshot_of(row: tuple[Any, ...]) -> Snapshot:
    """Make a snapshot of the first columns that every snapshot statement in queries.py selects."""
    number, source, taken_at, revision, script, leaderboards, boards, models = row[:8]
    try:
        published = {name: day and date.fromisoformat(day) for name, day in sorted(json.loads(leaderboards).items())}
        moment = statements.from_sql(taken_at)
    except (TypeError, ValueError) as error:
        raise sqlite_errors.OddValueError(f"snapshot {number} has a moment or a date that is none") from error
    return Snapshot(
        id=number,
        source=source,
        taken_at=moment,
        leaderboards=published,
        boards=boards,
        models=models,
        revision=revision,
        script=script,
    )


def list_snapshots(connection: sqlite3.Connection) -> list[Snapshot]:
    """Return every snapshot, newest first, as a connection sees them."""
    return list(snapshots_of(connection, connection.execute(statements.SNAPSHOTS, span(None, None))))


def snapshots_of(connection: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> Iterator[Snapshot]:
    """Yield the snapshots of a statement that selects the text / overall board in place of its number of models."""
    models: dict[int | None, int] = {None: 0}
    for row in rows:
        if (board := row[7]) not in models:
            (models[board],) = connection.execute(statements.MODELS_ON_BOARD, {"board": board}).fetchone()
        yield snapshot_of((*row[:7], models[board]))


def entries_of(connection: sqlite3.Connection, board_id: int) -> list[Entry]:
    """Return the lines of the board with this id, best first; see `proven`."""
    row = connection.execute(statements.BOARD, {"board": board_id}).fetchone()
    if row is None:
        raise sqlite_errors.OddValueError(f"board {board_id} is missing")
    return proven(connection, board_id, *row)


def proven(
    connection: sqlite3.Connection, board_id: int, leaderboard: str, category: str, digest: bytes
) -> list[Entry]:
    """Return the lines of a board, best first.

    Raises:
        OddValueError: they are not what was stored. SQLite keeps no checksum of its pages: without this, one flipped
            bit would be a wrong rating that nobody doubts.
    """
    rows = connection.execute(statements.ENTRIES, {"board": board_id}).fetchall()
    try:
        # In order once for the digest and for the result.
        rows.sort(key=itemgetter(0))
    except TypeError as error:
        raise sqlite_errors.OddValueError(f"{leaderboard} / {category} has a model whose name is none") from error
    columns = list(zip(*rows, strict=True))[:5] if rows else [()] * 5
    _require(lambda: columns_digest(leaderboard, category, *columns), leaderboard, category, digest)
    rows.sort(key=itemgetter(1), reverse=True)
    return list(map(Entry._make, rows))


def require_digest(leaderboard: str, category: str, board: Board, digest: bytes) -> None:
    """Check that a board is the one that was stored.

    Raises:
        OddValueError: it is another one, or none.
    """
    _require(lambda: board_digest(leaderboard, category, board), leaderboard, category, digest)


def _require(derive: Callable[[], bytes], leaderboard: str, category: str, digest: bytes) -> None:
    try:
        derived = derive()
    except _NO_DIGEST as error:
        raise sqlite_errors.OddValueError(f"{leaderboard} / {category} has values that no score has") from error
    if derived != digest:
        raise sqlite_errors.OddValueError(f"{leaderboard} / {category} is not what was stored: its digest is another")
