"""Reads and validates the published dataset's Parquet files, date by date.

The files are sorted by category and the store is written by date, so DuckDB sorts the rows. It sorts a few dates at a
time, so that the use of memory does not grow with the number of dates.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from math import inf, isfinite, isnan
from operator import le
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmhub.arena.boards import OVERALL, Leaderboard, ModelFacts, Score
from llmhub.arena.exchange.duckdb_interrupts import interruptible, require_room
from llmhub.arena.exchange.duckdb_names import readable
from llmhub.arena.rules import NAME_RULE, is_name
from llmhub.errors import PayloadError, printable
from llmhub.files import open_regular

if TYPE_CHECKING:
    import duckdb

MAGIC = b"PAR1"
"""The bytes at the beginning and the end of every Parquet file."""

SUBSETS = (
    "text",
    "text_style_control",
    "vision",
    "vision_style_control",
    "text_to_image",
    "image_edit",
    "webdev",
    "search",
    "document",
)
"""Subsets that the name of their folder identifies, whatever the name of the file in it."""

_TEXT = ("VARCHAR",)
_FLOAT = ("DOUBLE", "FLOAT")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
# The columns to read, and the DuckDB types that each may have.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "model_name": _TEXT,
    "organization": _TEXT,
    "license": _TEXT,
    "rating": _FLOAT,
    "rating_lower": _FLOAT,
    "rating_upper": _FLOAT,
    "vote_count": _FLOAT + _WHOLE,
    "category": _TEXT,
    "leaderboard_publish_date": _TEXT,
}
# The names of these columns in the subsets of agents.
_AGENT_COLUMNS = {
    "rating": "score",
    "rating_lower": "score_ci_lower",
    "rating_upper": "score_ci_upper",
    "vote_count": "observation_count",
}
# Columns that a file of agents may lack, and the value that every row then has.
_ABSENT = {
    "organization": "CAST(NULL AS VARCHAR)",
    "license": "CAST(NULL AS VARCHAR)",
    "vote_count": "CAST(NULL AS DOUBLE)",
    "category": f"'{OVERALL}'",
}
_SUBSET = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*", re.ASCII)
# The names of the dataset's files: full-00000-of-00001.parquet.
_SPLIT = re.compile(r"(full|latest)(-\d+-of-\d+)?\.parquet", re.ASCII)
_COLUMN_OF = {"rating": "rating", "lower": "rating_lower", "upper": "rating_upper", "votes": "vote_count"}

# A pass over the file reads at most so many rows, or a single date; on real files that is some 60 dates.
_ROWS_A_PASS = 300_000
_MOST_ROWS_A_DATE = 1_000_000
_ROWS_A_FETCH = 20_000
# DuckDB never spills to disk; on real files a pass needs a quarter of this memory.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "192MB",
    "max_temp_directory_size": "0KB",
    "preserve_insertion_order": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_MAX_NAME = 500
_MAX_FOUND = 60
_MAX_LISTED = 20

_FILE = "read_parquet(?, hive_partitioning = false)"
# DuckDB must not answer a filter from a file's statistics, which ignore NaN; it does not for isfinite.
_BOARDS = "SELECT leaderboard_publish_date, category, count(*) FROM {source} GROUP BY ALL ORDER BY ALL"
_FACTS = """
    SELECT model_name, organization, license, min(leaderboard_publish_date) FILTER (WHERE isfinite(rating)),
           max(leaderboard_publish_date) FILTER (WHERE isfinite(rating))
      FROM {source} GROUP BY ALL ORDER BY ALL
"""
_LINES = """
    SELECT model_name, rating, rating_lower, rating_upper, vote_count
      FROM {source} WHERE leaderboard_publish_date BETWEEN ? AND ?
     ORDER BY leaderboard_publish_date, category, model_name
