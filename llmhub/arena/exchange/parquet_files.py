"""The published dataset's Parquet files: what one holds, and its leaderboards date by date.

The files are sorted by category and the store goes by date, so DuckDB sorts; a few dates at a time, which keeps
what is in memory at once the same however many dates a file has.
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
"""What a Parquet file begins and ends with."""

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
"""Subsets that are known by their folder's name, whatever the file in it is called."""

_TEXT = ("VARCHAR",)
_FLOAT = ("DOUBLE", "FLOAT")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
# The columns that are read, and the DuckDB types that each may have.
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
# What the subsets of agents call theirs.
_AGENT_COLUMNS = {
    "rating": "score",
    "rating_lower": "score_ci_lower",
    "rating_upper": "score_ci_upper",
    "vote_count": "observation_count",
}
# Those that a file of agents may lack, and what then stands in each row.
_ABSENT = {
    "organization": "CAST(NULL AS VARCHAR)",
    "license": "CAST(NULL AS VARCHAR)",
    "vote_count": "CAST(NULL AS DOUBLE)",
    "category": f"'{OVERALL}'",
}
_SUBSET = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*", re.ASCII)
# How the dataset's files are called: full-00000-of-00001.parquet.
_SPLIT = re.compile(r"(full|latest)(-\d+-of-\d+)?\.parquet", re.ASCII)
_COLUMN_OF = {"rating": "rating", "lower": "rating_lower", "upper": "rating_upper", "votes": "vote_count"}

# A pass over the file brings at most so many rows, or a single date; on real files that is some 60 dates.
_ROWS_A_PASS = 300_000
_MOST_ROWS_A_DATE = 1_000_000
_ROWS_A_FETCH = 20_000
# No file is ever spilled to: on real files a pass needs a quarter of this.
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
# No filter that DuckDB could answer from a file's statistics, which leave NaN out: isfinite is not one of them.
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
    """What a file has of one publication date.

    Attributes:
        date: the date.
        rows: how many rows the file has of it.
        dropped: how many of them have no finite rating.
        leaderboard: its boards, or why they cannot be stored: a line that breaks a rule or stands twice.
    """

    date: date
    rows: int
    dropped: int
    leaderboard: Leaderboard | PayloadError


@dataclass(frozen=True, slots=True)
class DatasetFile:
    """An open dataset file.

    Attributes:
        path: where it is.
        rows: how many rows it has by date, the oldest first, and category; of the dates that are complete in it.
        partial: the dates of which it has some of the categories only: a ``latest`` file has, of a category that
            was not published on its newest date, an older one.
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
        """Return how many rows each complete date from `since` on has, the oldest first."""
        return {day: sum(rows.values()) for day, rows in self.rows.items() if since is None or day >= since}

    def days(self, *, since: date | None = None) -> Iterator[Day]:
        """Yield the complete dates from `since` on, the oldest first.

        A model's organization and licence come with the first and the last date that has them as they are, and
        not with every date between.

        Raises:
            PayloadError: the file cannot be read on, or was changed meanwhile.
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
            # They are sorted, so all of them have been read. They come without date and category, which cost as
            # much as all numbers: whose they are is known from their counts, as long as those are this file's.
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
    """A line breaks a rule; the text says which model's, and how."""


@contextmanager
def open_dataset(path: Path) -> Iterator[DatasetFile]:
    """Open a dataset file and check all that can be checked without reading every number.

    Raises:
        PayloadError: it is missing, unreadable, no whole Parquet file, has other columns than the subsets with
            ratings have, a date that is none, or a name that is missing or too long.
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
    """Say whether a file is called so, or begins so; one that cannot be read is not."""
    if path.suffix.lower() == ".parquet":
        return True
    try:
        with open_regular(path) as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def leaderboard_of(path: Path) -> str:
    """Return the leaderboard that a file is known to hold by its folder's name.

    A leaderboard is called after its subset, with hyphens. A folder that is called after no known subset counts as
    one if a subset can be called so and the file in it is called as the dataset's are.

    Raises:
        PayloadError: the folder is no subset's; the message says which option helps.
    """
    folder = path.absolute().parent.name
    if folder in SUBSETS or (_SUBSET.fullmatch(folder) and _SPLIT.fullmatch(path.name)):
        return folder.replace("_", "-")
    raise PayloadError(
        f"{path}: its folder {folder!r} is no known subset ({', '.join(SUBSETS)}), and the file is not called as the "
        "dataset's are (full-00000-of-00001.parquet): give --leaderboard NAME"
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
        # Only the first line: the next ones quote the statement.
        reason = str(error).partition("\n")[0]
        raise PayloadError(f"{path}: cannot be read as Parquet: {printable(reason, 200)}") from error


def _columns_of(found: Mapping[str, str], path: Path) -> dict[str, str]:
    """Return what to select for each column: itself, the agents' one for it, or what stands for one they lack.

    Raises:
        PayloadError: a column is missing, or of another type.
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
    """Return a statement that reads the file's own columns under the names that all statements use."""
    listed = ", ".join(f"{own} AS {name}" for name, own in columns.items())
    return statement.format(source=f"(SELECT {listed} FROM {_FILE})")  # noqa: S608 -- names of this module


def _dates(boards: Sequence[tuple[str | None, str | None, int]], path: Path) -> tuple[_Rows, list[date]]:
    """Return the rows by date and category, of the complete dates, and the dates that are not complete."""
    rows: dict[date, dict[str, int]] = {}
    for text, name, count in boards:
        category = _name(name, "category", path)
        rows.setdefault(_day_of(text, path), {})[category] = count
    if not rows:
        raise PayloadError(f"{path}: found no row, expected a leaderboard")
    for day, categories in rows.items():
        if sum(categories.values()) > _MOST_ROWS_A_DATE:
            raise PayloadError(f"{path}: found more than {_MOST_ROWS_A_DATE:,} rows of {day}, expected a leaderboard")
    # A latest file has each category once, of its newest date; so would a full file in which nothing was ever
    # published twice, which its name tells apart.
    once = len({category for categories in rows.values() for category in categories}) == len(boards)
    newest = max(rows)
    partial = [day for day in rows if day != newest] if once and not path.name.startswith("full") else []
    return {day: rows[day] for day in rows if day not in partial}, partial


def _day_of(text: str | None, path: Path) -> date:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        day = None
    # fromisoformat takes 20251211 and 2025-W50-4 too.
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
    """Return what is known of the models, by the dates that must say so.

    Of what stays the same over many dates, the first and the last are enough: on the way the store knows it, and
    in the end since when.
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
            before = known.get(model, ModelFacts())
            known[model] = ModelFacts(before.organization or more.organization, before.license or more.license)
    return facts


def _passes(rows: Mapping[date, int]) -> Iterator[list[date]]:
    """Yield stretches of dates that have at most so many rows together, or are a single date."""
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
"""Makes a score of an iterable, as `Score._make` does, in half the time."""


def _board(lines: Sequence[_Line], columns: Mapping[str, str]) -> tuple[dict[str, Score], int]:
    """Return the board that the lines of one category and date make, and how many have no finite rating.

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
    """Return the scores in these columns; None unless all is known, finite and in order, as nearly always it is."""
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
        # Unknown (null), NaN, infinite.
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
    """Return a number, None for one that is null or NaN."""
    return None if value is None or isnan(value) else value
