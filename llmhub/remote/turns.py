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
_TRY = """
    SELECT pg_try_advisory_xact_lock(%s::int, %s::int), set_config('idle_in_transaction_session_timeout', %s, true)
"""


@contextmanager
def turn(address: Address, *, seconds: float, longest: float) -> Iterator[bool]:
    """Take the remote's lock for the block; False if another machine has it.

    Args:
        address: where the remote is.
        seconds: how long the server may be silent.
        longest: after how many seconds the server takes the lock away, for a machine that was put to sleep.

    Raises:
        RemoteError: the remote cannot be asked.
    """
    with Server.connect(address, seconds=seconds) as server:
        with translated(address):
            server.raw.autocommit = False
        yield server.rows(_TRY, [*_KEY, f"{int(longest * 1000)}ms"])[0][0] is True
