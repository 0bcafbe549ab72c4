"""The statements on offers: SQL with parameters, run with the sqlite3 module alone.

`{kind}` in one is `price_list` or `listing`; `for_kind` fills it in.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from llmhub.offers.fields import FIELDS, NUMBERS

Kind = Literal["price_list", "listing"]

COLUMNS = tuple(FIELDS)
"""The columns of an offer, in the order in which statements name them."""

_VALUES = ", ".join(f"o.{name}" for name in COLUMNS)
_SNAPSHOT = "s.id, s.source, s.taken_at, s.revision"

HAS_TABLES = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'price_list'"

# -- finding a snapshot

_HAS_KIND = "EXISTS (SELECT 1 FROM snapshot_{kind} k WHERE k.snapshot_id = s.id)"

AT_OR_BEFORE = f"""
    SELECT {_SNAPSHOT} FROM snapshot s
     WHERE s.source = :source AND s.taken_at <= :until AND {_HAS_KIND}
     ORDER BY s.taken_at DESC LIMIT 1 OFFSET :back
"""

BY_ID = f"SELECT {_SNAPSHOT} FROM snapshot s WHERE s.id = :id AND s.source = :source AND {_HAS_KIND}"

MOMENT = "SELECT taken_at FROM snapshot WHERE id = :id"

NEIGHBOURS = """
    SELECT (SELECT max(taken_at) FROM snapshot WHERE taken_at <= :moment),
           (SELECT min(taken_at) FROM snapshot WHERE taken_at > :moment)
"""

# The moment at which a source that was stored between :since and the snapshot was stored again.
NEXT_MOMENT = """
    SELECT min(later.taken_at) FROM snapshot this
      JOIN snapshot later ON later.taken_at > this.taken_at
     WHERE this.id = :id AND EXISTS
           (SELECT 1 FROM snapshot s
             WHERE s.source = later.source AND s.taken_at BETWEEN :since AND this.taken_at)
"""

SNAPSHOTS = f"""
    SELECT {_SNAPSHOT} FROM snapshot s
     WHERE s.source = :source AND s.taken_at <= :until AND {_HAS_KIND} ORDER BY s.taken_at
"""

# The newest snapshot before :latest with other providers, or another list of one.
LAST_CHANGE = f"""
    SELECT {_SNAPSHOT} FROM snapshot s
     WHERE s.source = :source AND s.taken_at < (SELECT taken_at FROM snapshot WHERE id = :latest) AND {_HAS_KIND}
       AND (EXISTS (SELECT 1 FROM snapshot_{{kind}} a
                     WHERE a.snapshot_id = s.id
                       AND NOT EXISTS (SELECT 1 FROM snapshot_{{kind}} b
                                        WHERE b.snapshot_id = :latest AND b.provider_id = a.provider_id
                                          AND b.{{kind}}_id = a.{{kind}}_id))
            OR (SELECT count(*) FROM snapshot_{{kind}} a WHERE a.snapshot_id = s.id)
               <> (SELECT count(*) FROM snapshot_{{kind}} b WHERE b.snapshot_id = :latest))
     ORDER BY s.taken_at DESC LIMIT 1
"""

COUNT = f"""
    SELECT count(*), min(s.taken_at), min(s.id), max(s.id) FROM snapshot s WHERE s.source = :source AND {_HAS_KIND}
"""

HAS_SOURCE = f"SELECT 1 FROM snapshot s WHERE s.source = :source AND {_HAS_KIND.format(kind='price_list')} LIMIT 1"

# -- reading

LISTS_OF_SNAPSHOT = """
    SELECT p.name, l.id, l.digest FROM snapshot_{kind} sl
      JOIN {kind} l ON l.id = sl.{kind}_id JOIN provider p ON p.id = sl.provider_id
     WHERE sl.snapshot_id = :snapshot
"""

OFFERS_OF_LIST = f"""
    SELECT k.model_id, o.digest, {_VALUES}
      FROM price_list_offer lo CROSS JOIN offer o ON o.id = lo.offer_id CROSS JOIN offered k ON k.id = lo.offered_id
     WHERE lo.price_list_id = :list