"""

_Line = tuple[str, "float | None", "float | None", "float | None", "float | None"]
_Rows = Mapping[date, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Day:
    """The content of a file for one publication date.

    Attributes:
        date: the date.
        rows: how many rows the file has for it.
        dropped: how many of them have no finite rating.
        leaderboard: its boards, or the reason why they cannot be stored: a row breaks a rule, or a model has two rows.
    """

    date: date
    rows: int
    dropped: int
    leaderboard: Leaderboard | PayloadError


@dataclass(frozen=True, slots=True)
class DatasetFile:
    """An open dataset file.

    Attributes:
        path: the file.
        rows: the number of rows by date, oldest first, and category, for the dates that are complete in it.
        partial: the dates with only some of their categories: a ``latest`` file has an older date for a category
            that was not published on its newest date.
    """

    path: Path
    rows: _Rows
    partial: Sequence[date]
    _name: str = field(repr=False)
    _connection: duckdb.DuckDBPyConnection = field(repr=False)
    _facts: Mapping[date, Mapping[str, ModelFacts]] = field(repr=False)
    _version: tuple[int, ...] = field(repr=False)
    _columns: Mapping[str, str] = field(repr=False)

    def rows_since(self, since: date | None) -> dict[date, int]:
        """Return how many rows each complete date from `since` on has, oldest first."""
        return {day: sum(rows.values()) for day, rows in self.rows.items() if since is None or day >= since}

    def days(self, *, since: date | None = None) -> Iterator[Day]:
        """Yield the complete dates from `since` on, oldest first.

        A model's organization and licence come with the first and the last date that has them unchanged, not with
        the dates between.

        Raises:
            PayloadError: the file can no longer be read, or was changed meanwhile.
        """
        for stretch in _passes(self.rows_since(since)):
            lines = self._lines(stretch[0], stretch[-1])
            for day in stretch:
                yield self._day(day, lines)

    def _lines(self, first: date, last: date) -> Iterator[_Line]:
        with _translated(self.path):
            values = [self._name, first.isoformat(), last.isoformat()]
            interruptible(self._connection, lambda: self._connection.execute(_over(_LINES, self._columns), values))
            rows = self._connection.fetchmany(_ROWS_A_FETCH)
            # DuckDB sorts, so it has read every row by now. The rows come without date and category, which would cost
            # as much as all numbers. The counts tell where each board ends, if the file is still the same.
            if _version(self.path) != self._version:
                raise PayloadError(f"{self.path}: was changed while it was read: import it again")
            while rows:
                yield from rows
                rows = self._connection.fetchmany(_ROWS_A_FETCH)

    def _day(self, day: date, lines: Iterator[_Line]) -> Day:
        boards: dict[str, dict[str, Score]] = {}
        problem: PayloadError | None = None
        dropped = 0
        for category, count in self.rows[day].items():
            group = list(islice(lines, count))
            try:
                board, without_rating = _board(group, self._columns)
            except _BadLineError as error:
                where = f"{self.path}: {day} {printable(category, _MAX_FOUND)}"
                problem = problem or PayloadError(f"{where} / {error}; nothing of this date was stored")
                continue
            dropped += without_rating
            if board:
                boards[category] = board
        rows = sum(self.rows[day].values())
        return Day(day, rows, dropped, problem or Leaderboard(boards, self._facts.get(day, {}), day))


class _BadLineError(Exception):
    """A row breaks a rule; the text says which model's row, and how."""


@contextmanager
def open_dataset(path: Path) -> Iterator[DatasetFile]:
    """Open a dataset file and check everything that can be checked without reading every number.

    Raises:
        PayloadError: it is missing, unreadable, not a whole Parquet file, lacks a column of the subsets with
            ratings, or has an invalid date, or a name that is missing or too long.
    """
    require_room()
    import duckdb  # costs as much as reading a board, and only Parquet needs it

    _require_parquet(path)
    version = _version(path)
    with readable(path) as name, duckdb.connect(config=_CONFIG) as connection, _translated(path):
        source = [name]

        def fetched(statement: str) -> list[Any]:
            return interruptible(connection, lambda: connection.execute(statement, source).fetchall())

        described = fetched(f"DESCRIBE SELECT * FROM {_FILE}")  # noqa: S608 -- constants
        columns = _columns_of({name: kind for name, kind, *_ in described}, path)
        rows, partial = _dates(fetched(_over(_BOARDS, columns)), path)
        facts = _facts(fetched(_over(_FACTS, columns)), path)
        yield DatasetFile(path, rows, partial, name, connection, facts, version, columns)


def is_parquet(path: Path) -> bool:
    """Return whether a file's name or first bytes say Parquet; False if it cannot be read."""
    if path.suffix.lower() == ".parquet":
        return True
    try:
        with open_regular(path) as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def leaderboard_of(path: Path) -> str:
    """Return the leaderboard of a file by the name of its folder.

    A leaderboard has the name of its subset, with hyphens. An unknown name of a folder counts as a subset if a subset
    can have that name and the file has the name of a dataset file.

    Raises:
        PayloadError: the folder's name is not a subset; the message says which option helps.
    """
    folder = path.absolute().parent.name
    if folder in SUBSETS or (_SUBSET.fullmatch(folder) and _SPLIT.fullmatch(path.name)):
        return folder.replace("_", "-")
    raise PayloadError(
        f"{path}: its folder {folder!r} is not a known subset ({', '.join(SUBSETS)}), and the file is not named "
        "like the dataset's (full-00000-of-00001.parquet): give --leaderboard NAME"
    )


