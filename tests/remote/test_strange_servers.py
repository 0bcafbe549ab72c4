"""Servers, databases and schemas that are set up otherwise: what can work works, else one line says what to change."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.boards import Leaderboard, ModelFacts, Score
from llmhub.arena.team.store import opened_here, pull_here, push_from_here, server_of
from llmhub.errors import RemoteError, RemoteFormatError, RemoteReadOnlyError, RemoteUnreachableError, SettingsError
from llmhub.remote.address import Address, parse
from llmhub.remote.schema import make
from llmhub.remote.server import OLDEST, Server
from tests.offers.offers import offer
from tests.support.made_up.stored_offers import store_offers
from tests.support.servers import postgres

DAY = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with a snapshot of boards and one of prices, which is only read."""
    path = tmp_path_factory.mktemp("strange") / "arena.db"
    with SnapshotStore.open(path) as opened:
        board = {"模型 \\é": Score(1.0, 0.5, 2.0, 7), "b": Score(0.1 + 0.2)}
        opened.add({"text": Leaderboard({"overall": board}, {"b": ModelFacts("Örg")})}, taken_at=DAY)
    store_offers(path, {"acme/a": offer("acme/a", price_input_per_million=1.5)}, taken_at=DAY, revision="r")
    return path


def new_database(*settings: str, encoding: str = "UTF8") -> str:
    """Make a database with these settings, and return its address."""
    server = postgres.shared_server()
    name = server.new_database(encoding=encoding)
    server.execute(*(f"ALTER DATABASE {name} SET {each}" for each in settings))
    return server.url(name)


def in_step(address: Address, store: Path, other: Path) -> int:
    """Push a store and pull it into another; return how many snapshots came."""
    with server_of(address) as server:
        assert push_from_here(server, store).refused == []
    with opened_here(address, other) as origin:
        return len(pull_here(origin, other).new)


def test_the_settings_of_a_server_or_database_change_nothing(
    store: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = (
        *("default_transaction_isolation = serializable", "default_transaction_deferrable = on"),
        *("TimeZone = '<+03>-03'", "DateStyle = 'SQL, DMY'", "IntervalStyle = sql_standard", "extra_float_digits = -9"),
        *("standard_conforming_strings = off", "bytea_output = escape", "client_encoding = LATIN1"),
        *("search_path = nowhere", "statement_timeout = '2s'", "lock_timeout = 1", "row_security = off"),
        *("idle_in_transaction_session_timeout = 1", "client_min_messages = debug1"),
    )
    address = parse(new_database(*settings))
    make(address)
    assert in_step(address, store, tmp_path / "arena.db") == 2
    assert caplog.text == ""


def test_a_database_that_keeps_bytes_as_they_are_will_do_and_one_that_lacks_letters_is_refused(
    store: Path, tmp_path: Path
) -> None:
    plain = parse(new_database(encoding="SQL_ASCII"))
    make(plain)
    assert in_step(plain, store, tmp_path / "arena.db") == 2
    lacking = new_database(encoding="LATIN1")
    with pytest.raises(
        RemoteError, match=r"is in LATIN1, which lacks letters.* with ENCODING 'UTF8' TEMPLATE template0"
    ):
        make(parse(lacking))


def test_an_owner_of_the_schema_alone_can_make_the_remote_and_who_may_not_is_told_who_can() -> None:
    server = postgres.shared_server()
    name = server.new_database()
    role = f"own_{name}"
    server.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{postgres.PASSWORD}'")
    address = parse(server.url(name, user=role))
    with pytest.raises(RemoteReadOnlyError, match=r"permission denied for database \S+: its owner makes the remote$"):
        make(address)
    server.execute(f"CREATE SCHEMA llmhub AUTHORIZATION {role}", database=name)
    assert make(address).before is None
    with Server.connect(address) as opened:
        assert opened.look().writable


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (
            "CREATE TABLE llmhub.model (x int)",
            'relation "model" already exists: the schema llmhub holds tables that llmhub did',
        ),
        ("CREATE TABLE llmhub.remote (x int)", 'column "format" does not exist: somebody changed it'),
        ("CREATE TABLE llmhub.remote AS SELECT 'x' AS format", "holds values of other types: somebody changed it"),
        ("CREATE TABLE llmhub.remote (format int)", "the table llmhub.remote is empty: somebody changed it"),
    ],
)
def test_a_schema_that_is_somebody_elses_is_left_alone(there: str, said: str) -> None:
    url = new_database()
    postgres.shared_server().execute("CREATE SCHEMA llmhub", there, database=url.rpartition("/")[2])
    with pytest.raises(RemoteFormatError, match=said):
        make(parse(url))


