"""Read the boards of a damaged store: skip what cannot be read, and prove by digests what can.

A table is read from both ends up to the damage, and then row by row in between. Values that an index repeats count as a
second copy: if the two copies differ, the digest of a board tells which one is right. No digest covers the boards of a
snapshot, its moment, publication dates, and facts about models: these values are taken if they are valid. If two copies
of a moment differ, the snapshot is lost.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from llmhub.arena.boards import Board, Score
from llmhub.arena.rules import says_something
from llmhub.arena.sources import SOURCES
from llmhub.arena.sql import statements
from llmhub.arena.sql.digest import board_digest
from llmhub.arena.upkeep.kinds import Damaged, Lost, all_sources
from llmhub.arena.upkeep.score_pages import ScorePages
from llmhub.storage import moments, sqlite_errors

# More rows than any of the small tables has; a flipped bit can make an id of any size.
_MOST_IDS = 1_000_000

Row = tuple[Any, ...]


class Place(NamedTuple):
    """The ranking of a board."""

    leaderboard: str
    category: str


class Identity(NamedTuple):
    """A snapshot's own row: all but its id."""

    taken_at: str
    source: str
    revision: str | None
    script: str | None


class _Key(NamedTuple):
    """A snapshot's moment and source, as the index has them."""

    taken_at: Any
    source: Any


class Facts(NamedTuple):
    """The facts known about a model, each with the moment that it dates from."""

    organization: Any = None
    organization_as_of: Any = None
    license: Any = None
    license_as_of: Any = None


class _Copies(NamedTuple):
    """Columns by id: once out of a table, and once out of the index that keeps them unique."""

    of_table: Mapping[int, Row]
    of_index: Mapping[int, Row]


class SoundBoard(NamedTuple):
    """A board that its digest proves; its lines are None if an earlier snapshot already had it."""

    board_id: int
    category: str
    digest: bytes
    scores: Board | None


@dataclass(frozen=True, slots=True)
class SoundLeaderboard:
    """A leaderboard of a snapshot with all its boards proven."""

    snapshot_id: int
    name: str
    published_on: str | None
    boards: Sequence[SoundBoard]


@dataclass(slots=True)
class _Leaderboard:
    boards: list[SoundBoard] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    @property
    def why(self) -> str:
        """Return why it is lost; an empty text if it is not."""
        categories = ", ".join(dict.fromkeys(self.broken))
        told = [f"{categories}: cannot be read, or the digest does not hold"] if categories else []
        return "; ".join(dict.fromkeys([*told, *self.reasons]))


