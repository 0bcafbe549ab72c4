"""Boards on a remote in PostgreSQL: read in bulk, a row a board, and written by COPY."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import chain, repeat
from math import isnan
from sys import byteorder
from typing import Any, NamedTuple, TypeVar

from llmhub.arena.boards import Board, ModelFactsAsOf, Score
from llmhub.arena.sharing.bundles import BoardsBundle, Dates, bundles
from llmhub.errors import LlmhubError, UnprovenError, printable
from llmhub.remote.kinds import DigestLookup
from llmhub.remote.server import Server, Transaction
from llmhub.remote.snapshots import Content, Wanted

_CONTENTS = """
    SELECT sb.snapshot_id, r.leaderboard, r.category, b.digest
      FROM llmhub.snapshot_board sb
      JOIN llmhub.board b ON b.id = sb.board_id
      JOIN llmhub.ranking r ON r.id = sb.ranking_id
     WHERE sb.snapshot_id = ANY(%s)
"""
_DATES = """
    SELECT snapshot_id, leaderboard, published_on FROM llmhub.snapshot_leaderboard WHERE snapshot_id = ANY(%s)
"""
_PRESENT = "SELECT digest FROM llmhub.board WHERE digest = ANY(%s)"
# One value for each column, with the numbers of all lines: one row for each line takes ten times as long to read.
# Scores are finite and votes are not negative, so NaN and -1 stand for unknown. With LATERAL, a server that has no
# statistics of its tables yet does not read all scores for a few boards; with LIMIT, a server that lies cannot fill
# this machine's memory.
_BOARDS = """
    SELECT b.digest, lines.*
      FROM llmhub.board b
     CROSS JOIN LATERAL (
           SELECT coalesce(string_agg(int8send(c.model_id), ''), ''),
                  coalesce(string_agg(float8send(c.rating), ''), ''),
                  coalesce(string_agg(float8send(coalesce(c.lower, 'NaN')), ''), ''),
                  coalesce(string_agg(float8send(coalesce(c.upper, 'NaN')), ''), ''),
                  coalesce(string_agg(int8send(coalesce(c.votes, -1)), ''), '')
             FROM (SELECT * FROM llmhub.score s WHERE s.board_id = b.id LIMIT 1000000) c) lines
     WHERE b.digest = ANY(%s)
"""
_NAMES = "SELECT id, name FROM llmhub.model WHERE id = ANY(%s)"
_FACTS = """
    SELECT name, organization, organization_as_of, license, license_as_of FROM llmhub.model
     WHERE position > %s AND (organization IS NOT NULL OR license IS NOT NULL)
