"""Write rows to a Parquet file with DuckDB, which can be interrupted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from llmhub.arena.exchange.duckdb_interrupts import interruptible
from llmhub.arena.exchange.duckdb_names import writable


def copy_to_parquet(path: Path, types: Mapping[str, str], rows: Sequence[tuple[object, ...]]) -> None:
    """Write rows to an existing file.

    Args:
        path: the file.
        types: DuckDB's type of each column, by the column's name.
        rows: the rows, with a value for each column.

    Raises:
        duckdb.Error: the file cannot be written.
    """
    import duckdb

    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in types]
    selected = ", ".join(f'unnest(?::{kind}[]) AS "{name}"' for name, kind in types.items())
    with writable(path) as name, duckdb.connect() as connection:
        for statement, values in (
            (f"CREATE TABLE written AS SELECT {selected}", columns),
            (f"COPY written TO {name} (FORMAT parquet, USE_TMP_FILE false)", None),
        ):
            interruptible(connection, partial(connection.execute, statement, values))
