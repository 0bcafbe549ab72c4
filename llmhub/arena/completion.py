"""Lists names in the store for shell completion: answers at once or returns nothing, and never raises."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Any, Literal

from llmhub import settings
from llmhub.arena.database import SCHEMA
from llmhub.arena.sql import statements
from llmhub.errors import LlmhubError
from llmhub.storage import sqlite_file

Kind = Literal["model", "leaderboard", "category", "organization"]

_LONGEST_WAIT_SECONDS = 0.05
_STATEMENTS: Mapping[Kind, str] = {
    "model": statements.MODEL_NAMES,
    "leaderboard": statements.LEADERBOARD_NAMES,
    "category": statements.CATEGORY_NAMES,
    "organization": statements.ORGANIZATION_NAMES,
}


def names_like(kind: Kind, text: str, *, leaderboard: str | None = None, most: int) -> list[str]:
    """Return the names in the store that begin with a text, or, if none does, those that contain it.

    The case of ASCII letters does not matter.

    Args:
        kind: what kind of names.
        text: what the user typed.
        leaderboard: for categories: only those of this leaderboard.
        most: return at most so many, in the order of the names.

    Returns:
        The names; none if there is no store, or it cannot be read at once.
    """
    literal = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    for pattern in (f"{literal}%", f"%{literal}%"):
        values = {"pattern": pattern, "leaderboard": leaderboard, "limit": most}
        if found := _rows(_STATEMENTS[kind], values):
            return [name for (name,) in found]
    return []


def newest_snapshots(most: int) -> list[tuple[int, str, str]]:
    """Return id, moment (UTC, as text) and source of the newest snapshots; none if they cannot be read."""
    return _rows(statements.NEWEST_IDS, {"limit": most})


def _rows(statement: str, values: Mapping[str, object]) -> list[Any]:
    try:
        path = settings.arena_db()
        if not sqlite_file.exists(path):
            return []
        with closing(sqlite_file.connect(path, "ro", seconds=_LONGEST_WAIT_SECONDS)) as connection:
            if connection.execute("PRAGMA application_id").fetchone() != (SCHEMA.application_id,):
                return []
            return connection.execute(statement, values).fetchall()
    except (sqlite3.Error, OSError, RuntimeError, LlmhubError):
        # Damaged, locked, of another version, unreadable, or in a home that does not exist: the command itself
        # reports it.
        return []
