"""Models as a Parquet file, with the columns of `CatalogRow`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, get_args, get_type_hints

from llmhub.arena.exchange.duckdb_interrupts import interruptible, require_room
from llmhub.arena.exchange.duckdb_names import writable
from llmhub.catalog.stored.rows import CatalogRow
from llmhub.errors import OutputError
from llmhub.files import written_whole

_TYPES = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN"}


def write_parquet(path: Path, rows: Sequence[CatalogRow], *, force: bool) -> None:
    """Write rows to a file.

    Raises:
        FileInTheWayError: the file is there, and `force` was not given.
        OutputError: it cannot be written.
    """
    require_room()
    import duckdb

    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in CatalogRow._fields]
    selected = ", ".join(f'unnest(?::{_type(hint)}[]) AS "{name}"' for name, hint in get_type_hints(CatalogRow).items())
    with written_whole(path, force=force) as temporary:
        try:
            with writable(temporary) as name, duckdb.connect() as connection:
                for statement, values in (
                    (f"CREATE TABLE model AS SELECT {selected}", columns),
                    (f"COPY model TO {name} (FORMAT parquet, USE_TMP_FILE false)", None),
                ):
                    interruptible(connection, partial(connection.execute, statement, values))
        except duckdb.Error as error:
            reason = str(error).partition("\n")[0]
            raise OutputError(f"{path} cannot be written: {reason}") from error


def _type(hint: Any) -> str:
    """Return DuckDB's type of a column, by the type of its field, which may be None too."""
    (kind,) = (set(get_args(hint)) or {hint}) - {type(None)}
    return _TYPES[kind]
