"""A remote in PostgreSQL: one connection, what the remote says of itself, and its transactions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from llmhub import background
from llmhub.errors import RemoteFormatError, RemoteUnreachableError
from llmhub.remote.failures import INIT, remote_error, require_extra, translated
from llmhub.remote.snapshots import Snapshot

if TYPE_CHECKING:
    from concurrent.futures import Future
    from types import TracebackType

    from sqlalchemy import Connection, Engine, Executable

    from llmhub.remote.address import Address
    from llmhub.remote.driver import WatchedConnection

FORMAT = 1
"""The format of remotes that this program reads and writes."""

CONNECT_SECONDS = 5.0
"""How long a server may take to let somebody in."""

STATEMENT_SECONDS = 30.0
"""How long a statement may take, and a server be silent."""

_NO_PLACE = re.compile(r"too many clients|too many connections|connection slots are reserved")
_SECONDS_BETWEEN_TRIES = 0.25

_SETTINGS = (
    "SET statement_timeout = {milliseconds}; SET lock_timeout = {milliseconds}; SET TimeZone = 'UTC'; "
    "SET extra_float_digits = 3"
)
_READ_FORMAT = "SELECT format FROM llmhub.remote"
_LOOK = """
    SELECT id::text, position, clock_timestamp(), failed_at, failure, failure_token,
           has_table_privilege('llmhub.score', 'INSERT') AND NOT pg_is_in_recovery()
           AND current_setting('transaction_read_only') = 'off'
      FROM llmhub.remote
"""
_SNAPSHOTS = """
    SELECT id, source, taken_at, revision, script, position FROM llmhub.snapshot
     WHERE position > %s ORDER BY position
"""
_IDENTITIES = "SELECT id, source, taken_at FROM llmhub.snapshot WHERE source = ANY(%s)"
_MARK = "SELECT source, taken_at FROM llmhub.snapshot WHERE position <= %s ORDER BY position DESC LIMIT 1"
_NEXT_POSITION = "UPDATE llmhub.remote SET position = position + 1 RETURNING position"


class Look(NamedTuple):
    """What a remote says of itself.

    Attributes:
        remote_id: its own name, made with it.
        position: the place of its newest snapshot in the order in which it got them.
        now: the moment by its server's clock.
        skew: by how much this machine's clock is ahead of the server's.
        writable: whether this role may write.
        failure: the last run for all machines that failed: its moment, reason and token.
    """

    remote_id: str
    position: int
    now: datetime
    skew: timedelta
    writable: bool
    failure: tuple[datetime, str, str] | None


class Server:
    """An open connection to a remote; a context manager. Only one thread may use it."""

    def __init__(self, address: Address, connection: WatchedConnection) -> None:
        self.address = address
        self.raw = connection
        self.statements = 0
        self._engine: Engine | None = None

    @classmethod
    def connect(
        cls, address: Address, *, connect_seconds: float = CONNECT_SECONDS, seconds: float = STATEMENT_SECONDS
    ) -> Self:
        """Connect to a remote.

        Args:
            address: where it is; what it leaves out comes from libpq's variables, service files and .pgpass.
            connect_seconds: how long it may take to be let in.
            seconds: how long a statement may take, and the server be silent.

        Raises:
            ExtraMissingError: the packages for it are not installed.
            RemoteError: it does not answer in time, or refuses.
        """
        require_extra()
        # Looking up a host's name obeys no time-out.
        made = background.start(lambda: _connected(address, connect_seconds), name="llmhub-remote")
        if not background.has_ended(made, seconds=connect_seconds):
            made.add_done_callback(_close_late)
            raise RemoteUnreachableError(f"{address.shown}: no answer within {connect_seconds:g} s")
        connection = made.result()
        connection.seconds = seconds
        server = cls(address, connection)
        try:
            server.run(_SETTINGS.format(milliseconds=int(seconds * 1000)))
        except BaseException:
            server.close()
            raise
        return server

    def close(self) -> None:
        """Close the connection; a transaction under way is undone."""
        with suppress(Exception):
            self.raw.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- reading

    def run(self, statement: str) -> None:
        """Run statements that return nothing."""
        with translated(self.address):
            self.statements += 1
            self.raw.execute(statement.encode())

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a statement with %s for its parameters."""
        with translated(self.address):
            self.statements += 1
            return self.raw.execute(statement.encode(), parameters, binary=True).fetchall()

    def look(self) -> Look:
        """Return what the remote says of itself.

        Raises:
            RemoteFormatError: it has another format than this program, or none yet.
            RemoteError: it cannot be read.
        """
        found = self.rows(_READ_FORMAT)
        require_format(self.address, found[0][0] if found else None)
        row = self.rows(_LOOK)[0]
        remote_id, position, now, failed_at, failure, token, writable = row
        failed = None if token is None else (failed_at, failure, token)
        return Look(remote_id, position, now.astimezone(UTC), datetime.now(UTC) - now, writable, failed)

    def snapshots(self, after: int = 0) -> list[Snapshot]:
        """Return the snapshots that the remote got after a position, in the order in which it got them."""
        return [
            Snapshot(number, source, taken_at.astimezone(UTC), revision, script, position)
            for number, source, taken_at, revision, script, position in self.rows(_SNAPSHOTS, [after])
        ]

    def mark(self, position: int) -> str:
        """Return which snapshot was the newest at a position: another one, where the server went back to a copy."""
        rows = self.rows(_MARK, [position])
        return " ".join(f"{source} {taken_at.astimezone(UTC).isoformat()}" for source, taken_at in rows)

    def identities(self, sources: Iterable[str]) -> dict[tuple[str, datetime], int]:
        """Return the numbers of all snapshots of some sources."""
        rows = self.rows(_IDENTITIES, [list(sources)])
        return {(source, taken_at.astimezone(UTC)): number for number, source, taken_at in rows}

    # -- writing

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction that takes its turn before all others that write; it is undone on any error.

        Raises:
            RemoteError: the remote could not be written; nothing of the transaction was.
        """
        with translated(self.address):
            self.raw.autocommit = False
            try:
                with self._made_engine().begin() as connection:
                    yield Transaction(connection, self)
            finally:
                if not self.raw.closed:
                    self.raw.rollback()
                    self.raw.autocommit = True

    def _made_engine(self) -> Engine:
        if self._engine is None:
            # A third of a second to import, which a process that only pulls does not need.
            from sqlalchemy import create_engine
            from sqlalchemy.pool import StaticPool

            self._engine = create_engine(
                "postgresql+psycopg://",
                creator=lambda: self.raw,
                poolclass=StaticPool,
                use_native_hstore=False,
                pool_reset_on_return=None,
                hide_parameters=True,
            )
        return self._engine


class Transaction:
    """A write transaction on a remote."""

    def __init__(self, connection: Connection, server: Server) -> None:
        self.connection = connection
        self._server = server
        self._position: int | None = None

    @property
    def position(self) -> int:
        """Take the next place in the remote's order: other writers wait for this transaction's end from then on."""
        if self._position is None:
            self._position = int(self.connection.exec_driver_sql(_NEXT_POSITION).scalar_one())
        return self._position

    def execute(self, statement: Executable, rows: Sequence[dict[str, Any]] | None = None) -> Any:
        """Run a statement of SQLAlchemy, once for each row."""
        return self.connection.execute(statement, rows)

    def add_missing(self, table: Any, rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows into a table of SQLModel's, but for those that are there."""
        from sqlalchemy.dialects.postgresql import insert

        if rows:
            self.execute(insert(table).on_conflict_do_nothing(), rows)

    def number_of(self, snapshot: Snapshot) -> int:
        """Return a snapshot's number, given to it first if it is new; it takes the next place in the remote's order."""
        from sqlalchemy.dialects.postgresql import insert
        from sqlmodel import col

        from llmhub.remote.tables import SnapshotRow

        row = {
            "taken_at": snapshot.taken_at,
            "source": snapshot.source,
            "revision": snapshot.revision,
            "script": snapshot.script,
            "position": self.position,
        }
        put = insert(SnapshotRow).values(row)
        put = put.on_conflict_do_update(index_elements=["taken_at", "source"], set_={"position": put.excluded.position})
        return int(self.execute(put.returning(col(SnapshotRow.id))).scalar_one())

    def record_failure(self, reason: str, token: str) -> None:
        """Tell the other machines that a run for all of them failed."""
        from sqlalchemy import func, update

        from llmhub.remote.tables import RemoteRow

        self.execute(update(RemoteRow).values(failed_at=func.clock_timestamp(), failure=reason, failure_token=token))

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a statement with %s for its parameters, as this transaction sees them."""
        return self._server.rows(statement, parameters)

    def copy(self, table: str, columns: Sequence[str], types: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write rows in bulk."""
        target = f"COPY llmhub.{table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
        with self._server.raw.cursor() as cursor, cursor.copy(target.encode()) as copying:
            copying.set_types(types)
            for row in rows:
                copying.write_row(row)


