"""What an import is measured against: as little as gets a dataset file's numbers into the store's tables.

    python bare_import.py full-00000-of-00001.parquet arena.db

The tables are there already. It reads with DuckDB and inserts with sqlite3's executemany, in one transaction; it checks
nothing, knows no organization, and makes up the digests.
"""

import os
import sqlite3
import sys

import duckdb


def main(file: str, store: str) -> None:
    """Import one file."""
    snapshots: dict[str, int] = {}
    rankings: dict[str, int] = {}
    boards: dict[tuple[str, str], int] = {}
    models: dict[str, int] = {}
    target = sqlite3.connect(store, isolation_level=None)
    target.execute("BEGIN")
    source = duckdb.connect()
    source.execute(
        "SELECT leaderboard_publish_date, category, model_name, rating, rating_lower, rating_upper, vote_count::BIGINT "
        "FROM read_parquet(?) ORDER BY leaderboard_publish_date, category",
        [file],
    )
    while rows := source.fetchmany(20_000):
        scores = []
        for day, category, name, *score in rows:
            board = boards.get((day, category))
            if board is None:
                board = boards[day, category] = len(boards) + 1
                if day not in snapshots:
                    snapshots[day] = len(snapshots) + 1
                    moment = f"{day} 00:00:00.000000"
                    target.execute(
                        "INSERT INTO snapshot VALUES (?, ?, 'dataset', NULL, NULL)", (snapshots[day], moment)
                    )
                    target.execute("INSERT INTO snapshot_leaderboard VALUES (?, 'text', ?)", (snapshots[day], day))
                if category not in rankings:
                    rankings[category] = len(rankings) + 1
                    target.execute("INSERT INTO ranking VALUES (?, 'text', ?)", (rankings[category], category))
                target.execute("INSERT INTO board VALUES (?, ?, ?)", (board, rankings[category], os.urandom(32)))
                target.execute(
                    "INSERT INTO snapshot_board VALUES (?, ?, ?)", (snapshots[day], rankings[category], board)
                )
            model = models.get(name)
            if model is None:
                model = models[name] = len(models) + 1
                target.execute("INSERT INTO model (id, name) VALUES (?, ?)", (model, name))
            scores.append((board, model, *score))
        target.executemany("INSERT INTO score VALUES (?, ?, ?, ?, ?, ?)", scores)
    target.execute("COMMIT")


if __name__ == "__main__":
    main(*sys.argv[1:])