def _require_parquet(path: Path) -> None:
    try:
        with open_regular(path) as file:
            head = file.read(len(MAGIC))
            file.seek(max(len(MAGIC), path.stat().st_size - len(MAGIC)))
            tail = file.read()
    except FileNotFoundError:
        raise PayloadError(f"{path}: found no such file, expected a dataset file in Parquet") from None
    except OSError as error:
        raise PayloadError(f"{path}: cannot be read: {error.strerror or error}") from None
    if head != MAGIC:
        raise PayloadError(f"{path}: found a file that begins with {head!r}, expected Parquet ({MAGIC!r})")
    if tail != MAGIC:
        raise PayloadError(f"{path}: found a Parquet file without its end, expected a whole one: fetch it again")


def _version(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn what DuckDB raises about a file into a PayloadError that names it."""
    import duckdb  # see open_dataset

    try:
        yield
    except (duckdb.Error, UnicodeDecodeError) as error:
        # Only the first line: the others quote the statement.
        reason = str(error).partition("\n")[0]
        raise PayloadError(f"{path}: cannot be read as Parquet: {printable(reason, 200)}") from error


def _columns_of(found: Mapping[str, str], path: Path) -> dict[str, str]:
    """Return what to select for each column: the column, the agents' name for it, or a constant if they lack it.

    Raises:
        PayloadError: a column is missing, or has another type.
    """
    of_agents = "rating" not in found and "score" in found
    names = {column: _AGENT_COLUMNS.get(column, column) if of_agents else column for column in _COLUMNS}
    absent = _ABSENT if of_agents else {}
    if missing := [name for column, name in names.items() if name not in found and column not in absent]:
        listed = ", ".join([*found][:_MAX_LISTED]) + (", ..." if len(found) > _MAX_LISTED else "")
        raise PayloadError(
            f"{path}: found the columns {printable(listed, _MAX_NAME)}, expected {', '.join(missing)} too: "
            "only subsets with ratings can be stored"
        )
    for column, name in names.items():
        if name in found and found[name] not in _COLUMNS[column]:
            expected = " or ".join(_COLUMNS[column])
            raise PayloadError(f"{path}: column {name}: found {found[name]}, expected {expected}")
    return {column: name if name in found else absent[column] for column, name in names.items()}


def _over(statement: str, columns: Mapping[str, str]) -> str:
    """Return a statement that reads the file's columns under the names that all statements use."""
    listed = ", ".join(f"{own} AS {name}" for name, own in columns.items())
    return statement.format(source=f"(SELECT {listed} FROM {_FILE})")  # noqa: S608 -- names of this module


def _dates(boards: Sequence[tuple[str | None, str | None, int]], path: Path) -> tuple[_Rows, list[date]]:
    """Return the number of rows by date and category, for the complete dates, and the dates that are not complete."""
    rows: dict[date, dict[str, int]] = {}
    for text, name, count in boards:
        category = _name(name, "category", path)
        rows.setdefault(_day_of(text, path), {})[category] = count
    if not rows:
        raise PayloadError(f"{path}: found no row, expected a leaderboard")
    for day, categories in rows.items():
        if sum(categories.values()) > _MOST_ROWS_A_DATE:
            raise PayloadError(f"{path}: found more than {_MOST_ROWS_A_DATE:,} rows of {day}, expected a leaderboard")
    # A latest file has each category once, for the category's newest date. A full file in which nothing was ever
    # published twice looks the same, so its name decides.
    once = len({category for categories in rows.values() for category in categories}) == len(boards)
    newest = max(rows)
    partial = [day for day in rows if day != newest] if once and not path.name.startswith("full") else []
    return {day: rows[day] for day in rows if day not in partial}, partial


def _day_of(text: str | None, path: Path) -> date:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        day = None
    # fromisoformat also accepts 20251211 and 2025-W50-4.
    if day is None or day.isoformat() != text:
        found = printable(repr(text), _MAX_FOUND)
        raise PayloadError(
            f"{path}: column leaderboard_publish_date: found {found}, expected a date such as 2025-05-20"
        )
    return day


def _name(text: str | None, column: str, path: Path) -> str:
    if text is None or not text.strip():
        raise PayloadError(f"{path}: column {column}: found a row without one, expected a name")
    if not is_name(text):
        raise PayloadError(f"{path}: column {column}: found {printable(repr(text), _MAX_FOUND)}, expected {NAME_RULE}")
    if len(text) > _MAX_NAME:
        found = f"one of {len(text):,} characters ({printable(text, _MAX_FOUND)})"
        raise PayloadError(f"{path}: column {column}: found {found}, expected at most {_MAX_NAME}")
    return text


def _facts(rows: Sequence[tuple[str | None, ...]], path: Path) -> dict[date, dict[str, ModelFacts]]:
    """Return the known facts of the models, by the dates with which they must be stored.

    A fact that stays the same over many dates is stored with the first one, so that the store knows it from then on,
    and with the last one, so that the store knows how recent it is.
    """
    facts: dict[date, dict[str, ModelFacts]] = {}
    for name, organization, licence, first, last in rows:
        model = _name(name, "model_name", path)
        more = ModelFacts(
            _name(organization, "organization", path) if organization and organization.strip() else None,
            _name(licence, "license", path) if licence and licence.strip() else None,
        )
        for text in {first, last} - {None}:
            known = facts.setdefault(_day_of(text, path), {})
            known[model] = known.get(model, ModelFacts()).or_else(more)
    return facts


def _passes(rows: Mapping[date, int]) -> Iterator[list[date]]:
    """Yield stretches of dates with at most `_ROWS_A_PASS` rows together, or a single date."""
    stretch: list[date] = []
    size = 0
    for day, count in rows.items():
        if stretch and size + count > _ROWS_A_PASS:
            yield stretch
            stretch, size = [], 0
        stretch.append(day)
        size += count
    if stretch:
        yield stretch


_score = functools.partial(tuple.__new__, Score)
"""Makes a score from an iterable, like `Score._make`, in half the time."""


def _board(lines: Sequence[_Line], columns: Mapping[str, str]) -> tuple[dict[str, Score], int]:
    """Return the board of one category and date, and how many of its lines have no finite rating.

    Raises:
        _BadLineError: a number breaks a rule, or a model has two different lines.
    """
    names, *numbers = zip(*lines, strict=True)
    if scores := _scores(*numbers):
        board = dict(zip(names, scores, strict=True))
        if len(board) == len(lines):
            return board, 0
    return _board_by_line(lines, columns)


def _scores(
    ratings: Sequence[Any], lowers: Sequence[Any], uppers: Sequence[Any], votes: Sequence[Any]
) -> list[Score] | None:
    """Return the scores in these columns; None if a number is unknown, not finite or out of order, which is rare."""
    try:
        counts = tuple(map(int, votes))
        sound = (
            all(map(le, lowers, ratings))
            and all(map(le, ratings, uppers))
            and -inf not in lowers
            and inf not in uppers
            and counts == votes
            and min(counts) >= 0
            and max(counts) < 1 << 63
        )
    except (TypeError, ValueError, OverflowError):
        # Null, NaN or infinite.
        return None
    return list(map(_score, zip(ratings, lowers, uppers, counts, strict=True))) if sound else None


def _board_by_line(lines: Sequence[_Line], columns: Mapping[str, str]) -> tuple[dict[str, Score], int]:
    board: dict[str, Score] = {}
    dropped = 0
    for name, rating, lower, upper, votes in lines:
        if rating is None or not isfinite(rating):
            dropped += 1
            continue
        count: Any = _known(votes)
        score = Score(
            rating, _known(lower), _known(upper), int(count) if count is not None and count % 1 == 0 else count
        )
        if problem := score.problem():
            attribute, expected = problem
            found = printable(repr(getattr(score, attribute)), _MAX_FOUND)
            raise _BadLineError(
                f"{printable(name, _MAX_FOUND)}: {columns[_COLUMN_OF[attribute]]}: found {found}, expected {expected}"
            )
        if board.setdefault(name, score) != score:
            raise _BadLineError(f"{printable(name, _MAX_FOUND)}: found two different rows, expected one")
    return board, dropped


def _known(value: float | None) -> float | None:
    """Return a number; None for null and NaN."""
    return None if value is None or isnan(value) else value
