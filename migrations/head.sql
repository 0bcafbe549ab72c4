-- schema 0004, written by `python -m tests.documents`
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE snapshot (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	taken_at DATETIME NOT NULL, 
	source VARCHAR NOT NULL, 
	revision VARCHAR, 
	script VARCHAR, 
	UNIQUE (taken_at, source)
);

CREATE TABLE ranking (
	id INTEGER NOT NULL, 
	leaderboard VARCHAR NOT NULL, 
	category VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (leaderboard, category)
);

CREATE TABLE board (
	id INTEGER NOT NULL, 
	ranking_id INTEGER NOT NULL, 
	digest BLOB NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(ranking_id) REFERENCES ranking (id), 
	UNIQUE (digest), 
	UNIQUE (id, ranking_id)
);

CREATE TABLE snapshot_leaderboard (
	snapshot_id INTEGER NOT NULL, 
	leaderboard VARCHAR NOT NULL, 
	published_on DATE, 
	PRIMARY KEY (snapshot_id, leaderboard), 
	FOREIGN KEY(snapshot_id) REFERENCES snapshot (id)
)
 WITHOUT ROWID

;

CREATE TABLE snapshot_board (
	snapshot_id INTEGER NOT NULL, 
	ranking_id INTEGER NOT NULL, 
	board_id INTEGER NOT NULL, 
	PRIMARY KEY (snapshot_id, ranking_id), 
	FOREIGN KEY(snapshot_id) REFERENCES snapshot (id), 
	FOREIGN KEY(ranking_id) REFERENCES ranking (id), 
	FOREIGN KEY(board_id, ranking_id) REFERENCES board (id, ranking_id)
)
 WITHOUT ROWID

;

CREATE TABLE model (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	organization VARCHAR, 
	organization_as_of DATETIME, 
	license VARCHAR, 
	license_as_of DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);

CREATE TABLE score (
	board_id INTEGER NOT NULL, 
	model_id INTEGER NOT NULL, 
	rating FLOAT NOT NULL, 
	lower FLOAT, 
	upper FLOAT, 
	votes INTEGER, 
	PRIMARY KEY (board_id, model_id), 
	FOREIGN KEY(board_id) REFERENCES board (id), 
	FOREIGN KEY(model_id) REFERENCES model (id), 
	CONSTRAINT interval CHECK (lower <= rating AND rating <= upper)
)
 WITHOUT ROWID

;

CREATE VIEW snapshot_summary AS
SELECT s.id,
       substr(s.taken_at, 1, 10) || 'T'
           || substr(s.taken_at, 12, CASE WHEN s.taken_at LIKE '%.000000' THEN 8 ELSE 15 END) || 'Z' AS taken_at,
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
  FROM snapshot s;

CREATE TABLE provider (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);

CREATE TABLE offered (
	id INTEGER NOT NULL, 
	provider_id INTEGER NOT NULL, 
	model_id VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(provider_id) REFERENCES provider (id), 
	UNIQUE (provider_id, model_id)
);

CREATE TABLE offer (
	id INTEGER NOT NULL, 
	offered_id INTEGER NOT NULL, 
	digest BLOB NOT NULL, 
	input FLOAT, 
	output FLOAT, 
	reasoning FLOAT, 
	cache_read FLOAT, 
	cache_write FLOAT, 
	input_audio FLOAT, 
	output_audio FLOAT, 
	price_tiers VARCHAR, 
	context INTEGER, 
	max_input INTEGER, 
	max_output INTEGER, 
	input_modalities VARCHAR, 
	output_modalities VARCHAR, 
	supports_reasoning BOOLEAN, 
	supports_tool_call BOOLEAN, 
	supports_structured_output BOOLEAN, 
	attachments BOOLEAN, 
	open_weights BOOLEAN, 
	status VARCHAR, 
	knowledge VARCHAR, 
	release_date VARCHAR, 
	last_updated VARCHAR, 
	retires_on VARCHAR, 
	retires_earliest VARCHAR, 
	retires_source VARCHAR, 
	replacement VARCHAR, 
	name VARCHAR, 
	family VARCHAR, 
	type VARCHAR, 
	base_model VARCHAR, 
	PRIMARY KEY (id), 
	FOREIGN KEY(offered_id) REFERENCES offered (id), 
	UNIQUE (digest)
);

