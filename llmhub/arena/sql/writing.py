"""The only way to write snapshots of boards: validates and commits each one, wherever it comes from."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from llmhub.arena.boards import Board, Leaderboard, Snapshot
from llmhub.arena.database import database
from llmhub.arena.rules import NAME_RULE, Rules, is_name
from llmhub.arena.sources import SOURCES, Source
from llmhub.arena.sql import statements
from llmhub.arena.sql.reading import snapshot_of
from llmhub.errors import InvalidScoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection

Boards = Mapping[str, "Mapping[str, Board] | Leaderboard"]
"""The argument of a writer: leaderboard to category to model to score."""

_log = logging.getLogger(__name__)


class Writer:
    """Validates snapshots and commits each in its own transaction; opens the file for the first one."""

    def __init__(
        self, path: Path, transactions: Callable[[], Callable[[], AbstractContextManager[Connection]]]
    ) -> None:
        self.path = path
        self._transactions = transactions
        self._transaction: Callable[[], AbstractContextManager[Connection]] | None = None
        self._rules = Rules()

    def require_name(self, text: str, what: str) -> None:
        """Check a name before the snapshots that use it are read; see `Rules.require_name`."""
        self._rules.require_name(text, what)

    def add_reporting(
        self,
        leaderboards: Boards,
        *,
        taken_at: datetime,
        source: Source = "script",
        revision: str | None = None,
        script: str | None = None,
    ) -> tuple[Snapshot, bool]:
        """Do what `BoardStore.add` does, and also say whether anything was new."""
        taken_at = _moment(taken_at)
        if source not in SOURCES:
            raise InvalidScoreError(f"source {source!r} is not one of {', '.join(SOURCES)}")
        for what, text in (("revision", revision), ("script", script)):
            if text is not None and not is_name(text):
                raise InvalidScoreError(f"{what} is {text!r}, expected {NAME_RULE}, or None")
        checked = {name: self._rules.checked(name, given) for name, given in leaderboards.items()}
        if not checked:
            raise InvalidScoreError("a snapshot needs at least one leaderboard")
        from llmhub.arena.sql.inserting import ingest  # imports sqlmodel, which readers never pay for

        if self._transaction is None:
            self._transaction = self._transactions()
        # The writer can be used after an error, so errors are translated here and not where the file is closed.
        with database.translated(self.path), self._transaction() as connection:
            _, changed = ingest(connection, checked, source=source, taken_at=taken_at, revision=revision, script=script)
            # Read before the commit, so that damage found here rolls everything back.
            identity = {"taken_at": statements.to_sql(taken_at), "source": source}
            snapshot = snapshot_of(tuple(connection.exec_driver_sql(statements.SNAPSHOT_BY_IDENTITY, identity).one()))
        rows = sum(len(board) for leaderboard in checked.values() for board in leaderboard.boards.values())
        known = "new" if changed else "known already"
        _log.info("%s: %d rows of %s at %s, %s", self.path, rows, source, taken_at, known)
        return snapshot, changed


def _moment(taken_at: datetime) -> datetime:
    if taken_at.tzinfo is None:
        raise InvalidScoreError(f"taken_at {taken_at.isoformat()} has no timezone: give one, such as UTC")
    try:
        return taken_at.astimezone(UTC)
    except OverflowError:
        raise InvalidScoreError(f"taken_at {taken_at.isoformat()} is not a moment in UTC: give another") from None


def single_writer(path: Path) -> Writer:
    """Return a writer for a few snapshots: it opens the file for each."""
    return Writer(path, lambda: lambda: database.writing(path))


@contextmanager
def bulk_writer(path: Path) -> Iterator[Writer]:
    """Give a writer for many snapshots; the whole file is checked once, before the first of them.

    Raises:
        StoreUnusableError: the file is damaged; it was not touched.
        StoreError: see its children; the current snapshot was not stored, the ones before it were.
    """
    database.require_sound(path)
    with ExitStack() as opened:
        yield Writer(path, lambda: opened.enter_context(database.transactions(path)))
