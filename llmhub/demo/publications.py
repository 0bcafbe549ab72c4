"""Three made-up publications of a leaderboard, a day apart, in the published dataset's Parquet shape.

No model, vote or rating in here is real. The changes are those of real leaderboards: models come and go, one is
renamed, the scale is re-anchored, and most ratings move by less than their interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from llmhub.arena.exchange.duckdb_interrupts import require_room
from llmhub.arena.exchange.duckdb_names import writable

FIRST_MOMENT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
STEP = timedelta(hours=25)

SUBSETS = ("text", "text_style_control", "vision", "vision_style_control", "text_to_image")
_LATEST = "latest-00000-of-00001.parquet"
_FULL = "full-00000-of-00001.parquet"
_CATEGORIES = {"overall": 0.0, "coding": 12.0, "math": -8.0, "creative_writing": 5.0, "hard_prompts": 3.0}
_MADE_UP = "Made-Up Labs"


@dataclass(frozen=True, slots=True)
class Line:
    """A model's line on the overall board; the other boards are its shifted copies."""

    model: str
    rating: float
    half_width: float
    votes: int
    organization: str = _MADE_UP


FIRST = (
    Line("imaginary-opus-2", 1461.2, 4.1, 41_210),
    Line("fictional-pro-3", 1455.8, 3.8, 48_731, "Example Research"),
    Line("imaginary-opus-2-thinking", 1449.0, 5.2, 20_480),
    Line("pretend-large", 1421.5, 4.4, 35_902, "Pretend AI"),
    Line("fictional-flash-3", 1404.3, 3.1, 61_007, "Example Research"),
    Line("invented-70b", 1377.9, 6.0, 15_333, "Invented Collective"),
    Line("pretend-small", 1352.6, 3.7, 44_018, "Pretend AI"),
    Line("make-believe-8b", 1298.4, 7.5, 9_127, "Invented Collective"),
)


def _second() -> Iterator[Line]:
    """One model comes, one goes, one is renamed with the same rating and votes; one clearly improves."""
    yield Line("fictional-ultra-4", 1478.4, 8.9, 5_204, "Example Research")
    for line in FIRST:
        if line.model == "make-believe-8b":
            continue
        if line.model == "imaginary-opus-2-thinking":
            yield replace(line, model="imaginary-opus-2-high")
        elif line.model == "invented-70b":
            yield replace(line, rating=line.rating + 16.4, votes=line.votes + 2_811)
        elif line.model == "pretend-large":
            yield replace(line, rating=line.rating - 1.3, votes=line.votes + 940)
        else:
            yield line


def _third() -> Iterator[Line]:
    """The scale is re-anchored by 20 points; the newest model settles, with more votes."""
    for line in _second():
        moved = replace(line, rating=line.rating + 20.0)
        if line.model == "fictional-ultra-4":
            moved = replace(moved, rating=moved.rating - 6.2, half_width=5.6, votes=line.votes + 9_377)
        yield moved


def editions() -> list[tuple[datetime, tuple[Line, ...]]]:
    """Return the moment of each publication and its overall board."""
    boards = (FIRST, tuple(_second()), tuple(_third()))
    return [(FIRST_MOMENT + number * STEP, board) for number, board in enumerate(boards)]


def write_publication(folder: Path, moment: datetime, board: tuple[Line, ...]) -> None:
    """Write one publication as the dataset's folders and files below `folder`, over an earlier one."""
    _write([(moment, board)], [folder / subset / _LATEST for subset in SUBSETS])


def write_past(folder: Path, editions: Iterable[tuple[datetime, tuple[Line, ...]]]) -> None:
    """Write many publications as the dataset's file of the whole history of `text`, below `folder`."""
    _write(editions, [folder / "text" / _FULL])


def _write(editions: Iterable[tuple[datetime, tuple[Line, ...]]], files: Iterable[Path]) -> None:
    require_room()
    import duckdb

    rows = [
        (
            line.model,
            line.organization,
            "Proprietary",
            rating := round(line.rating + offset, 2),
            round(rating - line.half_width, 2),
            round(rating + line.half_width, 2),
            round((line.half_width / 1.96) ** 2, 4),
            float(line.votes),
            category,
            f"{moment:%Y-%m-%d}",
        )
        for moment, board in editions
        for category, offset in _CATEGORIES.items()
        for line in board
    ]
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE publication (model_name VARCHAR, organization VARCHAR, license VARCHAR, rating DOUBLE, "
            "rating_lower DOUBLE, rating_upper DOUBLE, variance DOUBLE, vote_count DOUBLE, category VARCHAR, "
            "leaderboard_publish_date VARCHAR)"
        )
        # One list for each column: row by row, duckdb takes a thousand times as long.
        columns = [list(column) for column in zip(*rows, strict=True)]
        connection.execute(f"INSERT INTO publication SELECT {', '.join(['unnest(?)'] * len(columns))}", columns)
        for path in files:
            path.parent.mkdir(exist_ok=True)
            path.touch()
            rank = (
                "CAST(row_number() OVER (PARTITION BY leaderboard_publish_date, category ORDER BY rating DESC) "
                "AS DOUBLE) AS rank"
            )
            with writable(path) as name:
                connection.execute(
                    f"COPY (SELECT *, {rank} FROM publication) TO {name} (FORMAT parquet, USE_TMP_FILE false)"  # noqa: S608 -- of this file
                )
