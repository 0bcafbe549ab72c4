"""Real processes that start in a tenth of the time: each is forked from one that has imported all of llmhub.

    forks = shared_forks()
    run = forks.run(Job.command("arena", "refresh", variables=..., folder=...))
    runs = forks.run_all([job] * 32)          # all released at once
    with forks.start(job) as process: ...     # to write to it, to read from it, to kill it

A job is a command of `llmhub`, run through its `main`, or a function of the tests. It may have a fault, which kills it
at a stage or limits the files that it writes; see tests/support/processes/injection.py.

Three processes take part. The worker runs the tests and asks; its server, forked from the nursery (nursery.py), forks
the job's process; between those two, for a job that is only started, a keeper waits for the job's end and reports it.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from time import monotonic
from traceback import print_exc
from types import CodeType, ModuleType, TracebackType
from typing import Any, NoReturn, Self, TextIO

from tests.support.processes import injection, nursery, shells
from tests.support.processes.forked import Forked, Piped
from tests.support.processes.huge_pages import use_huge_pages
from tests.support.processes.injection import Fault

PATIENCE_SECONDS = 300.0
"""After this time a process counts as hanging, and is killed."""

SELDOM = 20_000
"""After so many new objects the tests' processes collect garbage; Python's default of 700 costs 5 % of all time."""

_OUTPUT, _ERRORS, _STAGES = range(3)
_CHUNK = 1 << 16


def _umask() -> int:
    """Return this process's umask, which can only be read by setting another one."""
    found = os.umask(0o077)
    os.umask(found)
    return found


@dataclass(frozen=True, slots=True)
class Job:
    """The work of a process: a function with its arguments, and the environment that it runs in.

    Attributes:
        function: what to call, as ``module:function``; `llmhub.cli:main` gets one list, others get the arguments.
        arguments: texts.
        variables: its whole environment.
        folder: its current folder.
        fault: the fault to inject.
        patience: after so many seconds it counts as hanging, and is killed.
        umask: its umask; by default the test's own.
    """

    function: str
    arguments: Sequence[str]
    variables: Mapping[str, str]
    folder: str
    fault: Fault = field(default_factory=Fault)
    patience: float = PATIENCE_SECONDS
    umask: int = field(default_factory=_umask)

    @classmethod
    def command(
        cls,
        *arguments: str | Path,
        variables: Mapping[str, str],
        folder: Path,
        fault: Fault | None = None,
        patience: float = PATIENCE_SECONDS,
    ) -> Self:
        """Return the job of running `llmhub` with these arguments."""
        return cls("llmhub.cli:main", [*map(str, arguments)], {**variables}, str(folder), fault or Fault(), patience)


@dataclass(frozen=True, slots=True)
class Ended:
    """The result of a process, and the stages that it passed, if its fault counts them."""

    run: subprocess.CompletedProcess[str]
    stages: list[str]

    @property
    def killed(self) -> bool:
        return self.run.returncode in {-signal.SIGKILL, -signal.SIGXFSZ}


class Forks:
    """A connection to this worker's server, a process that has imported everything and forks for each job.

    Attributes:
        pid: the server's process number.
    """

    pid: int

    def __enter__(self) -> Self:
        self._talk, self._passing = nursery.connected()
        self._asking, self._answers = self._talk.makefile("w"), self._talk.makefile("r")
        self.pid = int(self._answers.readline())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The server ends when these are closed.
        for each in (self._asking, self._answers, self._talk, self._passing):
            each.close()

    def run(self, job: Job) -> Ended:
        """Run one job to its end."""
        (ended,) = self.run_all([job])
        return ended

    def run_all(self, jobs: Sequence[Job]) -> list[Ended]:
        """Run jobs side by side, all released at once, and return their results in the same order."""
        answers = self._ask([asdict(job) for job in jobs])
        return [
            Ended(subprocess.CompletedProcess(job.arguments, code, output, errors), stages.splitlines())
            for job, (code, output, errors, stages) in zip(jobs, answers, strict=True)
        ]

    def start(self, job: Job) -> Piped:
        """Start one job and return its process, whose stdin, stdout and stderr are pipes to the test."""
        (asked, ask), (said, say), (wrong, complain) = (os.pipe() for _ in range(3))
        told = self._pass(job, [asked, say, complain], terminal=False)
        for theirs in (asked, say, complain):
            os.close(theirs)
        return Piped(told, os.fdopen(ask, "w"), os.fdopen(said), os.fdopen(wrong))

    def start_on(self, terminal: int, job: Job) -> Forked:
        """Start one job with a terminal as its controlling terminal: Ctrl-C there reaches only this job."""
        return Forked(self._pass(job, [terminal] * 3, terminal=True))

    @cached_property
    def for_shells(self) -> Path:
        """A folder for the PATH of a shell; the `llmhub` in it is forked instead of started. See shells.py."""
        # A short path: that of a socket is limited to about 100 characters.
        folder = Path(tempfile.mkdtemp(prefix="llmhub-tests-"))
        atexit.register(shutil.rmtree, folder)
        self._ask({"shells": str(folder)})
        return folder

    def _pass(self, job: Job, streams: Sequence[int], *, terminal: bool) -> TextIO:
        """Start a job with these descriptors as stdin, stdout and stderr; return the pipe `Forked.told`."""
        told, tell = os.pipe()
        # Descriptors can only be sent together with a byte.
        socket.send_fds(self._passing, [b"\0"], [tell, *streams])
        os.close(tell)
        self._ask({"job": asdict(job), "terminal": terminal})
        return os.fdopen(told)

    def _ask(self, what: object) -> Any:
        self._asking.write(json.dumps(what) + "\n")
        self._asking.flush()
        return json.loads(self._answers.readline())


