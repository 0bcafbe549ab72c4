"""The first format of a remote: boards, price lists, listings, and the views of the store for people.

Revision ID: 0001
Revises:
Create Date: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FORMAT = 1
SCHEMA = "llmhub"

PRICES = ("input", "output", "reasoning", "cache_read", "cache_write", "input_audio", "output_audio")
LIMITS = ("context", "max_input", "max_output")
ABILITIES = ("supports_reasoning", "supports_tool_call", "supports_structured_output", "attachments", "open_weights")
WORDS = (
    *("status", "knowledge", "release_date", "last_updated"),
    *("retires_on", "retires_earliest", "retires_source", "replacement"),
    *("name", "family", "type", "base_model"),
)
FIELDS = (*PRICES, "price_tiers", *LIMITS, "input_modalities", "output_modalities", *ABILITIES, *WORDS)

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger()

# Of one moment the first of these sources counts, and any other source after them.
PLACE = "CASE {0}.source WHEN 'script' THEN 0 WHEN 'dataset' THEN 1 WHEN 'arena-catalog' THEN 2 ELSE 3 END"
NEWEST = f"""
SELECT n.id FROM llmhub.snapshot n JOIN llmhub.snapshot_board nb ON nb.snapshot_id = n.id AND nb.ranking_id = r.id
         {{where}}ORDER BY n.taken_at DESC, {PLACE.format("n")} LIMIT 1
""".strip()

RANK = "rank() OVER (PARTITION BY sb.snapshot_id, sb.ranking_id ORDER BY c.rating DESC) AS rank"

# A model with an unknown lower bound could be above everything that its rating is above.
RANK_UB = """
       CASE WHEN c.upper IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM llmhub.score o
                              WHERE o.board_id = sb.board_id AND o.lower IS NULL AND o.rating > c.upper)
            THEN 1 + (SELECT count(*) FROM llmhub.score o WHERE o.board_id = sb.board_id AND o.lower > c.upper)
        END AS rank_ub
""".strip()

LEADERBOARD_LATEST = f"""
CREATE VIEW llmhub.leaderboard_latest AS
SELECT r.leaderboard, r.category,
       {RANK},
       {RANK_UB},
       m.name AS model, m.organization, m.license, c.rating, c.lower, c.upper, c.votes,
       s.taken_at,
       (SELECT l.published_on FROM llmhub.snapshot_leaderboard l
         WHERE l.snapshot_id = s.id AND l.leaderboard = r.leaderboard) AS published_on,
       s.id AS snapshot, s.source
  FROM llmhub.ranking r
  JOIN llmhub.snapshot s ON s.id = coalesce(
       ({NEWEST.format(where="WHERE n.taken_at <= now() ")}),
       ({NEWEST.format(where="")}))
  JOIN llmhub.snapshot_board sb ON sb.snapshot_id = s.id AND sb.ranking_id = r.id
  JOIN llmhub.score c ON c.board_id = sb.board_id
  JOIN llmhub.model m ON m.id = c.model_id
"""

RATING_HISTORY = f"""
CREATE VIEW llmhub.rating_history AS
SELECT r.leaderboard, r.category, m.name AS model,
       s.taken_at,
       s.source, c.rating, c.lower, c.upper,
       1 + (SELECT count(*) FROM llmhub.score o WHERE o.board_id = sb.board_id AND o.rating > c.rating) AS rank,
       c.votes, s.id AS snapshot
  FROM llmhub.ranking r
  JOIN llmhub.snapshot_board sb ON sb.ranking_id = r.id
  JOIN llmhub.snapshot s ON s.id = sb.snapshot_id
  JOIN llmhub.score c ON c.board_id = sb.board_id
  JOIN llmhub.model m ON m.id = c.model_id
 WHERE NOT EXISTS (
       SELECT 1 FROM llmhub.snapshot n
         JOIN llmhub.snapshot_board nb ON nb.snapshot_id = n.id AND nb.ranking_id = r.id
        WHERE n.taken_at = s.taken_at AND {PLACE.format("n")} < {PLACE.format("s")})
"""

SNAPSHOT_SUMMARY = """
CREATE VIEW llmhub.snapshot_summary AS
SELECT s.id,
       s.taken_at,
       s.source,
       (SELECT l.published_on FROM llmhub.snapshot_leaderboard l
         WHERE l.snapshot_id = s.id AND l.leaderboard = 'text') AS published_on,
       (SELECT string_agg(l.leaderboard, ', ' ORDER BY l.leaderboard COLLATE "C")
          FROM llmhub.snapshot_leaderboard l WHERE l.snapshot_id = s.id) AS leaderboards,
       (SELECT count(*) FROM llmhub.snapshot_board b WHERE b.snapshot_id = s.id) AS boards,
       (SELECT count(*) FROM llmhub.snapshot_board b JOIN llmhub.score c ON c.board_id = b.board_id
         WHERE b.snapshot_id = s.id
           AND b.ranking_id = (SELECT id FROM llmhub.ranking
                                WHERE leaderboard = 'text' AND category = 'overall')) AS models,
       s.revision
  FROM llmhub.snapshot s