CREATE TABLE price_list (
	id INTEGER NOT NULL, 
	provider_id INTEGER NOT NULL, 
	digest BLOB NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(provider_id) REFERENCES provider (id), 
	UNIQUE (digest)
);

CREATE TABLE snapshot_price_list (
	snapshot_id INTEGER NOT NULL, 
	provider_id INTEGER NOT NULL, 
	price_list_id INTEGER NOT NULL, 
	PRIMARY KEY (snapshot_id, provider_id), 
	FOREIGN KEY(snapshot_id) REFERENCES snapshot (id), 
	FOREIGN KEY(provider_id) REFERENCES provider (id), 
	FOREIGN KEY(price_list_id) REFERENCES price_list (id)
)
 WITHOUT ROWID

;

CREATE TABLE listing (
	id INTEGER NOT NULL, 
	provider_id INTEGER NOT NULL, 
	digest BLOB NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(provider_id) REFERENCES provider (id), 
	UNIQUE (digest)
);

CREATE TABLE snapshot_listing (
	snapshot_id INTEGER NOT NULL, 
	provider_id INTEGER NOT NULL, 
	listing_id INTEGER NOT NULL, 
	PRIMARY KEY (snapshot_id, provider_id), 
	FOREIGN KEY(snapshot_id) REFERENCES snapshot (id), 
	FOREIGN KEY(provider_id) REFERENCES provider (id), 
	FOREIGN KEY(listing_id) REFERENCES listing (id)
)
 WITHOUT ROWID

;

CREATE TABLE price_list_offer (
	price_list_id INTEGER NOT NULL, 
	offered_id INTEGER NOT NULL, 
	offer_id INTEGER NOT NULL, 
	PRIMARY KEY (price_list_id, offered_id), 
	FOREIGN KEY(price_list_id) REFERENCES price_list (id), 
	FOREIGN KEY(offered_id) REFERENCES offered (id), 
	FOREIGN KEY(offer_id) REFERENCES offer (id)
)
 WITHOUT ROWID

;

CREATE TABLE listing_model (
	listing_id INTEGER NOT NULL, 
	offered_id INTEGER NOT NULL, 
	PRIMARY KEY (listing_id, offered_id), 
	FOREIGN KEY(listing_id) REFERENCES listing (id), 
	FOREIGN KEY(offered_id) REFERENCES offered (id)
)
 WITHOUT ROWID

;

CREATE TABLE arena_match (
	offered_id INTEGER NOT NULL, 
	arena_model VARCHAR NOT NULL, 
	PRIMARY KEY (offered_id), 
	FOREIGN KEY(offered_id) REFERENCES offered (id)
);

CREATE VIEW offer_latest AS
SELECT p.name || '/' || k.model_id AS model, p.name AS provider, k.model_id,
       o.input, o.output, o.reasoning, o.cache_read, o.cache_write, o.input_audio, o.output_audio, o.price_tiers, o.context, o.max_input, o.max_output, o.input_modalities, o.output_modalities, o.supports_reasoning, o.supports_tool_call, o.supports_structured_output, o.attachments, o.open_weights, o.status, o.knowledge, o.release_date, o.last_updated, o.retires_on, o.retires_earliest, o.retires_source, o.replacement, o.name, o.family, o.type, o.base_model,
       substr(s.taken_at, 1, 10) || 'T'
           || substr(s.taken_at, 12, CASE WHEN s.taken_at LIKE '%.000000' THEN 8 ELSE 15 END) || 'Z' AS taken_at, s.id AS snapshot, s.source
  FROM snapshot s
 CROSS JOIN snapshot_price_list sp ON sp.snapshot_id = s.id
 CROSS JOIN provider p ON p.id = sp.provider_id
 CROSS JOIN price_list_offer lo ON lo.price_list_id = sp.price_list_id
 CROSS JOIN offered k ON k.id = lo.offered_id
 CROSS JOIN offer o ON o.id = lo.offer_id
 WHERE s.id = coalesce((SELECT n.id FROM snapshot n WHERE n.source = 'models.dev' AND n.taken_at <= strftime('%Y-%m-%d %H:%M:%f000', 'now') 
            AND EXISTS (SELECT 1 FROM snapshot_price_list np WHERE np.snapshot_id = n.id)
          ORDER BY n.taken_at DESC LIMIT 1), (SELECT n.id FROM snapshot n WHERE n.source = 'models.dev' 
            AND EXISTS (SELECT 1 FROM snapshot_price_list np WHERE np.snapshot_id = n.id)
          ORDER BY n.taken_at DESC LIMIT 1));