"""

DIGESTS_OF_LIST = """
    SELECT k.model_id, o.digest, o.id
      FROM price_list_offer lo CROSS JOIN offer o ON o.id = lo.offer_id CROSS JOIN offered k ON k.id = lo.offered_id
     WHERE lo.price_list_id = :list
"""

MODELS_OF_LISTS = """
    SELECT lo.price_list_id, k.model_id
      FROM json_each(:lists) l CROSS JOIN price_list_offer lo ON lo.price_list_id = l.value
     CROSS JOIN offered k ON k.id = lo.offered_id
"""

OFFERS = f"""
    SELECT o.id, o.digest, {_VALUES} FROM json_each(:numbers) n CROSS JOIN offer o ON o.id = n.value
"""

# The columns that two offers must have in common, and known, to be called the same.
RENAME_VALUES = """
    SELECT o.id, o.input, o.output, o.context, o.release_date
      FROM json_each(:numbers) n CROSS JOIN offer o ON o.id = n.value
"""

MODELS_OF_LISTING = """
    SELECT k.model_id FROM listing_model lm CROSS JOIN offered k ON k.id = lm.offered_id WHERE lm.listing_id = :list
"""

KEY = """
    SELECT k.id, k.provider_id FROM offered k JOIN provider p ON p.id = k.provider_id
     WHERE p.name = :provider AND k.model_id = :model_id
"""

# Every offer's key that ever stood on a price list of a source; a listing has keys too.
KEYS = """
    SELECT p.name, k.model_id FROM offered k JOIN provider p ON p.id = k.provider_id
     WHERE k.id IN (
        SELECT lo.offered_id FROM price_list_offer lo
         WHERE lo.price_list_id IN (
            SELECT sp.price_list_id
              FROM snapshot s CROSS JOIN snapshot_price_list sp ON sp.snapshot_id = s.id
             WHERE s.source = :source))
"""

# The providers on whose price lists of a source a model ever stood: few lists are looked at for each.
OFFERING = """
    SELECT p.name FROM provider p CROSS JOIN offered k ON k.provider_id = p.id AND k.model_id = :model_id
     WHERE EXISTS (
        SELECT 1 FROM snapshot s
         CROSS JOIN snapshot_price_list sp ON sp.snapshot_id = s.id AND sp.provider_id = p.id
         CROSS JOIN price_list_offer lo ON lo.price_list_id = sp.price_list_id AND lo.offered_id = k.id
         WHERE s.source = :source)
"""

# Every id of every source, those of listings and of notices too.
EVERY_KEY = "SELECT p.name, k.model_id FROM offered k JOIN provider p ON p.id = k.provider_id"

# A provider's snapshots, oldest first, with the offer that its list has of one model; null where it has none.
POINTS = f"""
    SELECT {_SNAPSHOT}, lo.offer_id
      FROM snapshot s
      LEFT JOIN snapshot_price_list sp ON sp.snapshot_id = s.id AND sp.provider_id = :provider
      LEFT JOIN price_list_offer lo ON lo.price_list_id = sp.price_list_id AND lo.offered_id = :offered
     WHERE s.source = :source AND s.taken_at <= :until
       AND EXISTS (SELECT 1 FROM snapshot_price_list k WHERE k.snapshot_id = s.id)
     ORDER BY s.taken_at
"""

# -- two witnesses

NEWEST = """
    SELECT s.id, s.taken_at FROM snapshot s
     WHERE s.source = :source AND s.taken_at <= :until
       AND EXISTS (SELECT 1 FROM snapshot_price_list k WHERE k.snapshot_id = s.id)
     ORDER BY s.taken_at DESC LIMIT 1
