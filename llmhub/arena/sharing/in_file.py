"""Boards in a store's file, as a remote's counterpart: read to be sent or taken over, and written when pulled."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from llmhub.arena.boards import Board, ModelFactsAsOf, Score
from llmhub.arena.sharing.bundles import BoardsBundle, Dates, bundles
from llmhub.arena.sql.reading import require_digest
from llmhub.arena.sql.writing import Writer, bulk_writer, single_writer
from llmhub.errors import LlmhubError
from llmhub.remote.kinds import DigestLookup
from llmhub.remote.snapshots import Content, Wanted
from llmhub.storage.moments import from_sql
from llmhub.storage.sqlite_errors import OddValueError

_CONTENTS = """
    SELECT sb.snapshot_id, r.leaderboard, r.category, b.digest
      FROM json_each(:ids) j
     CROSS JOIN snapshot_board sb ON sb.snapshot_id = j.value
     CROSS JOIN board b ON b.id = sb.board_id
     CROSS JOIN ranking r ON r.id = sb.ranking_id
"""
_DATES = """
    SELECT snapshot_id, leaderboard, published_on FROM snapshot_leaderboard
     WHERE snapshot_id IN (SELECT value FROM json_each(:ids))
"""
_BOARD = "SELECT id FROM board WHERE digest = ?"
_LINES = """
    SELECT m.name, c.rating, c.lower, c.upper, c.votes FROM score c CROSS JOIN model m ON m.id = c.model_id
     WHERE c.board_id = ?
"""
_FACTS = """
    SELECT name, organization, organization_as_of, license, license_as_of FROM model
     WHERE organization IS NOT NULL OR license IS NOT NULL
"""


class BoardsInFile:
    """The boards in a store's file, behind a connection that reads it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def contents(self, ids: Sequence[int]) -> Mapping[int, Content]:
        """Return the digests of these snapshots' boards, by leaderboard and category."""
        found: dict[int, dict[str, dict[str, bytes]]] = {}
        for number, leaderboard, category, digest in self._connection.execute(_CONTENTS, {"ids": json.dumps(ids)}):
            found.setdefault(number, {}).setdefault(leaderboard, {})[category] = digest
        return found

    def present(self, digests: Collection[bytes], /, *, rows: str = "lists") -> set[bytes]:
        """Return those of these boards that are there; see `DigestLookup`."""
        del rows
        return {digest for digest in digests if self._connection.execute(_BOARD, (digest,)).fetchone() is not None}

    def bundles(self, wanted: Sequence[Wanted], present: DigestLookup) -> Iterator[BoardsBundle | LlmhubError]:
        """Yield what the destination lacks of each snapshot; see `ReadableKind.bundles`."""
        return bundles(wanted, present, self._read, self._dates)

    def facts(self, after: int) -> Iterator[ModelFactsAsOf]:
        """Yield what is known of the models."""
        del after
        for name, organization, organization_as_of, licence, license_as_of in self._connection.execute(_FACTS):
            yield ModelFactsAsOf(
                name,
                organization,
                organization_as_of and from_sql(organization_as_of),
                licence,
                license_as_of and from_sql(license_as_of),
            )

    def _read(self, places: Mapping[bytes, tuple[str, str]]) -> dict[bytes, Board | LlmhubError]:
        """Return boards as they were stored.

        Raises:
            OddValueError: one is not: the file is damaged, and nothing of it is to be passed on.
        """
        found: dict[bytes, Board | LlmhubError] = {}
        for digest, (leaderboard, category) in places.items():
            row = self._connection.execute(_BOARD, (digest,)).fetchone()
            if row is None:
                raise OddValueError(f"a board of {leaderboard} / {category} is missing")
            lines = self._connection.execute(_LINES, row)
            found[digest] = board = {name: Score(*score) for name, *score in lines}
            require_digest(leaderboard, category, board, digest)
        return found

    def _dates(self, ids: Collection[int]) -> Dates:
        rows = self._connection.execute(_DATES, {"ids": json.dumps(list(ids))})
        return {(number, name): day and date.fromisoformat(day) for number, name, day in rows}


class BoardsInStore(BoardsInFile):
    """The boards of the local store, written through its one door."""

    def __init__(self, connection: sqlite3.Connection, writer: Writer) -> None:
        super().__init__(connection)
        self._writer = writer

    def add(self, wanted: Wanted, bundle: BoardsBundle) -> None:
        """Store the leaderboards of a snapshot; see `LocalKind.add`."""
        _, source, taken_at, revision, script, _ = wanted.snapshot
        self._writer.add_claimed(
            bundle, wanted.parts, taken_at=taken_at, source=source, revision=revision, script=script
        )

    def finish(self, facts: Iterable[tuple[Any, ...]]) -> None:
        """Take over what is known of the models."""
        self._writer.merge_facts(ModelFactsAsOf(*fact) for fact in facts)


@contextmanager
def in_store(path: Path, connection: sqlite3.Connection, many: bool) -> Iterator[BoardsInStore]:  # noqa: FBT001 -- of the protocol
    """Give the boards of the local store, to write many snapshots or few."""
    if many:
        with bulk_writer(path) as writer:
            yield BoardsInStore(connection, writer)
    else:
        yield BoardsInStore(connection, single_writer(path))
