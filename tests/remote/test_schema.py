"""What a remote is made of: the migrations, the tables that the program writes to, the rights, and the views."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from llmhub.arena import SnapshotStore
from llmhub.arena.boards import Leaderboard, ModelFacts, Score
from llmhub.arena.sharing import tables as _boards  # noqa: F401 -- fills the metadata
from llmhub.arena.team.store import push_from_here, server_of
from llmhub.errors import RemoteFormatError
from llmhub.offers.sharing import tables as _offers  # noqa: F401 -- likewise
from llmhub.offers.sql.tables import OfferRow as LocalOfferRow
from llmhub.remote.address import Address, parse
from llmhub.remote.schema import Made, grants, make
from llmhub.remote.server import FORMAT, Server
from llmhub.remote.tables import SCHEMA, metadata
from tests.conftest import REPOSITORY, Llmhub
from tests.offers.offers import offer
from tests.support.made_up.stored_offers import store_offers
from tests.support.processes.commands import arena_db, document, error_line
from tests.support.servers import postgres

VIEWS = (
    "leaderboard_latest",
    "rating_history",
    "snapshot_summary",
    "offer_latest",
    "offer_history",
    "price_and_rating",
)


def test_the_migrations_make_the_tables_that_the_program_writes_to(address: Address) -> None:
    with Server.connect(address) as server, server.transaction() as transaction:
        options = {
            "include_schemas": True,
            "compare_type": True,
            "compare_server_default": True,
            "version_table_schema": SCHEMA,
            "include_name": lambda name, kind, _: name == SCHEMA if kind == "schema" else True,
        }
        assert compare_metadata(MigrationContext.configure(transaction.connection, opts=options), metadata) == []


def test_a_remote_has_every_field_of_an_offer_that_the_store_has() -> None:
    assert [column.name for column in metadata.tables["llmhub.offer"].columns] == list(LocalOfferRow.model_fields)


def test_the_migrations_of_a_remote_import_nothing_of_llmhub() -> None:
    for file in (REPOSITORY / "migrations/remote/versions").glob("*.py"):
        assert "import llmhub" not in file.read_text()
        assert "from llmhub" not in file.read_text()


def test_init_makes_the_schema_once_and_says_so_and_which_rights_to_grant(llmhub: Llmhub) -> None:
    url = postgres.empty_database()
    missing = error_line(llmhub("remote", "status", LLMHUB_REMOTE_URL=url))
    assert missing.endswith("has no schema llmhub yet: `llmhub remote init` makes it")
    first = llmhub("remote", "init", "--writer", "Team-Bot", LLMHUB_REMOTE_URL=url).stdout.splitlines()
    assert first[0].startswith(f"made the schema llmhub (format {FORMAT}) in postgresql://postgres@127.0.0.1:")
    assert "GRANT SELECT ON ALL TABLES IN SCHEMA llmhub TO reader;" in first
    assert 'GRANT USAGE ON SCHEMA llmhub TO "Team-Bot";' in first
    second = llmhub("remote", "init", LLMHUB_REMOTE_URL=url).stdout.splitlines()
    assert second[0].endswith("already: nothing was changed")
    found = document(llmhub("remote", "init", "--writer", "Team-Bot", "--json", LLMHUB_REMOTE_URL=url))
    assert (found["status"], found["format_before"], found["format"]) == ("known", FORMAT, FORMAT)
    assert [(one["role"], one["statements"][0]) for one in found["grants"]] == [
        ("reader", "GRANT USAGE ON SCHEMA llmhub TO reader;"),
        ("Team-Bot", 'GRANT USAGE ON SCHEMA llmhub TO "Team-Bot";'),
    ]
    assert [Made(before, FORMAT).status for before in (None, FORMAT - 1, FORMAT)] == ["made", "upgraded", "known"]
    assert make(parse(url)) == Made(FORMAT, FORMAT)
    assert "0 snapshots" in llmhub("remote", "status", LLMHUB_REMOTE_URL=url).stdout


def test_a_remote_of_a_newer_or_an_older_format_is_left_alone_and_the_line_says_what_to_upgrade(
    remote_url: str, address: Address
) -> None:
    for found, advice in ((FORMAT + 1, "upgrade llmhub"), (FORMAT - 1, "its owner runs `llmhub remote init`")):
        with psycopg.connect(remote_url, autocommit=True) as connection:
            connection.execute("UPDATE llmhub.remote SET format = %s", [found])
        with Server.connect(address) as server, pytest.raises(RemoteFormatError, match=re.escape(advice)):
            server.look()
    with psycopg.connect(remote_url, autocommit=True) as connection:
        connection.execute("UPDATE llmhub.remote SET format = %s", [FORMAT + 1])
    with pytest.raises(RemoteFormatError, match="newer"):
        make(address)


def fill() -> None:
    """Store boards and prices in this test's own store, some of them unknown, and two sources at one moment."""
    moment = datetime(2026, 1, 5, 6, 30, 0, 250_000, UTC)
    boards = {
        "overall": {"a": Score(1400.5, 1390.0, 1410.0, 12), "b": Score(1395.0), "c": Score(1380.0, 1370.0, 1391.0)},
        "coding": {"b": Score(1000.0, None, 1010.0, 0)},
    }
    text = Leaderboard(boards, {"a": ModelFacts("Org", "MIT"), "b": ModelFacts("Ä & Co")}, date(2026, 1, 4))
    with SnapshotStore.open() as store:
        store.add({"text": text, "vision": {"overall": {"a": Score(1.0)}}}, taken_at=moment)
        store.add({"text": {"overall": {"a": Score(1.0)}}}, taken_at=moment, source="dataset")
        store.add({"text": {"overall": {"z": Score(9.0)}}}, taken_at=datetime(2999, 1, 1, tzinfo=UTC))
    for number in range(2):
        listed = {"acme/a": offer("acme/a", price_input_per_million=1.5 + number, status="beta")}
        store_offers(arena_db(), listed, taken_at=datetime(2026, 2, 1 + number, tzinfo=UTC), revision=f"r{number}")


