"""The store's read statements: SQL with :named parameters, run with the sqlite3 module alone.

Moments are stored as `llmhub.storage.moments` says: as UTC text of one width, so that they sort and compare as text.
"""

from __future__ import annotations

from llmhub.arena.sources import SOURCES, precedence

RANKING = "SELECT id FROM ranking WHERE leaderboard = :leaderboard AND category = :category"

_PLACES = " ".join(f"WHEN '{source}' THEN {precedence(source)}" for source in SOURCES)
PRECEDENCE = f"CASE s.source {_PLACES} ELSE {len(SOURCES)} END"
# The unique index on (taken_at, source) yields the moments in order: SQLite sorts only the snapshots of one moment.
SNAPSHOT_ORDER = f"s.taken_at DESC, {PRECEDENCE}"

_SNAPSHOT = """
    SELECT s.id, s.source, s.taken_at, s.revision, s.script,
           (SELECT json_group_object(l.leaderboard, l.published_on)
              FROM snapshot_leaderboard l WHERE l.snapshot_id = s.id),
           (SELECT count(*) FROM snapshot_board b WHERE b.snapshot_id = s.id),
           {models},
           {board}
      FROM snapshot s
"""

_OVERALL = "(SELECT id FROM ranking WHERE leaderboard = 'text' AND category = 'overall')"
_OVERALL_BOARD = f"""(SELECT b.board_id FROM snapshot_board b
             WHERE b.snapshot_id = s.id AND b.ranking_id = {_OVERALL})"""

MODELS_ON_BOARD = "SELECT count(*) FROM score WHERE board_id = :board"
_MODELS = f"(SELECT count(*) FROM score c WHERE c.board_id = {_OVERALL_BOARD})"

# CROSS JOIN keeps SQLite from starting at the larger table: the newest snapshot that has the board is nearly
# always the first one looked at, however many there are.
_JOINED = "CROSS JOIN snapshot_board sb ON sb.snapshot_id = s.id AND sb.ranking_id = :ranking "
_WITH_BOARD = _SNAPSHOT.format(models=_MODELS, board="sb.board_id") + _JOINED

_SPAN = "s.taken_at BETWEEN :since AND :until"
_LIMITED = f"ORDER BY {SNAPSHOT_ORDER} LIMIT :limit"
# Snapshots of offers and listings stand in the same table.
_HAS_BOARD = "EXISTS (SELECT 1 FROM snapshot_board hb WHERE hb.snapshot_id = s.id)"

# Most snapshots share their board with others. So these select the text / overall board and not the number of its
# models, which is counted once for each board.
SNAPSHOTS = _SNAPSHOT.format(models=_OVERALL_BOARD, board="NULL") + f"WHERE {_SPAN} AND {_HAS_BOARD} {_LIMITED}"
SNAPSHOTS_WITH_BOARD = (
    _SNAPSHOT.format(models=_OVERALL_BOARD, board="sb.board_id") + _JOINED + f"WHERE {_SPAN} {_LIMITED}"
)

_SNAPSHOT_ALONE = _SNAPSHOT.format(models=_MODELS, board="NULL")

SNAPSHOT_BY_IDENTITY = _SNAPSHOT_ALONE + "WHERE s.taken_at = :taken_at AND s.source = :source"

NEWEST_OF_SOURCE = (
    _SNAPSHOT_ALONE + f"WHERE s.source = :source AND s.taken_at <= :until ORDER BY {SNAPSHOT_ORDER} LIMIT 1"
)

AT_OR_BEFORE = _WITH_BOARD + f"WHERE s.taken_at <= :until ORDER BY {SNAPSHOT_ORDER} LIMIT 1 OFFSET :back"

WITH_BOARD_BY_ID = _WITH_BOARD + "WHERE s.id = :id"

COUNT_WITH_BOARD = """
    SELECT count(*), min(s.id), max(s.id)
      FROM snapshot s JOIN snapshot_board sb ON sb.snapshot_id = s.id AND sb.ranking_id = :ranking
"""

