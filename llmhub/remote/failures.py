"""Translate PostgreSQL's errors into errors that say what happened and what to do; no message holds a password."""

from __future__ import annotations

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

_MOST_SHOWN = 200
INIT = "`llmhub remote init` makes it"

CHANGED = "somebody changed it: restore it from a dump, or drop the schema and push again"
_NOT_OURS = "the schema llmhub holds tables that llmhub did not make: use another database"
_UTF8 = "make the remote in a database with ENCODING 'UTF8'"
_POOLER = "let the pooler share connections by transaction or session, or give the server's own address"

_MEANINGS: dict[str, tuple[type[RemoteError], str]] = {
    "42P01": (RemoteFormatError, "somebody dropped it: restore it from a dump, or drop the schema and push again"),
    "42703": (RemoteFormatError, CHANGED),
    "42804": (RemoteFormatError, CHANGED),
    "42846": (RemoteFormatError, CHANGED),
    "42883": (RemoteFormatError, CHANGED),
    "22P02": (RemoteFormatError, CHANGED),
    "42P07": (RemoteFormatError, _NOT_OURS),
    "42710": (RemoteFormatError, _NOT_OURS),
    "22P05": (RemoteError, _UTF8),
    "25006": (RemoteReadOnlyError, "it may only be read"),
    "42501": (RemoteReadOnlyError, "`llmhub remote init` prints the GRANT statements"),
    "53100": (RemoteError, "make room on the server; nothing of this snapshot was written"),
    "54000": (RemoteError, "nothing of this snapshot was written"),
    "25P03": (RemoteUnreachableError, "try again"),
    "57014": (RemoteUnreachableError, "the statement took too long: try again"),
    "55P03": (RemoteUnreachableError, "another program holds it: try again"),
    "08": (RemoteUnreachableError, "try again"),
    "40": (RemoteUnreachableError, "try again"),
    "53": (RemoteUnreachableError, "try again"),
    "57": (RemoteUnreachableError, "try again"),
}
"""What a state, or its class, means, and what to do about it."""

_UNFORESEEN = "the transaction was undone; look at the server's log (SQLSTATE {})"
_BY_STATEMENT = "statement pooling"
_REMOTE_TABLE = re.compile(r'relation "llmhub\.remote"')


def require_extra() -> None:
    """Check that PostgreSQL's driver is installed.

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
        # Without its cause: libpq's own message can quote the whole address.
        raise remote_error(address, error, connecting=connecting) from None
    except UnicodeError as error:
        raise RemoteError(f"{address.shown} sent text that is not UTF-8 ({error.reason})") from None  # type: ignore[attr-defined]
    except Exception as error:
        cause = getattr(error, "orig", None)
        if isinstance(cause, psycopg.Error):
            raise remote_error(address, cause) from None
        raise


def remote_error(address: Address, error: Exception, *, connecting: bool = False) -> RemoteError:
    """Return the error that llmhub reports for a driver's error, in one line."""
    import psycopg

    why, where = _first_line(address, error), address.shown
    if connecting and isinstance(error, psycopg.ProgrammingError):
        return RemoteError(f"{where}: libpq does not understand the address: check its parameters")
    state = getattr(error, "sqlstate", None)
    if state is None:
        advice = "check the server, user, password, database and TLS" if connecting else "try again"
        return RemoteUnreachableError(f"{where}: {_plain(why)}: {advice}")
    if state == "3F000" or (state == "42P01" and _REMOTE_TABLE.search(str(error))):
        return RemoteFormatError(f"{where} has no schema llmhub yet: {INIT}")
    if _BY_STATEMENT in why:
        return RemoteError(f"{where}: {why}: {_POOLER}")
    # The whole state is more exact than its class of two characters.
    kind, advice = _MEANINGS.get(state) or _MEANINGS.get(state[:2]) or (RemoteError, _UNFORESEEN.format(state))
    return kind(f"{where}: {why}: {advice}")


def _first_line(address: Address, error: Exception) -> str:
    """Return what the server or libpq says, in one line, without a password."""
    diag = getattr(error, "diag", None)
    text = getattr(diag, "message_primary", None) or str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return printable(address.without_secrets(lines[-1 if len(lines) > 1 and _is_list(lines) else 0] if lines else ""))


def _is_list(lines: list[str]) -> bool:
    """Say whether psycopg lists several attempts; the last one tells most."""
    return lines[0].startswith("connection failed: ") and lines[-1].startswith("- ")


def _plain(why: str) -> str:
    short = why.removeprefix("connection failed: ")
    return short[:_MOST_SHOWN] or "the connection was lost"