def plain(value: object) -> object:
    """Return a value of either database as one that both have."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, int | float) else value


def test_the_views_answer_on_a_remote_as_in_the_store(address: Address) -> None:
    fill()
    with server_of(address) as server:
        assert len(push_from_here(server, arena_db()).new) == 5
        with closing(sqlite3.connect(arena_db())) as connection:
            for view in VIEWS:
                cursor = connection.execute(f"SELECT * FROM {view}")
                columns = [name for name, *_ in cursor.description]
                asked = ", ".join(columns)
                here = {tuple(map(plain, row)) for row in cursor}
                ask = f"SELECT {asked} FROM llmhub.{view}"
                there = {tuple(map(plain, row)) for row in server.rows(ask)}
                assert here, view
                assert there == here, view


def test_a_reader_reads_a_writer_writes_and_neither_can_change_what_is_there(remote_url: str) -> None:
    fill()
    shared = postgres.shared_server()
    name = remote_url.rpartition("/")[2]
    reader, writer = f"r_{name}", f"w_{name}"
    shared.execute(*(f"CREATE ROLE {role} LOGIN PASSWORD '{postgres.PASSWORD}'" for role in (reader, writer)))
    shared.execute(*(line for _, lines in grants(reader, writer) for line in lines), database=name)
    with server_of(parse(shared.url(name, user=writer))) as server:
        assert server.look().writable
        assert len(push_from_here(server, arena_db()).new) == 5
        for forbidden in (
            "DELETE FROM llmhub.score",
            "UPDATE llmhub.score SET rating = 1",
            "UPDATE llmhub.remote SET id = gen_random_uuid()",
        ):
            with pytest.raises(Exception, match="permission denied"):
                server.rows(forbidden)
    with server_of(parse(shared.url(name, user=reader))) as server:
        assert not server.look().writable
        assert len(server.snapshots()) == 5
