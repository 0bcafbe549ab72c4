"""One process for all workers of a run, which imports everything once: what forks for a worker is forked from it.

    talk, passing = connected()           # in a worker: to a process of its own
    leave(listening, path, prepare, serve)        # in the process that the first worker starts

The nursery ends by itself once none of those who asked is left.
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

_MODULE = "tests.support.forks"

Serve = Callable[[socket.socket, socket.socket], None]
"""Serves a worker until it closes its end: over the first socket it asks, over the second it passes descriptors."""


def connected() -> tuple[socket.socket, socket.socket]:
    """Return the two sockets to a process that is forked for this one, from where everything is imported."""
    # Workers of pytest-xdist are told the number of their run; others share with nobody.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or token_hex(16)
    # Short: the name of a socket has a limit.
    path = Path(tempfile.gettempdir()) / f"llmhub-tests-{run[:16]}"
    talk = socket.socket(socket.AF_UNIX)
    with _locked(path):
        try:
            talk.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            # Refused: the nursery was killed.
            path.unlink(missing_ok=True)
            _start(path)
            talk.connect(str(path))
    passing, theirs = socket.socketpair()
    with theirs:
        # A byte must go with them.
        socket.send_fds(talk, [b"\0"], [theirs.fileno(), 2])
    return talk, passing


def _locked(path: Path) -> FileLock:
    return FileLock(f"{path}.lock")


def _start(path: Path) -> None:
    """Start the nursery: it can be called from now on, and answers once it has imported everything."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        subprocess.run(
            [sys.executable, "-m", _MODULE, str(listening.fileno()), str(path)],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.DEVNULL,
            pass_fds=(listening.fileno(),),
            check=True,
        )


def leave(listening: socket.socket, path: Path, prepare: Callable[[], None], serve: Serve) -> None:
    """Leave the nursery behind, as a process that no worker has to wait for."""
    if os.fork() == 0:
        # Ctrl-C is for the workers.
        os.setsid()
        try:
            prepare()
        except BaseException:
            # The worker that called hears that its call has ended; the next one starts another nursery.
            path.unlink()
            raise
        _fork_for_each(listening, path, serve)
        os._exit(0)


def _fork_for_each(listening: socket.socket, path: Path, serve: Serve) -> None:
    """Fork a process for each worker that asks, until all of them have gone."""
    heard = select.poll()
    heard.register(listening, select.POLLIN)
    workers: dict[int, socket.socket] = {}
    while True:
        for descriptor, _ in heard.poll():
            if descriptor == listening.fileno():
                talk, passing = _taken_in(listening, [listening, *workers.values()], serve)
                # To hear of the worker's end alone; `talk` is its process's, whose end the worker hears of.
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


def _taken_in(
    listening: socket.socket, others: list[socket.socket], serve: Serve
) -> tuple[socket.socket, socket.socket]:
    """Fork a process for the next worker, and return its two sockets."""
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
