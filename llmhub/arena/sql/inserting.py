"""Inserts a validated snapshot: boards by their digest, scores in bulk, all inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import repeat
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, insert, or_, select, update
from sqlmodel import col

from llmhub.arena.boards import Board, Leaderboard, ModelFacts, ModelFactsAsOf
from llmhub.arena.sql.digest import board_digest
from llmhub.arena.sql.tables import (
    BoardRow,
    ModelRow,
    RankingRow,
    SnapshotBoardRow,
    SnapshotLeaderboardRow,
    SnapshotRow,
)
from llmhub.errors import SnapshotConflictError, UnprovenError

# Ten times as fast as SQLAlchemy Core's insert with dictionaries; the other tables get a few rows per run.
_INSERT_SCORE = "INSERT INTO score (board_id, model_id, rating, lower, upper, votes) VALUES (?, ?, ?, ?, ?, ?)"


def ingest(
    connection: Connection,
    leaderboards: Mapping[str, Leaderboard],
    *,
    source: str,
    taken_at: datetime,
    revision: str | None,
    script: str | None,
    claimed: Mapping[str, Mapping[str, bytes]] | None = None,
) -> tuple[int, bool]:
    """Write validated leaderboards as the snapshot (source, taken_at).

    Args:
        connection: a write transaction.
        leaderboards: what the snapshot brought.
        source: the snapshot's.
        taken_at: the snapshot's.
        revision: the snapshot's, if it is new.
        script: likewise.
        claimed: the digests of all its boards, as another store says them; boards that this store has already may be
            left out of `leaderboards`.

    Returns:
        The snapshot's id, and whether anything was written for it; False if the store has the same boards already.

    Raises:
        SnapshotConflictError: the store has the snapshot with different boards of one of these leaderboards.
        UnprovenError: a board is not the one that was claimed, or was left out and is not in the store.
    """
    snapshot_id = _snapshot_id(connection, source, taken_at)
    is_new = snapshot_id is None
    if snapshot_id is None:
        row = {"source": source, "taken_at": taken_at, "revision": revision, "script": script}
        snapshot_id = _one_id(connection.execute(insert(SnapshotRow).values(**row)).inserted_primary_key)
    digests = {
        name: {category: board_digest(name, category, board) for category, board in leaderboard.boards.items()}
        for name, leaderboard in leaderboards.items()
    }
    if claimed is not None:
        digests = _proven(digests, claimed)
    present = {} if is_new else _present_digests(connection, snapshot_id)
    new = {name: leaderboard for name, leaderboard in leaderboards.items() if name not in present}
    for name in leaderboards.keys() & present.keys():
        if present[name] != digests[name]:
            old, given = present[name], digests[name]
            differing = sorted(category for category in old | given if old.get(category) != given.get(category))
            raise SnapshotConflictError(
                f"the snapshot of source {source} at {taken_at.isoformat()} has other boards of {name} already "
                f"({', '.join(differing)} differ): check the date, or whether the file was changed; nothing was written"
            )
    _write_leaderboards(connection, snapshot_id, new, digests)
    _write_facts(connection, leaderboards.values(), taken_at)
    return snapshot_id, is_new or bool(new)


def _proven(
    digests: Mapping[str, Mapping[str, bytes]], claimed: Mapping[str, Mapping[str, bytes]]
) -> dict[str, dict[str, bytes]]:
    """Return the claimed digests, once those that were derived have been found to be the same."""
    for name, boards in digests.items():
        for category, digest in boards.items():
            if claimed[name].get(category) != digest:
                raise UnprovenError(f"{name} / {category} is not what its digest says; nothing of it was stored")
    return {name: {**boards} for name, boards in claimed.items()}


def _one_id(key: object) -> int:
    if not isinstance(key, Iterable):
        raise TypeError(f"the database returned no key: {key!r}")
    (number,) = key
    return int(number)


def _snapshot_id(connection: Connection, source: str, taken_at: datetime) -> int | None:
    where = (col(SnapshotRow.source) == source, col(SnapshotRow.taken_at) == taken_at)
    return connection.execute(select(col(SnapshotRow.id)).where(*where)).scalar()


def _present_digests(connection: Connection, snapshot_id: int) -> dict[str, dict[str, bytes]]:
    """Return the digests of a snapshot's boards by leaderboard and category."""
    of_snapshot = col(SnapshotLeaderboardRow.snapshot_id) == snapshot_id
    names = connection.execute(select(col(SnapshotLeaderboardRow.leaderboard)).where(of_snapshot)).scalars()
    found: dict[str, dict[str, bytes]] = {name: {} for name in names}
    rows = connection.execute(
        select(col(RankingRow.leaderboard), col(RankingRow.category), col(BoardRow.digest))
        .join(SnapshotBoardRow, col(SnapshotBoardRow.ranking_id) == col(RankingRow.id))
        .join(BoardRow, col(BoardRow.id) == col(SnapshotBoardRow.board_id))
        .where(col(SnapshotBoardRow.snapshot_id) == snapshot_id)
    )
    for leaderboard, category, digest in rows:
        found[leaderboard][category] = digest
    return found


