"""The connection to PostgreSQL, which waits for a silent server only so long; imported where the extra is installed."""

from __future__ import annotations

import selectors
from typing import Any

import psycopg

_LOOK_SECONDS = 0.1


class WatchedConnection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that is given up once the server has been silent for `seconds`.

    The server's own time-outs do not help if a firewall or a proxy in between drops their message.
    """

    seconds = 30.0

    def wait(self, gen: Any, *_: Any, **__: Any) -> Any:
        """Run one of psycopg's steps to its end."""
        try:
            wants = next(gen)
            with selectors.DefaultSelector() as selector:
                selector.register(self.pgconn.socket, wants)
                silent = 0
                while True:
                    ready = selector.select(_LOOK_SECONDS)
                    if ready:
                        silent = 0
                        next_wants = gen.send(ready[0][1])
                    else:
                        # Count the looks: a caller's tests may have frozen the clock.
                        silent += 1
                        if silent * _LOOK_SECONDS >= self.seconds:
                            self.pgconn.finish()
                            raise psycopg.OperationalError(f"no answer within {self.seconds:g} s")
                        next_wants = gen.send(0)
                    if next_wants != wants:
                        wants = next_wants
                        selector.modify(self.pgconn.socket, wants)
        except StopIteration as ended:
            return ended.value
