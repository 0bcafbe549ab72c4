"""What goes wrong between a store and a remote: nothing is lost, one line is said, and the same command completes."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.boards import Leaderboard, ModelFacts, Score
from llmhub.arena.team.store import opened_here, pull_here, push_from_here, server_of
from llmhub.arena.upkeep.verify import verify
from llmhub.errors import RemoteError, RemoteUnreachableError
from llmhub.remote.address import Address, parse
from llmhub.remote.schema import make
from llmhub.remote.synchronising import Synchronised
from tests.conftest import Llmhub
from tests.offers.offers import offer
from tests.support.effort import by_profile
from tests.support.made_up.stored_offers import store_offers
from tests.support.processes.commands import error_line
from tests.support.processes.forks import Job, shared_forks
from tests.support.processes.injection import Fault
from tests.support.servers import postgres
from tests.support.servers.proxies import Proxy

DAY = datetime(2026, 3, 1, tzinfo=UTC)
SNAPSHOTS = 8
PLACES = by_profile(ci=3, nightly=30)


@pytest.fixture(scope="module")
def made_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with some snapshots of boards and of prices, which is only read."""
    path = tmp_path_factory.mktemp("pusher") / "arena.db"
    with SnapshotStore.open(path) as opened:
        for number in range(SNAPSHOTS - 3):
            board = {f"m{n}": Score(1000.0 + n + number, 990.0, 1200.0, n) for n in range(150)}
            text = Leaderboard({"overall": board, "coding": {"m1": Score(1.0 + number)}}, {"m1": ModelFacts("Org")})
            opened.add({"text": text}, taken_at=DAY + timedelta(days=number))
    for number in range(3):
        listed = {f"acme/m{n}": offer(f"acme/m{n}", price_input_per_million=1.0 + number + n) for n in range(80)}
        store_offers(path, listed, taken_at=DAY + timedelta(days=number), revision=f"r{number}")
    return path


@pytest.fixture
def store(made_store: Path, tmp_path: Path) -> Path:
    """Return a copy of that store."""
    return copied(made_store, tmp_path / "pusher/arena.db")


@pytest.fixture(scope="module")
def filled_once(made_store: Path) -> str:
    """Return the name of a remote's database that has all of the store, to be copied by the server."""
    address = parse(postgres.new_database())
    assert len(push(address, made_store).new) == SNAPSHOTS
    return address.url.rpartition("/")[2]


@pytest.fixture
def filled(filled_once: str) -> Address:
    """Return a remote that has all of the store."""
    server = postgres.shared_server()
    return parse(server.url(server.new_database(template=filled_once)))


def copied(store: Path, path: Path) -> Path:
    """Copy a store to that path, and return it."""
    path.parent.mkdir(parents=True)
    path.write_bytes(store.read_bytes())
    return path


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy(postgres.shared_server().port) as opened:
        yield opened


def through(proxy: Proxy, address: Address) -> Address:
    return parse(address.url.replace(f":{postgres.shared_server().port}/", f":{proxy.port}/"))


def pull(address: Address, path: Path, *, seconds: float = 30.0) -> Synchronised:
    with opened_here(address, path, seconds=seconds) as origin:
        return pull_here(origin, path)


def push(address: Address, path: Path) -> Synchronised:
    with server_of(address) as server:
        return push_from_here(server, path)


def whole(path: Path) -> int:
    """Return how many snapshots a store has, each of which is whole."""
    if not path.exists():
        return 0
    assert verify(path).errors == 0
    with SnapshotStore.open(path) as opened:
        return len(opened.snapshots())


def snapshots_there(address: Address) -> int:
    """Return how many snapshots a remote has; each proves itself to a store that pulls them all."""
    with psycopg.connect(address.url) as connection:
        row = connection.execute("SELECT count(*) FROM llmhub.snapshot").fetchone()
    assert row is not None
    return int(row[0])


