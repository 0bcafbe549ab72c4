"""Making a remote in PostgreSQL, and bringing an older one to this program's format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from llmhub import settings
from llmhub.errors import RemoteError, RemoteFormatError, RemoteReadOnlyError
from llmhub.remote.failures import CHANGED
from llmhub.remote.server import FORMAT, Server, Transaction, require_format
from llmhub.storage.upgrading import run_migrations

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from llmhub.remote.address import Address

# The key of an advisory lock, which no other program should use: two processes that make the schema take turns.
_TURN = 0x6C6C6D68
_EXISTS = "SELECT to_regclass('llmhub.remote') IS NOT NULL, to_regnamespace('llmhub') IS NOT NULL"
_FORMAT = "SELECT format FROM llmhub.remote"
# SQL_ASCII keeps bytes as they are.
_ENCODINGS = {"UTF8", "SQL_ASCII"}
# What a writer adds rows to, and the columns that it also changes.
_INSERTED = (
    *("snapshot", "ranking", "board", "snapshot_leaderboard", "snapshot_board", "model", "score"),
    *("provider", "offered", "offer", "price_list", "price_list_offer", "snapshot_price_list"),
    *("listing", "listing_model", "snapshot_listing", "arena_match"),
)
_UPDATED = {
    "remote": "position, failed_at, failure, failure_token",
    "snapshot": "position",
    "model": "organization, organization_as_of, license, license_as_of, position",
    "arena_match": "arena_model",
}


class Made(NamedTuple):
    """What making a remote did: the format that was there before (None: there was none), and the one now."""

    before: int | None
    now: int

    @property
    def status(self) -> Literal["made", "upgraded", "known"]:
        """Return what happened; `known`: it was there already, and nothing was changed."""
        if self.before is None:
            return "made"
        return "known" if self.before == self.now else "upgraded"


def make(address: Address) -> Made:
    """Make the schema `llmhub` in a database, or bring it to this program's format, in one transaction.

    Raises:
        RemoteError: it cannot be made; nothing was changed.
        RemoteFormatError: a newer llmhub made it; it was not touched.
    """
    with Server.connect(address) as server:
        encoding = server.raw.info.parameter_status("server_encoding")
        if encoding not in _ENCODINGS:
            raise RemoteError(
                f"{address.shown} is in {encoding}, which lacks letters that models' names have: make a database "
                "with ENCODING 'UTF8' TEMPLATE template0 for it"
            )
        try:
            with server.transaction() as transaction:
                return _made(address, transaction)
        except RemoteReadOnlyError as error:
            # The usual advice would be to run the command that is running.
            raise RemoteReadOnlyError(f"{str(error).rpartition(': ')[0]}: its owner makes the remote") from None


def _made(address: Address, transaction: Transaction) -> Made:
    transaction.rows("SELECT pg_advisory_xact_lock(%s)", [_TURN])
    ((has_table, has_schema),) = transaction.rows(_EXISTS)
    before = None
    if has_table:
        rows = transaction.rows(_FORMAT, types=(int,))
        if not rows:
            raise RemoteFormatError(f"{address.shown}: the table llmhub.remote is empty: {CHANGED}")
        ((before,),) = rows
    if before == FORMAT:
        return Made(before, FORMAT)
    if before is not None and before > FORMAT:
        require_format(address, before)
    if not has_schema:
        transaction.connection.exec_driver_sql("CREATE SCHEMA llmhub")
    _migrate(transaction.connection, address)
    return Made(before, FORMAT)


def _migrate(connection: Connection, address: Address) -> None:
    from alembic.util.exc import CommandError

    try:
        run_migrations(settings.remote_migrations_dir(), connection)
    except CommandError as error:
        raise RemoteError(f"{address.shown} could not be made ({error}): install llmhub again") from None


def grants(reader: str = "reader", writer: str = "writer") -> list[tuple[str, tuple[str, ...]]]:
    """Return the statements that give roles their rights, by kind of role."""
    r, w = _quoted(reader), _quoted(writer)
    tables = ", ".join(f"llmhub.{name}" for name in _INSERTED)
    updates = (f"GRANT UPDATE ({columns}) ON llmhub.{table} TO {w};" for table, columns in _UPDATED.items())
    return [
        (
            "who reads",
            (
                f"GRANT USAGE ON SCHEMA llmhub TO {r};",
                f"GRANT SELECT ON ALL TABLES IN SCHEMA llmhub TO {r};",
            ),
        ),
        (
            "who reads and writes",
            (
                f"GRANT USAGE ON SCHEMA llmhub TO {w};",
                f"GRANT SELECT ON ALL TABLES IN SCHEMA llmhub TO {w};",
                f"GRANT INSERT ON {tables} TO {w};",
                *updates,
            ),
        ),
    ]


def _quoted(role: str) -> str:
    """Return a role's name as SQL has it."""
    plain = role.isascii() and role.islower() and role.replace("_", "a").isalnum() and not role[0].isdigit()
    return role if plain else '"' + role.replace('"', '""') + '"'
