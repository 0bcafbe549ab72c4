"""Write the proven boards of a damaged file into a new one."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

from llmhub.arena.upkeep.damaged_boards import DamagedBoards, SoundBoard, SoundLeaderboard
from llmhub.arena.upkeep.kinds import Damaged, Salvaged

_INSERT_SCORE = "INSERT INTO score (board_id, model_id, rating, lower, upper, votes) VALUES (?, ?, ?, ?, ?, ?)"


def save_boards(damaged: Damaged, new: sqlite3.Connection) -> Salvaged:
    """Save each leaderboard of a snapshot if all its boards are proven, and name the others."""
    file = DamagedBoards(damaged)
    writer = _Writer(new, file)
    for leaderboard in file.leaderboards():
        writer.write(leaderboard)
    return Salvaged(len(writer.snapshots), tuple(file.lost), file.greatest_id, tuple(file.unknown))


@dataclass(slots=True)
class _Writer:
    """Writes leaderboards into a new store; snapshots keep their ids, because people note them."""

    connection: sqlite3.Connection
    file: DamagedBoards
    snapshots: set[int] = field(default_factory=set)
    rankings: dict[tuple[str, str], int] = field(default_factory=dict)
    models: dict[str, int] = field(default_factory=dict)
    boards: dict[bytes, int] = field(default_factory=dict)

    def write(self, leaderboard: SoundLeaderboard) -> None:
        number = leaderboard.snapshot_id
        if number not in self.snapshots:
            self.snapshots.add(number)
            self._insert("snapshot", "id, taken_at, source, revision, script", number, *self.file.identities[number])
        self._insert(
            "snapshot_leaderboard",
            "snapshot_id, leaderboard, published_on",
            *(number, leaderboard.name, leaderboard.published_on),
        )
        for board in leaderboard.boards:
            ranking = self._ranking(leaderboard.name, board.category)
            self._insert(
                "snapshot_board", "snapshot_id, ranking_id, board_id", number, ranking, self._board(ranking, board)
            )

    def _ranking(self, leaderboard: str, category: str) -> int:
        place = (leaderboard, category)
        if place not in self.rankings:
            self.rankings[place] = self._insert("ranking", "leaderboard, category", *place)
        return self.rankings[place]

    def _board(self, ranking: int, board: SoundBoard) -> int:
        if board.digest not in self.boards:
            number = self._insert("board", "ranking_id, digest", ranking, board.digest)
            self.boards[board.digest] = number
            rows = [(number, self._model(name), *score) for name, score in (board.scores or {}).items()]
            self.connection.executemany(_INSERT_SCORE, sorted(rows))
        return self.boards[board.digest]

    def _model(self, name: str) -> int:
        if name not in self.models:
            columns = "name, organization, organization_as_of, license, license_as_of"
            self.models[name] = self._insert("model", columns, name, *self.file.facts(name))
        return self.models[name]

    def _insert(self, table: str, columns: str, *values: object) -> int:
        marks = ", ".join("?" * len(values))
        done = self.connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)  # noqa: S608 -- of this file
        return int(done.lastrowid or 0)