def test_a_pull_through_a_proxy_that_breaks_off_leaves_whole_snapshots_and_the_next_one_completes(
    filled: Address, proxy: Proxy, tmp_path: Path
) -> None:
    proxied = through(proxy, filled)
    assert len(pull(proxied, tmp_path / "whole/arena.db").new) == SNAPSHOTS
    size = proxy.passed
    for number in range(1, PLACES + 1):
        path = tmp_path / f"home-{number}/arena.db"
        proxy.befall(after=size * number // (PLACES + 1))
        said = f"^{re.escape(proxied.shown)}: .*(try again|check the server)"
        with pytest.raises(RemoteUnreachableError, match=said):
            pull(proxied, path)
        before = whole(path)
        proxy.befall(after=None)
        pull(proxied, path)
        assert whole(path) == SNAPSHOTS - 3 >= before
        assert pull(proxied, path).new == []


def test_a_push_through_a_proxy_that_breaks_off_leaves_whole_snapshots_and_the_next_one_completes(
    store: Path, proxy: Proxy, tmp_path: Path
) -> None:
    measured = parse(postgres.new_database())
    push(through(proxy, measured), store)
    size = proxy.passed
    for number in range(1, PLACES + 1):
        address = parse(postgres.new_database())
        proxied = through(proxy, address)
        proxy.befall(after=size * number // (PLACES + 1))
        with pytest.raises(RemoteError):
            push(proxied, store)
        proxy.befall(after=None)
        assert len(push(proxied, store).new) < SNAPSHOTS + 1
        assert snapshots_there(address) == SNAPSHOTS
        with server_of(address) as server:
            # Nothing that is on both sides differs.
            assert push_from_here(server, store).known == SNAPSHOTS


def test_a_proxy_that_stalls_is_given_up_after_the_time_that_was_allowed(
    filled: Address, proxy: Proxy, tmp_path: Path
) -> None:
    proxy.befall(after=5_000, what="stall")
    with pytest.raises(RemoteUnreachableError, match=r"no answer within 0\.5 s: try again"):
        pull(through(proxy, filled), tmp_path / "home/arena.db", seconds=0.5)


@pytest.mark.parametrize("doing", ["pull", "push"])
def test_a_client_that_is_killed_leaves_whole_snapshots_and_the_next_one_completes(
    doing: str, filled: Address, proxy: Proxy, tmp_path: Path
) -> None:
    pulled = tmp_path / "pulled/arena.db"
    pull(filled, pulled)
    for number in range(PLACES):
        address = filled if doing == "pull" else parse(postgres.new_database())
        home = tmp_path / f"home-{number}"
        if doing == "push":
            copied(pulled, home / "arena/arena.db")
        url = through(proxy, address).url
        job = Job.command(
            *("remote", doing),
            variables={**os.environ, "LLMHUB_CONFIG_DIR": str(home), "LLMHUB_REMOTE_URL": url},
            folder=tmp_path,
        )
        pids: list[int] = []
        died: list[int] = []

        def kill(pids: list[int] = pids, died: list[int] = died) -> None:
            died.append(1)
            os.kill(pids[0], signal.SIGKILL)

        with shared_forks().start(job) as child:
            pids.append(child.pid)
            proxy.befall(after=1_500 + number * 3_000, what=kill)
            child.communicate(60)
        assert (child.returncode == -signal.SIGKILL) == bool(died)
        proxy.befall(after=None)
        again = pull(address, home / "arena/arena.db") if doing == "pull" else push(address, home / "arena/arena.db")
        assert again.refused == []
        assert snapshots_there(address) == SNAPSHOTS
        assert whole(home / "arena/arena.db") == SNAPSHOTS - 3


def test_a_pull_that_is_killed_in_any_stage_of_its_writing_is_completed_by_the_next(
    filled: Address, tmp_path: Path
) -> None:
    def job(name: str, fault: Fault) -> Job:
        told = {"LLMHUB_CONFIG_DIR": str(tmp_path / name), "LLMHUB_REMOTE_URL": filled.url}
        return Job.command("remote", "pull", variables={**os.environ, **told}, folder=tmp_path, fault=fault)

    stages = len(shared_forks().run(job("counted", Fault(count=True, spill=True))).stages)
    places = [stages * number // (PLACES + 1) for number in range(1, PLACES + 1)]
    ended = shared_forks().run_all([job(f"home-{at}", Fault(kill_at=at, spill=True)) for at in places])
    assert [each.killed for each in ended] == [True] * PLACES
    for at in places:
        path = tmp_path / f"home-{at}/arena/arena.db"
        pull(filled, path)
        assert whole(path) == SNAPSHOTS - 3


def test_a_server_that_is_killed_leaves_whole_snapshots_and_the_next_command_completes(
    store: Path, tmp_path: Path
) -> None:
    # What the server said is committed must be there after it was killed.
    with postgres.started(settings=("synchronous_commit=on",)) as server:
        address = parse(server.url(server.new_database()))
        make(address)
        running = server
        with Proxy(server.port) as proxy:
            proxied = parse(address.url.replace(f":{server.port}/", f":{proxy.port}/"))
            for doing, path in ((push, store), (pull, tmp_path / "home/arena.db")):
                proxy.befall(after=7_000, what=running.kill)
                with pytest.raises(RemoteUnreachableError):
                    doing(proxied, path)
                running = postgres.restarted(server, settings=("synchronous_commit=on",))
                proxy.befall(after=None)
                assert doing(proxied, path).refused == []
                assert snapshots_there(address) == SNAPSHOTS
        assert whole(tmp_path / "home/arena.db") == SNAPSHOTS - 3


def test_who_is_not_let_in_is_told_in_one_line(llmhub: Llmhub, remote_url: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = free.getsockname()[1]
    name, shared = remote_url.rpartition("/")[2], postgres.shared_server()
    secret = "wr0ng-and-secret"  # noqa: S105 -- is to be refused
    for url, expected in (
        (f"postgresql://team:{secret}@127.0.0.1:{closed}/x", "Connection refused"),
        (shared.url(name, password=secret), "password authentication failed"),
        (shared.url("nowhere"), 'database "nowhere" does not exist'),
        (f"{remote_url}?sslmode=require", "SSL"),
        (f"postgresql://team:%zz{secret}@127.0.0.1/x", "libpq does not understand the address"),
        (f"postgresql://team:{secret}/{secret}@127.0.0.1:{closed}/x", ""),
        (f"postgresql://team:{secret}?{secret}@127.0.0.1:{closed}/x", ""),
    ):
        line = error_line(llmhub("remote", "pull", LLMHUB_REMOTE_URL=url, LLMHUB_DEBUG=None))
        assert expected in line
        assert secret not in line
        assert postgres.PASSWORD not in line


def test_a_role_that_may_only_read_is_told_what_to_grant(filled: Address, store: Path) -> None:
    shared, name = postgres.shared_server(), filled.url.rpartition("/")[2]
    role = f"only_{name}"
    shared.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{postgres.PASSWORD}'")
    with pytest.raises(RemoteError, match="permission denied for schema llmhub: `llmhub remote init` prints the GRANT"):
        push(parse(shared.url(name, user=role)), store)
    shared.execute(
        f"GRANT USAGE ON SCHEMA llmhub TO {role}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA llmhub TO {role}",
        database=name,
    )
    with pytest.raises(RemoteError, match="may only be read by this role"):
        push(parse(shared.url(name, user=role)), store)


def test_a_table_that_somebody_dropped_is_named(filled: Address, store: Path, tmp_path: Path) -> None:
    with psycopg.connect(filled.url, autocommit=True) as connection:
        connection.execute("DROP TABLE llmhub.score CASCADE")
    with pytest.raises(RemoteError, match=r'relation "llmhub.score" does not exist: somebody dropped it'):
        pull(filled, tmp_path / "home/arena.db")
    assert whole(tmp_path / "home/arena.db") == 0
    assert whole(store) == SNAPSHOTS - 3


def test_a_full_disk_here_stores_whole_snapshots_and_says_so(filled: Address, tmp_path: Path) -> None:
    job = Job.command(
        *("remote", "pull"),
        variables={**os.environ, "LLMHUB_CONFIG_DIR": str(tmp_path / "home"), "LLMHUB_REMOTE_URL": filled.url},
        folder=tmp_path,
        fault=Fault(most_bytes=200_000),
    )
    ended = shared_forks().run(job).run
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "make room" in ended.stderr
    path = tmp_path / "home/arena/arena.db"
    before = whole(path)
    assert len(pull(filled, path).new) > 0
    assert whole(path) == SNAPSHOTS - 3 >= before


def test_a_full_disk_there_keeps_whole_snapshots_and_the_next_push_completes(store: Path) -> None:
    with postgres.started(most_bytes=1_300_000) as server:
        address = parse(server.url(server.new_database()))
        make(address)
        with SnapshotStore.open(store) as opened:
            board = {f"m{n}": Score(1.0 * n) for n in range(30_000)}
            opened.add({"text": {"overall": board}}, taken_at=DAY + timedelta(days=90))
        with pytest.raises(RemoteError, match=r"could not extend file.*undone; look at the server"):
            push(address, store)
        before = snapshots_there(address)
        server.kill()
        postgres.restarted(server)
        assert len(push(address, store).new) == SNAPSHOTS + 1 - before > 0
        assert snapshots_there(address) == SNAPSHOTS + 1


def test_two_that_push_at_once_send_all_of_both_once(address: Address, store: Path, tmp_path: Path) -> None:
    other = tmp_path / "other/arena/arena.db"
    push(parse(postgres.new_database()), store)
    with SnapshotStore.open(other) as opened:
        for number in range(4):
            opened.add({"text": {"overall": {"m1": Score(5.0 + number)}}}, taken_at=DAY - timedelta(days=number + 1))
    with server_of(address) as server:
        push_from_here(server, other)
    homes = []
    for number in range(2):
        home = tmp_path / f"home-{number}"
        (home / "arena").mkdir(parents=True)
        (home / "arena/arena.db").write_bytes(store.read_bytes())
        homes.append(home)
    jobs = [
        Job.command(
            *("remote", "push"),
            variables={**os.environ, "LLMHUB_CONFIG_DIR": str(home), "LLMHUB_REMOTE_URL": address.url},
            folder=tmp_path,
        )
        for home in homes
    ]
    ended = shared_forks().run_all(jobs)
    assert [each.run.returncode for each in ended] == [0, 0], [each.run.stderr for each in ended]
    assert snapshots_there(address) == SNAPSHOTS + 4
    assert len(pull(address, tmp_path / "all/arena.db").new) == SNAPSHOTS + 4


LIES: dict[str, str] = {
    "a score": "UPDATE llmhub.score SET rating = rating + 1, upper = upper + 1 "
    "WHERE board_id = (SELECT max(board_id) FROM llmhub.score)",
    "a line that is gone": "DELETE FROM llmhub.score WHERE board_id = (SELECT max(board_id) FROM llmhub.score) "
    "AND model_id = (SELECT max(model_id) FROM llmhub.score)",
    "a model's name": "UPDATE llmhub.model SET name = 'm0-was-here' WHERE name = 'm1'",
    "no number": "UPDATE llmhub.score SET rating = 'NaN', lower = NULL, upper = NULL "
    "WHERE board_id = (SELECT max(board_id) FROM llmhub.score)",
    "a price": "UPDATE llmhub.offer SET input = -1 WHERE id = (SELECT max(id) FROM llmhub.offer)",
    "an offer that is gone": "DELETE FROM llmhub.price_list_offer "
    "WHERE price_list_id = (SELECT max(id) FROM llmhub.price_list)",
    "a digest": "UPDATE llmhub.board SET digest = sha256('x') WHERE id = (SELECT max(id) FROM llmhub.board)",
    "a model that is not there": "DELETE FROM llmhub.model WHERE name = 'm149'",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_refused_and_named_and_the_rest_is_taken_over(filled: Address, lie: str, tmp_path: Path) -> None:
    with psycopg.connect(filled.url, autocommit=True) as connection:
        connection.execute(LIES[lie].encode())
    path = tmp_path / "home/arena.db"
    done = pull(filled, path)
    assert done.refused
    assert len(done.new) + len(done.refused) == SNAPSHOTS
    assert verify(path).errors == 0
    # It is looked at again, and refused again, by the next pull.
    assert pull(filled, path).refused == done.refused


def test_a_lie_whose_digest_fits_is_refused_by_the_rules_of_the_store(address: Address, tmp_path: Path) -> None:
    from llmhub.arena.sql.digest import board_digest

    broken = {"a": Score(1.0, 2.0, 3.0)}
    digest = board_digest("text", "overall", broken)
    with psycopg.connect(address.url, autocommit=True) as connection:
        connection.execute("ALTER TABLE llmhub.score DROP CONSTRAINT interval")
        connection.execute(
            "INSERT INTO llmhub.ranking (leaderboard, category) VALUES ('text', 'overall');"
            "INSERT INTO llmhub.model (name, position) VALUES ('a', 1);"
            "INSERT INTO llmhub.snapshot (taken_at, source, position) VALUES ('2026-01-01Z', 'script', 1);"
            "INSERT INTO llmhub.snapshot_leaderboard SELECT id, 'text' FROM llmhub.snapshot;"
            "UPDATE llmhub.remote SET position = 1"
        )
        connection.execute("INSERT INTO llmhub.board (ranking_id, digest) SELECT id, %s FROM llmhub.ranking", [digest])
        connection.execute(
            "INSERT INTO llmhub.score SELECT b.id, m.id, 1, 2, 3, NULL FROM llmhub.board b, llmhub.model m;"
            "INSERT INTO llmhub.snapshot_board SELECT s.id, b.ranking_id, b.id FROM llmhub.snapshot s, llmhub.board b"
        )
    done = pull(address, tmp_path / "home/arena.db")
    assert [each.reason for each in done.refused] == [
        "text / overall / a: lower is 2.0, expected a finite number not above the rating 1.0"
    ]


def test_what_both_sides_have_otherwise_is_named_neither_is_changed_and_the_rest_goes_on(
    filled: Address, llmhub: Llmhub, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with SnapshotStore.open(home / "arena/arena.db") as opened:
        boards = {"text": {"overall": {"m1": Score(7.0)}}, "vision": {"overall": {"m1": Score(8.0)}}}
        opened.add(boards, taken_at=DAY)
    asks: dict[str, Any] = {"LLMHUB_CONFIG_DIR": str(home), "LLMHUB_REMOTE_URL": filled.url}
    pulled = llmhub("remote", "pull", **asks)
    assert pulled.returncode == 3
    assert "conflict: text of script at 2026-03-01 00:00:00 UTC: coding, overall differ" in pulled.stdout
    assert f"pulled {SNAPSHOTS - 1} snapshots" in pulled.stdout
    pushed = llmhub("remote", "push", **asks)
    assert pushed.returncode == 3
    # The leaderboard that the remote lacked is sent all the same.
    assert "pushed 1 snapshot to" in pushed.stdout
    with SnapshotStore.open(home / "arena/arena.db") as opened:
        assert opened.scores("2026-03-01")["m1"].rating == 7.0
