"""A TCP proxy on 127.0.0.1 that can cut or stall its connections after a number of bytes from the server.

with Proxy(port) as proxy:
proxy.befall(after=5_000, what="cut")      # or "stall", or a function to call
url = f"postgresql://postgres@127.0.0.1:{proxy.port}/x"
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self

_CHUNK = 4_096

What = Literal["cut", "stall"] | Callable[[], None]


class Proxy:
    """Passes bytes on until its fault occurs; the bytes of all connections are counted together."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._after: int | None = None
        self._what: What = "cut"
        self.passed = 0

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._listener.getsockname()[1])

    def befall(self, *, after: int | None, what: What = "cut") -> None:
        """Set the fault that occurs once `after` more bytes of the server's were passed on; None for no fault.

        Args:
            after: the number of bytes.
            what: `cut` closes the connections, `stall` stops passing bytes on, a function is called once.
        """
        with self._lock:
            self.passed, self._after, self._what = 0, after, what

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        # A thread that waits in accept() does not notice that the socket is closed: wake it with a connection.
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            pass
        self._threads[0].join()
        self._listener.close()
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in self._open:
            each.close()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._stopped.is_set():
                client.close()
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            self._open += (client, server)
            for each in (client, server):
                # As PostgreSQL and its clients do: otherwise a small message waits until the last one is acknowledged.
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for source, sink, counted in ((client, server, False), (server, client, True)):
                self._start(self._pass, source, sink, counted)

    def _start(self, work: Callable[..., None], *given: object) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _pass(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:  # noqa: FBT001 -- a thread's
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                if counted and not self._may_pass(len(data), (source, sink)):
                    return
                sink.sendall(data)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _may_pass(self, size: int, both: tuple[socket.socket, socket.socket]) -> bool:
        with self._lock:
            self.passed += size
            if self._after is None or self.passed < self._after:
                return True
            what = self._what
            if callable(what):
                self._after = None
        if callable(what):
            what()
            return True
        if what == "cut":
            for each in both:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        else:
            self._stopped.wait()
        return False