def _write_leaderboards(
    connection: Connection,
    snapshot_id: int,
    leaderboards: Mapping[str, Leaderboard],
    digests: Mapping[str, Mapping[str, bytes]],
) -> None:
    if not leaderboards:
        return
    rankings = _ranking_ids(connection, {(name, category) for name in leaderboards for category in digests[name]})
    wanted = {digests[name][category]: (name, category) for name in leaderboards for category in digests[name]}
    known = _board_ids(connection, wanted)
    missing = {digest: place for digest, place in wanted.items() if digest not in known}
    if missing:
        connection.execute(
            insert(BoardRow),
            [{"ranking_id": rankings[place], "digest": digest} for digest, place in missing.items()],
        )
        known |= _board_ids(connection, missing)
        boards = {}
        for digest, (name, category) in missing.items():
            if category not in leaderboards[name].boards:
                raise UnprovenError(f"{name} / {category} was left out, and is not in the store: try again")
            boards[known[digest]] = leaderboards[name].boards[category]
        _write_scores(connection, boards)
    connection.execute(
        insert(SnapshotLeaderboardRow),
        [
            {"snapshot_id": snapshot_id, "leaderboard": name, "published_on": leaderboard.published_on}
            for name, leaderboard in leaderboards.items()
        ],
    )
    connection.execute(
        insert(SnapshotBoardRow),
        [
            {"snapshot_id": snapshot_id, "ranking_id": rankings[place], "board_id": known[digest]}
            for digest, place in wanted.items()
        ],
    )


def _ids(connection: Connection, statement: Executable) -> dict[tuple[Any, ...], int]:
    """Run a statement whose last column is an id, and return the ids by the columns before it."""
    return {tuple(key): number for *key, number in connection.execute(statement)}


def _ranking_ids(connection: Connection, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the ids of the rankings; insert new ones first."""
    statement = select(col(RankingRow.leaderboard), col(RankingRow.category), col(RankingRow.id))
    known = _ids(connection, statement)
    if new := sorted(wanted - known.keys()):
        connection.execute(insert(RankingRow), [{"leaderboard": name, "category": key} for name, key in new])
        known = _ids(connection, statement)
    return known


def _board_ids(connection: Connection, digests: Iterable[bytes]) -> dict[bytes, int]:
    statement = select(col(BoardRow.digest), col(BoardRow.id)).where(col(BoardRow.digest).in_(list(digests)))
    return {digest: number for (digest,), number in _ids(connection, statement).items()}


def _write_scores(connection: Connection, boards: Mapping[int, Board]) -> None:
    """Insert the lines of new boards, board by board, so that they all go to the end of the table."""
    models = _model_ids(connection, {name for board in boards.values() for name in board})
    rows = [row for board_id in sorted(boards) for row in _score_rows(board_id, boards[board_id], models)]
    if rows:
        connection.exec_driver_sql(_INSERT_SCORE, rows)


def _score_rows(board_id: int, board: Board, models: Mapping[str, int]) -> list[tuple[Any, ...]]:
    columns = zip(*board.values(), strict=True)
    return list(zip(repeat(board_id), map(models.__getitem__, board), *columns))


def _model_ids(connection: Connection, wanted: set[str]) -> dict[str, int]:
    """Return the ids of the models; insert new ones first."""
    statement = select(col(ModelRow.name), col(ModelRow.id))
    known = _ids(connection, statement)
    if new := sorted(wanted - {name for (name,) in known}):
        connection.execute(insert(ModelRow), [{"name": name} for name in new])
        known = _ids(connection, statement)
    return {name: number for (name,), number in known.items()}


def _write_facts(connection: Connection, leaderboards: Iterable[Leaderboard], taken_at: datetime) -> None:
    """Record what a publication knows of its models; see `merge_facts`."""
    facts: dict[str, ModelFacts] = {}
    for leaderboard in leaderboards:
        for name, more in leaderboard.models.items():
            facts[name] = facts[name].or_else(more) if name in facts else more
    # The dataset writes an unknown fact as an empty text.
    merge_facts(
        connection,
        (
            ModelFactsAsOf(name, each.organization or None, taken_at, each.license or None, taken_at)
            for name, each in facts.items()
        ),
    )


def merge_facts(connection: Connection, facts: Iterable[ModelFactsAsOf]) -> None:
    """Record facts about models that are in the store; a fact that the store has of a later or equal moment stays."""
    given = list(facts)
    for value, as_of in (("organization", "organization_as_of"), ("license", "license_as_of")):
        rows = [
            {"of": each.name, "new": fact, "moment": moment}
            for each in given
            if (fact := getattr(each, value)) is not None and (moment := getattr(each, as_of)) is not None
        ]
        if rows:
            stored_as_of = col(getattr(ModelRow, as_of))
            older = or_(stored_as_of.is_(None), stored_as_of < bindparam("moment"))
            connection.execute(
                update(ModelRow)
                .where(col(ModelRow.name) == bindparam("of"), older)
                .values({value: bindparam("new"), as_of: bindparam("moment")}),
                rows,
            )
