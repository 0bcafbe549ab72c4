"""Ctrl-C, or SIGTERM, ends every long job at once: one line, exit 130, and nothing half-written left."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from textwrap import dedent, indent

import psutil
import pytest

from tests.cli.conftest import Script
from tests.support.made_up.publications import row, write_publication
from tests.support.made_up.scripts import PATIENCE_SECONDS, is_alive
from tests.support.processes.children import run_python
from tests.support.processes.commands import ago, arena_db, arena_folder, board, files_in, seed, upstream_json
from tests.support.processes.forked import Piped
from tests.support.processes.forks import Job, shared_forks
from tests.support.processes.terminal import on_terminal
from tests.support.servers.http import LONGEST_HANG, LocalServer, Response, hanging
from tests.support.servers.sources import Sources

MOST_SECONDS = 5.0
"""What may pass on a busy machine; tests/benchmarks says how long it takes."""

SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


# As Python itself does at its start, unless whoever started it ignores Ctrl-C.
_COMMAND = """
import signal, sys
from llmhub.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main(sys.argv[1:])
"""


def forked(arguments: list[str], folder: Path) -> Piped:
    job = Job("tests.support.processes.forks:run_code", [_COMMAND, *arguments], dict(os.environ), str(folder))
    return shared_forks().start(job)


def started(arguments: list[str], folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "llmhub", *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Where pytest itself runs in the background, its children ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,  # noqa: PLW1509 -- no other thread runs
    )


def interrupted(
    arguments: list[str],
    folder: Path,
    *,
    ready: Callable[[psutil.Process], bool],
    number: signal.Signals,
    start: Callable[[list[str], Path], Piped | subprocess.Popen[str]] = forked,
) -> None:
    """Start a command, interrupt it once it is at work, and check how it ended and that it took no time."""
    with start(arguments, folder) as process:
        try:
            give_up = time.monotonic() + PATIENCE_SECONDS
            watched = psutil.Process(process.pid)
            while not ready(watched):
                assert watched.is_running()
                assert watched.status() != psutil.STATUS_ZOMBIE
                assert time.monotonic() < give_up
                time.sleep(0.01)
            begun = time.monotonic()
            os.kill(process.pid, number)
            stdout, stderr = process.communicate(timeout=PATIENCE_SECONDS)
            taken = time.monotonic() - begun
        finally:
            process.kill()
    assert (process.returncode, stdout, stderr) == (130, "", "interrupted\n")
    assert taken < MOST_SECONDS


def has_the_store_open(process: psutil.Process) -> bool:
    return any(file.path == str(arena_db()) for file in process.open_files())


@pytest.fixture
def store() -> bytes:
    """Store two snapshots, and return the file's bytes."""
    for days in (2, 1):
        seed(board({"made-up-a": 1000.0 + days}), ago(days=days))
    return arena_db().read_bytes()


@SIGNALS
def test_while_the_update_script_runs(script: Script, tmp_path: Path, elsewhere: Path, number: signal.Signals) -> None:
    pid = tmp_path / "pid"
    script(f"import os, time\nopen({str(pid)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)")
    interrupted(
        ["arena", "refresh"],
        elsewhere,
        number=number,
        ready=lambda _: pid.exists() and pid.read_text() != "",
        start=started,
    )
    assert not is_alive(int(pid.read_text()))
    assert files_in(arena_folder()) <= {"refresh.lock"}


@SIGNALS
def test_while_a_download_hangs(elsewhere: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals) -> None:
    with LocalServer(lambda _: hanging()) as server:
        monkeypatch.setenv("LLMHUB_ARENA_SOURCE_URL", server.url)
        interrupted(["arena", "backfill"], elsewhere, number=number, ready=lambda _: server.requests != [])
    # What came so far is kept, to be continued.
    assert files_in(arena_folder()) <= {".llmhub-backfill", "backfill.lock"}
    assert not list(arena_folder().rglob("*.parquet"))
    assert not list(arena_folder().rglob(".llmhub-*[0-9a-f]"))


@SIGNALS
def test_while_providers_and_models_dev_hang(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, script: Script, home: Path, number: signal.Signals
) -> None:
    script(f"open('data/leaderboard-text.json', 'w').write({upstream_json({'made-up': 1.0})!r})")
    with Sources() as sources:
        sources.use(monkeypatch)
        sources.answers = dict.fromkeys(sources.answers, Response(delay=LONGEST_HANG))
        interrupted(
            ["catalog", "refresh"],
            elsewhere,
            number=number,
            # The providers are asked later, once any-llm has been imported. A folder in which a file is made is left
            # behind by an interrupt while it is removed; the next run clears it.
            ready=lambda _: (
                "/api.json" in sources.requests
                and arena_db().exists()
                and not any(name.startswith(".llmhub-") for name in files_in(arena_folder()))
            ),
            start=started if number is signal.SIGINT else forked,
        )
    assert files_in(home / "llmhub") == {"arena"}
    assert files_in(arena_folder()) <= {"arena.db", "upgrade.lock", "arena.db-journal", "refresh.lock"}


