"""What providers ask for their models, over time: offers, price lists, listings, and views for people.

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# The version that this schema needs, 0.3.0, where programs that do not know the schema can read it.
NEEDS = 3_000

PRICES = ("input", "output", "reasoning", "cache_read", "cache_write", "input_audio", "output_audio")
LIMITS = ("context", "max_input", "max_output")
ABILITIES = ("supports_reasoning", "supports_tool_call", "supports_structured_output", "attachments", "open_weights")
WORDS = (
    *("status", "knowledge", "release_date", "last_updated"),
    *("retires_on", "retires_earliest", "retires_source", "replacement"),
    *("name", "family", "type", "base_model"),
)
FIELDS = (*PRICES, "price_tiers", *LIMITS, "input_modalities", "output_modalities", *ABILITIES, *WORDS)

# As the commands print moments: fractions of a second only where there are any.
TAKEN_AT = """
       substr(s.taken_at, 1, 10) || 'T'
           || substr(s.taken_at, 12, CASE WHEN s.taken_at LIKE '%.000000' THEN 8 ELSE 15 END) || 'Z'
""".strip()

# Moments are text of one width in UTC; what is dated in the future counts only where there is nothing else.
UNTIL_NOW = "AND n.taken_at <= strftime('%Y-%m-%d %H:%M:%f000', 'now') "
NEWEST = """
SELECT n.id FROM snapshot n WHERE n.source = 'models.dev' {when}
            AND EXISTS (SELECT 1 FROM snapshot_price_list np WHERE np.snapshot_id = n.id)
          ORDER BY n.taken_at DESC LIMIT 1
""".strip()

OFFER_COLUMNS = ", ".join(f"o.{name}" for name in FIELDS)

OFFER_LATEST = f"""
CREATE VIEW offer_latest AS
SELECT p.name || '/' || k.model_id AS model, p.name AS provider, k.model_id,
       {OFFER_COLUMNS},
       {TAKEN_AT} AS taken_at, s.id AS snapshot, s.source
  FROM snapshot s
 CROSS JOIN snapshot_price_list sp ON sp.snapshot_id = s.id
 CROSS JOIN provider p ON p.id = sp.provider_id
 CROSS JOIN price_list_offer lo ON lo.price_list_id = sp.price_list_id
 CROSS JOIN offered k ON k.id = lo.offered_id
 CROSS JOIN offer o ON o.id = lo.offer_id
 WHERE s.id = coalesce(({NEWEST.format(when=UNTIL_NOW)}), ({NEWEST.format(when="")}))
"""

OFFER_HISTORY = f"""
CREATE VIEW offer_history AS
SELECT p.name || '/' || k.model_id AS model, p.name AS provider, k.model_id,
       {TAKEN_AT} AS taken_at, s.source,
       {OFFER_COLUMNS},
       s.id AS snapshot
  FROM provider p
 CROSS JOIN offered k ON k.provider_id = p.id
 CROSS JOIN snapshot s
 CROSS JOIN snapshot_price_list sp ON sp.snapshot_id = s.id AND sp.provider_id = p.id
 CROSS JOIN price_list_offer lo ON lo.price_list_id = sp.price_list_id AND lo.offered_id = k.id
 CROSS JOIN offer o ON o.id = lo.offer_id
"""

# The newest board of text / overall at the end of the day that the prices are of.
RATED = """
SELECT b.snapshot_id FROM snapshot n CROSS JOIN snapshot_board b ON b.snapshot_id = n.id
         WHERE b.ranking_id = (SELECT id FROM ranking WHERE leaderboard = 'text' AND category = 'overall')
           AND n.taken_at <= substr(l.taken_at, 1, 10) || ' 23:59:59.999999'
         ORDER BY n.taken_at DESC, n.source DESC LIMIT 1
""".strip()

PRICE_AND_RATING = f"""
CREATE VIEW price_and_rating AS
SELECT l.model, l.provider, l.model_id, l.input, l.output, l.cache_read, l.cache_write, l.context, l.max_output,
       l.status, l.taken_at AS priced_at, a.arena_model, m.organization, c.rating, c.lower, c.upper, c.votes,
       {TAKEN_AT} AS rated_at
  FROM offer_latest l
  LEFT JOIN provider p ON p.name = l.provider
  LEFT JOIN offered k ON k.provider_id = p.id AND k.model_id = l.model_id
  LEFT JOIN arena_match a ON a.offered_id = k.id
  LEFT JOIN model m ON m.name = a.arena_model
  LEFT JOIN snapshot s ON s.id = ({RATED}) AND m.id IS NOT NULL
  LEFT JOIN snapshot_board sb ON sb.snapshot_id = s.id
        AND sb.ranking_id = (SELECT id FROM ranking WHERE leaderboard = 'text' AND category = 'overall')
  LEFT JOIN score c ON c.board_id = sb.board_id AND c.model_id = m.id
"""


def upgrade() -> None:
    op.create_table(
        "provider",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "offered",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"]),
        sa.UniqueConstraint("provider_id", "model_id"),
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offered_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=True) for name in PRICES),
        sa.Column("price_tiers", sa.String(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in LIMITS),
        sa.Column("input_modalities", sa.String(), nullable=True),
        sa.Column("output_modalities", sa.String(), nullable=True),
        *(sa.Column(name, sa.Boolean(), nullable=True) for name in ABILITIES),
        *(sa.Column(name, sa.String(), nullable=True) for name in WORDS),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["offered_id"], ["offered.id"]),
        sa.UniqueConstraint("digest"),
    )
    for kind in ("price_list", "listing"):
        op.create_table(
            kind,
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("provider_id", sa.Integer(), nullable=False),
            sa.Column("digest", sa.LargeBinary(), nullable=False),
            sa.PrimaryKeyConstraint("id"),
            sa.ForeignKeyConstraint(["provider_id"], ["provider.id"]),
            sa.UniqueConstraint("digest"),
        )
        op.create_table(
            f"snapshot_{kind}",
            sa.Column("snapshot_id", sa.Integer(), nullable=False),
            sa.Column("provider_id", sa.Integer(), nullable=False),
            sa.Column(f"{kind}_id", sa.Integer(), nullable=False),
            sa.PrimaryKeyConstraint("snapshot_id", "provider_id"),
            sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"]),
            sa.ForeignKeyConstraint(["provider_id"], ["provider.id"]),
            sa.ForeignKeyConstraint([f"{kind}_id"], [f"{kind}.id"]),
            sqlite_with_rowid=False,
        )
    op.create_table(
        "price_list_offer",
        sa.Column("price_list_id", sa.Integer(), nullable=False),
        sa.Column("offered_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("price_list_id", "offered_id"),
        sa.ForeignKeyConstraint(["price_list_id"], ["price_list.id"]),
        sa.ForeignKeyConstraint(["offered_id"], ["offered.id"]),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "listing_model",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("offered_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("listing_id", "offered_id"),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"]),
        sa.ForeignKeyConstraint(["offered_id"], ["offered.id"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "arena_match",
        sa.Column("offered_id", sa.Integer(), nullable=False),
        sa.Column("arena_model", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("offered_id"),
        sa.ForeignKeyConstraint(["offered_id"], ["offered.id"]),
    )
    connection = op.get_bind()
    for view in (OFFER_LATEST, OFFER_HISTORY, PRICE_AND_RATING):
        # Not through SQLAlchemy's text(), to which :M of a time's format is a parameter.
        connection.exec_driver_sql(view)
    connection.exec_driver_sql(f"PRAGMA user_version = {NEEDS}")


def downgrade() -> None:
    raise NotImplementedError("llmhub only upgrades a store; go back by restoring a backup")
