"""Models as a Parquet file, with the columns of `CatalogRow`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args, get_type_hints

from llmhub.arena.exchange.duckdb_interrupts import require_room
from llmhub.arena.exchange.parquet_writing import copy_to_parquet
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

    types = {name: _type(hint) for name, hint in get_type_hints(CatalogRow).items()}
    with written_whole(path, force=force) as temporary:
        try:
            copy_to_parquet(temporary, types, rows)
        except duckdb.Error as error:
            reason = str(error).partition("\n")[0]
            raise OutputError(f"{path} cannot be written: {reason}") from error


def _type(hint: Any) -> str:
    """Return DuckDB's type of a column, by the type of its field, which may be None too."""
    (kind,) = (set(get_args(hint)) or {hint}) - {type(None)}
    return _TYPES[kind]