@cache
def shared_forks() -> Forks:
    """Return the connection to this worker's server, which is started once for all its tests and ends with it."""
    forks = Forks().__enter__()
    atexit.register(forks.__exit__, None, None, None)
    return forks


# -- functions for jobs


def run_code(code: str, *arguments: str) -> None:
    """Run Python code as `python -c` would."""
    sys.argv = ["-c", *arguments]
    exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 -- the tests' own code


def run_script(path: str, *arguments: str) -> None:
    """Run a Python file as its own process would."""
    sys.argv = [path, *arguments]
    module = ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    exec(_compiled(path, Path(path).read_bytes()), vars(module))  # noqa: S102 -- a script of this repository


@cache
def _compiled(path: str, source: bytes) -> CodeType:
    """Compile a script; done once, in the nursery, for the update script, which over a hundred tests run."""
    return compile(source, path, "exec", dont_inherit=True)


# -- in the nursery, and in the servers that it forks


def _prepare() -> None:
    """Import everything, once for all processes that fork."""
    # Collecting garbage would find nearly none in what is imported.
    gc.disable()
    _import_everything()
    gc.enable()
    gc.set_threshold(SELDOM)
    # Otherwise a child that collects garbage would touch all imported objects, and so copy their memory.
    gc.freeze()


def _serve(talk: socket.socket, passing: socket.socket) -> None:
    """Answer each line from the worker: run a list of jobs and return their results, or start one job."""
    use_huge_pages()
    asked, answers = talk.makefile("r"), talk.makefile("w")
    answers.write(f"{os.getpid()}\n")
    answers.flush()
    for line in asked:
        what = json.loads(line)
        answer: list[tuple[int, str, str, str]] = []
        if isinstance(what, list):
            answer = _all_run([_job(each) for each in what])
        elif "shells" in what:
            _serve_shells(Path(what["shells"]), talk.fileno())
        else:
            _, descriptors, _, _ = socket.recv_fds(passing, 1, 4)
            _start(_job(what["job"]), descriptors, terminal=what["terminal"])
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _job(given: dict[str, Any]) -> Job:
    return Job(**{**given, "fault": Fault(**given["fault"])})


