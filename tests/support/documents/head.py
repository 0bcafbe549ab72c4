"""Write head.sql: the statements that make a new store, which takes a tenth of the time of running all migrations."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from llmhub.arena.database import SCHEMA
from llmhub.storage.engine import writing_connection
from llmhub.storage.upgrading import HEAD, STATEMENT_SEPARATOR, _migrate, head_begins

PATH = SCHEMA.migrations() / HEAD


def migrated(path: Path) -> None:
    """Make a store by running every migration."""
    path.touch()
    with writing_connection(path) as transaction, transaction.begin():
        _migrate(SCHEMA, transaction, path)


def head() -> str:
    """Return the content that head.sql must have to fit the migrations."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "arena.db"
        migrated(path)
        with closing(sqlite3.connect(path)) as connection:
            # Leave out what SQLite makes itself: indexes without a statement, and tables called sqlite_...
            made = connection.execute(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY rowid"
            ).fetchall()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
    statements = [sql for (sql,) in made]
    statements.append(f"INSERT INTO alembic_version VALUES ('{SCHEMA.current}')")
    statements.append(f"PRAGMA user_version = {version}")
    return f"{head_begins(SCHEMA.current)}{STATEMENT_SEPARATOR.join(statements)}\n"