"""
_FACT_TYPES = (str, str | None, datetime | None, str | None, datetime | None)
_SCORE = ("board_id", "model_id", "rating", "lower", "upper", "votes")
_SCORE_TYPES = ("int8", "int8", "float8", "float8", "float8", "int8")


_Numbers = TypeVar("_Numbers", "array[int]", "array[float]")


class _Columns(NamedTuple):
    """A board as the server sends it; NaN and -1 stand for unknown."""

    models: array[int]
    ratings: array[float]
    lowers: array[float]
    uppers: array[float]
    votes: array[int]


class BoardsOnServer:
    """The boards of a remote."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._names: dict[int, str] = {}

    # -- reading

    def contents(self, ids: Sequence[int]) -> Mapping[int, Content]:
        """Return the digests of these snapshots' boards, by leaderboard and category."""
        found: dict[int, dict[str, dict[str, bytes]]] = {}
        rows = self._server.rows(_CONTENTS, [list(ids)], types=(int, str, str, bytes))
        for number, leaderboard, category, digest in rows:
            found.setdefault(number, {}).setdefault(leaderboard, {})[category] = digest
        return found

    def present(self, digests: Collection[bytes], /, *, rows: str = "lists") -> set[bytes]:
        """Return those of these boards that are there; see `DigestLookup`."""
        del rows
        found = self._server.rows(_PRESENT, [list(digests)], types=(bytes,)) if digests else ()
        return {digest for (digest,) in found}

    def bundles(self, wanted: Sequence[Wanted], present: DigestLookup) -> Iterator[BoardsBundle | LlmhubError]:
        """Yield what the destination lacks of each snapshot; see `ReadableKind.bundles`."""
        return bundles(wanted, present, self._read, self._dates)

    def facts(self, after: int) -> Iterator[ModelFactsAsOf]:
        """Yield what the remote has heard of models after a position."""
        rows = self._server.rows(_FACTS, [after], types=_FACT_TYPES)
        for name, organization, organization_as_of, licence, license_as_of in rows:
            yield ModelFactsAsOf(name, organization, _utc(organization_as_of), licence, _utc(license_as_of))

    def _read(self, places: Mapping[bytes, tuple[str, str]]) -> dict[bytes, Board | LlmhubError]:
        rows = self._server.rows(_BOARDS, [list(places)])
        columns = {
            digest: _Columns(_integers(models), _floats(ratings), _floats(lowers), _floats(uppers), _integers(votes))
            for digest, models, ratings, lowers, uppers, votes in rows
        }
        self._learn_names({number for each in columns.values() for number in each.models})
        found: dict[bytes, Board | LlmhubError] = {}
        for digest, each in columns.items():
            try:
                found[digest] = self._board(each)
            except KeyError as error:
                name, category = places[digest]
                where = printable(f"{name} / {category}")
                found[digest] = UnprovenError(f"{where} lists model {error}, which is not there")
        return found

    def _board(self, columns: _Columns) -> Board:
        """Return a board; raise KeyError with the id of a model whose name the remote does not have."""
        names = [self._names[number] for number in columns.models]
        lowers = [None if isnan(each) else each for each in columns.lowers]
        uppers = [None if isnan(each) else each for each in columns.uppers]
        votes = [None if each == -1 else each for each in columns.votes]
        return dict(zip(names, map(Score, columns.ratings, lowers, uppers, votes), strict=True))

    def _learn_names(self, ids: set[int]) -> None:
        if new := ids - self._names.keys():
            self._names.update(self._server.rows(_NAMES, [list(new)], types=(int, str)))

    def _dates(self, ids: Collection[int]) -> Dates:
        rows = self._server.rows(_DATES, [list(ids)], types=(int, str, date | None))
        return {(number, name): day for number, name, day in rows}

    # -- writing

    def add(self, transaction: Transaction, number: int, wanted: Wanted, bundle: BoardsBundle) -> None:
        """Write a snapshot's leaderboards, those of its boards that are new, and their lines."""
        # SQLModel: a third of a second, which a process that only pulls does not need.
        from llmhub.arena.sharing.tables import RankingRow, SnapshotBoardRow, SnapshotLeaderboardRow

        places = [(name, category) for name, digests in wanted.parts.items() for category in digests]
        rankings = _numbered(
            transaction,
            "SELECT leaderboard, category, id FROM llmhub.ranking WHERE leaderboard = ANY(%s)",
            [*wanted.parts],
            RankingRow,
            {place: {"leaderboard": place[0], "category": place[1]} for place in places},
        )
        boards = self._add_boards(transaction, wanted, bundle, rankings)
        transaction.add_missing(
            SnapshotLeaderboardRow,
            [
                {"snapshot_id": number, "leaderboard": name, "published_on": leaderboard.published_on}
                for name, leaderboard in bundle.items()
            ],
        )
        transaction.add_missing(
            SnapshotBoardRow,
            [
                {
                    "snapshot_id": number,
                    "ranking_id": rankings[name, category],
                    "board_id": boards[wanted.parts[name][category]],
                }
                for name, category in places
            ],
        )

    def finish(self, transaction: Transaction, facts: Iterable[tuple[Any, ...]]) -> None:
        """Take over what is known of models that are there; a fact of a later or equal moment stays."""
        from sqlalchemy import bindparam, or_, update
        from sqlmodel import col

        from llmhub.arena.sharing.tables import ModelRow

        known = [ModelFactsAsOf(*fact) for fact in facts]
        there = {each.name: each for each in self.facts(-1)}
        for value, as_of in (("organization", "organization_as_of"), ("license", "license_as_of")):
            rows = [
                {"of": each.name, "new": getattr(each, value), "moment": getattr(each, as_of)}
                for each in known
                if getattr(each, value) is not None and _is_news(each, there.get(each.name), as_of)
            ]
            if rows:
                column = col(getattr(ModelRow, as_of))
                older = or_(column.is_(None), column < bindparam("moment"))
                news = {value: bindparam("new"), as_of: bindparam("moment"), "position": transaction.position}
                of = col(ModelRow.name) == bindparam("of")
                transaction.execute(update(ModelRow).where(of, older).values(news), rows)

    def _add_boards(
        self, transaction: Transaction, wanted: Wanted, bundle: BoardsBundle, rankings: Mapping[tuple[str, ...], int]
    ) -> dict[bytes, int]:
        """Write the boards that are new, and return the ids of all."""
        from llmhub.arena.sharing.tables import BoardRow, ModelRow

        places = {
            digest: (name, category) for name, digests in wanted.parts.items() for category, digest in digests.items()
        }
        ask = "SELECT digest, id FROM llmhub.board WHERE digest = ANY(%s)"
        known: dict[bytes, int] = dict(transaction.rows(ask, [list(places)]))
        new = {digest: place for digest, place in places.items() if digest not in known}
        for name, category in new.values():
            if category not in bundle[name].boards:
                raise UnprovenError(f"{name} / {category} was left out, and is not there: try again")
        if not new:
            return known
        transaction.add_missing(
            BoardRow,
            [{"ranking_id": rankings[place], "digest": digest} for digest, place in new.items()],
        )
        known |= dict(transaction.rows(ask, [list(new)]))
        boards = {known[digest]: bundle[name].boards[category] for digest, (name, category) in new.items()}
        names = sorted({name for board in boards.values() for name in board})
        models = _numbered(
            transaction,
            "SELECT name, id FROM llmhub.model WHERE name = ANY(%s)",
            names,
            ModelRow,
            {(name,): {"name": name, "position": transaction.position} for name in names},
        )
        lines = chain.from_iterable(
            _score_lines(board_id, boards[board_id], models) for board_id in sorted(boards) if boards[board_id]
        )
        transaction.copy("score", _SCORE, _SCORE_TYPES, lines)
        return known


