"""Names by which DuckDB reads or writes exactly one file, whatever characters its path has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def readable(path: Path) -> Iterator[str]:
    """Give the name by which DuckDB reads a file; it is valid inside the block."""
    with _utf8(path, os.O_RDONLY) as name:
        # DuckDB expands wildcards in a path that it reads.
        yield "".join(f"[{c}]" if c in "*?[" else c for c in name)


@contextmanager
def writable(path: Path) -> Iterator[str]:
    """Give the name by which DuckDB writes an existing file, as an SQL literal: COPY takes no parameter for it."""
    with _utf8(path, os.O_RDWR) as name:
        quoted = name.replace("'", "''")
        yield f"'{quoted}'"


@contextmanager
def _utf8(path: Path, mode: int) -> Iterator[str]:
    """Give a file's absolute path or, if that is not UTF-8 as DuckDB needs, the name of its descriptor."""
    name = str(path.absolute())
    try:
        name.encode()
    except UnicodeEncodeError:
        descriptor = os.open(path, mode)
        try:
            yield f"/dev/fd/{descriptor}"
        finally:
            os.close(descriptor)
    else:
        yield name