"""

OFFER_COLUMNS = ", ".join(f"o.{name}" for name in FIELDS)

NEWEST_PRICES = """
SELECT n.id FROM llmhub.snapshot n WHERE n.source = 'models.dev' {when}
            AND EXISTS (SELECT 1 FROM llmhub.snapshot_price_list np WHERE np.snapshot_id = n.id)
          ORDER BY n.taken_at DESC LIMIT 1
""".strip()

OFFER_LATEST = f"""
CREATE VIEW llmhub.offer_latest AS
SELECT p.name || '/' || k.model_id AS model, p.name AS provider, k.model_id,
       {OFFER_COLUMNS},
       s.taken_at, s.id AS snapshot, s.source
  FROM llmhub.snapshot s
  JOIN llmhub.snapshot_price_list sp ON sp.snapshot_id = s.id
  JOIN llmhub.provider p ON p.id = sp.provider_id
  JOIN llmhub.price_list_offer lo ON lo.price_list_id = sp.price_list_id
  JOIN llmhub.offered k ON k.id = lo.offered_id
  JOIN llmhub.offer o ON o.id = lo.offer_id
 WHERE s.id = coalesce(({NEWEST_PRICES.format(when="AND n.taken_at <= now()")}), ({NEWEST_PRICES.format(when="")}))
"""

OFFER_HISTORY = f"""
CREATE VIEW llmhub.offer_history AS
SELECT p.name || '/' || k.model_id AS model, p.name AS provider, k.model_id,
       s.taken_at, s.source,
       {OFFER_COLUMNS},
       s.id AS snapshot
  FROM llmhub.provider p
  JOIN llmhub.offered k ON k.provider_id = p.id
  JOIN llmhub.snapshot_price_list sp ON sp.provider_id = p.id
  JOIN llmhub.snapshot s ON s.id = sp.snapshot_id
  JOIN llmhub.price_list_offer lo ON lo.price_list_id = sp.price_list_id AND lo.offered_id = k.id
  JOIN llmhub.offer o ON o.id = lo.offer_id
"""

# The newest board of text / overall at the end of the day that the prices are of.
RATED = f"""
SELECT b.snapshot_id FROM llmhub.snapshot n JOIN llmhub.snapshot_board b ON b.snapshot_id = n.id
         WHERE b.ranking_id = (SELECT id FROM llmhub.ranking WHERE leaderboard = 'text' AND category = 'overall')
           AND n.taken_at < date_trunc('day', l.taken_at, 'UTC') + interval '24 hours'
         ORDER BY n.taken_at DESC, {PLACE.format("n")} LIMIT 1
""".strip()

PRICE_AND_RATING = f"""
CREATE VIEW llmhub.price_and_rating AS
SELECT l.model, l.provider, l.model_id, l.input, l.output, l.cache_read, l.cache_write, l.context, l.max_output,
       l.status, l.taken_at AS priced_at, a.arena_model, m.organization, c.rating, c.lower, c.upper, c.votes,
       s.taken_at AS rated_at
  FROM llmhub.offer_latest l
  LEFT JOIN llmhub.provider p ON p.name = l.provider
  LEFT JOIN llmhub.offered k ON k.provider_id = p.id AND k.model_id = l.model_id
  LEFT JOIN llmhub.arena_match a ON a.offered_id = k.id
  LEFT JOIN llmhub.model m ON m.name = a.arena_model
  LEFT JOIN llmhub.snapshot s ON s.id = ({RATED}) AND m.id IS NOT NULL
  LEFT JOIN llmhub.snapshot_board sb ON sb.snapshot_id = s.id
        AND sb.ranking_id = (SELECT id FROM llmhub.ranking WHERE leaderboard = 'text' AND category = 'overall')
  LEFT JOIN llmhub.score c ON c.board_id = sb.board_id AND c.model_id = m.id
