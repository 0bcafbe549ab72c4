"""Views for people who ask in SQL: the newest boards, ratings over time, and the snapshots.

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-27
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The version that this schema needs, 0.2.0, stored where programs that do not know the schema can read it.
NEEDS = 2_000

# As the commands print moments: fractions of a second only if not zero.
TAKEN_AT = """
       substr(s.taken_at, 1, 10) || 'T'
           || substr(s.taken_at, 12, CASE WHEN s.taken_at LIKE '%.000000' THEN 8 ELSE 15 END) || 'Z' AS taken_at
""".strip()

RANK = "1 + (SELECT count(*) FROM score o WHERE o.board_id = sb.board_id AND o.rating > c.rating) AS rank"

# A model with an unknown lower bound could be above everything that its rating is above.
RANK_UB = """
       CASE WHEN c.upper IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM score o
                              WHERE o.board_id = sb.board_id AND o.lower IS NULL AND o.rating > c.upper)
            THEN 1 + (SELECT count(*) FROM score o WHERE o.board_id = sb.board_id AND o.lower > c.upper)
        END AS rank_ub
""".strip()

# At one moment script precedes dataset, and dataset precedes arena-catalog: reverse order of the names.
NEWEST = """
SELECT n.id FROM snapshot n CROSS JOIN snapshot_board nb ON nb.snapshot_id = n.id AND nb.ranking_id = r.id
         {where}ORDER BY n.taken_at DESC, n.source DESC LIMIT 1
""".strip()

# Moments are text of one width in UTC; one dated in the future counts only if there is no other.
UNTIL_NOW = "WHERE n.taken_at <= strftime('%Y-%m-%d %H:%M:%f000', 'now') "

LEADERBOARD_LATEST = f"""
CREATE VIEW leaderboard_latest AS
SELECT r.leaderboard, r.category,
       {RANK},
       {RANK_UB},
       m.name AS model, m.organization, m.license, c.rating, c.lower, c.upper, c.votes,
       {TAKEN_AT},
       (SELECT l.published_on FROM snapshot_leaderboard l
         WHERE l.snapshot_id = s.id AND l.leaderboard = r.leaderboard) AS published_on,
       s.id AS snapshot, s.source
  FROM ranking r
 CROSS JOIN snapshot s ON s.id = coalesce(
       ({NEWEST.format(where=UNTIL_NOW)}),
       ({NEWEST.format(where="")}))
 CROSS JOIN snapshot_board sb ON sb.snapshot_id = s.id AND sb.ranking_id = r.id
 CROSS JOIN score c ON c.board_id = sb.board_id
  JOIN model m ON m.id = c.model_id
"""

RATING_HISTORY = f"""
CREATE VIEW rating_history AS
SELECT r.leaderboard, r.category, m.name AS model,
       {TAKEN_AT},
       s.source, c.rating, c.lower, c.upper,
       {RANK},
       c.votes, s.id AS snapshot
  FROM ranking r
 CROSS JOIN snapshot s
 CROSS JOIN snapshot_board sb ON sb.snapshot_id = s.id AND sb.ranking_id = r.id
 CROSS JOIN score c ON c.board_id = sb.board_id
  JOIN model m ON m.id = c.model_id
 WHERE NOT EXISTS (SELECT 1 FROM snapshot n JOIN snapshot_board nb ON nb.snapshot_id = n.id AND nb.ranking_id = r.id
                    WHERE n.taken_at = s.taken_at AND n.source > s.source)
"""

SNAPSHOT_SUMMARY = f"""
CREATE VIEW snapshot_summary AS
SELECT s.id,
       {TAKEN_AT},
       s.source,
       (SELECT l.published_on FROM snapshot_leaderboard l
         WHERE l.snapshot_id = s.id AND l.leaderboard = 'text') AS published_on,
       (SELECT group_concat(name, ', ')
          FROM (SELECT l.leaderboard AS name FROM snapshot_leaderboard l
                 WHERE l.snapshot_id = s.id ORDER BY l.leaderboard)) AS leaderboards,
       (SELECT count(*) FROM snapshot_board b WHERE b.snapshot_id = s.id) AS boards,
       (SELECT count(*) FROM snapshot_board b JOIN score c ON c.board_id = b.board_id
         WHERE b.snapshot_id = s.id
           AND b.ranking_id = (SELECT id FROM ranking WHERE leaderboard = 'text' AND category = 'overall')) AS models,
       s.revision
  FROM snapshot s
"""


def upgrade() -> None:
    connection = op.get_bind()
    for view in (LEADERBOARD_LATEST, RATING_HISTORY, SNAPSHOT_SUMMARY):
        # Not through SQLAlchemy's text(), which reads the :M of a time format as a parameter.
        connection.exec_driver_sql(view)
    connection.exec_driver_sql(f"PRAGMA user_version = {NEEDS}")


def downgrade() -> None:
    raise NotImplementedError("llmhub only upgrades a store; go back by restoring a backup")
