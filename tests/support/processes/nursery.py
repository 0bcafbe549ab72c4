"""The nursery: one process for all workers of a run. It imports everything once, and forks a server for each worker.

    talk, passing = connected()                   # in a worker: two sockets to a server of its own
    leave(listening, path, prepare, serve)        # in the process that the first worker starts

The nursery ends when all workers that asked for a server have ended.
"""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex

from filelock import FileLock

_MODULE = "tests.support.processes.forks"

Serve = Callable[[socket.socket, socket.socket], None]
"""Serves one worker until it closes its sockets: it asks over the first one and passes descriptors over the second."""


def connected() -> tuple[socket.socket, socket.socket]:
    """Return two sockets to a server that the nursery forks for this worker; start the nursery if there is none."""
    # pytest-xdist gives its workers an id of the run; a process without one gets a nursery of its own.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or token_hex(16)
    # Short: the name of a socket has a limit.
    path = Path(tempfile.gettempdir()) / f"llmhub-tests-{run[:16]}"
    talk = socket.socket(socket.AF_UNIX)
    with _locked(path):
        try:
            talk.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            # A refused connection means that the nursery was killed.
            path.unlink(missing_ok=True)
            _start(path)
            talk.connect(str(path))
    passing, theirs = socket.socketpair()
    with theirs:
        # Descriptors can only be sent together with a byte.
        socket.send_fds(talk, [b"\0"], [theirs.fileno(), 2])
    return talk, passing


def _locked(path: Path) -> FileLock:
    return FileLock(f"{path}.lock")


def _start(path: Path) -> None:
    """Start the nursery: workers can connect from now on, and it answers once it has imported everything."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        subprocess.run(
            [sys.executable, "-m", _MODULE, str(listening.fileno()), str(path)],
            cwd=Path(__file__).resolve().parents[3],
            stdin=subprocess.DEVNULL,
            pass_fds=(listening.fileno(),),
            check=True,
        )


def leave(listening: socket.socket, path: Path, prepare: Callable[[], None], serve: Serve) -> None:
    """Fork the nursery, as a process that no worker waits for, and return.

    Args:
        listening: the socket to which workers connect.
        path: the socket's path.
        prepare: imports everything; is called once, in the nursery.
        serve: see `Serve`; is called in the process that is forked for a worker.
    """
    if os.fork() == 0:
        # Ctrl-C is for the workers.
        os.setsid()
        try:
            prepare()
        except BaseException:
            # The worker that is connected sees the connection close; the next worker starts another nursery.
            path.unlink()
            raise
        _fork_for_each(listening, path, serve)
        os._exit(0)


def _fork_for_each(listening: socket.socket, path: Path, serve: Serve) -> None:
    """Fork a server for each worker that connects, until all of them have ended."""
    heard = select.poll()
    heard.register(listening, select.POLLIN)
    workers: dict[int, socket.socket] = {}
    while True:
        for descriptor, _ in heard.poll():
            if descriptor == listening.fileno():
                talk, passing = _accepted(listening, [listening, *workers.values()], serve)
                # `passing` stays open here, to notice that the worker ended. `talk` belongs to the server alone, so
                # that the worker notices if the server ends.
                talk.close()
                heard.register(passing, 0)
                workers[passing.fileno()] = passing
            else:
                heard.unregister(descriptor)
                workers.pop(descriptor).close()
        if not workers:
            with _locked(path) as lock:
                if not select.select([listening], [], [], 0)[0]:
                    path.unlink()
                    Path(lock.lock_file).unlink()
                    return


def _accepted(
    listening: socket.socket, others: list[socket.socket], serve: Serve
) -> tuple[socket.socket, socket.socket]:
    """Fork a server for the next worker, and return its two sockets."""
    talk, _ = listening.accept()
    _, (theirs, errors), _, _ = socket.recv_fds(talk, 1, 2)
    passing = socket.socket(fileno=theirs)
    if os.fork() == 0:
        for other in others:
            other.close()
        os.dup2(errors, 1)
        os.dup2(errors, 2)
        os.close(errors)
        serve(talk, passing)
        os._exit(0)
    os.close(errors)
    return talk, passing