"""


def identity(name: str = "id") -> sa.Column[int]:
    return sa.Column(name, NUMBER, sa.Identity(), nullable=False)


def digest() -> sa.Column[bytes]:
    return sa.Column("digest", sa.LargeBinary(), nullable=False)


def create(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, schema=SCHEMA)


def points_at(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{SCHEMA}.{table}.id"])


def number(name: str) -> sa.Column[int]:
    return sa.Column(name, NUMBER, nullable=False)


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def upgrade() -> None:
    create_common()
    create_boards()
    create_offers()
    for view in (
        *(LEADERBOARD_LATEST, RATING_HISTORY, SNAPSHOT_SUMMARY),
        *(OFFER_LATEST, OFFER_HISTORY, PRICE_AND_RATING),
    ):
        op.execute(sa.text(view))
    op.execute(sa.text(f"INSERT INTO llmhub.remote (one, id, format) VALUES (true, gen_random_uuid(), {FORMAT})"))


def create_common() -> None:
    create(
        "remote",
        sa.Column("one", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("format", sa.Integer(), nullable=False),
        sa.Column("position", NUMBER, nullable=False, server_default="0"),
        sa.Column("failed_at", MOMENT, nullable=True),
        text("failure", nullable=True),
        text("failure_token", nullable=True),
        sa.PrimaryKeyConstraint("one"),
        sa.CheckConstraint("one", name="one_row"),
    )
    create(
        "snapshot",
        identity(),
        sa.Column("taken_at", MOMENT, nullable=False),
        text("source"),
        text("revision", nullable=True),
        text("script", nullable=True),
        number("position"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("taken_at", "source"),
    )
    op.create_index("snapshot_position", "snapshot", ["position"], schema=SCHEMA)


def create_boards() -> None:
    create(
        "ranking",
        identity(),
        text("leaderboard"),
        text("category"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("leaderboard", "category"),
    )
    create(
        "board",
        identity(),
        number("ranking_id"),
        digest(),
        sa.PrimaryKeyConstraint("id"),
        points_at("ranking_id", "ranking"),
        sa.UniqueConstraint("digest"),
        sa.UniqueConstraint("id", "ranking_id"),
    )
    create(
        "snapshot_leaderboard",
        number("snapshot_id"),
        text("leaderboard"),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("snapshot_id", "leaderboard"),
        points_at("snapshot_id", "snapshot"),
    )
    create(
        "snapshot_board",
        number("snapshot_id"),
        number("ranking_id"),
        number("board_id"),
        sa.PrimaryKeyConstraint("snapshot_id", "ranking_id"),
        points_at("snapshot_id", "snapshot"),
        points_at("ranking_id", "ranking"),
        sa.ForeignKeyConstraint(["board_id", "ranking_id"], [f"{SCHEMA}.board.id", f"{SCHEMA}.board.ranking_id"]),
    )
    create(
        "model",
        identity(),
        text("name"),
        text("organization", nullable=True),
        sa.Column("organization_as_of", MOMENT, nullable=True),
        text("license", nullable=True),
        sa.Column("license_as_of", MOMENT, nullable=True),
        number("position"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_index("model_position", "model", ["position"], schema=SCHEMA)
    create(
        "score",
        # No foreign keys: looking each of a million lines up takes as long as writing it. Digests prove the boards.
        number("board_id"),
        number("model_id"),
        sa.Column("rating", sa.Double(), nullable=False),
        sa.Column("lower", sa.Double(), nullable=True),
        sa.Column("upper", sa.Double(), nullable=True),
        sa.Column("votes", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("board_id", "model_id"),
        sa.CheckConstraint("lower <= rating AND rating <= upper", name="interval"),
    )


def create_offers() -> None:
    create("provider", identity(), text("name"), sa.PrimaryKeyConstraint("id"), sa.UniqueConstraint("name"))
    create(
        "offered",
        identity(),
        number("provider_id"),
        text("model_id"),
        sa.PrimaryKeyConstraint("id"),
        points_at("provider_id", "provider"),
        sa.UniqueConstraint("provider_id", "model_id"),
    )
    create(
        "offer",
        identity(),
        number("offered_id"),
        digest(),
        *(sa.Column(name, sa.Double(), nullable=True) for name in PRICES),
        text("price_tiers", nullable=True),
        *(sa.Column(name, NUMBER, nullable=True) for name in LIMITS),
        text("input_modalities", nullable=True),
        text("output_modalities", nullable=True),
        *(sa.Column(name, sa.Boolean(), nullable=True) for name in ABILITIES),
        *(text(name, nullable=True) for name in WORDS),
        sa.PrimaryKeyConstraint("id"),
        points_at("offered_id", "offered"),
        sa.UniqueConstraint("digest"),
    )
    for kind in ("price_list", "listing"):
        create(
            kind,
            identity(),
            number("provider_id"),
            digest(),
            sa.PrimaryKeyConstraint("id"),
            points_at("provider_id", "provider"),
            sa.UniqueConstraint("digest"),
        )
        create(
            f"snapshot_{kind}",
            number("snapshot_id"),
            number("provider_id"),
            number(f"{kind}_id"),
            sa.PrimaryKeyConstraint("snapshot_id", "provider_id"),
            points_at("snapshot_id", "snapshot"),
            points_at("provider_id", "provider"),
            points_at(f"{kind}_id", kind),
        )
    create(
        "price_list_offer",
        number("price_list_id"),
        number("offered_id"),
        number("offer_id"),
        sa.PrimaryKeyConstraint("price_list_id", "offered_id"),
        points_at("price_list_id", "price_list"),
        points_at("offered_id", "offered"),
        points_at("offer_id", "offer"),
    )
    create(
        "listing_model",
        number("listing_id"),
        number("offered_id"),
        sa.PrimaryKeyConstraint("listing_id", "offered_id"),
        points_at("listing_id", "listing"),
        points_at("offered_id", "offered"),
    )
    create(
        "arena_match",
        number("offered_id"),
        text("arena_model"),
        sa.PrimaryKeyConstraint("offered_id"),
        points_at("offered_id", "offered"),
    )


def downgrade() -> None:
    raise NotImplementedError("llmhub only upgrades a remote; go back by restoring a dump")
