"""How far the store has pulled from each remote that a team shares; views that name the precedence of sources.

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


# Of one moment the first of these sources counts, and any other source after them. The views of 0002 and 0003 ordered
# by the sources' names instead, which came to the same only by accident.
PLACE = "CASE {0}.source WHEN 'script' THEN 0 WHEN 'dataset' THEN 1 WHEN 'arena-catalog' THEN 2 ELSE 3 END"
CHANGED = {
    "n.source DESC": PLACE.format("n"),
    "n.source > s.source": f"{PLACE.format('n')} < {PLACE.format('s')}",
}
VIEWS = ("leaderboard_latest", "rating_history", "price_and_rating")


def upgrade() -> None:
    op.create_table(
        "remote",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("pulled_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )
    connection = op.get_bind()
    for view in VIEWS:
        found = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'view' AND name = ?", (view,))
        statement = str(found.scalar_one())
        for old, new in CHANGED.items():
            statement = statement.replace(old, new)
        connection.exec_driver_sql(f"DROP VIEW {view}")
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("llmhub only upgrades a store; go back by restoring a backup")
