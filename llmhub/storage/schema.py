"""A program's description of its files for storage: its mark, and the versions of its tables."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from llmhub.errors import StoreUnusableError
from llmhub.storage.sqlite_errors import Remedies, damaged, translated
from llmhub.storage.sqlite_file import connect, exists

READ_REVISION = "SELECT version_num FROM alembic_version"
"""The statement that reads a file's schema revision."""

_REVISION = re.compile(r"[0-9]{4}")
_MOST_RECOVERIES = 20


class Schema(NamedTuple):
    """A program's files.

    Attributes:
        program: the program's name.
        application_id: the mark in the header of each of its files.
        revisions: the schema revisions that it knows, oldest first; the last one is the current schema.
        readable: those that its statements fit: such a file is read even if it cannot be upgraded.
        migrations: returns the folder of its alembic migrations.
        remedies: its advice about files that cannot be used.
    """

    program: str
    application_id: int
    revisions: tuple[str, ...]
    readable: frozenset[str]
    migrations: Callable[[], Path]
    remedies: Remedies

    @property
    def current(self) -> str:
        """Return the revision of the current schema."""
        return self.revisions[-1]

    @property
    def file_begins(self) -> re.Pattern[bytes]:
        """Return a pattern of the first bytes of the program's files."""
        mark = re.escape(self.application_id.to_bytes(4, "big"))
        return re.compile(rb"SQLite format 3\x00.{52}" + mark, re.DOTALL)

    def revision_of(self, connection: sqlite3.Connection, path: Path) -> str | None:
        """Return a file's schema revision; None for an empty file.

        Raises:
            StoreUnusableError: the file is another program's, or of a newer version.
        """
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        if application_id != self.application_id:
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if application_id == 0 and tables == 0:
                # SQLite takes a file of one byte for an empty one.
                if path.stat().st_size == 1:
                    raise damaged(path, "a single byte of it is left", self.remedies)
                return None
            # Another process may have made the store in between the two looks.
            if connection.execute("PRAGMA application_id").fetchone() != (self.application_id,):
                raise StoreUnusableError(
                    f"{path} is another program's SQLite file; it was not touched: "
                    f"move it away, or {self.remedies.elsewhere} to another folder"
                )
        row = connection.execute(READ_REVISION).fetchone()
        if row is None or row[0] not in self.revisions:
            if row is None or not _REVISION.fullmatch(str(row[0])) or row[0] < self.current:
                raise damaged(path, "it does not say which schema it has", self.remedies)
            raise StoreUnusableError(self._newer(connection, path, row[0]))
        return str(row[0])

    def revision_after_recovery(self, connection: sqlite3.Connection, path: Path) -> str | None:
        """Do what `revision_of` does, and first roll back the transaction of a killed writer."""
        for _ in range(_MOST_RECOVERIES):
            try:
                return self.revision_of(connection, path)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode not in {sqlite3.SQLITE_READONLY_ROLLBACK, sqlite3.SQLITE_READONLY_CANTLOCK}:
                    raise
            # A read-only connection may not roll back a hot journal; a writable one does so at its first statement. A
            # journal can also look hot for a moment while another process commits, several times in a row.
            with closing(connect(path, "rw")) as writable:
                writable.execute("PRAGMA schema_version").fetchone()
        return self.revision_of(connection, path)

    def is_current(self, path: Path) -> bool:
        """Say whether a file exists and has the current schema.

        Raises:
            StoreUnusableError: the file is damaged, unreadable, another program's, or of a newer version.
        """
        if not exists(path):
            return False
        with translated(path, self.remedies), closing(connect(path, "ro")) as connection:
            return self.revision_after_recovery(connection, path) == self.current

    def _newer(self, connection: sqlite3.Connection, path: Path, revision: str) -> str:
        """Return the error of a file that is newer than this program; it names the version needed, if known."""
        (needed,) = connection.execute("PRAGMA user_version").fetchone()
        version = f": it needs {self.program} {version_text(needed)} or later" if needed > 0 else ""
        return (
            f"{path} was made by a newer {self.program} (schema {revision}, this one knows up to {self.current})"
            f"{version}; it was not touched: upgrade {self.program}"
        )


def version_text(needed: int) -> str:
    """Return the program's version that a file's user_version stands for: 2000 is 0.2.0.

    Migrations write it, so that older programs can name the version to upgrade to; 0 stands for 0.1.0.
    """
    return ".".join(map(str, (needed // 1_000_000, needed // 1_000 % 1_000, needed % 1_000))) if needed else "0.1.0"
