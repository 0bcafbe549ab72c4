"""Stores with the schemas of earlier versions, and with rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from llmhub import settings
from llmhub.arena import SnapshotStore
from llmhub.arena.database import SCHEMA
from tests.support.made_up.boards import DAY, NOW, TABLES, board, many


def make_old(path: Path, revision: str = "0001", *, models: int = 40) -> None:
    """Make a store of a schema revision that holds three snapshots, two of them with the same boards."""
    current = path.with_name("current.db")
    with SnapshotStore.open(current) as store:
        store.add(many(models), taken_at=NOW - 2 * DAY)
        store.add(many(models), taken_at=NOW - DAY)
        store.add(many(models, shift=1.0) | {"vision": {"ocr": board(a=1200.0)}}, taken_at=NOW, source="dataset")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(settings.migrations_dir()))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.exec_driver_sql(f"PRAGMA application_id = {SCHEMA.application_id}")
    engine.dispose()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection_:
        connection_.execute("ATTACH ? AS current", (str(current),))
        for table in TABLES:
            columns = [name for _, name, *_ in connection_.execute(f"PRAGMA main.table_info({table})")]
            listed = ", ".join(columns)
            connection_.execute(f"INSERT INTO main.{table} ({listed}) SELECT {listed} FROM current.{table}")
    current.unlink()
    path.chmod(0o600)