CHANGED = (
    "ALTER TABLE llmhub.remote ALTER position DROP DEFAULT, ALTER position TYPE text",
    "ALTER TABLE llmhub.snapshot ALTER source TYPE bytea USING source::bytea",
    "ALTER TABLE llmhub.score DROP CONSTRAINT interval, ALTER rating TYPE text",
    "ALTER TABLE llmhub.model RENAME organization_as_of TO heard; ALTER TABLE llmhub.model ADD organization_as_of int",
    "ALTER TABLE llmhub.model ALTER name TYPE bytea USING convert_to(name, 'UTF8')",
    "ALTER TABLE llmhub.price_list ALTER digest TYPE text USING digest::text",
)


def test_columns_that_somebody_changed_are_told_in_a_line_and_nothing_of_them_is_believed(
    address: Address, store: Path, tmp_path: Path
) -> None:
    views = (
        "DROP VIEW llmhub.leaderboard_latest, llmhub.rating_history, llmhub.snapshot_summary, llmhub.price_and_rating"
    )
    assert in_step(address, store, tmp_path / "first.db") == 2
    server, template = postgres.shared_server(), address.url.rpartition("/")[2]
    server.execute(views, "DROP VIEW llmhub.offer_latest, llmhub.offer_history", database=template)
    for number, change in enumerate(CHANGED):
        name = server.new_database(template=template)
        server.execute(change, database=name)
        path = tmp_path / f"home-{number}/arena.db"
        with pytest.raises(RemoteError, match="somebody changed it"):
            in_step(parse(server.url(name)), store, path)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("default_transaction_read_only = on", "may only be read: its default_transaction_read_only is on"),
    ],
)
def test_why_a_remote_takes_nothing_is_said(setting: str, said: str, remote_url: str, store: Path) -> None:
    server, name = postgres.shared_server(), remote_url.rpartition("/")[2]
    server.execute(f"ALTER DATABASE {name} SET {setting}")
    with server_of(parse(remote_url)) as opened, pytest.raises(RemoteReadOnlyError, match=said):
        push_from_here(opened, store)


def test_a_role_without_a_place_is_told_so_after_the_time_to_connect(remote_url: str) -> None:
    server, name = postgres.shared_server(), remote_url.rpartition("/")[2]
    role = f"full_{name}"
    server.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 0 PASSWORD '{postgres.PASSWORD}'")
    with pytest.raises(RemoteUnreachableError, match="too many connections for role"):
        Server.connect(parse(server.url(name, user=role)), connect_seconds=0.3)


@contextmanager
def _speaking(version: str) -> Iterator[int]:
    """Let somebody in as PostgreSQL of a version would; give the port."""

    def message(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("!i", len(body) + 4) + body

    told = {"server_version": version, "client_encoding": "UTF8", "server_encoding": "UTF8"}
    lets_in = b"".join(
        [
            message(b"R", struct.pack("!i", 0)),
            *(message(b"S", f"{name}\0{value}\0".encode()) for name, value in told.items()),
            message(b"K", struct.pack("!ii", 1, 1)),
            message(b"Z", b"I"),
        ]
    )

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                while asked := connection.recv(4096):
                    # Who asks for encryption first is told no.
                    connection.sendall(b"N" if len(asked) == 8 else lets_in)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield listener.getsockname()[1]


def test_a_server_that_is_too_old_is_named_with_what_is_needed() -> None:
    with _speaking("12.22 (Debian 12.22-1.pgdg120+1)") as port:
        address = parse(f"postgresql://team@127.0.0.1:{port}/x")
        with pytest.raises(RemoteError, match=rf"is PostgreSQL 12\.22 \(Debian.*\): llmhub needs {OLDEST} or newer"):
            Server.connect(address)


@pytest.mark.parametrize("secret", ["a@b", "a/b@c", "a/b", "@", "a@b/c?d", "a:b@c@d"])
def test_a_password_that_ends_too_early_is_refused_without_any_part_of_it(secret: str) -> None:
    with pytest.raises(SettingsError, match="write @ as %40") as error:
        parse(f"postgresql://team:{secret}@db.example.com/llmhub")
    assert "example" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    ["postgresql://me:a?b#c@db/x", "postgresql://db/x?user=me@azure", "postgresql://me:p%40w@/x?application_name=a@b"],
)
def test_an_at_sign_in_its_place_will_do(text: str) -> None:
    assert parse(text).kind == "postgres"
