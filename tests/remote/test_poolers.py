"""A pooler that shares connections stands between: what can work works, and no setting stays for another program."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.boards import Score
from llmhub.arena.team.store import opened_here, pull_here, push_from_here, server_of
from llmhub.remote.address import parse
from llmhub.remote.schema import make
from llmhub.remote.server import Server
from llmhub.remote.turns import turn
from tests.remote.conftest import Home
from tests.support.made_up.scripts import LEAVES_GOOD_FILE, update_script
from tests.support.processes.commands import error_line
from tests.support.processes.forks import Job, shared_forks
from tests.support.servers import poolers, postgres

DAY = datetime(2026, 3, 1, tzinfo=UTC)
_CHANGED = """
    SELECT name, setting FROM pg_settings
     WHERE setting <> reset_val AND source = 'session' AND name NOT IN ('application_name', 'client_encoding')
"""


@pytest.fixture
def pooled(remote_url: str) -> Iterator[Mapping[str, str]]:
    if not poolers.is_installed():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("PgBouncer is not installed: apt-get install pgbouncer")
    with poolers.pooled(postgres.shared_server(), remote_url.rpartition("/")[2]) as addresses:
        yield addresses


def test_behind_a_pooler_machines_get_in_step_and_leave_no_setting_to_other_programs(
    pooled: Mapping[str, str], tmp_path: Path
) -> None:
    script = update_script(tmp_path, LEAVES_GOOD_FILE)
    with SnapshotStore.open(tmp_path / "home-0/arena/arena.db") as store:
        store.add({"text": {"overall": {"a": Score(1.0)}}}, taken_at=DAY)

    def job(number: int, *words: str) -> Job:
        told = {"LLMHUB_REMOTE_URL": pooled["transaction"], "LLMHUB_CONFIG_DIR": str(tmp_path / f"home-{number}")}
        told["LLMHUB_ARENA_SCRIPT"] = str(script.path)
        return Job.command(*words, variables={**os.environ, **told}, folder=tmp_path)

    jobs = [job(0, "remote", "push"), *(job(number, "arena", "refresh") for number in range(1, 5))]
    ended = shared_forks().run_all(jobs)
    assert [(each.run.returncode, each.run.stderr) for each in ended] == [(0, "")] * 5
    assert script.runs == 1
    for mode in ("transaction", "session"):
        address, path = parse(pooled[mode]), tmp_path / mode / "arena.db"
        with opened_here(address, path) as origin:
            assert len(pull_here(origin, path).new) == 2
        make(address)
        with closing(psycopg.connect(pooled[mode], autocommit=True, prepare_threshold=None)) as other:
            assert other.execute(_CHANGED).fetchall() == []


def test_a_pooler_that_shares_by_statement_serves_readers_and_tells_writers_what_to_change(
    pooled: Mapping[str, str], homes: Callable[..., Home], remote_url: str
) -> None:
    home = homes("a", LLMHUB_REMOTE_URL=pooled["statement"])
    with SnapshotStore.open(home.store) as store:
        store.add({"text": {"overall": {"a": Score(1.0)}}}, taken_at=DAY)
    for words in (("remote", "push"), ("remote", "init")):
        line = error_line(home.run(*words))
        assert "statement pooling" in line
        assert line.endswith(
            "let the pooler share connections by transaction or session, or give the server's own address"
        )
    with server_of(parse(remote_url)) as server:
        push_from_here(server, home.store)
    pulled = homes("b", LLMHUB_REMOTE_URL=pooled["statement"]).run("remote", "pull")
    assert (pulled.returncode, pulled.stderr) == (0, "")
    assert pulled.stdout.startswith("pulled 1 snapshot ")


def test_each_transaction_behind_a_pooler_bounds_how_long_it_waits_and_idles(pooled: Mapping[str, str]) -> None:
    asks = "SELECT current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')"
    with Server.connect(parse(pooled["transaction"]), seconds=7) as server:
        assert server.rows(asks) == [("0", "0")]
        with server.transaction() as transaction:
            assert transaction.rows(asks) == [("7s", "1min")]


def test_a_machine_that_sleeps_in_its_turn_loses_it_to_the_next(remote_url: str) -> None:
    address = parse(remote_url)
    with turn(address, seconds=30, longest=0.2) as first:
        assert first
        tries = 0
        while True:
            with turn(address, seconds=30, longest=30) as second:
                if second:
                    break
            tries += 1
            assert tries < 10_000


def test_a_stopped_pusher_holds_the_others_up_no_longer_than_a_minute(remote_url: str) -> None:
    with Server.connect(parse(remote_url)) as server, server.transaction() as transaction:
        assert transaction.rows("SHOW idle_in_transaction_session_timeout") == [("1min",)]