"""

# The offers that a snapshot has of some models: all, or only those with a last day.
NUMBERS_IN = """
    SELECT p.name, k.model_id, lo.offer_id
      FROM json_each(:wanted) w CROSS JOIN provider p ON p.name = json_extract(w.value, '$[0]')
     CROSS JOIN offered k ON k.provider_id = p.id AND k.model_id = json_extract(w.value, '$[1]')
     CROSS JOIN snapshot_price_list sp ON sp.snapshot_id = :snapshot AND sp.provider_id = p.id
     CROSS JOIN price_list_offer lo ON lo.price_list_id = sp.price_list_id AND lo.offered_id = k.id
     CROSS JOIN offer o ON o.id = lo.offer_id
     WHERE NOT :ending OR o.retires_on IS NOT NULL
"""

# The prices of each offer that two snapshots have.
BOTH_PRICES = f"""
    SELECT p.name, k.model_id, {", ".join(f"{one}.{name}" for one in ("a", "b") for name in NUMBERS)}
      FROM snapshot_price_list sa
      JOIN snapshot_price_list sb ON sb.provider_id = sa.provider_id AND sb.snapshot_id = :other
      JOIN price_list_offer la ON la.price_list_id = sa.price_list_id
      JOIN price_list_offer lb ON lb.price_list_id = sb.price_list_id AND lb.offered_id = la.offered_id
      JOIN offer a ON a.id = la.offer_id
      JOIN offer b ON b.id = lb.offer_id
      JOIN offered k ON k.id = la.offered_id
      JOIN provider p ON p.id = k.provider_id
     WHERE sa.snapshot_id = :one
"""

# -- many offers over time

KEYS_OF = """
    SELECT p.name, k.id, k.model_id
      FROM json_each(:wanted) w CROSS JOIN provider p ON p.name = json_extract(w.value, '$[0]')
     CROSS JOIN offered k ON k.provider_id = p.id AND k.model_id = json_extract(w.value, '$[1]')
     ORDER BY p.name, k.model_id
"""

OFFERS_OF_LISTS = """
    SELECT l.value, k.value, lo.offer_id
      FROM json_each(:lists) l CROSS JOIN json_each(:offered) k
     CROSS JOIN price_list_offer lo ON lo.price_list_id = l.value AND lo.offered_id = k.value
"""

LISTINGS_OVER_TIME = f"""
    SELECT {_SNAPSHOT}, p.name, l.id, l.digest
      FROM snapshot s JOIN snapshot_listing sl ON sl.snapshot_id = s.id
      JOIN listing l ON l.id = sl.listing_id JOIN provider p ON p.id = sl.provider_id
     WHERE s.source = :source AND s.taken_at <= :until ORDER BY p.name, s.taken_at
"""

MATCHES = """
    SELECT p.name, k.model_id, m.arena_model
      FROM arena_match m JOIN offered k ON k.id = m.offered_id JOIN provider p ON p.id = k.provider_id
"""

# -- lives

# The price lists of a source, each with the last moment at which it held.
_LISTS = """
    list AS (
        SELECT sp.provider_id, sp.price_list_id AS id, max(s.taken_at) AS last
          FROM snapshot s CROSS JOIN snapshot_price_list sp ON sp.snapshot_id = s.id
         WHERE s.source = :source AND s.taken_at <= :until GROUP BY sp.price_list_id)
"""
_SAID = """
    SELECT p.name, k.model_id, n.last, o.id,
           coalesce(o.status, o.retires_on, o.retires_earliest, o.replacement) IS NOT NULL,
           o.retires_on, o.release_date
      FROM newest n CROSS JOIN offered k ON k.id = n.offered_id CROSS JOIN provider p ON p.id = k.provider_id
      CROSS JOIN offer o ON o.id = n.offer_id
"""

# Every offer that a source ever listed, with the newest one of each and the last moment at which it stood so. Most are
# on the newest lists: only for the others are all lists looked through.
LAST_SAID = f"""
    WITH {_LISTS},
    now AS (
        SELECT lo.offered_id, lo.offer_id, l.last FROM list l CROSS JOIN price_list_offer lo ON lo.price_list_id = l.id
         WHERE l.last = (SELECT max(last) FROM list)),
    newest AS (
        SELECT * FROM now UNION ALL
        SELECT lo.offered_id, lo.offer_id, max(l.last) AS last
          FROM list l CROSS JOIN price_list_offer lo ON lo.price_list_id = l.id
         WHERE lo.offered_id NOT IN (SELECT offered_id FROM now) GROUP BY lo.offered_id)
    {_SAID}