def _score_lines(board_id: int, board: Board, models: Mapping[tuple[str, ...], int]) -> Iterator[tuple[Any, ...]]:
    """Return the rows of a board that has a model, in the order of `_SCORE`."""
    numbers = zip(*board.values(), strict=True)
    return zip(repeat(board_id), (models[name,] for name in board), *numbers)


def _numbered(
    transaction: Transaction,
    find: str,
    asked: Sequence[str],
    table: Any,
    wanted: Mapping[tuple[str, ...], dict[str, Any]],
) -> dict[tuple[str, ...], int]:
    """Return the ids of rows by their names; new ones are inserted first."""
    known = {tuple(key): number for *key, number in transaction.rows(find, [list(asked)])}
    if missing := [row for key, row in wanted.items() if key not in known]:
        transaction.add_missing(table, missing)
        known = {tuple(key): number for *key, number in transaction.rows(find, [list(asked)])}
    return known


def _is_news(fact: ModelFactsAsOf, there: ModelFactsAsOf | None, as_of: str) -> bool:
    moment, known = getattr(fact, as_of), None if there is None else getattr(there, as_of)
    return moment is not None and (known is None or known < moment)


def _integers(data: bytes) -> array[int]:
    """Return the integers of eight bytes that a server sent, in network order."""
    return _in_own_order(array("q", data))


def _floats(data: bytes) -> array[float]:
    """Return the floating-point numbers of eight bytes that a server sent, in network order."""
    return _in_own_order(array("d", data))


def _in_own_order(numbers: _Numbers) -> _Numbers:
    if byteorder == "little":
        numbers.byteswap()
    return numbers


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)