NEAREST_ID = """
    SELECT snapshot_id FROM snapshot_board WHERE ranking_id = :ranking
     ORDER BY abs(snapshot_id - :id), snapshot_id LIMIT 1
"""

OLDEST_WITH_BOARD = f"""
    SELECT s.id, s.taken_at FROM snapshot s JOIN snapshot_board sb ON sb.snapshot_id = s.id AND sb.ranking_id = :ranking
     ORDER BY s.taken_at, {PRECEDENCE} LIMIT 1
"""

ENTRIES = """
    SELECT m.name, c.rating, c.lower, c.upper, c.votes, m.organization, m.license
      FROM score c CROSS JOIN model m ON m.id = c.model_id
     WHERE c.board_id = :board
"""

BOARD = """
    SELECT r.leaderboard, r.category, b.digest FROM board b JOIN ranking r ON r.id = b.ranking_id WHERE b.id = :board
"""

BOARD_OF_SNAPSHOT = """
    SELECT b.id, b.digest FROM snapshot_board sb CROSS JOIN board b ON b.id = sb.board_id
     WHERE sb.snapshot_id = :snapshot
       AND sb.ranking_id = (SELECT id FROM ranking WHERE leaderboard = :leaderboard AND category = :category)
"""

RANKINGS = "SELECT leaderboard, category FROM ranking ORDER BY leaderboard, category"

# Every snapshot that has the board, oldest first; of several of one moment, the one that counts comes last.
SEEN = f"""
    SELECT s.id, s.taken_at, s.source, s.revision, l.published_on, sb.board_id
      FROM snapshot s
     CROSS JOIN snapshot_board sb ON sb.snapshot_id = s.id AND sb.ranking_id = :ranking
      LEFT JOIN snapshot_leaderboard l ON l.snapshot_id = s.id AND l.leaderboard = :leaderboard
     ORDER BY s.taken_at, {PRECEDENCE} DESC
"""

# A model's lines on some boards; :boards is a JSON list of ids.
LINES = """
    SELECT c.board_id, c.rating, c.lower, c.upper, c.votes
      FROM json_each(:boards) j
     CROSS JOIN score c ON c.board_id = j.value AND c.model_id = (SELECT id FROM model WHERE name = :name)
"""

# Whether two boards list the same models with the same ratings and intervals; it ends at the first difference.
SAME_BOARD = """
    SELECT NOT EXISTS (
               SELECT 1 FROM score a LEFT JOIN score b ON b.board_id = :other AND b.model_id = a.model_id
                WHERE a.board_id = :board
                  AND (b.rating IS NOT a.rating OR b.lower IS NOT a.lower OR b.upper IS NOT a.upper))
       AND NOT EXISTS (
               SELECT 1 FROM score b WHERE b.board_id = :other
                  AND NOT EXISTS (SELECT 1 FROM score a WHERE a.board_id = :board AND a.model_id = b.model_id))
"""

# Numbers for each board of a ranking; two boards that differ at most in their votes have the same numbers.
BOARD_KEYS = """
    SELECT c.board_id, count(*), sum(c.model_id), sum(c.rating), sum(c.lower), sum(c.upper)
      FROM score c
     WHERE c.board_id IN (SELECT DISTINCT board_id FROM snapshot_board WHERE ranking_id = :ranking)
     GROUP BY c.board_id
"""

# The lines of a board with the rating and interval of a model on board :of, without models that are on board :other.
LOOK_ALIKES = """
    SELECT m.name, c.rating, c.lower, c.upper, c.votes, m.organization, m.license
      FROM score known CROSS JOIN score c ON c.board_id = :board
       AND c.rating = known.rating AND c.lower = known.lower AND c.upper = known.upper
     CROSS JOIN model m ON m.id = c.model_id
     WHERE known.board_id = :of AND known.model_id = (SELECT id FROM model WHERE name = :name)
       AND NOT EXISTS (SELECT 1 FROM score o WHERE o.board_id = :other AND o.model_id = c.model_id)
"""

