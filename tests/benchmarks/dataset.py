"""A made-up dataset file in the full size of the real one, or any other: what an import is measured and killed on."""

from __future__ import annotations

from pathlib import Path

import duckdb

DATES, CATEGORIES, MODELS = 247, 29, 434
"""What the real `text` had in October 2026, in 1,168,522 rows; with these the file has about as many."""

# Each number is a hash of what it belongs to, so that a file of the same shape is always the same file. A board that
# is unchanged repeats the last one that was not (`as_of`), and so do its models. Models come all the time, and go after
# 170 dates; a few are missing in each category.
_ROWS = """
    WITH changes AS (
        SELECT category, day,
               max(CASE WHEN day = 0 OR hash(category, day) % 10000 >= $unchanged * 10000 THEN day END)
                   OVER (PARTITION BY category ORDER BY day) AS as_of
          FROM range($categories) AS c (category), range($dates) AS d (day)
    ), models AS (
        SELECT model, model * $dates // $models AS born FROM range($models) AS m (model)
    ), lines AS (
        SELECT *, 1000.0 + hash(model) % 400 + hash(model, category) % 1000 / 37.0
                  + hash(model, category, as_of) % 100000 / 17000.0 AS rating,
               3.0 + hash(model, category, as_of, 1) % 100000 / 17000.0 AS below,
               3.0 + hash(model, category, as_of, 2) % 100000 / 17000.0 AS above,
               1 + (as_of - born + 1) * (1 + hash(model, category) % (750 // (category + 1) + 2)) AS votes
          FROM changes, models
         WHERE born <= as_of AND as_of - born < 170 AND hash(model, category, 7) % 100 < 83
    )
    SELECT 'made-up-model-' || model || '-' || hash(model) % 10000 AS model_name,
           'Made-Up Lab ' || model % 40 AS organization, 'Licence ' || model % 5 AS license,
           rating, rating - below AS rating_lower, rating + above AS rating_upper, below * above AS variance,
           votes::DOUBLE AS vote_count,
           (rank() OVER (PARTITION BY category, day ORDER BY rating DESC))::DOUBLE AS rank,
           if(category = 0, 'overall', 'category_' || category) AS category,
           strftime(DATE '2023-05-08' + (day * 4)::INTEGER, '%Y-%m-%d') AS leaderboard_publish_date
      FROM lines
     ORDER BY lines.category, day, rank
"""


def dataset_file(
    path: Path,
    *,
    unchanged: float = 0.0,
    dates: int = DATES,
    categories: int = CATEGORIES,
    models: int = MODELS,
) -> Path:
    """Write a `full` file with the dataset's columns and order, and return its path.

    Args:
        path: where to; its folder is made.
        unchanged: the share of boards that are what they were on the date before, from 0 to 1.
        dates: how many publication dates it has, four days apart.
        categories: how many categories each date has.
        models: how many models there ever were.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = {"unchanged": unchanged, "dates": dates, "categories": categories, "models": models}
    with duckdb.connect() as connection:
        target = str(path).replace("'", "''")
        # As in the real file, a row group has few dates of one category in it.
        connection.execute(f"COPY ({_ROWS}) TO '{target}' (FORMAT parquet, ROW_GROUP_SIZE 2048)", shape)
    return path
