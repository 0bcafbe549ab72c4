"""The newest snapshot that has a board; apart from other references, since it is all that most processes ask for."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import NamedTuple

from llmhub.arena.boards import Snapshot
from llmhub.arena.rules import is_name
from llmhub.arena.sql import statements
from llmhub.arena.sql.reading import END_OF_TIME, snapshot_of


class Found(NamedTuple):
    """A snapshot, its board of the ranking that was asked for, and the connection that found them."""

    snapshot: Snapshot
    board_id: int
    connection: sqlite3.Connection


def nth_latest(connection: sqlite3.Connection, ranking: int, back: int, now: datetime) -> Found | None:
    """Return the snapshot `back` places before the newest; ones dated after `now` only if there are no others."""
    asked = {"ranking": ranking, "until": statements.to_sql(now), "back": back}
    row = connection.execute(statements.AT_OR_BEFORE, asked).fetchone()
    if row is None and not connection.execute(statements.AT_OR_BEFORE, asked | {"back": 0}).fetchone():
        row = connection.execute(statements.AT_OR_BEFORE, asked | {"until": statements.to_sql(END_OF_TIME)}).fetchone()
    return Found(snapshot_of(row), row[8], connection) if row else None


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
    # Only where there is no answer.
    from llmhub.arena.sql.not_found_errors import no_snapshot_yet, no_such_board

    if connection is None or not (rankings := connection.execute(statements.RANKINGS).fetchall()):
        raise no_snapshot_yet()
    ranking = find_ranking(connection, leaderboard, category)
    if ranking is None:
        raise no_such_board(rankings, leaderboard, category)
    return connection, ranking
