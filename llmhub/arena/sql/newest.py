"""Finds the newest snapshot that has a board; a module of its own, because most processes need nothing else."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any, NamedTuple

from llmhub.arena.boards import Snapshot
from llmhub.arena.rules import is_name
from llmhub.arena.sql import statements
from llmhub.arena.sql.reading import END_OF_TIME, SnapshotColumns, snapshot_of
from llmhub.storage import moments


class Found(NamedTuple):
    """A snapshot, its board of a ranking, and the connection that found them, to go on reading with."""

    snapshot: Snapshot
    board_id: int
    connection: sqlite3.Connection


def nth_latest(connection: sqlite3.Connection, ranking: int, back: int, now: datetime) -> Found | None:
    """Return the snapshot `back` places before the newest; one dated after `now` only if there is no other."""
    asked = {"ranking": ranking, "until": moments.to_sql(now), "back": back}
    row = connection.execute(statements.AT_OR_BEFORE, asked).fetchone()
    if row is None and not connection.execute(statements.AT_OR_BEFORE, asked | {"back": 0}).fetchone():
        row = connection.execute(statements.AT_OR_BEFORE, asked | {"until": moments.to_sql(END_OF_TIME)}).fetchone()
    return found_in(row, connection)


def found_in(row: tuple[Any, ...] | None, connection: sqlite3.Connection) -> Found | None:
    """Return the snapshot and the board of a row of a statement that asks for a ranking; None without a row."""
    if row is None or (board := SnapshotColumns._make(row).board_id) is None:
        return None
    return Found(snapshot_of(row), board, connection)


def find_ranking(connection: sqlite3.Connection, leaderboard: str, category: str) -> int | None:
    """Return the id of a leaderboard's category; None if no snapshot ever had it."""
    if not (is_name(leaderboard) and is_name(category)):
        return None
    row = connection.execute(statements.RANKING, {"leaderboard": leaderboard, "category": category}).fetchone()
    return int(row[0]) if row else None


def require_ranking(
    connection: sqlite3.Connection | None, leaderboard: str, category: str
) -> tuple[sqlite3.Connection, int]:
    """Return the connection, and the id of a leaderboard's category.

    Raises:
        NotFoundError: there is no store, or no snapshot in it ever had the board.
    """
    # Imported only for an error.
    from llmhub.arena.sql.not_found_errors import no_snapshot_yet, no_such_board

    if connection is None or not (rankings := connection.execute(statements.RANKINGS).fetchall()):
        raise no_snapshot_yet()
    ranking = find_ranking(connection, leaderboard, category)
    if ranking is None:
        raise no_such_board(rankings, leaderboard, category)
    return connection, ranking
