"""The tables of boards in a remote: those of the store, in PostgreSQL's types."""

from __future__ import annotations

from pydantic import AwareDatetime
from sqlalchemy import CheckConstraint, Date, Double, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from llmhub.remote.tables import SCHEMA, Shared, identity, moment, number


class RankingRow(Shared, table=True):
    """What a board is a state of: a leaderboard's category."""

    __tablename__ = "ranking"
    __table_args__ = (UniqueConstraint("leaderboard", "category"),)

    id: int | None = identity()
    leaderboard: str
    category: str


class BoardRow(Shared, table=True):
    """One state of a ranking, content-addressed."""

    __tablename__ = "board"
    __table_args__ = (UniqueConstraint("digest"), UniqueConstraint("id", "ranking_id"))

    id: int | None = identity()
    ranking_id: int = number(foreign_key=f"{SCHEMA}.ranking.id")
    digest: bytes


class SnapshotLeaderboardRow(Shared, table=True):
    """A leaderboard that a snapshot brought, and the day it was published."""

    __tablename__ = "snapshot_leaderboard"

    snapshot_id: int = number(foreign_key=f"{SCHEMA}.snapshot.id", primary_key=True)
    leaderboard: str = Field(primary_key=True)
    published_on: str | None = Field(default=None, sa_type=Date)


class SnapshotBoardRow(Shared, table=True):
    """Which board a snapshot has for a ranking."""

    __tablename__ = "snapshot_board"
    __table_args__ = (
        ForeignKeyConstraint(["board_id", "ranking_id"], [f"{SCHEMA}.board.id", f"{SCHEMA}.board.ranking_id"]),
    )

    snapshot_id: int = number(foreign_key=f"{SCHEMA}.snapshot.id", primary_key=True)
    ranking_id: int = number(foreign_key=f"{SCHEMA}.ranking.id", primary_key=True)
    board_id: int = number()


class ModelRow(Shared, table=True):
    """A model's name, what the newest publication that knew said of it, and when the remote heard that."""

    __tablename__ = "model"
    __table_args__ = (UniqueConstraint("name"), Index("model_position", "position"))

    id: int | None = identity()
    name: str
    organization: str | None = None
    organization_as_of: AwareDatetime | None = moment()
    license: str | None = None
    license_as_of: AwareDatetime | None = moment()
    position: int = number()


class ScoreRow(Shared, table=True):
    """One model's line on a board. No foreign keys: a million lines are written in bulk, and proven by digests."""

    __tablename__ = "score"
    __table_args__ = (CheckConstraint("lower <= rating AND rating <= upper", name="interval"),)

    board_id: int = number(primary_key=True)
    model_id: int = number(primary_key=True)
    rating: float = Field(sa_type=Double)
    lower: float | None = Field(default=None, sa_type=Double)
    upper: float | None = Field(default=None, sa_type=Double)
    votes: int | None = number(default=None)
