"""What a refresh does with a remote, row by row of the policy: real servers, real child processes."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from llmhub.remote.schema import grants
from tests.remote.conftest import Home
from tests.support.made_up.scripts import GOOD_RATINGS, LEAVES_GOOD_FILE, UpdateScript, update_script
from tests.support.processes.children import race
from tests.support.processes.commands import ago, error_line
from tests.support.processes.forks import Job, shared_forks
from tests.support.servers import postgres

Homes = Callable[..., Home]


@pytest.fixture
def script(tmp_path: Path) -> UpdateScript:
    return update_script(tmp_path, LEAVES_GOOD_FILE)


@pytest.fixture
def machine(homes: Homes, remote_url: str, script: UpdateScript) -> Callable[[str], Home]:
    """Return a function that makes a home with the remote and the script."""
    return lambda name: homes(name, LLMHUB_REMOTE_URL=remote_url, LLMHUB_ARENA_SCRIPT=str(script.path))


def runs_there(url: str) -> int:
    """Return how many runs a remote has."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM llmhub.snapshot WHERE source = 'script'").fetchone()
    assert row is not None
    return int(row[0])


def ratings(home: Home) -> dict[str, float]:
    shown = json.loads(home.run("arena", "show", "--json").stdout)
    return {line["model"]: line["rating"] for line in shown["scores"]}


def test_a_stale_remote_is_refreshed_by_one_machine_and_the_next_one_pulls(
    machine: Callable[[str], Home], script: UpdateScript, remote_url: str
) -> None:
    first, second = machine("a"), machine("b")
    ran = first.run("arena", "refresh")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("stored snapshot 1 ")
    pulled = second.run("arena", "refresh")
    assert (pulled.returncode, pulled.stderr) == (0, "")
    assert pulled.stdout.startswith("pulled snapshot 1 ")
    assert script.runs == 1
    assert runs_there(remote_url) == 1
    assert ratings(first) == ratings(second) == GOOD_RATINGS
    status = json.loads(second.run("arena", "status", "--json").stdout)
    assert status["remote"]["last_pull"] is not None
    assert postgres.PASSWORD not in status["remote"]["address"]


def test_32_machines_that_find_the_remote_stale_at_once_run_the_script_once_and_answer_alike(
    tmp_path: Path, remote_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = update_script(tmp_path, f"time.sleep(1)\n{LEAVES_GOOD_FILE}")
    monkeypatch.setenv("LLMHUB_REMOTE_URL", remote_url)
    monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(script.path))
    asks = """
        import json, os, sys
        os.environ["LLMHUB_CONFIG_DIR"] = sys.argv[1]
        from llmhub.catalog.arena_source import load_arena_models
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps({name: model.rating for name, model in load_arena_models().items()}))
    """
    said = race(asks, [(tmp_path / f"home-{number}",) for number in range(32)])
    assert [json.loads(each) for each in said] == [GOOD_RATINGS] * 32
    assert script.runs == 1
    assert runs_there(remote_url) == 1


def test_a_remote_that_does_not_answer_costs_a_warning_and_the_run_is_pushed_by_the_next_refresh(
    machine: Callable[[str], Home], script: UpdateScript, remote_url: str
) -> None:
    home = machine("a")
    with socket.socket() as taken:
        # It listens, and lets nobody in.
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        nobody = f"postgresql://team:{postgres.PASSWORD}@127.0.0.1:{taken.getsockname()[1]}/x"
        alone = home.run("arena", "refresh", LLMHUB_REMOTE_URL=nobody)
    assert alone.returncode == 0
    assert "warning: postgresql://team@127.0.0.1:" in alone.stderr
    assert "the refresh goes on without the remote" in alone.stderr
    assert len(alone.stderr.splitlines()) == 1
    assert postgres.PASSWORD not in alone.stderr
    assert script.runs == 1
    assert runs_there(remote_url) == 0

    later = home.run("arena", "refresh", "--force")
    assert (later.returncode, later.stderr) == (0, "")
    assert script.runs == 2
    assert runs_there(remote_url) == 2


def test_a_remote_of_a_newer_format_costs_a_warning_and_is_not_touched(
    machine: Callable[[str], Home], script: UpdateScript, remote_url: str
) -> None:
    with psycopg.connect(remote_url, autocommit=True) as connection:
        connection.execute("UPDATE llmhub.remote SET format = 99")
    alone = machine("a").run("arena", "refresh")
    assert alone.returncode == 0
    assert "made by a newer llmhub (format 99" in alone.stderr
    assert script.runs == 1
    assert runs_there(remote_url) == 0


