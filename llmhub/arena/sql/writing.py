"""The only way to write snapshots of boards: validates and commits each one, wherever it comes from."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from llmhub.arena.boards import Board, Leaderboard, ModelFactsAsOf, Snapshot
from llmhub.arena.database import database
from llmhub.arena.rules import NAME_RULE, Rules, is_name, moment_of
from llmhub.arena.sources import SOURCES, Source
from llmhub.arena.sql import statements
from llmhub.arena.sql.reading import snapshot_of
from llmhub.errors import InvalidScoreError
from llmhub.storage import moments

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
        checked = {name: self._rules.checked(name, given) for name, given in leaderboards.items()}
        if not checked:
            raise InvalidScoreError("a snapshot needs at least one leaderboard")
        return self._add(checked, _Identity(taken_at, source, revision, script))

    def add_claimed(
        self,
        leaderboards: Mapping[str, Leaderboard],
        claimed: Mapping[str, Mapping[str, bytes]],
        *,
        taken_at: datetime,
        source: str,
        revision: str | None = None,
        script: str | None = None,
    ) -> tuple[Snapshot, bool]:
        """Do what `add_reporting` does with another store's snapshot, whose rows must have the digests that it claims.

        Args:
            leaderboards: those of `claimed`, without the boards that this store has.
            claimed: the digests of all their boards.
            taken_at: see `BoardStore.add`, likewise below.
            source: see there.
            revision: see there.
            script: see there.

        Raises:
            UnprovenError: a board does not have its digest.
            InvalidScoreError: a name, a score or a date breaks a rule.
            SnapshotConflictError: the snapshot is there with different boards of the same leaderboard.
            StoreError: the store could not be written.
        """
        checked = {}
        for name, given in leaderboards.items():
            if not claimed.get(name):
                raise InvalidScoreError(f"leaderboard {name} has no board")
            for category in claimed[name]:
                self._rules.require_name(category, f"{name}: category")
            self._rules.require_name(name, "leaderboard")
            checked[name] = self._rules.checked(name, given) if given.boards else given
        if not checked:
            raise InvalidScoreError("a snapshot needs at least one leaderboard")
        return self._add(checked, _Identity(taken_at, source, revision, script), claimed)

    def merge_facts(self, facts: Iterable[ModelFactsAsOf]) -> None:
        """Take over what another store knows of models that are here; known never yields to unknown, nor new to old.

        Raises:
            InvalidScoreError: a fact is not valid.
            StoreError: the store could not be written.
        """
        known = list(facts)
        for each in known:
            for what, text in (("organization", each.organization), ("license", each.license)):
                if text is not None:
                    self._rules.require_name(text, f"model {each.name}: {what}")
        if known:
            from llmhub.arena.sql.inserting import merge_facts

            with database.translated(self.path), self._begun() as connection:
                merge_facts(connection, known)

    def _add(
        self,
        checked: Mapping[str, Leaderboard],
        identity: _Identity,
        claimed: Mapping[str, Mapping[str, bytes]] | None = None,
    ) -> tuple[Snapshot, bool]:
        source, revision, script = identity.source, identity.revision, identity.script
        taken_at = moment_of(identity.taken_at)
        if source not in SOURCES:
            raise InvalidScoreError(f"source {source!r} is not one of {', '.join(SOURCES)}")
        for what, text in (("revision", revision), ("script", script)):
            if text is not None and not is_name(text):
                raise InvalidScoreError(f"{what} is {text!r}, expected {NAME_RULE}, or None")
        from llmhub.arena.sql.inserting import ingest  # imports sqlmodel, which readers never pay for

        # The writer can be used after an error, so errors are translated here and not where the file is closed.
        with database.translated(self.path), self._begun() as connection:
            _, changed = ingest(
                connection,
                checked,
                source=source,
                taken_at=taken_at,
                revision=revision,
                script=script,
                claimed=claimed,
            )
            # Read before the commit, so that damage found here rolls everything back.
            asked = {"taken_at": moments.to_sql(taken_at), "source": source}
            snapshot = snapshot_of(tuple(connection.exec_driver_sql(statements.SNAPSHOT_BY_IDENTITY, asked).one()))
        rows = sum(len(board) for leaderboard in checked.values() for board in leaderboard.boards.values())
        known = "new" if changed else "known already"
        _log.info("%s: %d rows of %s at %s, %s", self.path, rows, source, taken_at, known)
        return snapshot, changed

    def _begun(self) -> AbstractContextManager[Connection]:
        """Begin a transaction, on a file that is opened for the first one."""
        if self._transaction is None:
            self._transaction = self._transactions()
        return self._transaction()


class _Identity(NamedTuple):
    taken_at: datetime
    source: str
    revision: str | None
    script: str | None


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
