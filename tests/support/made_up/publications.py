"""Small made-up publications in the shape of the published dataset: Parquet files, written by DuckDB.

    write_publication(folder, "text", [row("made-up-a", 1400), row("made-up-b", float("nan"))])
    small_publication(folder)                      # all five subsets: a refresh against it works

Every model in them is made up.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import EllipsisType

import duckdb

LATEST = "latest-00000-of-00001.parquet"
FULL = "full-00000-of-00001.parquet"
SUBSETS = ("text", "text_style_control", "vision", "vision_style_control", "text_to_image")
DAY = "2026-01-05"

# The dataset's columns in its order, with the types that `text` has.
COLUMNS = {
    "model_name": "VARCHAR",
    "organization": "VARCHAR",
    "license": "VARCHAR",
    "rating": "DOUBLE",
    "rating_lower": "DOUBLE",
    "rating_upper": "DOUBLE",
    "variance": "DOUBLE",
    "vote_count": "DOUBLE",
    "rank": "DOUBLE",
    "category": "VARCHAR",
    "leaderboard_publish_date": "VARCHAR",
}

Value = str | float | None
Row = dict[str, Value]

# Model, organization, licence, rating on text / overall, votes.
MODELS: tuple[tuple[str, str | None, str | None, float, float | None], ...] = (
    ("made-up-aurora-2", "Made-Up Labs", "Proprietary", 1451.123456789012, 12_001.0),
    ("made-up-aurora-1", "Made-Up Labs", "Proprietary", 1420.25, 30_517.0),
    ("made-up-birch-70b", "Invented Trees", "Apache 2.0", 1388.5, 8_002.0),
    ("made-up-birch-7b", "Invented Trees", "Apache 2.0", 1290.75, 7_998.0),
    ("made-up-comet", "", "", 1201.0, None),
)
TEXT_CATEGORIES = {"overall": 0.0, "coding": 11.0, "hard_prompts": -7.5, "math": 3.25}
IMAGE_CATEGORIES = {"overall": -300.0, "is_preset_generation": -310.0}


def row(
    model: str | None,
    rating: float | None,
    lower: float | EllipsisType | None = ...,
    upper: float | EllipsisType | None = ...,
    *,
    category: str | None = "overall",
    votes: float | None = 1000.0,
    organization: str | None = "Made-Up Labs",
    license: str | None = "Proprietary",  # noqa: A002 -- the dataset's name for it
    published_on: str | None = DAY,
    rank: float | None = None,
    variance: float | None = 6.5,
) -> Row:
    """Return one row of a publication; bounds that are not given are 5 points to either side of the rating.

    Pass ``None`` or ``float("nan")`` for unknown values.
    """
    return {
        "model_name": model,
        "organization": organization,
        "license": license,
        "rating": rating,
        "rating_lower": (None if rating is None else rating - 5.0) if lower is ... else lower,
        "rating_upper": (None if rating is None else rating + 5.0) if upper is ... else upper,
        "variance": variance,
        "vote_count": votes,
        "rank": rank,
        "category": category,
        "leaderboard_publish_date": published_on,
    }


def write_publication(
    folder: Path,
    subset: str,
    rows: Sequence[Row],
    *,
    name: str = LATEST,
    drop: Collection[str] = (),
    retype: Mapping[str, str] | None = None,
) -> Path:
    """Write ``<folder>/<subset>/<name>`` and return its path; folders are made.

    The columns have the real types. ``drop`` leaves columns out; ``retype`` gives columns another DuckDB type that can
    hold the values. A name in ``retype`` that is not a column of the dataset becomes a further column, null in rows
    without a value for it.
    """
    path = folder / subset / name
    path.parent.mkdir(parents=True, exist_ok=True)
    types = {name: kind for name, kind in (COLUMNS | dict(retype or {})).items() if name not in drop}
    # Many tests publish the same rows: DuckDB writes them once, and later files are copies.
    same = repr((types, rows))
    if same in _WRITTEN:
        path.write_bytes(_WRITTEN[same])
    else:
        _write(path, types, rows)
        _WRITTEN[same] = path.read_bytes()
    return path


_WRITTEN: dict[str, bytes] = {}


@cache
def _duckdb() -> duckdb.DuckDBPyConnection:
    """Return the DuckDB that writes all files: starting one takes longer than writing most files."""
    return duckdb.connect()


def _write(path: Path, types: Mapping[str, str], rows: Sequence[Row]) -> None:
    target = str(path).replace("'", "''")
    with _duckdb().cursor() as connection:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
        connection.execute(f"CREATE TEMP TABLE publication ({columns})")
        if rows:
            # A list per column: executemany takes 7 s for 5,000 rows.
            lists = ", ".join(f"unnest(?::{kind}[])" for kind in types.values())
            values = [[line.get(name) for line in rows] for name in types]
            connection.execute(f"INSERT INTO publication SELECT {lists}", values)
        connection.execute(f"COPY publication TO '{target}' (FORMAT parquet)")


def board_rows(category: str, *, published_on: str = DAY, shift: float = 0.0) -> list[Row]:
    """Return the lines of ``MODELS`` on one category, all ratings moved by ``shift``, best first."""
    return [
        row(
            model,
            rating + shift,
            category=category,
            votes=votes,
            organization=organization,
            license=licence,
            published_on=published_on,
            rank=float(rank),
        )
        for rank, (model, organization, licence, rating, votes) in enumerate(MODELS, start=1)
    ]


def small_publication(folder: Path, *, published_on: str = DAY, shift: float = 0.0) -> Path:
    """Write all five subsets with five models each, and return ``folder``.

    text and text_style_control have overall, coding, hard_prompts and math, vision and vision_style_control
    only overall, text_to_image overall and is_preset_generation. ``shift`` is added to every rating.
    """
    for subset in SUBSETS:
        moves = TEXT_CATEGORIES if subset.startswith("text") else {"overall": -100.0}
        moves = IMAGE_CATEGORIES if subset == "text_to_image" else moves
        rows = [
            line
            for category, move in sorted(moves.items())
            for line in board_rows(category, published_on=published_on, shift=move + shift)
        ]
        # In the real text_style_control the column rank has an integer type.
        write_publication(folder, subset, rows, retype={"rank": "BIGINT"} if "style" in subset else None)
    return folder
