"""Real child processes for the arena's tests: run to their end, run without privileges, raced, and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from textwrap import dedent

from tests.support.processes.forked import Piped
from tests.support.processes.forks import Job, shared_forks

PATIENCE = 300
"""After this many seconds a child process counts as hanging."""

SPILL_AND_WAIT = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 5")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE score SET rating = rating + 1, upper = upper + 1")
print("ready", flush=True)
sys.stdin.readline()
"""
"""For `kill_once_ready`: a writer whose open transaction has reached the store's file, so that it leaves a journal."""

# Root can read every file, whatever its mode. Without its capabilities root must obey modes as every user, and still
# owns pytest's folders, which another user could not enter. With "no new privileges" (38) a program that this process
# becomes gets no capability back.
_DROP_PRIVILEGES = """
import ctypes, os
if os.geteuid() == 0:
    none, system = (ctypes.c_uint32 * 6)(), ctypes.CDLL(None, use_errno=True)
    if system.prctl(38, 1, 0, 0, 0) or system.capset((ctypes.c_uint32 * 2)(0x20080522, 0), none):
        raise OSError(ctypes.get_errno(), "no privileges")
"""


def _job(code: str, arguments: tuple[str | Path, ...], environment: Mapping[str, str]) -> Job:
    words = [dedent(code), *map(str, arguments)]
    return Job("tests.support.processes.forks:run_code", words, {**environment}, str(Path.cwd()), patience=PATIENCE)


def forked_python(code: str, *arguments: str | Path) -> Piped:
    """Start Python code in a forked process, to write to it and read from it; leaving the ``with`` block kills it."""
    return shared_forks().start(_job(code, arguments, os.environ))


def forked(code: str, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a forked process, and return how it ended; keyword arguments are environment variables."""
    return shared_forks().run(_job(code, arguments, os.environ | variables)).run


def _truly_run(code: str, arguments: tuple[str | Path, ...], checkout: Path | None) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ)
    if checkout is not None:
        environment["PYTHONPATH"] = str(checkout)
    return subprocess.run(
        [sys.executable, "-c", dedent(code), *map(str, arguments)],
        env=environment,
        # -c puts the current folder before PYTHONPATH.
        cwd=checkout,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def run_python(code: str, *arguments: str | Path, checkout: Path | None = None) -> str:
    """Run Python code in a process of its own and return what it printed; it must exit 0.

    With `checkout`, it imports the llmhub in that folder. Code that checks what is imported, or how something is first
    imported, needs `start_python`.
    """
    if checkout is not None:
        return start_python(code, *arguments, checkout=checkout)
    run = forked(code, *arguments)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def start_python(code: str, *arguments: str | Path, checkout: Path | None = None) -> str:
    """Do what `run_python` does in a newly started process, in which nothing is imported yet."""
    run = _truly_run(code, arguments, checkout)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def run_unprivileged(code: str, *arguments: str | Path) -> str:
    """Do what `run_python` does, in a process that must obey file permissions, even if root runs the tests."""
    return run_python(_DROP_PRIVILEGES + dedent(code), *arguments)


def run_limited(most_bytes: int, code: str, *arguments: str | Path) -> str:
    """Do what `run_python` does, in a process that can make no file larger than `most_bytes`."""
    limit = f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({most_bytes}, {most_bytes}))\n"
    return run_python(limit + dedent(code), *arguments)


def run_llmhub_unprivileged(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the real `llmhub` command in a process that must obey file permissions, even if root runs the tests.

    Keyword arguments are environment variables.
    """
    words = list(map(str, arguments))
    code = f"{_DROP_PRIVILEGES}\nfrom llmhub.cli import main\nmain({words!r})"
    return forked(code, **variables)


def run_to_death(code: str, *arguments: str | Path, checkout: Path | None = None) -> None:
    """Run code that kills its own process with SIGKILL."""
    run = forked(code, *arguments) if checkout is None else _truly_run(code, arguments, checkout)
    assert run.returncode == -signal.SIGKILL, run.stderr


def race(code: str, arguments: list[tuple[str | Path, ...]]) -> list[str]:
    """Run code in one process for each tuple of arguments, release all at once, and return what each printed.

    The code prints `ready`, then reads a line from stdin, and then does what the processes race for.
    """
    return race_all([(code, each) for each in arguments])


def race_all(codes: list[tuple[str, tuple[str | Path, ...]]]) -> list[str]:
    """Do what `race` does, with code of its own for each process."""
    with ExitStack() as alive:
        children = [alive.enter_context(forked_python(code, *arguments)) for code, arguments in codes]
        for child in children:
            _wait_until_ready(child)
        for child in children:
            child.stdin.write("go\n")
            child.stdin.flush()
        results = [child.communicate(timeout=PATIENCE) for child in children]
        assert [child.returncode for child in children] == [0] * len(children), [errors for _, errors in results]
        return [output.strip() for output, _ in results]


def kill_once_ready(code: str, *arguments: str | Path) -> None:
    """Start code that prints `ready` and waits on stdin; kill its process with SIGKILL while it waits."""
    with forked_python(code, *arguments) as child:
        _wait_until_ready(child)


def _wait_until_ready(child: Piped) -> None:
    line = child.stdout.readline().strip()
    assert line == "ready", (line, child.communicate(timeout=PATIENCE))
