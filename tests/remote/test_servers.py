"""Other servers and other states of one: Debian's with TLS, one that went back to a copy, and none at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.boards import Score
from llmhub.arena.team.store import opened_here, pull_here, push_from_here, server_of
from llmhub.remote.address import Address, parse
from llmhub.remote.schema import make
from tests.conftest import REPOSITORY, Llmhub
from tests.support.processes.commands import arena_db, error_line
from tests.support.servers import postgres

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def stored(path: Path, *days: int) -> None:
    with SnapshotStore.open(path) as store:
        for day in days:
            store.add({"text": {"overall": {"a": Score(1.0 + day)}}}, taken_at=DAY + timedelta(days=day))


def pulled(address: Address, path: Path) -> list[int]:
    with opened_here(address, path) as origin:
        return sorted((each.taken_at - DAY).days for each in pull_here(origin, path).new)


def push(address: Address, path: Path) -> None:
    with server_of(address) as server:
        assert push_from_here(server, path).refused == []


def test_a_server_that_went_back_to_a_copy_is_compared_anew_though_its_place_is_as_far_as_before(
    address: Address, tmp_path: Path
) -> None:
    first, second, third = (tmp_path / name / "arena.db" for name in ("a", "b", "c"))
    stored(first, 0, 1, 2)
    push(address, first)
    assert pulled(address, second) == [0, 1, 2]
    # The copy had the first snapshot alone; others have pushed since.
    with psycopg.connect(address.url, autocommit=True) as connection:
        for table in ("snapshot_board", "snapshot_leaderboard"):
            connection.execute(f"DELETE FROM llmhub.{table} WHERE snapshot_id > 1".encode())
        connection.execute("DELETE FROM llmhub.snapshot WHERE id > 1; UPDATE llmhub.remote SET position = 1")
    stored(third, 5, 6, 7, 8)
    push(address, third)
    assert pulled(address, second) == [5, 6, 7, 8]


def test_debians_postgresql_serves_who_comes_with_tls_and_tells_who_comes_without(
    tmp_path: Path, llmhub: Llmhub
) -> None:
    if not (postgres.DEBIAN / "postgres").exists() or shutil.which("openssl") is None:
        pytest.skip("Debian's postgresql 15 or openssl is not installed")
    certificate = tmp_path / "certificate"
    certificate.mkdir(mode=0o755)
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*words, "-keyout", "key.pem", "-out", "cert.pem"], cwd=certificate, capture_output=True, check=True)
    hba = ["hostssl all all 127.0.0.1/32 scram-sha-256"]
    with postgres.started(bin_dir=postgres.DEBIAN, hba=hba, tls=certificate) as server:
        name = server.new_database()
        url = server.url(name)
        refused = error_line(llmhub("remote", "init", LLMHUB_REMOTE_URL=f"{url}?sslmode=disable"))
        assert "no encryption" in refused
        address = parse(f"{url}?sslmode=require")
        make(address)
        stored(arena_db(), 0, 1)
        push(address, arena_db())
        assert pulled(address, tmp_path / "other/arena.db") == [0, 1]


_HIDES = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "psycopg":
            raise ModuleNotFoundError("No module named 'psycopg'", name=name)
sys.meta_path.insert(0, Missing())
from llmhub.cli import main
main(sys.argv[1:])
"""


def test_without_the_extra_everything_else_works_and_one_line_says_what_to_install(tmp_path: Path) -> None:
    stored(arena_db(), 0)

    def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", _HIDES, *words],
            cwd=REPOSITORY,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    url = {"LLMHUB_REMOTE_URL": "postgresql://team@127.0.0.1/x"}
    refused = run("remote", "pull", **url)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith(
        "error: a remote in PostgreSQL needs the extra `postgres` (No module named 'psycopg'"
    )
    assert "[postgres]" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    shared = f"file://{arena_db()}"
    assert run("remote", "pull", LLMHUB_CONFIG_DIR=str(tmp_path / "other"), LLMHUB_REMOTE_URL=shared).returncode == 0
    assert run("arena", "show", **url).returncode == 0


def test_neither_the_package_nor_help_nor_a_fresh_store_imports_a_driver_or_sqlalchemy(llmhub: Llmhub) -> None:
    code = """
import sys
sys.argv = ["llmhub", "--help"]
import llmhub, llmhub.cli
try:
    llmhub.cli.main(["remote", "pull", "--help"])
except SystemExit:
    pass
print(sorted({name.partition(".")[0] for name in sys.modules} & {"psycopg", "sqlalchemy", "sqlmodel", "alembic"}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_pull_without_news_runs_at_most_five_statements_and_imports_no_sqlalchemy(
    address: Address, tmp_path: Path
) -> None:
    path = tmp_path / "home/arena.db"
    stored(arena_db(), 0, 1)
    push(address, arena_db())
    assert pulled(address, path) == [0, 1]
    with opened_here(address, path) as origin:
        assert pull_here(origin, path).new == []
        assert origin.server is not None
        assert origin.server.statements <= 5


def test_a_push_of_many_lines_is_answered_bit_by_bit_so_that_a_slow_line_seems_not_silent(
    address: Address, tmp_path: Path
) -> None:
    with SnapshotStore.open(arena_db()) as store:
        store.add({"text": {"overall": {f"m{n}": Score(1.0 + n) for n in range(9_000)}}}, taken_at=DAY)
    trace = tmp_path / "trace"
    with trace.open("wb") as file, server_of(address) as server:
        server.raw.pgconn.trace(file.fileno())
        push_from_here(server, arena_db())
        server.raw.pgconn.untrace()
    assert trace.read_text().count("CopyInResponse") >= 3
    assert pulled(address, tmp_path / "other/arena.db") == [0]