MODELS_OF_RANKING = """
    SELECT name FROM model WHERE id IN (
        SELECT c.model_id FROM board b CROSS JOIN score c ON c.board_id = b.id WHERE b.ranking_id = :ranking)
"""

RATINGS = "SELECT model_id, rating FROM score WHERE board_id = :board"

# A text for each snapshot: snapshots with the same boards, or the same board of one ranking, have the same text.
BOARD_SETS = """
    SELECT snapshot_id, group_concat(board_id)
      FROM (SELECT snapshot_id, board_id FROM snapshot_board
             WHERE :ranking IS NULL OR ranking_id = :ranking ORDER BY snapshot_id, ranking_id)
     GROUP BY snapshot_id
"""

# :removed is a JSON list of snapshots' ids.
_REMOVED = "(SELECT value FROM json_each(:removed))"
_BOARDS_LEFT = f"(SELECT board_id FROM snapshot_board WHERE snapshot_id NOT IN {_REMOVED})"

# How many boards, scores, rankings and models nothing refers to once these snapshots are removed.
GONE = f"""
    SELECT (SELECT count(*) FROM board WHERE id NOT IN {_BOARDS_LEFT}),
           (SELECT count(*) FROM score WHERE board_id NOT IN {_BOARDS_LEFT}),
           (SELECT count(*) FROM ranking WHERE id NOT IN (SELECT ranking_id FROM board WHERE id IN {_BOARDS_LEFT})),
           (SELECT count(*) FROM model WHERE id NOT IN (SELECT model_id FROM score WHERE board_id IN {_BOARDS_LEFT}))
"""

UNLINK_BOARDS = (
    f"DELETE FROM snapshot_leaderboard WHERE snapshot_id IN {_REMOVED}",
    f"DELETE FROM snapshot_board WHERE snapshot_id IN {_REMOVED}",
)

REMOVE_SNAPSHOTS = f"DELETE FROM snapshot WHERE id IN {_REMOVED}"

SWEEP_BOARDS = (
    "DELETE FROM score WHERE board_id NOT IN (SELECT board_id FROM snapshot_board)",
    "DELETE FROM board WHERE id NOT IN (SELECT board_id FROM snapshot_board)",
    "DELETE FROM ranking WHERE id NOT IN (SELECT ranking_id FROM board)",
    "DELETE FROM model WHERE id NOT IN (SELECT model_id FROM score)",
)

# All lines of a snapshot, or of one leaderboard of it; a board without lines has one line of nulls.
PUBLICATION = """
    SELECT r.leaderboard, r.category, m.name, c.rating, c.lower, c.upper, c.votes, m.organization, m.license
      FROM snapshot_board sb
     CROSS JOIN ranking r ON r.id = sb.ranking_id
      LEFT JOIN score c ON c.board_id = sb.board_id
      LEFT JOIN model m ON m.id = c.model_id
     WHERE sb.snapshot_id = :snapshot AND (:leaderboard IS NULL OR r.leaderboard = :leaderboard)
"""

DIGESTS_OF_SNAPSHOT = """
    SELECT r.leaderboard, r.category, b.digest
      FROM snapshot_board sb CROSS JOIN board b ON b.id = sb.board_id CROSS JOIN ranking r ON r.id = sb.ranking_id
     WHERE sb.snapshot_id = :snapshot AND (:leaderboard IS NULL OR r.leaderboard = :leaderboard)
"""

BOARDS = """
    SELECT b.id, b.digest, r.leaderboard, r.category FROM board b JOIN ranking r ON r.id = b.ranking_id ORDER BY b.id
"""

SCORES_OF_BOARD = "SELECT model_id, rating, lower, upper, votes FROM score WHERE board_id = :board"

_FINITE = "typeof({0}) = 'real' AND abs({0}) < 9e999"