class DamagedBoards:
    """The boards of a damaged file.

    Attributes:
        identities: the valid rows of snapshots, by id.
        greatest_id: the greatest known id of a snapshot.
        lost: the parts that could not be saved; complete once `leaderboards` is exhausted.
        unknown: facts of saved parts that became unknown.
    """

    def __init__(self, damaged: Damaged) -> None:
        self._connection = damaged.connection
        self._pages = ScorePages(damaged.content)
        self.lost: list[Lost] = []
        self.unknown: list[str] = []
        self._names = self._two_copies("model", ("name",))
        self._facts = self._by_id("model", "id, organization, organization_as_of, license, license_as_of")
        self._places = self._two_copies("ranking", ("leaderboard", "category"))
        self._digests = self._two_copies("board", ("digest",))
        self._rankings_of_boards = self._by_id("board", "id, ranking_id")
        linked, self._suspects, whole = self._linked_ids()
        last_linked = max((number for number in linked if number <= _MOST_IDS), default=0)
        self._snapshot_rows = self._read_snapshot_rows(upto=last_linked)
        self._snapshot_keys = self._read_snapshot_keys()
        seen = linked | self._snapshot_rows.keys() | self._snapshot_keys.keys()
        # Other kinds save their own snapshots.
        others = {number for number in seen if self._is_of_another_kind(number)}
        self._ids = seen - others
        if not whole:
            self._ids |= {number for number in range(1, last_linked) if number not in seen and self._links(number)[0]}
        self.identities = self._sound_identities()
        self.greatest_id = self._greatest_id(self._ids | others)
        self._proven: dict[tuple[int, Place], bytes] = {}

    def facts(self, name: str) -> Facts:
        """Return what is known of a model."""
        for copy in self._names:
            for number, (known,) in copy.items():
                if known == name and number in self._facts:
                    return self._sound_facts(name, Facts(*self._facts[number]))
        self.unknown.append(f"organization and licence of {name}")
        return Facts()

    def leaderboards(self) -> Iterator[SoundLeaderboard]:
        """Yield every complete leaderboard of a snapshot, and add the others to `lost`."""
        for number in sorted(self._ids):
            identity = self.identities.get(number)
            listed, whole = self._listed(number)
            found = self._leaderboards_of(number, listed if whole else None)
            for name in listed.keys() - found.keys():
                found[name] = _Leaderboard(reasons=["none of its boards can be read"])
            if identity is None or not found:
                reason = "its moment and source cannot be read" if identity is None else "nothing of it can be read"
                self.lost += [self._loss(number, name, reason) for name in sorted(found) or (None,)]
                continue
            for name, leaderboard in sorted(found.items()):
                if why := leaderboard.why:
                    self.lost.append(self._loss(number, name, why))
                    continue
                day = listed.get(name)
                if name not in listed or not (day is None or moments.is_day(day)):
                    self.unknown.append(f"publication date of {name} of snapshot {number}")
                known = str(day) if moments.is_day(day) else None
                yield SoundLeaderboard(number, name, known, leaderboard.boards)
                self._proven |= {(one.board_id, Place(name, one.category)): one.digest for one in leaderboard.boards}

    def _loss(self, number: int, leaderboard: str | None, reason: str) -> Lost:
        known = self.identities.get(number)
        moment = moments.from_sql(known.taken_at) if known else None
        return Lost(number, moment, known.source if known else None, leaderboard, reason)

    # -- one snapshot

    def _leaderboards_of(self, number: int, listed: Mapping[str, object] | None) -> dict[str, _Leaderboard]:
        """Return a snapshot's leaderboards with their boards, or with the reasons why they are lost."""
        found: dict[str, _Leaderboard] = {}

        def fail(names: Iterable[str], reason: str) -> None:
            for name in names:
                found.setdefault(name, _Leaderboard()).reasons.append(reason)

        links, unreadable = self._links(number)
        nameless = False
        for ranking, board in links:
            places = self._places_of(ranking)
            sound = self._sound_board(board, places)
            if sound is not None:
                place, one = sound
                found.setdefault(place.leaderboard, _Leaderboard()).boards.append(one)
                continue
            # The link itself may be damaged: then the leaderboard of the board lacks it.
            (of_board,) = self._rankings_of_boards.get(board, (ranking,))
            places = [*places, *self._places_of(of_board)]
            nameless = nameless or not places
            for leaderboard, category in places:
                found.setdefault(leaderboard, _Leaderboard()).broken.append(category)
        for ranking in unreadable:
            names = {name for name, _ in _of(self._places, ranking)}
            fail(names if listed is None else names & listed.keys(), "which boards it has cannot be read")
        if nameless or number in self._suspects:
            fail(list(found), "which boards it has cannot be told")
        return found

    def _places_of(self, ranking: int) -> list[Place]:
        return list(map(Place._make, _of(self._places, ranking)))

    def _links(self, number: int) -> tuple[list[tuple[int, int]], list[int]]:
        """Return a snapshot's rankings with their boards, and the rankings whose board cannot be read."""
        statement = "SELECT ranking_id, board_id FROM snapshot_board WHERE snapshot_id = ?"
        rows = self._rows(statement, (number,))
        if rows is not None:
            return rows, []
        found: list[tuple[int, int]] = []
        unreadable = []
        for ranking in sorted(self._places.of_table.keys() | self._places.of_index.keys()):
            rows = self._rows(f"{statement} AND ranking_id = ?", (number, ranking))
            found += rows or []
            if rows is None:
                unreadable.append(ranking)
        told = {*found, *self._only_possible_links.get(number, ())}
        return sorted(told), [ranking for ranking in unreadable if ranking not in {one for one, _ in told}]

    @cached_property
    def _only_possible_links(self) -> dict[int, list[tuple[int, int]]]:
        """Return rankings and boards by the only snapshots that can have had them.

        If a leaderboard has one board of each ranking, the one snapshot that lists it has all of them. If it has a
        single ranking with one board, each snapshot that lists it has that board. Both hold only if no board or list is
        lost.
        """
        boards, all_boards = self._from_both_ends("SELECT ranking_id, id FROM board NOT INDEXED", ("id",))
        listed, all_listed = self._from_both_ends(
            "SELECT leaderboard, snapshot_id FROM snapshot_leaderboard", ("snapshot_id", "leaderboard")
        )
        links: dict[int, list[tuple[int, int]]] = {}
        if not (all_boards and all_listed):
            return links
        for name in {name for name, _ in listed}:
            snapshots = [number for one, number in listed if one == name]
            own = [
                (ranking, board) for ranking, board in boards if name in {of for of, _ in _of(self._places, ranking)}
            ]
            rankings = {ranking for ranking, _ in own}
            if len(rankings) == len(own) and 1 in {len(own), len(snapshots)}:
                for number in snapshots:
                    links.setdefault(number, []).extend(own)
        return links

    def _listed(self, number: int) -> tuple[dict[str, object], bool]:
        """Return the leaderboards that a snapshot lists, with their dates, and whether the list is complete."""
        statement = "SELECT leaderboard, published_on FROM snapshot_leaderboard WHERE snapshot_id = ?"
        rows = self._rows(statement, (number,))
        if rows is not None:
            return dict(rows), True
        names = {name for copy in self._places for name, _ in copy.values()}
        each = [self._rows(f"{statement} AND leaderboard = ?", (number, name)) for name in sorted(names)]
        return dict(row for rows in each for row in rows or ()), False

    def _sound_board(self, board: int, places: Sequence[Place]) -> tuple[Place, SoundBoard] | None:
        """Return a board with the ranking that its digest proves; None if it proves none."""
        for place in places:
            if (digest := self._proven.get((board, place))) is not None:
                return place, SoundBoard(board, place.category, digest, None)
        digests = {digest for (digest,) in _of(self._digests, board)}
        for lines in self._lines(board):
            for names in (self._names, self._names[::-1]):
                scores = _named(lines, names)
                for place in places:
                    if scores is not None and (digest := _derived(place, scores)) in digests and digest is not None:
                        return place, SoundBoard(board, place.category, digest, scores)
        return None

    def _lines(self, board: int) -> Iterator[list[Row]]:
        """Yield the lines of a board from its table, and then from pages that other pages may no longer lead to."""
        lines = self._rows(statements.SCORES_OF_BOARD, {"board": board})
        if lines is not None:
            yield lines
        yield self._pages.lines(board)

    # -- whole tables

    def _linked_ids(self) -> tuple[set[int], set[int], bool]:
        """Return what the tables of snapshots' boards and leaderboards say about the ids of snapshots.

        Returns:
            The ids in the two tables, those at places where the order of the rows is broken, and whether both tables
            could be read completely.
        """
        ids: set[int] = set()
        suspects: set[int] = set()
        whole = True
        for table, key in (("snapshot_board", "ranking_id"), ("snapshot_leaderboard", "leaderboard")):
            statement = f"SELECT snapshot_id, {key} FROM {table}"  # noqa: S608 -- of this file
            keys, complete = self._from_both_ends(statement, ("snapshot_id", key))
            ids |= {number for number, _ in keys if isinstance(number, int)}
            whole = whole and complete
            if complete and table == "snapshot_board":
                for one, other in pairwise(keys):
                    if not _ascends(one, other):
                        suspects |= {snapshot for snapshot, _ in (one, other)}
        return ids, suspects, whole

    def _read_snapshot_rows(self, *, upto: int) -> dict[int, Identity]:
        rows = self._by_id("snapshot", "id, taken_at, source, revision, script", upto=upto)
        return {number: Identity(*row) for number, row in rows.items()}

    def _read_snapshot_keys(self) -> dict[int, _Key]:
        statement = "SELECT id, taken_at, source FROM snapshot INDEXED BY sqlite_autoindex_snapshot_1"
        rows, _ = self._from_both_ends(statement, ("taken_at", "source"))
        return {number: _Key(taken_at, source) for number, taken_at, source in rows}

    def _is_of_another_kind(self, number: int) -> bool:
        """Say whether a snapshot's row or key, or both, say a source of another kind of snapshots."""
        copies = (self._snapshot_rows.get(number), self._snapshot_keys.get(number))
        sources = {copy.source for copy in copies if copy is not None}
        return bool(sources) and sources <= all_sources() - {*SOURCES}

    def _greatest_id(self, ids: Iterable[int]) -> int:
        """Return the greatest id that a snapshot ever had, as far as it can be known."""
        (sequence,) = self._rows("SELECT max(seq) FROM sqlite_sequence WHERE name = 'snapshot'") or [(None,)]
        known = [number for number in (*ids, *sequence) if isinstance(number, int) and number <= _MOST_IDS]
        return max(known, default=0)

    def _sound_identities(self) -> dict[int, Identity]:
        """Return the snapshots with a certain moment and source, each pair once."""
        found: dict[int, Identity] = {}
        taken: set[_Key] = set()
        for number in sorted(self._ids):
            row = self._snapshot_rows.get(number)
            told = {_Key(row.taken_at, row.source)} if row else set()
            told |= {self._snapshot_keys[number]} if number in self._snapshot_keys else set()
            possible = [key for key in told if moments.is_moment(key.taken_at) and key.source in SOURCES]
            if len(possible) != 1 or possible[0] in taken:
                # The two copies differ, and nothing proves either.
                continue
            (key,) = possible
            taken.add(key)
            if row is None:
                self.unknown.append(f"revision and script of snapshot {number}")
            revision, script = (row.revision, row.script) if row else (None, None)
            found[number] = Identity(key.taken_at, key.source, _text_or_none(revision), _text_or_none(script))
        return found

    def _sound_facts(self, name: str, known: Facts) -> Facts:
        sound: list[object] = []
        pairs = ((known.organization, known.organization_as_of), (known.license, known.license_as_of))
        for fact, as_of in pairs:
            if fact is None and as_of is None:
                sound += (None, None)
            elif isinstance(fact, str) and moments.is_moment(as_of):
                sound += (fact, as_of)
            else:
                self.unknown.append(f"organization or licence of {name}")
                sound += (None, None)
        return Facts(*sound)

    def _two_copies(self, table: str, columns: tuple[str, ...]) -> _Copies:
        """Return columns by id, out of a table and out of the index that keeps them unique."""
        listed = ", ".join(columns)
        index = f"sqlite_autoindex_{table}_1"
        rows, _ = self._from_both_ends(f"SELECT id, {listed} FROM {table} INDEXED BY {index}", columns)  # noqa: S608 -- of this file
        by_index = {number: tuple(row) for number, *row in rows}
        upto = max((number for number in by_index if number <= _MOST_IDS), default=0)
        return _Copies(self._by_id(table, f"id, {listed}", upto=upto), by_index)

    def _by_id(self, table: str, columns: str, *, upto: int = 0) -> dict[int, Row]:
        """Return a table's rows by id, read from both ends up to the damage, and row by row in between."""
        statement = f"SELECT {columns} FROM {table} NOT INDEXED"  # noqa: S608 -- of this file
        rows, whole = self._from_both_ends(statement, ("id",))
        found = {number: tuple(row) for number, *row in rows}
        if not whole:
            last = max(upto, max((number for number in found if number <= _MOST_IDS), default=0))
            for number in range(1, last + 1):
                for _, *row in () if number in found else self._rows(f"{statement} WHERE id = ?", (number,)) or ():
                    found[number] = tuple(row)
        return found

    def _from_both_ends(self, statement: str, key: tuple[str, ...]) -> tuple[list[Row], bool]:
        """Return a statement's rows in the order of a key, up to the damage, and whether they are complete."""
        rows: list[Row] = []
        for direction in ("ASC", "DESC"):
            order = ", ".join(f"{column} {direction}" for column in key)
            try:
                # Row by row, to get those before the damage.
                for row in self._connection.execute(f"{statement} ORDER BY {order}"):
                    rows.append(row)  # noqa: PERF402 -- what came before an error stays
            except sqlite3.DatabaseError as error:
                if sqlite_errors.says_nothing_of_the_content(error):
                    raise
            else:
                if direction == "ASC":
                    return rows, True
        return rows, False

    def _rows(self, statement: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> list[Row] | None:
        """Return a statement's rows; None if one of them cannot be read."""
        try:
            return self._connection.execute(statement, parameters).fetchall()
        except sqlite3.DatabaseError as error:
            if sqlite_errors.says_nothing_of_the_content(error):
                raise
            return None


def _of(copies: _Copies, number: int) -> list[Any]:
    """Return the different values of an id in the two copies: none, one or two."""
    return list(dict.fromkeys(copy[number] for copy in copies if number in copy))


def _named(lines: Iterable[Row], names: Sequence[Mapping[int, Row]]) -> dict[str, Score] | None:
    """Return a board's scores by model; the first copy of the names is preferred. None if a name is lost."""
    first, second = names
    scores = {}
    for model, *score in lines:
        if (found := first.get(model) or second.get(model)) is None:
            return None
        (name,) = found
        scores[name] = Score(*score)
    return scores


def _derived(place: Place, scores: Board) -> bytes | None:
    """Return a board's digest; None if a name is blank, or a value is not one that a digest can cover."""
    if not all(map(says_something, (*place, *scores))):
        return None
    try:
        return board_digest(*place, scores)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 -- whatever stands in the columns, packing it must not end the salvage
        return None


def _ascends(one: Row, other: Row) -> bool:
    return all(isinstance(part, int) for part in (*one, *other)) and one < other


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None
