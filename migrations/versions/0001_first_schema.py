"""The first schema: snapshots, rankings, boards, models and scores.

Revision ID: 0001
Revises:
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("revision", sa.String(), nullable=True),
        sa.Column("script", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("taken_at", "source"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "ranking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("leaderboard", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("leaderboard", "category"),
    )
    op.create_table(
        "board",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ranking_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["ranking_id"], ["ranking.id"]),
        sa.UniqueConstraint("digest"),
        sa.UniqueConstraint("id", "ranking_id"),
    )
    op.create_table(
        "snapshot_leaderboard",
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("leaderboard", sa.String(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("snapshot_id", "leaderboard"),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "snapshot_board",
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("ranking_id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("snapshot_id", "ranking_id"),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"]),
        sa.ForeignKeyConstraint(["ranking_id"], ["ranking.id"]),
        sa.ForeignKeyConstraint(["board_id", "ranking_id"], ["board.id", "board.ranking_id"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "model",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("organization", sa.String(), nullable=True),
        sa.Column("organization_as_of", sa.DateTime(), nullable=True),
        sa.Column("license", sa.String(), nullable=True),
        sa.Column("license_as_of", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "score",
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("rating", sa.Float(), nullable=False),
        sa.Column("lower", sa.Float(), nullable=True),
        sa.Column("upper", sa.Float(), nullable=True),
        sa.Column("votes", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("board_id", "model_id"),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"]),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"]),
        sa.CheckConstraint("lower <= rating AND rating <= upper", name="interval"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    raise NotImplementedError("llmhub only upgrades a store; go back by restoring a backup")
