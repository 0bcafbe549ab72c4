"""What a store answers about a board over time: the part of `BoardStore` with tracks and histories of models."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING

from llmhub.arena.boards import OVERALL, TEXT, Score, Snapshot
from llmhub.arena.rules import is_name
from llmhub.arena.sql import statements
from llmhub.arena.sql.newest import require_ranking
from llmhub.arena.sql.reading import snapshots_of, span

if TYPE_CHECKING:
    from llmhub.arena.compare.history import HistoryRow, ModelHistory, OverTime


class StoreOverTime:
    """Boards, and models on them, over time.

    The examples of the methods use a `store` with two snapshots:

    Examples:
        >>> from datetime import UTC, datetime
        >>> monday = {"made-up-a": Score(1400.0, 1390.0, 1410.0), "made-up-b": Score(1380.0)}
        >>> tuesday = {"made-up-a": Score(1403.0, 1393.0, 1413.0), "made-up-c": Score(1390.0)}
        >>> for day, board in ((5, monday), (6, tuesday)):
        ...     store.add({"text": {"overall": board}}, taken_at=datetime(2026, 1, day, tzinfo=UTC)).id
        1
        2
    """

    def reading(self) -> AbstractContextManager[sqlite3.Connection | None]:
        """Give a connection that sees one state of the store; `BoardStore` has it."""
        raise NotImplementedError

    def track(self, model: str, leaderboard: str = TEXT, category: str = OVERALL) -> list[tuple[Snapshot, Score]]:
        """Return a model's scores on one board, oldest snapshot first.

        If two sources have a snapshot with the same `taken_at`, the list has the one that `latest` would return.

        Examples:
            >>> [(snapshot.id, score.rating) for snapshot, score in store.track("made-up-a")]
            [(1, 1400.0), (2, 1403.0)]

        Raises:
            BoardNotFoundError: no snapshot has the board.
            ModelNotFoundError: no snapshot lists the model on it.
        """
        from llmhub.arena.sql.timelines import BoardReader

        with self.reading() as maybe:
            connection, ranking = require_ranking(maybe, leaderboard, category)
            reader = BoardReader(connection, ranking, leaderboard, every=True)
            scores = reader.scores(model) if is_name(model) else {}
            if not scores:
                from llmhub.arena.sql.not_found_errors import no_such_model

                raise no_such_model(connection, ranking, model, leaderboard, category)
            rows = connection.execute(statements.SNAPSHOTS_WITH_BOARD, span(None, None) | {"ranking": ranking})
            snapshots = {snapshot.id: snapshot for snapshot in snapshots_of(connection, rows)}
            return [(snapshots[number], score) for number, score in scores.items()]

    def history(
        self,
        model: str,
        leaderboard: str = TEXT,
        category: str = OVERALL,
        *,
        through_renames: bool = True,
        every: bool = False,
    ) -> ModelHistory:
        """Return how a model moved on one board: one point per publication, oldest first.

        A run or an import that brings a publication again adds no point. By default the model is followed through its
        renames: one name went and one came with the same rating, interval and, if known, votes, as in `diff`. A
        publication that lists `model` itself always counts with that name.

        Examples:
            >>> [(point.rank, point.listed_as) for point in store.history("made-up-a").points]
            [(1, 'made-up-a'), (1, 'made-up-a')]

        Args:
            model: the name.
            leaderboard: the board's leaderboard.
            category: the board's category.
            through_renames: follow the model through its renames.
            every: one point per snapshot, even if it brought nothing new; one per moment, as in `track`.

        Raises:
            BoardNotFoundError: no snapshot has the board.
            ModelNotFoundError: no snapshot lists the model on it.
        """
        found = self.over_time(
            model, leaderboard=leaderboard, category=category, through_renames=through_renames, every=every
        )
        return found.histories[0]

    def histories(
        self,
        *models: str,
        leaderboard: str = TEXT,
        category: str = OVERALL,
        through_renames: bool = True,
        every: bool = False,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[HistoryRow]:
        """Return how models moved on one board as a table: one row per model and publication, oldest first.

        `pandas.DataFrame` and `polars.DataFrame` accept it directly.

        Examples:
            >>> [(row.model, row.taken_at.day, row.rating) for row in store.histories("made-up-a", "made-up-b")]
            [('made-up-a', 5, 1400.0), ('made-up-a', 6, 1403.0), ('made-up-b', 5, 1380.0)]

        Args:
            models: the names, each once.
            leaderboard: the board's leaderboard.
            category: the board's category.
            through_renames: follow each model through its renames; see `history`.
            every: one row per snapshot; see `history`.
            since: only rows of this moment or later, by publication or, with `every`, by `taken_at`.
            until: only rows of this moment or earlier.

        Raises:
            BoardNotFoundError: no snapshot has the board.
            ModelNotFoundError: no snapshot lists one of the models on it.
        """
        found = self.over_time(
            *models, leaderboard=leaderboard, category=category, through_renames=through_renames, every=every
        )
        return [row for one in found.histories for row in one.between(since, until).rows]

    def over_time(
        self,
        *models: str,
        leaderboard: str = TEXT,
        category: str = OVERALL,
        through_renames: bool = True,
        every: bool = False,
        until: datetime | None = None,
    ) -> OverTime:
        """Return a board's publications and the histories of models on it, each model once; see `history`.

        Each board is read once for all of them.

        Args:
            models: the names.
            leaderboard: the board's leaderboard.
            category: the board's category.
            through_renames: follow each model through its renames.
            every: one point per snapshot.
            until: leave out snapshots after this moment, unless there are no others.

        Raises:
            BoardNotFoundError: no snapshot has the board.
            ModelNotFoundError: no snapshot lists one of the models on it.
        """
        from llmhub.arena.compare.history import ModelHistory, OverTime
        from llmhub.arena.sql.not_found_errors import no_such_model
        from llmhub.arena.sql.timelines import BoardReader

        with self.reading() as maybe:
            connection, ranking = require_ranking(maybe, leaderboard, category)
            reader = BoardReader(connection, ranking, leaderboard, every=every, until=until)
            histories = []
            for model in dict.fromkeys(models):
                points = reader.history(model, through_renames=through_renames) if is_name(model) else ()
                if not points:
                    raise no_such_model(connection, ranking, model, leaderboard, category)
                histories.append(ModelHistory(model, leaderboard, category, points, len(reader.publications)))
            return OverTime(reader.timeline(), tuple(histories))
