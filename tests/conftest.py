"""Fixtures for all tests: a home of its own for each, the real command in a child process, the real data."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.faults.tally import summary
from tests.support.effort import PROFILE, by_profile
from tests.support.processes.forks import SELDOM, Forks, Job, shared_forks
from tests.support.processes.once import made_once
from tests.support.servers.http import TRUSTED

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared"

# The mark of the tests that read ../shared.
_NEEDS_SHARED = "needs_shared"

# With this variable, each of the hundreds of processes that tests start would compile the same modules again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# No test asks LiteLLM's repository; a test of the second witness starts a server of its own.
os.environ["LLMHUB_LITELLM_URL"] = "off"
# Otherwise each process that asks a server would first read the certificates of 140 authorities.
os.environ["SSL_CERT_FILE"] = str(TRUSTED)
os.environ.pop("SSL_CERT_DIR", None)
sys.dont_write_bytecode = False

# Properties never depend on the machine's speed.
settings.register_profile(
    PROFILE,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=by_profile(ci=60, nightly=1_000),
)
settings.load_profile(PROFILE)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return ../shared/data, or skip where it is absent."""
    path = SHARED / "data"
    if not path.is_dir():
        pytest.skip(f"{path} is not there: this test reads the real data")
    return path


# The endings of the variables that any-llm reads keys from; tests/security/test_secrets.py compares them with any-llm.
KEY_ENDINGS = ("_KEY", "_KEYS", "_TOKEN", "_KEY_ID", "_SECRET", "_PASSWORD", "_CREDENTIALS", "_BEARER_TOKEN_BEDROCK")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a home of its own; no test sees the user's settings, keys or store."""
    for name in [name for name in os.environ if name.startswith("LLMHUB_") or name.endswith(KEY_ENDINGS)]:
        monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("LLMHUB_CONFIG_DIR", str(folder / "llmhub"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("LLMHUB_LITELLM_URL", "off")
    return folder


@pytest.fixture(scope="session")
def demonstrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a kept demonstration, and beside it in the file `said` what `llmhub demo` printed; both are only read."""
    # Few of the tests need what writes the documents.
    from tests.documents import demonstrate

    return made_once(tmp_path_factory, "demonstrated", demonstrate)


Llmhub = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def forks() -> Forks:
    """Return the connection to this worker's server, which forks processes; see tests/support/processes/forks.py."""
    return shared_forks()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Return an empty folder for commands to run in."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


@pytest.fixture
def llmhub(forks: Forks, started_llmhub: Llmhub, elsewhere: Path) -> Llmhub:
    """Return a function that runs the `llmhub` command in a process of its own, in an empty folder.

    The process is forked from one that has imported all of llmhub, which takes a tenth of the time of a start. It is
    truly started if the environment differs in a variable that Python reads only when it starts. Keyword arguments are
    environment variables: a value, or None to unset one.
    """

    def run(*arguments: str | Path, timeout: float = 120, **variables: str | None) -> subprocess.CompletedProcess[str]:
        environment = _environment(variables)
        if _read_at_start(environment) != _AT_START:
            return started_llmhub(*arguments, timeout=timeout, **variables)
        job = Job.command(*arguments, variables=environment, folder=elsewhere, patience=timeout)
        ended = forks.run(job).run
        if ended.returncode == -signal.SIGKILL:
            raise subprocess.TimeoutExpired(ended.args, timeout, ended.stdout, ended.stderr)
        return ended

    return run


@pytest.fixture
def started_llmhub(elsewhere: Path, home: Path) -> Llmhub:
    """Return a function as `llmhub` does, which always starts a new process: for tests of how a process starts."""

    def run(*arguments: str | Path, timeout: float = 120, **variables: str | None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "llmhub", *map(str, arguments)],
            cwd=elsewhere,
            env=_environment(variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that Python reads only when it starts."""
    return {name: value for name, value in environment.items() if name.startswith(("PYTHON", "LC_", "LANG", "TZ"))}


_AT_START = _read_at_start(os.environ)


def _environment(variables: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in {**os.environ, **variables}.items() if value is not None}


def pytest_report_header() -> str:
    """Name the parts of the machine on which the results depend."""
    shared = SHARED if SHARED.is_dir() else "absent: tests on the real data are skipped"
    return f"SQLite {sqlite3.sqlite_version}, shared data: {shared}"


_IN_MEMORY = Path("/dev/shm")  # noqa: S108 -- pytest makes a folder of its own there
_ROOM_IN_MEMORY = 4 << 30


def _work_in_memory() -> None:
    """Make the tests' folders in memory, if there is room, to wait for no disk; the nightly profile uses the disk.

    Tests of power failures need no disk: they record the system calls; see tests/faults/test_crash_images.py.
    """
    if PROFILE == "ci" and _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free > _ROOM_IN_MEMORY:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_IN_MEMORY))


class _SkippedOnRealData:
    """Counts the tests that need ../shared and were skipped although it is there: that is a failure."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and _NEEDS_SHARED in report.keywords and SHARED.is_dir():
            self.names.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.names:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for name in self.names:
            terminalreporter.write_line(f"ERROR {name}: ../shared is there and the test was skipped", red=True)


class _Faults:
    """Adds up what the fault tests count, and prints the sums at the end."""

    def __init__(self) -> None:
        self.properties: list[tuple[str, object]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self.properties += report.user_properties

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if line := summary(self.properties):
            terminalreporter.write_line(f"faults: {line}")


def pytest_xdist_auto_num_workers() -> int:
    """Start one worker more than there are cores: tests also wait for the disk, for servers and for deadlines."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Switch Python's garbage collection off while pytest collects the tests, and make it rare afterwards.

    Almost nothing that is imported meanwhile is garbage, and searching it takes a quarter of the time. Frozen objects
    are never searched again; at the end of the process they are released as usual.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
        gc.set_threshold(SELDOM)
        atexit.register(gc.unfreeze)


def pytest_configure(config: pytest.Config) -> None:
    """Watch for skipped tests and count faults in the process that gets all results, not in pytest-xdist's workers."""
    if not hasattr(config, "workerinput"):
        _work_in_memory()
        config.pluginmanager.register(_SkippedOnRealData())
        config.pluginmanager.register(_Faults())
