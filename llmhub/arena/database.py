"""The store's file, arena.db: its mark, the revisions of its schema, and what to do when it cannot be used."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from llmhub import settings
from llmhub.storage.connections import Database
from llmhub.storage.schema import Schema
from llmhub.storage.sessions import Session
from llmhub.storage.sqlite_errors import Remedies

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

REVISIONS = ("0001", "0002", "0003", "0004")
"""The schema revisions that this program knows, oldest first; the last one is the current schema."""

SCHEMA = Schema(
    program="llmhub",
    application_id=0x6C6C6D68,  # "llmh"
    revisions=REVISIONS,
    # Every statement of llmhub.arena.sql.statements fits the tables of each.
    readable=frozenset(REVISIONS),
    migrations=settings.migrations_dir,
    remedies=Remedies(
        damaged="run `llmhub arena repair`, restore it from a copy, or move it away to start a new store",
        dangling="`llmhub arena verify` says which, `llmhub arena repair` saves what still holds",
        elsewhere="set LLMHUB_ARENA_CACHE_DIR",
    ),
)

database = Database(SCHEMA)
"""What opens arena.db."""


@contextmanager
def reading_store() -> Iterator[sqlite3.Connection | None]:
    """Give a connection to the user's store inside a read transaction; None if there is no store yet.

    `SnapshotStore.open()` and `reading()` do the same; this imports nothing of boards, which takes a while.

    Raises:
        StoreError: the store cannot be read; see its children.
        SettingsError: the user has no home folder, or a variable's value is not valid.
    """
    session = Session(database, settings.arena_db())
    try:
        with session.reading() as connection:
            yield connection
    finally:
        session.close()
