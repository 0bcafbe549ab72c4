"""Boards as a kind of snapshot: what verify checks, what repair saves, and what prune removes with their snapshots."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from llmhub.arena.boards import Score
from llmhub.arena.rules import NAME_RULE, says_something
from llmhub.arena.sources import SOURCES
from llmhub.arena.sql import statements
from llmhub.arena.sql.digest import board_digest
from llmhub.arena.upkeep.kinds import Checked, Damaged, Fault, Kind, Salvaged
from llmhub.errors import counted
from llmhub.storage import moments, sqlite_errors

if TYPE_CHECKING:
    from llmhub.remote.kinds import SharedKind

_IMPOSSIBLE = "a number that is not finite, an interval that does not hold the rating, or votes that are not a count"


def _values(connection: sqlite3.Connection, _: Checked) -> Iterator[Fault]:
    for leaderboard, category, board, number in connection.execute(statements.IMPOSSIBLE_SCORES):
        where = f"{leaderboard} / {category} (board {board})"
        yield Fault("error", f"{where}: {counted(number, 'impossible score')}: {_IMPOSSIBLE}")
    for number, leaderboard, day in connection.execute(statements.PUBLICATION_DATES):
        if not moments.is_day(day):
            yield Fault("error", f"{leaderboard} of snapshot {number} is published on {day!r}: that is not a date")
    names = connection.execute(statements.NAMES).fetchall()
    for table, number in Counter(table for table, name in names if not says_something(name)).items():
        yield Fault("error", f"{table}: {counted(number, 'row')} without a name: expected {NAME_RULE}")
    for table, number in Counter(table for table, name in names if says_something(name) and "\0" in name).items():
        message = (
            f"{table}: {counted(number, 'name')} with a NUL, which earlier versions stored and SQLite reads up to there"
        )
        yield Fault("hint", message, remedy=False)


def _snapshots(connection: sqlite3.Connection, _: Checked) -> Iterator[Fault]:
    for number, leaderboard in connection.execute(statements.LEADERBOARDS_WITHOUT_BOARD):
        yield Fault("error", f"snapshot {number} lists {leaderboard} and has no board of it")
    for number, leaderboard in connection.execute(statements.BOARDS_WITHOUT_LEADERBOARD):
        yield Fault("error", f"snapshot {number} has boards of {leaderboard}, which it does not list")
    for (number,) in connection.execute(statements.SNAPSHOTS_WITHOUT_BOARD):
        yield Fault("error", f"snapshot {number} has no board")


def _digests(connection: sqlite3.Connection, checked: Checked) -> Iterator[Fault]:
    names = dict(connection.execute("SELECT id, name FROM model"))
    boards = connection.execute(statements.BOARDS).fetchall()
    for number, (board, digest, leaderboard, category) in enumerate(boards):
        checked.step.at(number, len(boards))
        where = f"{leaderboard} / {category} (board {board})"
        try:
            rows = connection.execute(statements.SCORES_OF_BOARD, {"board": board}).fetchall()
            derived = board_digest(leaderboard, category, {names[model]: Score(*score) for model, *score in rows})
        except sqlite3.DatabaseError as error:
            if sqlite_errors.says_nothing_of_the_content(error):
                raise
            yield Fault("error", f"{where} cannot be read: {error}")
            continue
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever stands in the columns, packing it must not end the check
            yield Fault("error", f"{where} has values that no digest can be derived from ({type(error).__name__})")
            continue
        checked.counts["boards"] += 1
        checked.counts["scores"] += len(rows)
        if derived != digest:
            yield Fault("error", f"{where} is not what was stored: its digest is another")


def _left_over(connection: sqlite3.Connection) -> Iterator[str]:
    gone = _gone(connection, "[]")
    if gone["boards"]:
        yield f"{counted(gone['boards'], 'board')} of no snapshot, with {counted(gone['scores'], 'score')}"
    if gone["rankings"]:
        yield f"{counted(gone['rankings'], 'ranking')} without a board in any snapshot"
    if gone["models"]:
        yield f"{counted(gone['models'], 'model')} on no board of any snapshot"


def _gone(connection: sqlite3.Connection, removed: str) -> Mapping[str, int]:
    row = connection.execute(statements.GONE, {"removed": removed}).fetchone()
    return dict(zip(("boards", "scores", "rankings", "models"), row, strict=True))


def _salvage(damaged: Damaged, new: sqlite3.Connection) -> Salvaged:
    # Imported only for a repair.
    from llmhub.arena.upkeep.save_boards import save_boards

    return save_boards(damaged, new)


def _shared() -> SharedKind:
    from llmhub.arena.sharing.in_file import BoardsInFile, in_store
    from llmhub.arena.sharing.on_server import BoardsOnServer
    from llmhub.remote.kinds import SharedKind

    return SharedKind(name="boards", sources=SOURCES, in_file=BoardsInFile, in_store=in_store, on_server=BoardsOnServer)


KIND = Kind(
    name="boards",
    sources=SOURCES,
    checks={"values": _values, "snapshots": _snapshots, "digests": _digests},
    left_over=_left_over,
    salvage=_salvage,
    gone=_gone,
    unlink=statements.UNLINK_BOARDS,
    sweep=statements.SWEEP_BOARDS,
    shared=_shared,
)