IMPOSSIBLE_SCORES = f"""
    SELECT r.leaderboard, r.category, c.board_id, count(*)
      FROM score c JOIN board b ON b.id = c.board_id JOIN ranking r ON r.id = b.ranking_id
     WHERE NOT ({_FINITE.format("c.rating")}
            AND (c.lower IS NULL OR {_FINITE.format("c.lower")} AND c.lower <= c.rating)
            AND (c.upper IS NULL OR {_FINITE.format("c.upper")} AND c.upper >= c.rating)
            AND (c.votes IS NULL OR typeof(c.votes) = 'integer' AND c.votes >= 0))
     GROUP BY c.board_id
"""

PUBLICATION_DATES = """
    SELECT snapshot_id, leaderboard, published_on FROM snapshot_leaderboard WHERE published_on IS NOT NULL
"""

NAMES = """
    SELECT 'model', name FROM model
     UNION ALL SELECT 'ranking', leaderboard FROM ranking
     UNION ALL SELECT 'ranking', category FROM ranking
     UNION ALL SELECT 'snapshot_leaderboard', leaderboard FROM snapshot_leaderboard
"""

LEADERBOARDS_WITHOUT_BOARD = """
    SELECT l.snapshot_id, l.leaderboard FROM snapshot_leaderboard l
     WHERE NOT EXISTS (SELECT 1 FROM snapshot_board b JOIN ranking r ON r.id = b.ranking_id
                        WHERE b.snapshot_id = l.snapshot_id AND r.leaderboard = l.leaderboard)
"""

BOARDS_WITHOUT_LEADERBOARD = """
    SELECT DISTINCT b.snapshot_id, r.leaderboard FROM snapshot_board b JOIN ranking r ON r.id = b.ranking_id
     WHERE NOT EXISTS (SELECT 1 FROM snapshot_leaderboard l
                        WHERE l.snapshot_id = b.snapshot_id AND l.leaderboard = r.leaderboard)
"""

SNAPSHOTS_WITHOUT_BOARD = """
    SELECT id FROM snapshot
     WHERE source IN ('script', 'dataset', 'arena-catalog') AND id NOT IN (SELECT snapshot_id FROM snapshot_board)
"""

# The newest snapshot's id, if SQLite would give it again: sqlite_sequence must hold the greatest id ever given.
ID_TO_BE_REUSED = """
    SELECT newest FROM (SELECT max(id) AS newest FROM snapshot)
     WHERE newest > coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = 'snapshot'), 0)
"""

# Shell completion. In a damaged store a name may be no text; such a name is not offered.
_LIKE = "{0} LIKE :pattern ESCAPE '\\' AND typeof({0}) = 'text' ORDER BY {0} LIMIT :limit"

MODEL_NAMES = f"SELECT name FROM model WHERE {_LIKE.format('name')}"
ORGANIZATION_NAMES = f"SELECT DISTINCT organization FROM model WHERE {_LIKE.format('organization')}"
LEADERBOARD_NAMES = f"SELECT DISTINCT leaderboard FROM ranking WHERE {_LIKE.format('leaderboard')}"
CATEGORY_NAMES = f"""
    SELECT DISTINCT category FROM ranking
     WHERE (:leaderboard IS NULL OR leaderboard = :leaderboard) AND {_LIKE.format("category")}
"""

NEWEST_IDS = f"SELECT s.id, s.taken_at, s.source FROM snapshot s WHERE {_HAS_BOARD} {_LIMITED}"

COUNTS = """
    SELECT (SELECT count(*) FROM snapshot s WHERE EXISTS (SELECT 1 FROM snapshot_board b WHERE b.snapshot_id = s.id)),
           (SELECT count(*) FROM board),
           (SELECT count(*) FROM score), (SELECT count(*) FROM model)
"""

OTHERS = """
    SELECT source, count(*), max(taken_at) FROM snapshot
    WHERE source NOT IN (SELECT value FROM json_each(:sources)) GROUP BY source ORDER BY source
"""
