"""Makes values of what SQLite returns: snapshots, and boards that are checked against their digests."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from operator import itemgetter
from typing import Any, NamedTuple

from llmhub.arena.boards import Board, Entry, Snapshot
from llmhub.arena.sources import SOURCES
from llmhub.arena.sql import statements
from llmhub.arena.sql.digest import board_digest, columns_digest
from llmhub.storage import moments, sqlite_errors

END_OF_TIME = datetime.max.replace(tzinfo=UTC)
"""Later than any snapshot."""

_NO_LIMIT = -1
# The errors of computing a digest from values that no score can have.
_NO_DIGEST = (TypeError, ValueError, AttributeError, OverflowError, struct.error)


def span(since: datetime | None, until: datetime | None, limit: int | None = None) -> dict[str, str | int | None]:
    """Return the parameters of a statement that lists the snapshots of a span of time, both ends included."""
    return {
        "since": moments.to_sql(since or datetime.min.replace(tzinfo=UTC)),
        "until": moments.to_sql(until or END_OF_TIME),
        "limit": _NO_LIMIT if limit is None else limit,
    }


class SnapshotColumns(NamedTuple):
    """The columns that every statement about snapshots selects.

    Attributes:
        id: the snapshot's.
        source: the snapshot's.
        taken_at: the moment as the store writes it.
        revision: the snapshot's.
        script: the snapshot's.
        leaderboards: a JSON object: leaderboard to day of publication.
        boards: how many boards the snapshot has.
        models: how many models are on its text / overall board; in a statement that lists many snapshots, the id of
            that board (see `snapshots_of`).
        board_id: the board of the ranking that the statement asks for; None if it asks for none.
    """

    id: int
    source: str
    taken_at: str
    revision: str | None
    script: str | None
    leaderboards: str
    boards: int
    models: int
    board_id: int | None


def snapshot_of(row: Iterable[Any]) -> Snapshot:
    """Make a snapshot of a row of a statement about snapshots."""
    found = SnapshotColumns._make(row)
    try:
        days = sorted(json.loads(found.leaderboards).items())
        published = {name: day and date.fromisoformat(day) for name, day in days}
        moment = moments.from_sql(found.taken_at)
    except (TypeError, ValueError) as error:
        raise sqlite_errors.OddValueError(f"snapshot {found.id} has an invalid moment or date") from error
    return Snapshot(
        id=found.id,
        source=found.source,
        taken_at=moment,
        leaderboards=published,
        boards=found.boards,
        models=found.models,
        revision=found.revision,
        script=found.script,
    )


def list_snapshots(connection: sqlite3.Connection) -> list[Snapshot]:
    """Return every snapshot, newest first, as a connection sees them."""
    return list(snapshots_of(connection, connection.execute(statements.SNAPSHOTS, span(None, None))))


def snapshots_of(connection: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> Iterator[Snapshot]:
    """Yield the snapshots of a statement that selects the text / overall board instead of its number of models."""
    models: dict[int | None, int] = {None: 0}
    for row in map(SnapshotColumns._make, rows):
        board = row.models
        if board not in models:
            (models[board],) = connection.execute(statements.MODELS_ON_BOARD, {"board": board}).fetchone()
        yield snapshot_of(row._replace(models=models[board]))


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
        OddValueError: they are not what was stored. SQLite keeps no checksum of its pages: without this check, one
            flipped bit would be a wrong rating that nobody notices.
    """
    rows = connection.execute(statements.ENTRIES, {"board": board_id}).fetchall()
    try:
        # One sort serves the digest and the result.
        rows.sort(key=itemgetter(0))
    except TypeError as error:
        raise sqlite_errors.OddValueError(f"{leaderboard} / {category} has a model with an invalid name") from error
    columns = list(zip(*rows, strict=True))[:5] if rows else [()] * 5
    _require(lambda: columns_digest(leaderboard, category, *columns), leaderboard, category, digest)
    rows.sort(key=itemgetter(1), reverse=True)
    return list(map(Entry._make, rows))


def require_digest(leaderboard: str, category: str, board: Board, digest: bytes) -> None:
    """Check that a board is the one that was stored.

    Raises:
        OddValueError: it is another one, or has values that no score has.
    """
    _require(lambda: board_digest(leaderboard, category, board), leaderboard, category, digest)


def _require(derive: Callable[[], bytes], leaderboard: str, category: str, digest: bytes) -> None:
    try:
        derived = derive()
    except _NO_DIGEST as error:
        raise sqlite_errors.OddValueError(f"{leaderboard} / {category} has values that no score has") from error
    if derived != digest:
        raise sqlite_errors.OddValueError(f"{leaderboard} / {category} is not what was stored: its digest differs")


class OtherSnapshots(NamedTuple):
    """The snapshots of a source that brings no boards, such as prices; and the moment of the newest one."""

    source: str
    snapshots: int
    newest: datetime


def other_snapshots(connection: sqlite3.Connection) -> list[OtherSnapshots]:
    """Return what the store holds beside boards, by source."""
    rows = connection.execute(statements.OTHERS, {"sources": json.dumps(SOURCES)})
    return [OtherSnapshots(source, count, moments.from_sql(newest)) for source, count, newest in rows]
