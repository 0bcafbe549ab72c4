"""The remote's lock: of all machines that find it stale, one at a time runs the update script.

The lock belongs to an open transaction of a connection of its own. So it also holds behind a pooler, and ends with the
process that holds it, however that ends. Whoever waits holds no connection meanwhile: a server has few.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from llmhub.remote.address import Address
from llmhub.remote.failures import translated
from llmhub.remote.server import Server

# "llmh": any number that no other program takes in this database; the second one says what for.
_KEY = (0x6C6C6D68, 1)
_KEEP_OPEN = "SET idle_in_transaction_session_timeout = 0"
_TRY = "SELECT pg_try_advisory_xact_lock(%s::int, %s::int)"


@contextmanager
def turn(address: Address, *, seconds: float) -> Iterator[bool]:
    """Take the remote's lock for the block; False if another machine has it.

    Raises:
        RemoteError: the remote cannot be asked.
    """
    with Server.connect(address, seconds=seconds) as server:
        server.run(_KEEP_OPEN)
        with translated(address):
            server.raw.autocommit = False
        yield server.rows(_TRY, _KEY) == [(True,)]