def test_who_may_only_read_pulls_and_runs_the_script_for_itself_where_the_remote_is_stale_and_says_so(
    machine: Callable[[str], Home], script: UpdateScript, remote_url: str
) -> None:
    shared, name = postgres.shared_server(), remote_url.rpartition("/")[2]
    role = f"reads_{name}"
    (_, statements), _ = grants(role)
    shared.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{postgres.PASSWORD}'")
    shared.execute(*statements, database=name)
    reading = shared.url(name, user=role)
    reader, writer = machine("a"), machine("b")
    alone = reader.run("arena", "refresh", LLMHUB_REMOTE_URL=reading)
    assert alone.returncode == 0
    assert "is stale and may only be read here; the refresh goes on without the remote" in alone.stderr
    assert (script.runs, runs_there(remote_url)) == (1, 0)
    assert writer.run("arena", "refresh").stderr == ""
    assert (script.runs, runs_there(remote_url)) == (2, 1)
    fresh = machine("c").run("arena", "refresh", LLMHUB_REMOTE_URL=reading)
    assert (fresh.returncode, fresh.stderr) == (0, "")
    assert fresh.stdout.startswith("pulled snapshot 1 ")
    assert script.runs == 2


def test_a_run_that_fails_on_one_machine_is_not_tried_by_those_that_waited_for_it(
    tmp_path: Path, remote_url: str
) -> None:
    script = update_script(tmp_path, "note('waits')\nwait_for('go')\nsys.exit('made-up failure')")

    def job(name: str) -> Job:
        told = {"LLMHUB_REMOTE_URL": remote_url, "LLMHUB_ARENA_SCRIPT": str(script.path)}
        variables = {**os.environ, **told, "LLMHUB_CONFIG_DIR": str(tmp_path / name)}
        return Job.command("-v", "arena", "refresh", variables=variables, folder=tmp_path)

    with shared_forks().start(job("a")) as first:
        script.wait_for("waits")
        with shared_forks().start(job("b")) as second:
            while "another machine refreshes" not in (line := second.stderr.readline()):
                assert line, "the second machine did not wait"
            script.leave("go")
            assert "made-up failure" in first.communicate(60)[1]
            assert "the run that another machine had under way failed" in second.communicate(60)[1]
        assert (first.returncode, second.returncode) == (1, 1)
    assert script.runs == 1


def test_a_machine_whose_clock_is_an_hour_off_says_so_and_dates_its_run_by_the_servers(
    machine: Callable[[str], Home], remote_url: str, script: UpdateScript
) -> None:
    name = remote_url.rpartition("/")[2]
    # The server's clock for this database: an hour behind.
    postgres.shared_server().execute(
        "CREATE SCHEMA behind",
        "CREATE FUNCTION behind.clock_timestamp() RETURNS timestamptz LANGUAGE sql "
        "AS $$ SELECT pg_catalog.clock_timestamp() - interval '1 hour' $$",
        f"ALTER DATABASE {name} SET search_path = behind, pg_catalog",
        database=name,
    )
    ran = machine("a").run("arena", "refresh")
    assert ran.stderr.startswith("warning: this machine's clock is 1 h ahead of that of postgresql://")
    with psycopg.connect(remote_url) as connection:
        row = connection.execute("SELECT taken_at FROM llmhub.snapshot").fetchone()
    assert row is not None
    assert abs(row[0] - ago(hours=1)) < timedelta(minutes=5)
    assert machine("b").run("arena", "refresh").stdout.startswith("pulled snapshot 1 ")
    assert script.runs == 1
    assert "clock" in machine("c").run("remote", "status").stdout


def test_a_fresh_store_makes_no_connection(homes: Homes, script: UpdateScript) -> None:
    home = homes("a", LLMHUB_ARENA_SCRIPT=str(script.path))
    assert home.run("arena", "refresh").returncode == 0
    with socket.socket() as watched:
        watched.bind(("127.0.0.1", 0))
        watched.listen()
        watched.setblocking(False)
        url = f"postgresql://team@127.0.0.1:{watched.getsockname()[1]}/x"
        assert home.run("arena", "refresh", LLMHUB_REMOTE_URL=url).stdout.startswith("fresh: ")
        for words in (("arena", "show"), ("arena", "status"), ("arena", "diff"), ("arena", "history")):
            home.run(*words, LLMHUB_REMOTE_URL=url)
        with pytest.raises(BlockingIOError):
            watched.accept()
    offline = homes("b", LLMHUB_OFFLINE="1", LLMHUB_REMOTE_URL=url)
    for words in (("arena", "refresh"), ("remote", "pull"), ("remote", "push"), ("remote", "status")):
        assert "LLMHUB_OFFLINE is set" in error_line(offline.run(*words))


def test_a_whole_store_is_pulled_by_a_refresh_and_a_stale_one_costs_a_line(
    homes: Homes, script: UpdateScript, tmp_path: Path
) -> None:
    keeper = homes("a", LLMHUB_ARENA_SCRIPT=str(script.path))
    assert keeper.run("arena", "refresh").returncode == 0
    shared = tmp_path / "shared.db"
    assert keeper.run("arena", "backup", shared).returncode == 0
    reader = homes("b", LLMHUB_ARENA_SCRIPT=str(script.path), LLMHUB_REMOTE_URL=f"file://{shared}")
    pulled = reader.run("arena", "refresh")
    assert (pulled.stderr, script.runs) == ("", 1)
    assert pulled.stdout.startswith("pulled snapshot 1 ")
    forced = reader.run("arena", "refresh", "--force")
    assert "may only be read here" in forced.stderr
    assert script.runs == 2
