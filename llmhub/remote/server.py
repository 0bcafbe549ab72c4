"""A remote in PostgreSQL: one connection, the facts about the remote, and its transactions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from time import sleep
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from llmhub import background
from llmhub.errors import RemoteError, RemoteFormatError, RemoteUnreachableError
from llmhub.remote.failures import CHANGED, INIT, remote_error, require_extra, translated
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
"""How long a server may take to accept a connection, in seconds."""

STATEMENT_SECONDS = 30.0
"""How long a statement may take, and a server may be silent, in seconds."""

# The server answers after each so many rows: on a slow line it would seem silent while megabytes are on their way.
_ROWS_AT_ONCE = 4_000
_NO_PLACE = re.compile(r"too many clients|too many connections|connection slots are reserved")
_SECONDS_BETWEEN_TRIES = 0.25

OLDEST = 13
"""The oldest PostgreSQL that has all that a remote needs; the next older one lacks gen_random_uuid()."""

_IDLE_SECONDS = 60.0
# Behind a pooler the process's number differs from the one told at login. A pooler may share connections by
# transaction, and a setting of the session would then reach another program: so there each transaction sets its own.
# Only the last setting is for the session always: psycopg escapes bytes in lists wrongly without it.
_SETTINGS = """
    SELECT pooled, set_config('statement_timeout', %(most)s, pooled), set_config('lock_timeout', %(most)s, pooled),
           set_config('idle_in_transaction_session_timeout', %(idle)s, pooled), set_config('TimeZone', 'UTC', pooled),
           set_config('standard_conforming_strings', 'on', false)
      FROM (SELECT pg_backend_pid() <> %(told)s AS pooled) found
"""
_TRANSACTION_SETTINGS = """
    SELECT set_config('statement_timeout', %(most)s, true), set_config('lock_timeout', %(most)s, true),
           set_config('idle_in_transaction_session_timeout', %(idle)s, true)
"""
_READ_FORMAT = "SELECT format FROM llmhub.remote"
_LOOK = """
    SELECT id::text, position, clock_timestamp(), failed_at, failure, failure_token,
           CASE WHEN pg_is_in_recovery() THEN 'standby'
                WHEN current_setting('transaction_read_only') = 'on' THEN 'setting'
                WHEN NOT has_table_privilege('llmhub.score', 'INSERT') THEN 'role' END
      FROM llmhub.remote
"""
_SNAPSHOTS = """
    SELECT id, source, taken_at, revision, script, position FROM llmhub.snapshot
     WHERE position > %s ORDER BY position
