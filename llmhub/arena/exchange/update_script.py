"""Runs the update script in a child process, without trusting it.

The script may be anyone's code: it may hang, start processes of its own, or write without end.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from time import monotonic
from typing import IO

from llmhub import background
from llmhub.errors import ScriptError, printable
from llmhub.files import reason_of
from llmhub.folders import workplace
from llmhub.memory import REMEDY, TOO_LITTLE, says_out_of_memory

_log = logging.getLogger(__name__)

_RUN = "run-"
_DIRECTORY = "run"
_LAUNCHER = Path(__file__).with_name("launch.py")
_MARKED_BY = "TMPDIR"
_LINUX = sys.platform == "linux"
_PROCESSES = Path("/proc")

_MAX_LINE_CHARS = 2_000
_MAX_REASON_CHARS = 300
_KEPT_LINES = 20
_SECONDS_FOR_LAST_OUTPUT = 2.0

# The variables that a download needs; none of them can be an API key.
_PROXIES = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
_CERTIFICATES = {"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}
_ENVIRONMENT = frozenset(
    {"PATH", "HOME", "LANG", "SYSTEMROOT", "LLMHUB_ARENA_SOURCE_URL", "LLMHUB_ARENA_LEADERBOARDS"}
    | _PROXIES
    | {name.lower() for name in _PROXIES}
    | _CERTIFICATES
)
# Up to the last "@" before the path, as every client reads it: a password may contain one.
_USERINFO = re.compile(r"(?<=://)[^/\s]+@")


@contextmanager
def work_dir(folder: Path) -> Iterator[Path]:
    """Give a fresh private folder for one run inside `folder`, with `data/` in it, and remove it afterwards.

    Runs whose llmhub was killed are cleaned up first: their children are ended and their folders removed.

    Raises:
        ScriptError: it cannot be made.
    """
    with ExitStack() as until_done:
        try:
            clearing = workplace(folder, _RUN, clearing=lambda left: _kill_started_in(left / _DIRECTORY))
            # A folder inside the marked one: the script may do anything in its own folder.
            directory = until_done.enter_context(clearing) / _DIRECTORY
            directory.mkdir(mode=0o700)
            until_done.callback(_kill_started_in, directory)
            (directory / "data").mkdir()
            Path(_private_tmp(directory)).mkdir()
        except OSError as error:
            raise ScriptError(
                f"no folder for a run can be made in {folder}: {reason_of(error, 'make it writable')}"
            ) from error
        yield directory


def run_script(script: Path, directory: Path, timeout: float, watch: Callable[[str], None]) -> None:
    """Run the update script in `directory`, in a process group of its own, and wait for it.

    Args:
        script: the Python file to run, without arguments.
        directory: a folder made by `work_dir`.
        timeout: seconds after which the whole group is killed.
        watch: is called with each line that the script writes to stderr, made safe to print.

    Raises:
        ScriptError: it cannot be started, did not end in time, or exited with anything but 0.
    """
    if not script.is_file():
        raise ScriptError(f"the update script {script} is missing: check LLMHUB_ARENA_SCRIPT, or install llmhub again")
    if not sys.executable:
        raise ScriptError("this Python does not know its own executable, which is needed to run the update script")
    last_lines: deque[str] = deque(maxlen=_KEPT_LINES)

    def keep(line: str) -> None:
        last_lines.append(line)
        watch(line)

    _log.info("running %s in %s, for at most %g s", script, directory, timeout)
    begun = monotonic()
    with _child(script, directory) as process:
        readers = [_reader(process.stderr, keep), _reader(process.stdout, lambda _: None)]
        ended = background.start(partial(_wait_for_end, process), name="llmhub-script")
        # Not process.wait(timeout=...): it reads the clock, which freezegun may have frozen.
        in_time = background.has_ended(ended, seconds=timeout)
        # Always: processes that the script left running would hold its pipes open.
        _kill(process, directory)
        ended.result()
        process.wait()
        for reader in readers:
            # A process that escaped the kill can hold the pipe open for any time.
            if background.has_ended(reader, seconds=_SECONDS_FOR_LAST_OUTPUT):
                reader.result()
    _log.info("the update script ended with %d after %.1f s", process.returncode, monotonic() - begun)
    said = f": {last_lines[-1]}" if last_lines else " and said nothing on stderr"
    if not in_time:
        raise ScriptError(f"the update script was killed: it had not ended after {timeout:g} s (LLMHUB_ARENA_TIMEOUT)")
    if process.returncode < 0:
        raise ScriptError(f"the update script was ended by {_signal_name(-process.returncode)}{said}")
    if process.returncode and last_lines and says_out_of_memory(last_lines[-1]):
        raise ScriptError(f"the update script exited with {process.returncode}: {TOO_LITTLE} for it: {REMEDY}")
    if process.returncode:
        raise ScriptError(f"the update script exited with {process.returncode}{said}")


@contextmanager
def _child(script: Path, directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start the script; afterwards no process of its group is alive, whatever happened."""
    try:
        process = subprocess.Popen(  # noqa: S603 -- the program is this Python, the script the user's own choice
            [sys.executable, "-P", str(_LAUNCHER), str(script), *_import_path(script)],
            cwd=directory,
            env=_environment(directory),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise ScriptError(f"the update script could not be started: {error}") from error
    try:
        yield process
    finally:
        if process.returncode is None:
            _kill(process, directory)
            process.wait()


def _import_path(script: Path) -> list[str]:
    """Return the folders that the script may import from: those of this process, except two.

    The two are the current folder and the script's own, unless PYTHONPATH names them by their whole paths. The folder
    that llmhub was imported from can hold its dependencies too: it comes last, after Python's own.
    """
    refused = {os.path.realpath(script.parent)}
    # The current folder may be gone.
    with suppress(OSError):
        refused.add(os.path.realpath(Path.cwd()))
    named = [] if sys.flags.ignore_environment else os.environ.get("PYTHONPATH", "").split(os.pathsep)
    refused -= {os.path.realpath(entry) for entry in named if Path(entry).is_absolute()}
    kept = [entry for entry in sys.path if Path(entry).is_absolute() and os.path.realpath(entry) not in refused]
    own = str(Path(__file__).resolve().parents[3])
    return list(dict.fromkeys([*kept, own]))


def _wait_for_end(process: subprocess.Popen[bytes]) -> None:
    """Wait until a process has ended, without asking for its exit code.

    Until the exit code is read, the system does not reuse the process number. Afterwards another process group can get
    it, which must not be killed.
    """
    if hasattr(os, "waitid"):
        # No such child: this program ignores SIGCHLD, so the system reaps children itself.
        with suppress(ChildProcessError):
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            return
    process.wait()


def _environment(directory: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key in _ENVIRONMENT or key.startswith("LC_")}
    # The script's temporary files are removed with its run's folder, even if both were killed.
    return kept | {_MARKED_BY: _private_tmp(directory)}


def _reader(stream: IO[bytes] | None, take: Callable[[str], None]) -> Future[None]:
    """Read a pipe to its end in the background, so that the script never blocks; keep only the last line.

    Only the beginning of a too long line is kept: an address cut in two would show its password.
    """

    def read() -> None:
        if stream is None:
            return
        line_begins = True
        # A closed or broken pipe ends the reading; the exit code tells the result of the run.
        with suppress(OSError, ValueError), stream:
            while chunk := stream.readline(_MAX_LINE_CHARS):
                if line_begins and (line := chunk.decode("utf-8", "replace").strip()):
                    take(printable(_USERINFO.sub("***@", line).removeprefix("error: "), _MAX_REASON_CHARS))
                line_begins = chunk.endswith(b"\n")

    return background.start(read, name="llmhub-script-output")


def _kill(process: subprocess.Popen[bytes], directory: Path) -> None:
    """Kill the script's process group, and what it started that left the group."""
    if sys.platform != "win32" and process.returncode is None:
        # No such group: it has ended. Not permitted: on macOS, only zombies are left of it.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    _kill_started_in(directory)


def _kill_started_in(directory: Path) -> None:
    """Kill every process that the script of this run started, including those that left its group.

    They inherit TMPDIR, which names this run's folder. A stored process number would not do: after a crash another
    process can have it.
    """
    mark = _private_tmp(directory)
    numbers = _numbers_of_marked(f"{_MARKED_BY}={mark}")
    if not numbers:
        return
    import psutil

    for number in numbers:
        # Ended meanwhile, or another user's: not ours.
        with suppress(psutil.Error, OSError):
            process = psutil.Process(number)
            if process.environ().get(_MARKED_BY) == mark:
                process.kill()


def _numbers_of_marked(setting: str) -> list[int]:
    """Return the numbers of the processes that may have this setting in their environment.

    On Linux the environments are read here: psutil takes ten times as long, and most runs leave nothing behind.
    """
    try:
        if _LINUX:
            running, needle = (each for each in _PROCESSES.iterdir() if each.name.isdigit()), os.fsencode(setting)
            return [int(process.name) for process in running if needle in _environment_of(process)]
        import psutil

        return psutil.pids()
    except (OSError, IndexError) as error:
        # Without /proc, as in a bare chroot, the processes cannot be found.
        _log.debug("what the script may have left running was not looked for: %s", type(error).__name__)
        return []


def _environment_of(process: Path) -> bytes:
    # Ended meanwhile, or another user's.
    with suppress(OSError):
        return (process / "environ").read_bytes()
    return b""


def _private_tmp(directory: Path) -> str:
    return str(directory / "tmp")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
