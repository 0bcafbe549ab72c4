"""Finds the snapshot that a reference names, among those that have a board."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from itertools import dropwhile

from llmhub.arena.references import ById, Latest, Previous, Reference, parse_reference
from llmhub.arena.sql import statements
from llmhub.arena.sql.newest import Found, found_in, nth_latest, require_ranking
from llmhub.arena.sql.not_found_errors import no_such_snapshot
from llmhub.arena.sql.timelines import boards_compared, read_publications
from llmhub.storage import moments


def resolve(maybe: sqlite3.Connection | None, text: str, leaderboard: str, category: str, now: datetime) -> Found:
    """Return the snapshot that a reference names.

    Args:
        maybe: a connection to the store; None if there is no store yet.
        text: the reference.
        leaderboard: the leaderboard of the board that the snapshot must have.
        category: the category of that board.
        now: the moment from which ages are counted, timezone-aware.

    Raises:
        InvalidReferenceError: the text is not a reference.
        NotFoundError: no snapshot has the board, or none matches the reference; see its children.
    """
    reference = parse_reference(text, now)
    connection, ranking = require_ranking(maybe, leaderboard, category)
    found = _find(connection, reference, ranking, leaderboard, now)
    if found is not None:
        return found
    raise no_such_snapshot(connection, ranking, text, reference, f"{leaderboard} / {category}")


def _find(
    connection: sqlite3.Connection, reference: Reference, ranking: int, leaderboard: str, now: datetime
) -> Found | None:
    if isinstance(reference, Latest):
        return nth_latest(connection, ranking, reference.back, now)
    if isinstance(reference, Previous):
        return _last_change(connection, ranking, leaderboard, now)
    if isinstance(reference, ById):
        return _with_board(connection, ranking, reference.id)
    until = moments.to_sql(min(reference.moment, now))
    row = connection.execute(statements.AT_OR_BEFORE, {"ranking": ranking, "until": until, "back": 0}).fetchone()
    return found_in(row, connection)


def _with_board(connection: sqlite3.Connection, ranking: int, number: int) -> Found | None:
    row = connection.execute(statements.WITH_BOARD_BY_ID, {"ranking": ranking, "id": number}).fetchone()
    return found_in(row, connection)


def _last_change(connection: sqlite3.Connection, ranking: int, leaderboard: str, now: datetime) -> Found | None:
    """Return the newest snapshot of the last publication before the latest's whose board differs from the latest's."""
    latest = nth_latest(connection, ranking, 0, now)
    if latest is None:
        return None
    same = boards_compared(connection)
    past = reversed(read_publications(connection, ranking, leaderboard, until=now))
    # Skip publications that are newer than the one of the latest run: another source has them already.
    earlier = dropwhile(lambda one: one.newest.snapshot_id != latest.snapshot.id, past)
    changed = (one for one in earlier if not same(one.board_id, latest.board_id))
    found = next(changed, None)
    return found and _with_board(connection, ranking, found.newest.snapshot_id)