"""

# The same of some offers alone. Those that the newest snapshot lacks are looked up on all lists of their providers.
LAST_SAID_OF = f"""
    WITH asked AS MATERIALIZED (
        SELECT k.id, k.provider_id FROM json_each(:offered) j CROSS JOIN offered k ON k.id = j.value),
    now AS MATERIALIZED (
        SELECT a.id AS offered_id, lo.offer_id, s.taken_at AS last FROM ({NEWEST}) s CROSS JOIN asked a
         CROSS JOIN snapshot_price_list sp ON sp.snapshot_id = s.id AND sp.provider_id = a.provider_id
         CROSS JOIN price_list_offer lo ON lo.price_list_id = sp.price_list_id AND lo.offered_id = a.id),
    gone AS MATERIALIZED (SELECT * FROM asked WHERE id NOT IN (SELECT offered_id FROM now)),
    list AS MATERIALIZED (
        SELECT sp.provider_id, sp.price_list_id AS id, max(s.taken_at) AS last
          FROM (SELECT DISTINCT provider_id FROM gone) p CROSS JOIN snapshot s
         CROSS JOIN snapshot_price_list sp ON sp.snapshot_id = s.id AND sp.provider_id = p.provider_id
         WHERE s.source = :source AND s.taken_at <= :until GROUP BY sp.price_list_id),
    newest AS (
        SELECT * FROM now UNION ALL
        SELECT lo.offered_id, lo.offer_id, max(l.last) AS last FROM gone g
         CROSS JOIN list l ON l.provider_id = g.provider_id
         CROSS JOIN price_list_offer lo ON lo.price_list_id = l.id AND lo.offered_id = g.id GROUP BY g.id)
    {_SAID}
"""

# The offers of which a source ever named a last day between two days.
ENDING = """
    SELECT p.name, k.id, k.model_id FROM offered k JOIN provider p ON p.id = k.provider_id
     WHERE k.id IN (SELECT offered_id FROM offer WHERE retires_on BETWEEN :first AND :last)
"""

# The offers, and the days, of which a source ever said that they came out on one of some days of any year.
BORN_ON = """
    SELECT DISTINCT offered_id, substr(release_date, 6) FROM offer
     WHERE substr(release_date, 6) IN (SELECT value FROM json_each(:days))
"""

ALL_OFFERED = "SELECT id, model_id FROM offered"

# The moments of a source's snapshots, and the last days that one of them names of a provider's models.
MOMENTS_OF = "SELECT taken_at FROM snapshot WHERE source = :source AND taken_at <= :until ORDER BY taken_at"

LAST_DAYS_AT = """
    SELECT k.model_id, o.retires_on
      FROM snapshot s CROSS JOIN provider p CROSS JOIN snapshot_price_list sp
        ON sp.snapshot_id = s.id AND sp.provider_id = p.id
     CROSS JOIN price_list_offer lo ON lo.price_list_id = sp.price_list_id
     CROSS JOIN offered k ON k.id = lo.offered_id CROSS JOIN offer o ON o.id = lo.offer_id
     WHERE s.source = :source AND s.taken_at = :at AND p.name = :provider AND o.retires_on IS NOT NULL
"""

LISTINGS = """
    SELECT p.name, s.taken_at, sl.listing_id
      FROM snapshot s CROSS JOIN snapshot_listing sl ON sl.snapshot_id = s.id
     CROSS JOIN provider p ON p.id = sl.provider_id
     WHERE s.taken_at <= :until ORDER BY s.taken_at
"""

LISTINGS_OF = LISTINGS.replace(
    "s.taken_at <= :until", "s.taken_at <= :until AND p.name IN (SELECT value FROM json_each(:providers))"
)

IDS_OF_LISTINGS = """
    SELECT k.id, k.model_id FROM offered k WHERE k.id IN (SELECT offered_id FROM listing_model)