CREATE VIEW offer_history AS
SELECT p.name || '/' || k.model_id AS model, p.name AS provider, k.model_id,
       substr(s.taken_at, 1, 10) || 'T'
           || substr(s.taken_at, 12, CASE WHEN s.taken_at LIKE '%.000000' THEN 8 ELSE 15 END) || 'Z' AS taken_at, s.source,
       o.input, o.output, o.reasoning, o.cache_read, o.cache_write, o.input_audio, o.output_audio, o.price_tiers, o.context, o.max_input, o.max_output, o.input_modalities, o.output_modalities, o.supports_reasoning, o.supports_tool_call, o.supports_structured_output, o.attachments, o.open_weights, o.status, o.knowledge, o.release_date, o.last_updated, o.retires_on, o.retires_earliest, o.retires_source, o.replacement, o.name, o.family, o.type, o.base_model,
       s.id AS snapshot
  FROM provider p
 CROSS JOIN offered k ON k.provider_id = p.id
 CROSS JOIN snapshot s
 CROSS JOIN snapshot_price_list sp ON sp.snapshot_id = s.id AND sp.provider_id = p.id
 CROSS JOIN price_list_offer lo ON lo.price_list_id = sp.price_list_id AND lo.offered_id = k.id
 CROSS JOIN offer o ON o.id = lo.offer_id;

CREATE TABLE remote (
	address VARCHAR NOT NULL, 
	remote_id VARCHAR NOT NULL, 
	position VARCHAR NOT NULL, 
	pulled_at DATETIME NOT NULL, 
	PRIMARY KEY (address)
);

CREATE VIEW leaderboard_latest AS
SELECT r.leaderboard, r.category,
       1 + (SELECT count(*) FROM score o WHERE o.board_id = sb.board_id AND o.rating > c.rating) AS rank,
       CASE WHEN c.upper IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM score o
                              WHERE o.board_id = sb.board_id AND o.lower IS NULL AND o.rating > c.upper)
            THEN 1 + (SELECT count(*) FROM score o WHERE o.board_id = sb.board_id AND o.lower > c.upper)
        END AS rank_ub,
       m.name AS model, m.organization, m.license, c.rating, c.lower, c.upper, c.votes,
       substr(s.taken_at, 1, 10) || 'T'
           || substr(s.taken_at, 12, CASE WHEN s.taken_at LIKE '%.000000' THEN 8 ELSE 15 END) || 'Z' AS taken_at,
       (SELECT l.published_on FROM snapshot_leaderboard l
         WHERE l.snapshot_id = s.id AND l.leaderboard = r.leaderboard) AS published_on,
       s.id AS snapshot, s.source
  FROM ranking r
 CROSS JOIN snapshot s ON s.id = coalesce(
       (SELECT n.id FROM snapshot n CROSS JOIN snapshot_board nb ON nb.snapshot_id = n.id AND nb.ranking_id = r.id
         WHERE n.taken_at <= strftime('%Y-%m-%d %H:%M:%f000', 'now') ORDER BY n.taken_at DESC, CASE n.source WHEN 'script' THEN 0 WHEN 'dataset' THEN 1 WHEN 'arena-catalog' THEN 2 ELSE 3 END LIMIT 1),
       (SELECT n.id FROM snapshot n CROSS JOIN snapshot_board nb ON nb.snapshot_id = n.id AND nb.ranking_id = r.id
         ORDER BY n.taken_at DESC, CASE n.source WHEN 'script' THEN 0 WHEN 'dataset' THEN 1 WHEN 'arena-catalog' THEN 2 ELSE 3 END LIMIT 1))
 CROSS JOIN snapshot_board sb ON sb.snapshot_id = s.id AND sb.ranking_id = r.id
 CROSS JOIN score c ON c.board_id = sb.board_id
  JOIN model m ON m.id = c.model_id;

