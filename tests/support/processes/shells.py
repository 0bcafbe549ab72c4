"""An `llmhub` for shells that starts in a tenth of the time, because its process is forked from a prepared one.

    environment["PATH"] = f"{shared_forks().for_shells}:{environment['PATH']}"

That folder holds a program `llmhub`. It sends its arguments, environment, current folder, stdin, stdout and stderr over
a socket, waits for the process that is forked with them, and ends as that process ended.
"""

from __future__ import annotations

import marshal
import select
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LENGTH = 4
_DESCRIPTORS = 4
_NAME = "llmhub"
# It imports only modules that import no others, so that it starts at once.
_PROGRAM = """#!{python} -IS
import _socket, marshal, os, sys
mask = os.umask(0o077)
os.umask(mask)
asked = marshal.dumps((sys.argv[1:], dict(os.environ), os.getcwd(), mask))
told, tell = os.pipe()
passed = b"".join(each.to_bytes(4, sys.byteorder) for each in (tell, 0, 1, 2))
server = _socket.socket(_socket.AF_UNIX)
server.connect({path!r})
server.sendmsg([len(asked).to_bytes(4, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, passed)])
server.sendall(asked)
os.close(tell)
code = int(os.fdopen(told).read().splitlines()[1])
if code < 0:
    os.kill(os.getpid(), -code)
os._exit(code)
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A command line that a shell has run: its arguments, and the state that its process inherited from the shell."""

    arguments: Sequence[str]
    variables: Mapping[str, str]
    folder: str
    umask: int


Start = Callable[[Asked, Sequence[int]], None]
"""Starts a command. The descriptors are the pipe that reports its number and its end, its stdin, stdout and stderr."""


def install(folder: Path) -> socket.socket:
    """Write the program into a folder, and return the socket to which it connects."""
    listening = socket.socket(socket.AF_UNIX)
    path = folder / "socket"
    listening.bind(str(path))
    listening.listen()
    program = folder / _NAME
    program.write_text(_PROGRAM.format(python=sys.executable, path=str(path)))
    program.chmod(0o755)
    return listening


def serve(listening: socket.socket, until: int, start: Start) -> None:
    """Start the commands that programs ask for, until the other end of the descriptor `until` is closed."""
    heard = select.poll()
    heard.register(listening, select.POLLIN)
    heard.register(until, 0)
    while all(descriptor == listening.fileno() for descriptor, _ in heard.poll()):
        asking, _ = listening.accept()
        with asking:
            length, descriptors, _, _ = socket.recv_fds(asking, _LENGTH, _DESCRIPTORS)
            asked = b""
            while len(asked) < int.from_bytes(length):
                asked += asking.recv(int.from_bytes(length) - len(asked))
        start(Asked(*marshal.loads(asked)), descriptors)  # noqa: S302 -- the program above wrote it
