"""What PostgreSQL's errors mean for whoever uses a remote, and what to do about them; no message holds a password."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from llmhub.errors import (
    ExtraMissingError,
    RemoteError,
    RemoteFormatError,
    RemoteReadOnlyError,
    RemoteUnreachableError,
    printable,
)
from llmhub.installation import install_line

if TYPE_CHECKING:
    from llmhub.remote.address import Address

_log = logging.getLogger(__name__)

_MOST_SHOWN = 200
INIT = "`llmhub remote init` makes it"

_NO_SCHEMA = {"3F000", "42P01"}
_FULL = {"53100", "53200"}
_READ_ONLY = {"25006", "42501"}
_GOING_DOWN = {"57P01", "57P02", "57P03", "57P05"}
_LATE = {"57014": "took longer than allowed", "55P03": "is locked by another program", "40P01": "is in a deadlock"}
_REMOTE_TABLE = re.compile(r'relation "llmhub\.remote"')


def require_extra() -> None:
    """Check that what speaks with PostgreSQL is installed.

    Raises:
        ExtraMissingError: it is missing, or cannot be imported.
    """
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        line = install_line("postgres")
        raise ExtraMissingError(f"a remote in PostgreSQL needs the extra `postgres` ({error}): {line}") from error


@contextmanager
def translated(address: Address, *, connecting: bool = False) -> Iterator[None]:
    """Turn what the driver and SQLAlchemy raise about a remote into a RemoteError that says what to do next."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        # Not its cause: libpq's own message can quote an address with all that is in it.
        raise remote_error(address, error, connecting=connecting) from None
    except UnicodeError as error:
        raise RemoteError(f"{address.shown} sent text that is no UTF-8 ({error.reason})") from None  # type: ignore[attr-defined]
    except Exception as error:
        cause = getattr(error, "orig", None)
        if isinstance(cause, psycopg.Error):
            raise remote_error(address, cause) from None
        raise


def remote_error(address: Address, error: Exception, *, connecting: bool = False) -> RemoteError:
    """Return the error to tell, in one line."""
    import psycopg

    state = getattr(error, "sqlstate", None)
    why = _first_line(address, error)
    where = address.shown
    if connecting and isinstance(error, psycopg.ProgrammingError):
        return RemoteError(f"{where}: libpq does not understand the address: check its parameters")
    if state is None:
        advice = ": check the server, user, password, database and TLS" if connecting else ": try again"
        return RemoteUnreachableError(f"{where}: {_plain(why)}{advice}")
    if state in _NO_SCHEMA:
        if _REMOTE_TABLE.search(str(error)) or state == "3F000":
            return RemoteFormatError(f"{where} has no schema llmhub yet: {INIT}")
        return RemoteFormatError(f"{where}: {why}: somebody dropped it: restore it from a dump, or drop the schema")
    if state in _READ_ONLY:
        return RemoteReadOnlyError(f"{where}: {why}: `llmhub remote init` prints the GRANT statements")
    if state in _FULL:
        return RemoteError(f"{where}: the server has no room ({why}); nothing of this snapshot was written")
    if state in _LATE:
        return RemoteUnreachableError(f"{where} {_LATE[state]} ({why}): try again")
    if state in _GOING_DOWN or state[:2] in {"08", "53"}:
        return RemoteUnreachableError(f"{where}: {why}: try again")
    return RemoteError(f"{where}: {why} (SQLSTATE {state})")


def _first_line(address: Address, error: Exception) -> str:
    """Return what the server or libpq says, in one line, without a password."""
    diag = getattr(error, "diag", None)
    text = getattr(diag, "message_primary", None) or str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return printable(address.without_secrets(lines[-1 if len(lines) > 1 and _is_list(lines) else 0] if lines else ""))


def _is_list(lines: list[str]) -> bool:
    """Say whether psycopg lists several attempts, of which the last says most."""
    return lines[0].startswith("connection failed: ") and lines[-1].startswith("- ")


def _plain(why: str) -> str:
    short = why.removeprefix("connection failed: ")
    return short[:_MOST_SHOWN] or "the connection was lost"
