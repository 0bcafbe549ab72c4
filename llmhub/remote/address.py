"""The address of a remote: which kind of remote it names, and which parts of it may be shown."""

from __future__ import annotations

import os
import re
from typing import Literal, NamedTuple

from llmhub.errors import SettingsError

VARIABLE = "LLMHUB_REMOTE_URL"

EXPECTED = "postgresql://user@host/database, https://host/arena.db or file:///folder/arena.db"
"""What an address looks like."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9.-]*)(?:\+psycopg[23]?)?://")
_KINDS: dict[str, Literal["postgres", "web", "file"]] = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "http": "web",
    "https": "web",
    "file": "file",
}
# Nothing else of the parameters of an address is shown.
_SHOWN_PARAMETERS = ("host", "port", "dbname", "user", "service")
_SECRET_PARAMETERS = frozenset({"password", "sslpassword"})
_SECRET_VARIABLES = ("PGPASSWORD", "PGSSLPASSWORD")
_HIDDEN = "***"


class Address(NamedTuple):
    """Where a remote is.

    Attributes:
        kind: `postgres`, or a whole store to read: on the `web`, or a `file` of this machine.
        url: the address with its secrets; never shown.
        shown: the address as messages have it.
        secrets: the passwords in it and in libpq's variables.
    """

    kind: Literal["postgres", "web", "file"]
    url: str
    shown: str
    secrets: tuple[str, ...] = ()

    @property
    def holds_secret(self) -> bool:
        """Return whether a password stands in the address itself."""
        return bool(_secrets_in(self.url))

    def without_secrets(self, text: str) -> str:
        """Return a text from outside in which no password is left."""
        for secret in self.secrets:
            text = text.replace(secret, _HIDDEN)
        return text


def parse(text: str, *, named: str = VARIABLE) -> Address:
    """Parse an address.

    Args:
        text: the address.
        named: what it is called in a message.

    Raises:
        SettingsError: it is not an address; the message does not quote it, since a password can be anywhere in it.
    """
    found = _SCHEME.match(text)
    kind = _KINDS.get(found[1].lower()) if found else None
    wrong = SettingsError(f"{named} is not the address of a remote: expected {EXPECTED}")
    if found is None or kind is None or "\0" in text or not text.isprintable():
        raise wrong
    rest = text[found.end() :]
    try:
        secrets = _secrets_in(text)
    except ValueError:
        raise wrong from None
    if kind == "postgres":
        if _ends_too_early(rest):
            raise SettingsError(
                f"{named} has a character in its user or password that ends them too early: write @ as %40, "
                "/ as %2F, ? as %3F, # as %23, : as %3A and % as %25"
            )
        inherited = tuple(value for name in _SECRET_VARIABLES if (value := os.environ.get(name)))
        url = f"postgresql://{rest}"
        return Address(kind, url, _shown_of_server(rest), tuple(dict.fromkeys((*secrets, *inherited))))
    place, _, path = rest.partition("/")
    if kind == "file":
        if place not in {"", "localhost"} or not path:
            raise wrong
        return Address(kind, text, f"file:///{path}")
    if not place.rpartition("@")[2]:
        raise wrong
    return Address(kind, text, f"{found[0].lower()}{place.rpartition('@')[2]}/{path.partition('?')[0]}", secrets)


def _ends_too_early(rest: str) -> bool:
    """Say whether libpq takes a part of the password for the place, which its messages would then quote."""
    head, at, after = rest.partition("@")
    place, _, parameters = (after if at and "/" not in head else rest).partition("?")
    return "@" in place or any("@" in each.partition("=")[0] for each in parameters.split("&"))


def _shown_of_server(rest: str) -> str:
    # The last @, wherever it stands: a password may hold a slash or a question mark that nobody has escaped.
    user, at, after = rest.rpartition("@")
    place, mark, parameters = after.partition("?")
    shown = f"postgresql://{user.partition(':')[0]}{at}{place}"
    said = [each for each in parameters.split("&") if mark and each.partition("=")[0] in _SHOWN_PARAMETERS]
    return f"{shown}?{'&'.join(said)}" if said else shown


def _secrets_in(url: str) -> tuple[str, ...]:
    """Return the passwords that stand in an address, as written there and as they are meant.

    Raises:
        ValueError: an escaped part is not UTF-8.
    """
    from urllib.parse import unquote

    rest = url.partition("://")[2]
    place, _, parameters = rest.partition("?")
    # As libpq reads it, and as somebody meant it who has escaped nothing.
    users = (place.partition("/")[0].rpartition("@")[0], rest.rpartition("@")[0])
    found = [user.partition(":")[2] for user in users]
    for each in parameters.split("&"):
        name, _, value = each.partition("=")
        if name.lower() in _SECRET_PARAMETERS:
            found.append(value)
    return tuple(dict.fromkeys(text for secret in found for text in (secret, unquote(secret, errors="strict")) if text))