CREATE VIEW rating_history AS
SELECT r.leaderboard, r.category, m.name AS model,
       substr(s.taken_at, 1, 10) || 'T'
           || substr(s.taken_at, 12, CASE WHEN s.taken_at LIKE '%.000000' THEN 8 ELSE 15 END) || 'Z' AS taken_at,
       s.source, c.rating, c.lower, c.upper,
       1 + (SELECT count(*) FROM score o WHERE o.board_id = sb.board_id AND o.rating > c.rating) AS rank,
       c.votes, s.id AS snapshot
  FROM ranking r
 CROSS JOIN snapshot s
 CROSS JOIN snapshot_board sb ON sb.snapshot_id = s.id AND sb.ranking_id = r.id
 CROSS JOIN score c ON c.board_id = sb.board_id
  JOIN model m ON m.id = c.model_id
 WHERE NOT EXISTS (SELECT 1 FROM snapshot n JOIN snapshot_board nb ON nb.snapshot_id = n.id AND nb.ranking_id = r.id
                    WHERE n.taken_at = s.taken_at AND CASE n.source WHEN 'script' THEN 0 WHEN 'dataset' THEN 1 WHEN 'arena-catalog' THEN 2 ELSE 3 END < CASE s.source WHEN 'script' THEN 0 WHEN 'dataset' THEN 1 WHEN 'arena-catalog' THEN 2 ELSE 3 END);

CREATE VIEW price_and_rating AS
SELECT l.model, l.provider, l.model_id, l.input, l.output, l.cache_read, l.cache_write, l.context, l.max_output,
       l.status, l.taken_at AS priced_at, a.arena_model, m.organization, c.rating, c.lower, c.upper, c.votes,
       substr(s.taken_at, 1, 10) || 'T'
           || substr(s.taken_at, 12, CASE WHEN s.taken_at LIKE '%.000000' THEN 8 ELSE 15 END) || 'Z' AS rated_at
  FROM offer_latest l
  LEFT JOIN provider p ON p.name = l.provider
  LEFT JOIN offered k ON k.provider_id = p.id AND k.model_id = l.model_id
  LEFT JOIN arena_match a ON a.offered_id = k.id
  LEFT JOIN model m ON m.name = a.arena_model
  LEFT JOIN snapshot s ON s.id = (SELECT b.snapshot_id FROM snapshot n CROSS JOIN snapshot_board b ON b.snapshot_id = n.id
         WHERE b.ranking_id = (SELECT id FROM ranking WHERE leaderboard = 'text' AND category = 'overall')
           AND n.taken_at <= substr(l.taken_at, 1, 10) || ' 23:59:59.999999'
         ORDER BY n.taken_at DESC, CASE n.source WHEN 'script' THEN 0 WHEN 'dataset' THEN 1 WHEN 'arena-catalog' THEN 2 ELSE 3 END LIMIT 1) AND m.id IS NOT NULL
  LEFT JOIN snapshot_board sb ON sb.snapshot_id = s.id
        AND sb.ranking_id = (SELECT id FROM ranking WHERE leaderboard = 'text' AND category = 'overall')
  LEFT JOIN score c ON c.board_id = sb.board_id AND c.model_id = m.id;

INSERT INTO alembic_version VALUES ('0004');

PRAGMA user_version = 3000
