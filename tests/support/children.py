"""Real child processes for the arena's tests: run to their end, run without privileges, raced, and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

from tests.support.forks import Job, shared_forks

PATIENCE = 300
"""Seconds after which a child process is taken to hang."""

SPILL_AND_WAIT = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 5")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE score SET rating = rating + 1, upper = upper + 1")
print("ready", flush=True)
sys.stdin.readline()
"""
"""For `kill_once_ready`: a writer of the store whose transaction has reached the file, so that a journal is left."""

# Files of the user root can be read by root whatever their mode. Without its capabilities root is held to the mode
# like everyone, and still owns pytest's folders, which another user could not enter. With "no new privileges" (38) a
# program that it becomes gets none back.
_DROP_PRIVILEGES = """
import ctypes, os
if os.geteuid() == 0:
    none, system = (ctypes.c_uint32 * 6)(), ctypes.CDLL(None, use_errno=True)
    if system.prctl(38, 1, 0, 0, 0) or system.capset((ctypes.c_uint32 * 2)(0x20080522, 0), none):
        raise OSError(ctypes.get_errno(), "no privileges")
"""


def _start(code: str, arguments: tuple[str | Path, ...], *, checkout: Path | None = None) -> subprocess.Popen[str]:
    environment = dict(os.environ)
    if checkout is not None:
        environment["PYTHONPATH"] = str(checkout)
    return subprocess.Popen(
        [sys.executable, "-c", dedent(code), *map(str, arguments)],
        env=environment,
        # -c puts the current folder before PYTHONPATH.
        cwd=checkout,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_python(code: str, *arguments: str | Path, checkout: Path | None = None) -> str:
    """Run Python code in a process of its own and return what it printed; it must exit 0.

    With `checkout`, the llmhub in that folder is the one that it imports. Code that looks at what is imported, or at
    the first import of something, needs `start_python`.
    """
    if checkout is not None:
        return start_python(code, *arguments, checkout=checkout)
    run = _forked(code, arguments)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def start_python(code: str, *arguments: str | Path, checkout: Path | None = None) -> str:
    """Do what `run_python` does in a process with a start of its own, in which nothing is imported yet."""
    with _start(code, arguments, checkout=checkout) as child:
        output, errors = child.communicate(timeout=PATIENCE)
    assert child.returncode == 0, errors
    return output.strip()


def _forked(code: str, arguments: tuple[str | Path, ...]) -> subprocess.CompletedProcess[str]:
    words = [dedent(code), *map(str, arguments)]
    job = Job("tests.support.forks:run_code", words, dict(os.environ), str(Path.cwd()), patience=PATIENCE)
    return shared_forks().run(job).run


def run_unprivileged(code: str, *arguments: str | Path) -> str:
    """Do what `run_python` does, in a process that is bound by file permissions, whoever runs the tests."""
    return run_python(_DROP_PRIVILEGES + dedent(code), *arguments)


def run_limited(most_bytes: int, code: str, *arguments: str | Path) -> str:
    """Do what `run_python` does, in a process that can make no file larger than that."""
    limit = f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({most_bytes}, {most_bytes}))\n"
    return run_python(limit + dedent(code), *arguments)


def run_llmhub_unprivileged(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the real `llmhub` command, and what it starts, bound by file permissions, whoever runs the tests.

    Its keyword arguments are environment variables.
    """
    words = list(map(str, arguments))
    code = f"{_DROP_PRIVILEGES}\nfrom llmhub.cli import main\nmain({words!r})"
    job = Job("tests.support.forks:run_code", [code], os.environ | variables, str(Path.cwd()), patience=PATIENCE)
    return shared_forks().run(job).run


def run_to_death(code: str, *arguments: str | Path, checkout: Path | None = None) -> None:
    """Run code that kills its own process with SIGKILL."""
    if checkout is None:
        run = _forked(code, arguments)
        returncode, errors = run.returncode, run.stderr
    else:
        with _start(code, arguments, checkout=checkout) as child:
            _, errors = child.communicate(timeout=PATIENCE)
        returncode = child.returncode
    assert returncode == -signal.SIGKILL, errors


def race(code: str, arguments: list[tuple[str | Path, ...]], *, checkout: Path | None = None) -> list[str]:
    """Run code in one process for each of the arguments, all let go at once; return what each printed.

    The code prints a line when it is ready and reads a line from stdin before what is raced.
    """
    return race_all([(code, each) for each in arguments], checkout=checkout)


def race_all(codes: list[tuple[str, tuple[str | Path, ...]]], *, checkout: Path | None = None) -> list[str]:
    """Do what `race` does, each process with a code of its own."""
    children = [_start(code, arguments, checkout=checkout) for code, arguments in codes]
    try:
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline().strip() == "ready", child.communicate()[1]
        for child in children:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        results = [child.communicate(timeout=PATIENCE) for child in children]
        assert [child.returncode for child in children] == [0] * len(children), [errors for _, errors in results]
        return [output.strip() for output, _ in results]
    finally:
        for child in children:
            child.kill()
            child.wait()


def kill_once_ready(code: str, *arguments: str | Path) -> None:
    """Start code that prints `ready` and waits on stdin; kill its process with SIGKILL while it waits."""
    with _start(code, arguments) as child:
        assert child.stdout is not None
        try:
            assert child.stdout.readline().strip() == "ready", child.communicate()[1]
        finally:
            child.kill()
