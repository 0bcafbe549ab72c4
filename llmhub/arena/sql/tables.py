"""The store's tables as they are now: for alembic's env.py, and for processes that write.

Readers never import this module: sqlmodel costs more to import than a whole read takes. Its annotations do without
the datetime module's classes: pydantic makes nothing of them where a caller's tests have frozen time before the first
write.
"""

from __future__ import annotations

from pydantic import AwareDatetime
from sqlalchemy import CheckConstraint, Date, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel


class SnapshotRow(SQLModel, table=True):
    """One successful run of the update script, or one imported publication."""

    __tablename__ = "snapshot"
    # In this order the index behind it also answers "the newest at or before": see SNAPSHOT_ORDER in statements.py.
    __table_args__ = (
        UniqueConstraint("taken_at", "source"),
        # Ids are references that people write down: one that was pruned must not come back as another snapshot.
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    taken_at: AwareDatetime
    source: str
    revision: str | None = None
    script: str | None = None


class RankingRow(SQLModel, table=True):
    """What a board is a state of: a leaderboard's category, such as text / overall."""

    __tablename__ = "ranking"
    __table_args__ = (UniqueConstraint("leaderboard", "category"),)

    id: int | None = Field(default=None, primary_key=True)
    leaderboard: str
    category: str


class BoardRow(SQLModel, table=True):
    """One state of a ranking, content-addressed: snapshots that brought equal boards share it."""

    __tablename__ = "board"
    __table_args__ = (UniqueConstraint("digest"), UniqueConstraint("id", "ranking_id"))

    id: int | None = Field(default=None, primary_key=True)
    ranking_id: int = Field(foreign_key="ranking.id")
    digest: bytes


class SnapshotLeaderboardRow(SQLModel, table=True):
    """A leaderboard that a snapshot brought, and the day it was published (null: unknown)."""

    __tablename__ = "snapshot_leaderboard"
    __table_args__ = ({"sqlite_with_rowid": False},)

    snapshot_id: int = Field(foreign_key="snapshot.id", primary_key=True)
    leaderboard: str = Field(primary_key=True)
    published_on: str | None = Field(default=None, sa_type=Date)


class SnapshotBoardRow(SQLModel, table=True):
    """Which board a snapshot has for a ranking: at most one, and of that ranking."""

    __tablename__ = "snapshot_board"
    __table_args__ = (
        ForeignKeyConstraint(["board_id", "ranking_id"], ["board.id", "board.ranking_id"]),
        {"sqlite_with_rowid": False},
    )

    snapshot_id: int = Field(foreign_key="snapshot.id", primary_key=True)
    ranking_id: int = Field(foreign_key="ranking.id", primary_key=True)
    board_id: int


class ModelRow(SQLModel, table=True):
    """A model's name, and what the newest publication that knew said of it."""

    __tablename__ = "model"
    __table_args__ = (UniqueConstraint("name"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    organization: str | None = None
    organization_as_of: AwareDatetime | None = None
    license: str | None = None
    license_as_of: AwareDatetime | None = None


class ScoreRow(SQLModel, table=True):
    """One model's line on a board, in rating points; a null bound or vote count is unknown."""

    __tablename__ = "score"
    __table_args__ = (
        CheckConstraint("lower <= rating AND rating <= upper", name="interval"),
        {"sqlite_with_rowid": False},
    )

    board_id: int = Field(foreign_key="board.id", primary_key=True)
    model_id: int = Field(foreign_key="model.id", primary_key=True)
    rating: float
    lower: float | None = None
    upper: float | None = None
    votes: int | None = None


class RemoteRow(SQLModel, table=True):
    """How far the store has pulled from a remote: a store without the row compares everything once."""

    __tablename__ = "remote"

    address: str = Field(primary_key=True)
    remote_id: str
    position: str
    pulled_at: AwareDatetime