"""
_IDENTITIES = "SELECT id, source, taken_at FROM llmhub.snapshot WHERE source = ANY(%s)"
_MARK = "SELECT source, taken_at FROM llmhub.snapshot WHERE position <= %s ORDER BY position DESC LIMIT 1"
_LOOK_TYPES = (str, int, datetime, datetime | None, str | None, str | None, str | None)
_SNAPSHOT_TYPES = (int, str, datetime, str | None, str | None, int)
_NEXT_POSITION = "UPDATE llmhub.remote SET position = position + 1 RETURNING position"


_READ_ONLY = {
    "standby": "is a standby, which may only be read: give the address of the primary server",
    "setting": "may only be read: its default_transaction_read_only is on for this role, database or server",
    "role": "may only be read by this role: `llmhub remote init` prints the GRANTs",
}


class Look(NamedTuple):
    """The facts about a remote.

    Attributes:
        remote_id: its own name, made with it.
        position: the place of its newest snapshot in the order in which it got them.
        now: the moment by its server's clock.
        skew: by how much this machine's clock is ahead of the server's.
        read_only: why it may only be read, in words; None if this role may write.
        failure: the last run for all machines that failed: its moment, reason and token.
    """

    remote_id: str
    position: int
    now: datetime
    skew: timedelta
    read_only: str | None
    failure: tuple[datetime, str, str] | None

    @property
    def writable(self) -> bool:
        """Return whether this role may write."""
        return self.read_only is None


class Server:
    """An open connection to a remote; a context manager. Only one thread may use it."""

    def __init__(self, address: Address, connection: WatchedConnection) -> None:
        self.address = address
        self.raw = connection
        self.statements = 0
        self._engine: Engine | None = None
        self._limits: dict[str, str] = {}
        self._pooled = False

    @classmethod
    def connect(
        cls, address: Address, *, connect_seconds: float = CONNECT_SECONDS, seconds: float = STATEMENT_SECONDS
    ) -> Self:
        """Connect to a remote.

        Args:
            address: where it is; what it leaves out comes from libpq's variables, service files and .pgpass.
            connect_seconds: how long the server may take to accept the connection.
            seconds: how long a statement may take, and the server be silent.

        Raises:
            ExtraMissingError: the packages for it are not installed.
            RemoteError: it does not answer in time, or refuses.
        """
        require_extra()
        # No time-out limits the look-up of a host's name, so a thread connects.
        refused: list[RemoteError] = []
        made = background.start(lambda: _connected(address, connect_seconds, refused), name="llmhub-remote")
        if not background.has_ended(made, seconds=connect_seconds):
            made.add_done_callback(_close_late)
            raise refused[-1] if refused else _silent(address, connect_seconds)
        connection = made.result()
        connection.seconds = seconds
        server = cls(address, connection)
        try:
            _require_version(address, connection)
            server._settle(seconds)
        except BaseException:
            server.close()
            raise
        return server

    def _settle(self, seconds: float) -> None:
        """Bound how long the server works and waits for this connection."""
        self._limits = {"most": f"{int(seconds * 1000)}ms", "idle": f"{int(_IDLE_SECONDS * 1000)}ms"}
        ((pooled, *_),) = self.rows(_SETTINGS, {**self._limits, "told": self.raw.info.backend_pid})
        self._pooled = bool(pooled)

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

    def rows(
        self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = (), *, types: Sequence[Any] = ()
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a statement.

        Args:
            statement: with %s or %(name)s for its parameters.
            parameters: their values.
            types: the columns' types, for values that nothing else checks.

        Raises:
            RemoteFormatError: a value is of another type.
            RemoteError: the statement could not be run.
        """
        with translated(self.address):
            self.statements += 1
            found = self.raw.execute(statement.encode(), parameters, binary=True).fetchall()
        if types and not all(all(map(isinstance, row, types)) for row in found):
            raise RemoteFormatError(f"{self.address.shown} holds values of other types: {CHANGED}")
        return found

    def look(self) -> Look:
        """Return the facts about the remote.

        Raises:
            RemoteFormatError: it has another format than this program, or none yet.
            RemoteError: it cannot be read.
        """
        found = self.rows(_READ_FORMAT, types=(int,))
        require_format(self.address, found[0][0] if found else None)
        row = self.rows(_LOOK, types=_LOOK_TYPES)[0]
        remote_id, position, now, failed_at, failure, token, read_only = row
        failed = None if token is None else (failed_at, failure, token)
        why = None if read_only is None else f"{self.address.shown} {_READ_ONLY[read_only]}"
        return Look(remote_id, position, now.astimezone(UTC), datetime.now(UTC) - now, why, failed)

    def snapshots(self, after: int = 0) -> list[Snapshot]:
        """Return the snapshots that the remote got after a position, in the order in which it got them."""
        return [
            Snapshot(number, source, taken_at.astimezone(UTC), revision, script, position)
            for number, source, taken_at, revision, script, position in self.rows(
                _SNAPSHOTS, [after], types=_SNAPSHOT_TYPES
            )
        ]

    def mark(self, position: int) -> str:
        """Return which snapshot was the newest at a position; it changes if the server was restored from a backup."""
        rows = self.rows(_MARK, [position], types=(str, datetime))
        return " ".join(f"{source} {taken_at.astimezone(UTC).isoformat()}" for source, taken_at in rows)

    def identities(self, sources: Iterable[str]) -> dict[tuple[str, datetime], int]:
        """Return the numbers of all snapshots of some sources."""
        rows = self.rows(_IDENTITIES, [list(sources)], types=(int, str, datetime))
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
                    if self._pooled:
                        self.rows(_TRANSACTION_SETTINGS, self._limits)
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
        """Insert rows into a table of SQLModel, except those that it has."""
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

    def rows(
        self, statement: str, parameters: Sequence[Any] = (), *, types: Sequence[Any] = ()
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a statement, as this transaction sees them; see `Server.rows`."""
        return self._server.rows(statement, parameters, types=types)

    def copy(self, table: str, columns: Sequence[str], types: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write rows in bulk."""
        target = f"COPY llmhub.{table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
        left = iter(rows)
        with self._server.raw.cursor() as cursor:
            while some := list(islice(left, _ROWS_AT_ONCE)):
                with cursor.copy(target.encode()) as copying:
                    copying.set_types(types)
                    for row in some:
                        copying.write_row(row)


def _close_late(made: Future[WatchedConnection]) -> None:
    """Close a connection that was left behind."""
    if made.exception() is None:
        made.result().close()


def _silent(address: Address, seconds: float) -> RemoteError:
    return RemoteUnreachableError(f"{address.shown}: no answer within {seconds:g} s")


def _require_version(address: Address, connection: WatchedConnection) -> None:
    """Check that a server is new enough.

    Raises:
        RemoteError: it is too old.
    """
    if connection.info.server_version < OLDEST * 10_000:
        version = connection.info.parameter_status("server_version")
        raise RemoteError(f"{address.shown} is PostgreSQL {version}: llmhub needs {OLDEST} or newer")


def _connected(address: Address, seconds: float, refused: list[RemoteError]) -> WatchedConnection:
    """Connect; if the server has no connection left, note that in `refused` and try again until the time is over."""
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
            said = remote_error(address, error, connecting=True)
            # libpq gives no SQLSTATE for a refused login.
            if not (tries and _NO_PLACE.search(str(error))):
                raise said from None
            refused.append(said)
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
