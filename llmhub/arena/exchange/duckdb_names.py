"""What DuckDB understands to be just one file, whatever its path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def readable(path: Path) -> Iterator[str]:
    """Give the name by which DuckDB reads a file, as long as the block lasts."""
    with _utf8(path, os.O_RDONLY) as name:
        # DuckDB sees wildcards in a path that it reads.
        yield "".join(f"[{c}]" if c in "*?[" else c for c in name)


@contextmanager
def writable(path: Path) -> Iterator[str]:
    """Give the name by which DuckDB writes a file that is there, as an SQL literal: it takes no parameter for it."""
    with _utf8(path, os.O_RDWR) as name:
        quoted = name.replace("'", "''")
        yield f"'{quoted}'"


@contextmanager
def _utf8(path: Path, mode: int) -> Iterator[str]:
    """Give a file's absolute path; for one that is not UTF-8, which DuckDB cannot be told, its descriptor's name."""
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
