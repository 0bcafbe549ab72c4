"""BoardStore: the versioned store of leaderboards, as Python sees it; `llmhub.store` adds the prices.

Most processes ask for the newest board and nothing else. What only the other methods need is imported by them: all of
it takes as long as opening the store and reading a board.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

from llmhub import settings
from llmhub.arena.boards import OVERALL, TEXT, Entry, Leaderboard, ModelFacts, RankedEntry, Score, Snapshot, SnapshotRow
from llmhub.arena.compare.ranks import ranked
from llmhub.arena.database import database
from llmhub.arena.sources import Source
from llmhub.arena.sql import statements
from llmhub.arena.sql.newest import Found, find_ranking, nth_latest, require_ranking
from llmhub.arena.sql.proofs import PROOFS
from llmhub.arena.sql.reading import (
    entries_of,
    proven,
    require_digest,
    snapshot_of,
    snapshots_of,
    span,
)
from llmhub.arena.store_over_time import StoreOverTime
from llmhub.storage import moments
from llmhub.storage.sessions import Session

if TYPE_CHECKING:
    from llmhub.arena.compare.diff import BoardDiff
    from llmhub.arena.compare.equal_snapshots import EqualSnapshots
    from llmhub.arena.compare.movers import Movers
    from llmhub.arena.sql.writing import Boards, Writer


Comparison = TypeVar("Comparison")


class Counts(NamedTuple):
    """How many rows the store holds."""

    snapshots: int
    boards: int
    scores: int
    models: int


class BoardStore(StoreOverTime):
    """The snapshots of boards in one arena.db, newest first; a context manager.

    Reading never makes a file: a store that does not exist yet is empty, and `add` makes it. Every method that reads
    raises `StoreUnusableError` if the file is damaged, unreadable, newer than this program or not llmhub's, and does
    not touch it. Threads may share a store: they take turns at reading, and each `add` is a transaction of its own.

    The examples of the methods are of a `store` with two snapshots:

    Examples:
        >>> monday = {"made-up-a": Score(1400.0, 1390.0, 1410.0), "made-up-b": Score(1380.0)}
        >>> tuesday = {"made-up-a": Score(1403.0, 1393.0, 1413.0), "made-up-c": Score(1390.0)}
        >>> for day, board in ((5, monday), (6, tuesday)):
        ...     store.add({"text": {"overall": board}}, taken_at=datetime(2026, 1, day, tzinfo=UTC)).id
        1
        2
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._session = Session(database, path)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path}>"

    @classmethod
    def open(cls, path: str | os.PathLike[str] | None = None) -> Self:
        """Open the store at `path`, by default the user's own (LLMHUB_ARENA_CACHE_DIR).

        Raises:
            StoreUnusableError: see the class.
            PathError: the path's home folder, or the current folder that it is relative to, does not exist.
            SettingsError: no path was given, and the user has no home folder or a variable's value is not valid.
        """
        store = cls(settings.arena_db() if path is None else settings.absolute(path))
        store._session.open()
        return store

    def close(self) -> None:
        """Close the file; the store can go on being used, and opens it again."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- writing

    def add(
        self,
        leaderboards: Boards,
        *,
        taken_at: datetime,
        source: Source = "script",
        revision: str | None = None,
        script: str | None = None,
    ) -> Snapshot:
        """Store leaderboards as the snapshot (source, taken_at), in one transaction.

        If the snapshot exists, equal boards change nothing, and new leaderboards are added to it.

        Examples:
            >>> tuesday = {"made-up-a": Score(1403.0, 1393.0, 1413.0), "made-up-c": Score(1390.0)}
            >>> store.add({"text": {"overall": tuesday}}, taken_at=datetime(2026, 1, 6, tzinfo=UTC)).id
            2

        Args:
            leaderboards: leaderboard to category to model to `Score`; a `Leaderboard` instead of the categories
                also brings its publication date, and organization and licence of its models.
            taken_at: the moment the snapshot stands for, timezone-aware.
            source: where the boards come from.
            revision: the published dataset's revision, if known.
            script: which update script ran, for source `script`.

        Raises:
            InvalidScoreError: a score, name or moment breaks a rule, or there is no board at all.
            SnapshotConflictError: the snapshot exists with different boards of the same leaderboard.
            StoreError: the store could not be written; see its children.
        """
        snapshot, _ = self.add_reporting(
            leaderboards, taken_at=taken_at, source=source, revision=revision, script=script
        )
        return snapshot

    def add_reporting(
        self,
        leaderboards: Boards,
        *,
        taken_at: datetime,
        source: Source = "script",
        revision: str | None = None,
        script: str | None = None,
    ) -> tuple[Snapshot, bool]:
        """Do what `add` does, and also say whether anything was new."""
        from llmhub.arena.sql.writing import single_writer

        self.close()
        return single_writer(self.path).add_reporting(
            leaderboards, taken_at=taken_at, source=source, revision=revision, script=script
        )

    def bulk_writer(self) -> AbstractContextManager[Writer]:
        """Return a context manager whose `Writer` stores many snapshots faster than `add` does one by one.

        The whole file is checked for damage once, before the first of them. Each snapshot is its own transaction.

        Raises:
            StoreUnusableError: the file is damaged; it was not touched.
        """
        from llmhub.arena.sql.writing import bulk_writer

        self.close()
        return bulk_writer(self.path)

    # -- reading

    def latest(
        self, leaderboard: str = TEXT, category: str = OVERALL, *, now: datetime | None = None
    ) -> Snapshot | None:
        """Return the newest snapshot that has the board, None if there is none.

        One that is dated after `now` (default: the clock) counts only when there is no other.
        """
        with self.reading() as connection:
            if connection is None or (ranking := find_ranking(connection, leaderboard, category)) is None:
                return None
            found = nth_latest(connection, ranking, 0, _now(now))
            return found.snapshot if found else None

    def newest_run(self, *, now: datetime | None = None) -> Snapshot | None:
        """Return the newest snapshot of source `script` that is not dated after `now`; None if there is none."""
        with self.reading() as connection:
            asked = {"source": "script", "until": moments.to_sql(_now(now))}
            row = connection and connection.execute(statements.NEWEST_OF_SOURCE, asked).fetchone()
            return snapshot_of(row) if row else None

    def resolve(
        self, reference: str, leaderboard: str = TEXT, category: str = OVERALL, *, now: datetime | None = None
    ) -> Snapshot:
        """Return the snapshot that a reference names, of those that have the board.

        Examples:
            >>> store.resolve("latest~1").id, store.resolve("2026-01-05").id
            (1, 1)

        Raises:
            InvalidReferenceError: the text is not a reference.
            SnapshotNotFound: no snapshot answers it; the message says what exists.
            BoardNotFoundError: no snapshot has the board; the message says which boards there are.
        """
        with self.reading() as connection:
            return _resolve(connection, reference, leaderboard, category, _now(now)).snapshot

    def scores(
        self,
        reference: str = "latest",
        leaderboard: str = TEXT,
        category: str = OVERALL,
        *,
        now: datetime | None = None,
    ) -> dict[str, Score]:
        """Return a board, model to score, best first.

        Examples:
            >>> store.scores("latest~1")["made-up-b"]
            Score(rating=1380.0, lower=None, upper=None, votes=None)

        Raises:
            NotFoundError: see `resolve`.
            InvalidReferenceError: see `resolve`.
        """
        _, entries = self.board(reference, leaderboard, category, now=now)
        return {entry.model: Score(entry.rating, entry.lower, entry.upper, entry.votes) for entry in entries}

    def board(
        self,
        reference: str = "latest",
        leaderboard: str = TEXT,
        category: str = OVERALL,
        *,
        now: datetime | None = None,
    ) -> tuple[Snapshot, list[Entry]]:
        """Return the snapshot that a reference names and the lines of its board, best first.

        Raises:
            NotFoundError: see `resolve`.
            InvalidReferenceError: see `resolve`.
        """
        with self.reading() as connection:
            found = _resolve(connection, reference, leaderboard, category, _now(now))
            return found.snapshot, entries_of(found.connection, found.board_id)

    def leaderboard(
        self,
        reference: str = "latest",
        leaderboard: str = TEXT,
        category: str = OVERALL,
        *,
        now: datetime | None = None,
    ) -> list[RankedEntry]:
        """Return a board as a table, a row for each model, best first: what `llmhub arena show --json` has of it.

        `pandas.DataFrame` and `polars.DataFrame` accept it directly.

        Examples:
            >>> [(row.rank, row.model, row.rating) for row in store.leaderboard()]
            [(1, 'made-up-a', 1403.0), (2, 'made-up-c', 1390.0)]

        Raises:
            NotFoundError: see `resolve`.
            InvalidReferenceError: see `resolve`.
        """
        return ranked(self.board(reference, leaderboard, category, now=now)[1])

    def entries(self, snapshot: Snapshot, leaderboard: str = TEXT, category: str = OVERALL) -> list[Entry]:
        """Return the lines of a board that this snapshot has, best first; none if it lacks the board."""
        asked = {"snapshot": snapshot.id, "leaderboard": leaderboard, "category": category}
        with self.reading() as connection:
            found = None if connection is None else connection.execute(statements.BOARD_OF_SNAPSHOT, asked).fetchone()
            if connection is None or found is None:
                return []
            board, digest = found
            file = self._session.stamp()
            return PROOFS.get(
                file and (file, leaderboard, category, digest),
                lambda: proven(connection, board, leaderboard, category, digest),
            )

    def publication(self, snapshot: Snapshot, leaderboard: str | None = None) -> dict[str, Leaderboard]:
        """Return the leaderboards of a snapshot in the form that `add` takes.

        The organizations and licences of its models are those known now.

        Args:
            snapshot: which snapshot.
            leaderboard: only this one; by default all.
        """
        with self.reading() as connection:
            asked = {"snapshot": snapshot.id, "leaderboard": leaderboard}
            digests = connection.execute(statements.DIGESTS_OF_SNAPSHOT, asked).fetchall() if connection else ()
            rows = connection.execute(statements.PUBLICATION, asked) if connection else ()
            boards: dict[str, dict[str, dict[str, Score]]] = {}
            models: dict[str, dict[str, ModelFacts]] = {}
            for name, category, model, *score, organization, licence in rows:
                board = boards.setdefault(name, {}).setdefault(category, {})
                facts = models.setdefault(name, {})
                if model is not None:
                    board[model] = Score(*score)
                    facts[model] = ModelFacts(organization, licence)
            for name, category, digest in digests:
                require_digest(name, category, boards[name][category], digest)
        return {name: Leaderboard(boards[name], models[name], snapshot.leaderboards.get(name)) for name in boards}

    def snapshots(
        self, limit: int | None = None, *, since: datetime | None = None, until: datetime | None = None
    ) -> list[Snapshot]:
        """Return the snapshots of every source and board, newest first.

        Examples:
            >>> [snapshot.id for snapshot in store.snapshots()]
            [2, 1]

        Args:
            limit: at most so many, the newest.
            since: only those of this moment or later.
            until: only those of this moment or earlier.
        """
        with self.reading() as connection:
            asked = span(since, until, limit)
            rows = connection.execute(statements.SNAPSHOTS, asked) if connection else ()
            return list(snapshots_of(connection, rows)) if connection else []

    def snapshot_rows(
        self, limit: int | None = None, *, since: datetime | None = None, until: datetime | None = None
    ) -> list[SnapshotRow]:
        """Return the snapshots as a table, newest first; see `snapshots`.

        `pandas.DataFrame` and `polars.DataFrame` accept it directly; of an empty one, `SnapshotRow._fields` are the
        columns.

        Examples:
            >>> [(row.id, row.models) for row in store.snapshot_rows()]
            [(2, 2), (1, 2)]
        """
        return [snapshot.row for snapshot in self.snapshots(limit, since=since, until=until)]

    def snapshots_with(
        self,
        leaderboard: str,
        category: str,
        *,
        limit: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Snapshot]:
        """Return the snapshots that have a board, newest first; see `snapshots`.

        Raises:
            BoardNotFoundError: none has; the message says which boards there are.
            SnapshotNotFound: the store is empty.
        """
        with self.reading() as maybe:
            connection, ranking = require_ranking(maybe, leaderboard, category)
            asked = span(since, until, limit) | {"ranking": ranking}
            rows = connection.execute(statements.SNAPSHOTS_WITH_BOARD, asked)
            return list(snapshots_of(connection, rows))

    def equal_snapshots(
        self,
        board: tuple[str, str] | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[EqualSnapshots]:
        """Return the snapshots, newest first, each run of neighbours with equal boards as one.

        Args:
            board: a leaderboard and a category: only snapshots that have it, and only it is compared.
            since: only snapshots of this moment or later.
            until: only snapshots of this moment or earlier.

        Raises:
            BoardNotFoundError: no snapshot has the board; the message says which boards there are.
            SnapshotNotFound: a board is asked for and the store is empty.
        """
        from llmhub.arena.compare.equal_snapshots import grouped_by_boards

        with self.reading() as maybe:
            connection, ranking = (maybe, None) if board is None else require_ranking(maybe, *board)
            if connection is None:
                return []
            statement = statements.SNAPSHOTS if board is None else statements.SNAPSHOTS_WITH_BOARD
            rows = connection.execute(statement, span(since, until) | {"ranking": ranking})
            board_sets = dict(connection.execute(statements.BOARD_SETS, {"ranking": ranking}))
            return grouped_by_boards(snapshots_of(connection, rows), board_sets)

    def diff(
        self,
        before: str = "previous",
        after: str = "latest",
        leaderboard: str = TEXT,
        category: str = OVERALL,
        *,
        now: datetime | None = None,
    ) -> BoardDiff:
        """Compare a board between two snapshots.

        Examples:
            >>> found = store.diff("previous", "latest")
            >>> [came.model for came in found.added], [gone.model for gone in found.removed], found.scale_shift
            (['made-up-c'], ['made-up-b'], 3.0)

        Raises:
            NotFoundError: see `resolve`.
            InvalidReferenceError: see `resolve`.
        """
        from llmhub.arena.compare.diff import diff_boards

        return self._compared(diff_boards, (before, after), leaderboard, category, now)

    def movers(
        self,
        before: str = "previous",
        after: str = "latest",
        leaderboard: str = TEXT,
        category: str = OVERALL,
        *,
        now: datetime | None = None,
    ) -> Movers:
        """Return who rose and fell on a board between two snapshots, the shift of its scale taken out.

        Examples:
            >>> found = store.movers()
            >>> found.scale_shift, found.common, found.rows
            (3.0, 1, [])

        Raises:
            NotFoundError: see `resolve`.
            InvalidReferenceError: see `resolve`.
        """
        from llmhub.arena.compare.movers import find_movers

        return self._compared(find_movers, (before, after), leaderboard, category, now)

    def _compared(
        self,
        compare: Callable[..., Comparison],
        references: tuple[str, str],
        leaderboard: str,
        category: str,
        now: datetime | None,
    ) -> Comparison:
        moment = _now(now)
        with self.reading() as connection:
            old, new = (_resolve(connection, text, leaderboard, category, moment) for text in references)
            return compare(
                entries_of(old.connection, old.board_id),
                entries_of(new.connection, new.board_id),
                before=old.snapshot,
                after=new.snapshot,
                leaderboard=leaderboard,
                category=category,
            )

    def rankings(self) -> list[tuple[str, str]]:
        """Return every (leaderboard, category) that the store knows, sorted."""
        with self.reading() as connection:
            return connection.execute(statements.RANKINGS).fetchall() if connection else []

    def counts(self) -> Counts:
        """Return how many rows the store holds."""
        with self.reading() as connection:
            return Counts(*connection.execute(statements.COUNTS).fetchone()) if connection else Counts(0, 0, 0, 0)

    def reading(self) -> AbstractContextManager[sqlite3.Connection | None]:
        """Give a connection that sees one state of the store; None if there is no store."""
        return self._session.reading()


def _resolve(
    connection: sqlite3.Connection | None, reference: str, leaderboard: str, category: str, now: datetime
) -> Found:
    from llmhub.arena.sql.resolve_reference import resolve

    return resolve(connection, reference, leaderboard, category, now)


def _now(now: datetime | None) -> datetime:
    return datetime.now(UTC) if now is None else now