def _import_everything() -> None:
    register, registered = atexit.register, []

    def remembered(function: Callable[..., Any], *given: Any, **named: Any) -> Any:
        registered.append(function)
        return register(function, *given, **named)

    atexit.register = remembered  # type: ignore[assignment]
    import llmhub

    for module in walk_packages(llmhub.__path__, "llmhub."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for name in _USED_WHEN_RUN:
        import_module(name)
    script = Path(__file__).resolve().parents[3] / "vendor/arena/update_leaderboard_data.py"
    # This process runs this module as __main__; jobs call it by its own name.
    import_module("tests.support.processes.forks")._compiled(str(script), script.read_bytes())
    import_module("tests.support.processes.ready").make_ready()
    atexit.register = register
    for function in registered:
        # DuckDB's function, written in C++: it frees memory, which takes as long as a fork and is useless at the end.
        if getattr(function, "__module__", None) is None:
            atexit.unregister(function)


_USED_WHEN_RUN = (
    "alembic.autogenerate",
    "alembic.command",
    "alembic.config",
    "alembic.runtime.migration",
    "any_llm.providers.anthropic",
    "any_llm.providers.ollama",
    "any_llm.providers.openai",
    "any_llm.providers.registry",
    "anyio._backends._asyncio",
    "certifi",
    "difflib",
    "duckdb",
    "encodings.idna",
    "encodings.utf_8_sig",
    "filelock",
    "h11",
    "httpcore",
    "httpcore2",
    "httpx",
    "narwhals._interchange.dataframe",
    "openai.resources.models",
    "psutil",
    "rich.console",
    "rich.progress",
    "rich.status",
    "rich.table",
    "sqlalchemy.dialects.sqlite",
    "tenacity",
    "tests.faults.callers",
    # This module: the nursery runs it as __main__.
    "tests.support.processes.forks",
    "truststore",
)


def _all_run(jobs: Sequence[Job]) -> list[tuple[int, str, str, str]]:
    waiting, let_go = os.pipe()
    children: list[int] = []
    streams: dict[int, tuple[int, int]] = {}
    for number, job in enumerate(jobs):
        pipes = [os.pipe() for _ in (_OUTPUT, _ERRORS, _STAGES)]
        child = os.fork()
        if child == 0:
            os.close(let_go)
            _become(job, waiting, [write for _, write in pipes])
        children.append(child)
        for which, (read, write) in enumerate(pipes):
            os.close(write)
            streams[read] = (number, which)
    os.close(waiting)
    os.close(let_go)
    said = _drained(streams, children, max(job.patience for job in jobs))
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    return [(code, *(text.decode() for text in said[number])) for number, code in enumerate(codes)]  # type: ignore[misc]


def _serve_shells(folder: Path, until: int) -> None:
    """Fork a process that starts the commands of shells, until the other end of the descriptor `until` is closed."""
    with shells.install(folder) as listening:
        if os.fork() == 0:
            shells.serve(listening, until, _start_of_shell)
            os._exit(0)


def _start_of_shell(asked: shells.Asked, descriptors: Sequence[int]) -> None:
    job = Job("llmhub.cli:main", asked.arguments, asked.variables, asked.folder, umask=asked.umask)
    _start(job, descriptors, terminal=False)


def _start(job: Job, theirs: Sequence[int], *, terminal: bool) -> None:
    """Start a job with the passed descriptors; a keeper, another process, waits for the job and reports its end."""
    with suppress(ChildProcessError):
        # Collect the keepers of jobs that have ended.
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    told, *streams = theirs
    keeper = os.fork()
    if keeper == 0:
        child = os.fork()
        if child == 0:
            os.close(told)
            asked, *writes = streams
            os.dup2(asked, 0)
            os.close(asked)
            if terminal:
                os.setsid()
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)
                sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
            waiting, nothing = os.pipe()
            os.close(nothing)
            _become(job, waiting, [*writes, os.open(os.devnull, os.O_WRONLY)])
        for stream in streams:
            os.close(stream)
        os.write(told, f"{child}\n".encode())
        os.write(told, f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n".encode())
        os._exit(0)
    for descriptor in theirs:
        os.close(descriptor)


def _drained(streams: dict[int, tuple[int, int]], children: Sequence[int], patience: float) -> list[list[bytearray]]:
    """Read what the children write until they all have closed their pipes; kill children that take too long."""
    said = [[bytearray() for _ in (_OUTPUT, _ERRORS, _STAGES)] for _ in children]
    give_up = monotonic() + patience
    while streams:
        ready = select.select(list(streams), [], [], max(0.0, give_up - monotonic()))[0]
        if not ready:
            for child in children:
                os.kill(child, signal.SIGKILL)
            give_up = monotonic() + patience
        for stream in ready:
            if chunk := os.read(stream, _CHUNK):
                number, which = streams[stream]
                said[number][which] += chunk
            else:
                os.close(stream)
                del streams[stream]
    return said


def _become(job: Job, waiting: int, writes: Sequence[int]) -> NoReturn:
    """Turn this process into the job's process, run the job, and end."""
    code: Any = 1
    try:
        os.dup2(writes[_OUTPUT], 1)
        os.dup2(writes[_ERRORS], 2)
        stages = os.dup2(writes[_STAGES], 63)
        os.environ.clear()
        os.environ.update(job.variables)
        os.umask(job.umask)
        os.chdir(job.folder)
        for write in writes:
            os.close(write)
        # Returns when the server closes the other end: then all jobs of the list have been forked.
        os.read(waiting, 1)
        os.close(waiting)
        module, _, name = job.function.partition(":")
        function = getattr(import_module(module), name)
        injection.install(job.fault, stages)
        if job.function == "llmhub.cli:main":
            function(list(job.arguments))
        else:
            function(*job.arguments)
        code = 0
    except SystemExit as exit_:
        code = exit_.code or 0
    except BaseException:  # noqa: BLE001 -- the process ends here
        print_exc()
    _finish()
    os._exit(code if isinstance(code, int) else 1)


def _finish() -> None:
    """Do what Python does at the end of a process: wait for threads, run exit functions, flush stdout and stderr."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]  # the interpreter's own step, which os._exit leaves out
        atexit._run_exitfuncs()
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001 -- the process ends here
        print_exc()
    sys.stderr.flush()


if __name__ == "__main__":
    nursery.leave(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]), _prepare, _serve)