WAITING = {
    "verify": ["verify"],
    "backup": ["backup", "copy.db"],
    "export": ["export", "-o", "out"],
    "import": ["import", "2026-01-05/leaderboard-text.json"],
    "prune": ["prune", "--keep-last", "1"],
    "history": ["history"],
}


@pytest.mark.parametrize("words", WAITING.values(), ids=WAITING)
def test_while_another_process_keeps_the_store(elsewhere: Path, store: bytes, words: list[str]) -> None:
    (elsewhere / "2026-01-05").mkdir()
    (elsewhere / "2026-01-05" / "leaderboard-text.json").write_text(upstream_json({"made-up": 1.0}))
    with closing(sqlite3.connect(arena_db(), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        interrupted(["arena", *words], elsewhere, number=signal.SIGINT, ready=has_the_store_open)
        other.execute("ROLLBACK")
    assert arena_db().read_bytes() == store
    assert files_in(arena_folder()) == {"arena.db", "upgrade.lock"}
    assert files_in(elsewhere) == {"2026-01-05"}


@SIGNALS
def test_in_the_middle_of_an_import_whole_dates_stay(elsewhere: Path, number: signal.Signals) -> None:
    days = [f"20{year}-{month:02}-{day:02}" for year in (24, 25) for month in range(1, 13) for day in range(1, 28)]
    rows = [
        row(f"made-up-{model}", 1000.0 + model + 0.01 * number, published_on=day)
        for number, day in enumerate(days)
        for model in range(20)
    ]
    file = write_publication(elsewhere, "text", rows, name="full-00000-of-00001.parquet")

    def has_begun(_: psutil.Process) -> bool:
        return arena_db().exists() and arena_db().stat().st_size > 500_000

    interrupted(["arena", "import", str(file)], elsewhere, number=number, ready=has_begun)
    assert files_in(arena_folder()) == {"arena.db", "upgrade.lock"}
    with closing(sqlite3.connect(arena_db())) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        counted = connection.execute(
            "SELECT count(*) FROM snapshot_board sb JOIN score c ON c.board_id = sb.board_id GROUP BY sb.snapshot_id"
        ).fetchall()
    assert set(counted) == {(20,)}
    assert len(counted) < len(days)


# Statements that have no end, in a process that is told to end when it has begun.
ENDLESS = {
    "sqlite": """
        connection = database.open_for_reading(path)
        with database.translated(path):
            begun()
            connection.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
            ).fetchall()
    """,
    "sqlite in a transaction": """
        with database.writing(path) as connection:
            begun()
            connection.exec_driver_sql(
                "INSERT INTO model (name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                "SELECT i FROM n"
            )
    """,
    "duckdb": """
        import duckdb
        with duckdb.connect() as connection:
            begun()
            interruptible(connection, lambda: connection.execute(
                "SELECT max(hash(a.range) + b.range % 2) FROM range(1000000000) a, range(1000000000) b"
            ))
    """,
}
_ENDED = """
import os, signal, sys, threading, time
from pathlib import Path
from llmhub.arena.database import database
from llmhub.arena.exchange.duckdb_interrupts import interruptible
path, number = Path(sys.argv[1]), int(sys.argv[2])
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.default_int_handler)
def begun():
    threading.Timer(0.1, os.kill, (os.getpid(), number)).start()
try:
{statement}
except KeyboardInterrupt:
    print("interrupted")
"""


@SIGNALS
@pytest.mark.parametrize("code", ENDLESS.values(), ids=ENDLESS)
def test_in_a_statement_that_has_no_end(store: bytes, code: str, number: signal.Signals) -> None:
    told = _ENDED.replace("{statement}", indent(dedent(code), "    "))
    assert run_python(told, arena_db(), str(int(number))) == "interrupted"
    assert arena_db().read_bytes() == store
    assert files_in(arena_folder()) == {"arena.db", "upgrade.lock"}


def test_a_line_of_progress_is_gone_when_the_job_is_interrupted(script: Script, tmp_path: Path) -> None:
    script("import os, sys, time\nprint('made-up: at it', file=sys.stderr)\nsys.stderr.flush()\ntime.sleep(600)")
    shown = on_terminal("arena", "refresh", columns=80, folder=tmp_path, interrupt_at="made-up: at it")
    assert shown.returncode == 130
    assert shown.screen.replace("^C", "").endswith("interrupted\n")
    assert files_in(arena_folder()) <= {"refresh.lock"}