"""

# -- prices of many offers over time

LISTS_OVER_TIME = """
    SELECT p.name, s.id, s.taken_at, sp.price_list_id
      FROM json_each(:providers) j CROSS JOIN provider p ON p.name = j.value
     CROSS JOIN snapshot s
     CROSS JOIN snapshot_price_list sp ON sp.snapshot_id = s.id AND sp.provider_id = p.id
     WHERE s.source = :source AND s.taken_at <= :until
"""

OFFERED_OF_LISTS = """
    SELECT l.value, k.model_id, lo.offer_id
      FROM json_each(:models) m
     CROSS JOIN offered k ON k.provider_id = (SELECT id FROM provider WHERE name = :provider) AND k.model_id = m.value
     CROSS JOIN json_each(:lists) l
     CROSS JOIN price_list_offer lo ON lo.price_list_id = l.value AND lo.offered_id = k.id
"""

QUOTES = f"""
    SELECT o.id, o.release_date, o.open_weights, {", ".join(f"o.{name}" for name in NUMBERS)}
      FROM json_each(:numbers) n CROSS JOIN offer o ON o.id = n.value
"""

# -- writing

SNAPSHOT = "SELECT id, revision FROM snapshot WHERE source = ? AND taken_at = ?"
REVISIONS = "SELECT taken_at, revision FROM snapshot WHERE source = ? AND revision IS NOT NULL"
OF_REVISION = "SELECT id FROM snapshot WHERE source = ? AND revision = ? ORDER BY taken_at DESC LIMIT 1"
ADD_SNAPSHOT = "INSERT INTO snapshot (id, taken_at, source, revision) VALUES (?, ?, ?, ?)"
COPY_LISTS = """
    INSERT INTO snapshot_price_list (snapshot_id, provider_id, price_list_id)
    SELECT ?, provider_id, price_list_id FROM snapshot_price_list WHERE snapshot_id = ?
"""
ADD_PROVIDER = "INSERT INTO provider (name) VALUES (?)"
ADD_OFFERED = "INSERT INTO offered (id, provider_id, model_id) VALUES (?, ?, ?)"
ADD_OFFER = f"INSERT INTO offer (id, offered_id, digest, {', '.join(COLUMNS)}) VALUES (?, ?, ?{', ?' * len(COLUMNS)})"
ADD_TO_LIST = "INSERT INTO price_list_offer (price_list_id, offered_id, offer_id) VALUES (?, ?, ?)"
ADD_TO_LISTING = "INSERT INTO listing_model (listing_id, offered_id) VALUES (?, ?)"
ADD_LIST = "INSERT INTO {kind} (provider_id, digest) VALUES (?, ?)"
ADD_LIST_OF_SNAPSHOT = "INSERT INTO snapshot_{kind} (snapshot_id, provider_id, {kind}_id) VALUES (?, ?, ?)"
LIST_ID = "SELECT id FROM {kind} WHERE digest = ?"
MATCH = """
    INSERT INTO arena_match (offered_id, arena_model) VALUES (?, ?)
        ON CONFLICT (offered_id) DO UPDATE SET arena_model = excluded.arena_model
     WHERE arena_model <> excluded.arena_model
"""


@cache
def offer_ids(number: int) -> str:
    """Return the statement that finds the digests and row ids of stored offers by this number of digests."""
    return f"SELECT digest, id FROM offer WHERE digest IN ({', '.join('?' * number)})"


@cache
def changed_in(fields: tuple[str, ...]) -> str:
    """Return the statement that finds which of some pairs of offers differ in one of these columns."""
    differs = " OR ".join(f"a.{name} IS NOT b.{name}" for name in COLUMNS if name in fields)
    return f"""
        SELECT a.id FROM json_each(:pairs) n CROSS JOIN offer a ON a.id = json_extract(n.value, '$[0]')
         CROSS JOIN offer b ON b.id = json_extract(n.value, '$[1]') WHERE {differs}
    """


@cache
def for_kind(statement: str, kind: Kind) -> str:
    """Return a statement for price lists or for listings."""
    return statement.replace("{kind}", kind)