def _close_late(made: Future[WatchedConnection]) -> None:
    """Close a connection that was left behind."""
    if made.exception() is None:
        made.result().close()


def _connected(address: Address, seconds: float) -> WatchedConnection:
    """Connect; where a server has no place left, try again until the time is over."""
    import psycopg

    from llmhub.remote.driver import WatchedConnection

    tries = max(1, int(seconds / _SECONDS_BETWEEN_TRIES))
    while True:
        tries -= 1
        try:
            return WatchedConnection.connect(
                address.url,
                autocommit=True,
                # Behind a pooler the next statement may meet another process.
                prepare_threshold=None,
                connect_timeout=max(2, int(seconds)),
                application_name="llmhub",
                client_encoding="UTF8",
            )
        except psycopg.Error as error:
            # libpq gives no SQLSTATE for a refused login.
            if not (tries and _NO_PLACE.search(str(error))):
                raise remote_error(address, error, connecting=True) from None
        sleep(_SECONDS_BETWEEN_TRIES)


def require_format(address: Address, found: int | None) -> None:
    """Check that a remote's format is this program's.

    Raises:
        RemoteFormatError: it is another one.
    """
    if found is None:
        raise RemoteFormatError(f"{address.shown} has no schema llmhub yet: {INIT}")
    if found > FORMAT:
        raise RemoteFormatError(
            f"{address.shown} was made by a newer llmhub (format {found}, this one knows up to {FORMAT}); it was not "
            "touched: upgrade llmhub"
        )
    if found < FORMAT:
        raise RemoteFormatError(
            f"{address.shown} has format {found}, and this llmhub needs {FORMAT}: its owner runs `llmhub remote init`"
        )
