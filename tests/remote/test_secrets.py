"""The password of a remote is nowhere but in the environment and on the way to the server."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import psutil
import pytest

from llmhub.errors import RemoteUnreachableError, SettingsError
from llmhub.remote.address import EXPECTED, parse
from llmhub.remote.server import Server
from tests.conftest import Llmhub
from tests.support.made_up.scripts import LEAVES_GOOD_FILE, update_script
from tests.support.processes.commands import error_line
from tests.support.processes.forks import Job, shared_forks
from tests.support.servers import postgres

SECRET = postgres.PASSWORD


def files_with(folder: Path, text: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def test_a_password_is_nowhere_whatever_goes_wrong(llmhub: Llmhub, remote_url: str, home: Path, tmp_path: Path) -> None:
    script = update_script(tmp_path, f"note('environment', json.dumps(dict(os.environ)))\n{LEAVES_GOOD_FILE}")
    gone = remote_url.rpartition("/")[0] + "/not-there"
    closed = f"postgresql://team:{SECRET}@127.0.0.1:1/x"
    empty = postgres.empty_database()
    said = []
    for url in (remote_url, gone, closed, empty, f"{remote_url}?sslmode={SECRET}", f"postgresql://{SECRET}@/:x:"):
        for words in (
            ("-v", "arena", "refresh", "--force"),
            ("-v", "remote", "pull"),
            ("-v", "remote", "push", "--json"),
            ("remote", "status"),
            ("arena", "status"),
            ("doctor",),
        ):
            nowhere = {"LLMHUB_ARENA_SOURCE_URL": "http://127.0.0.1:1", "LLMHUB_MODELSDEV_URL": "http://127.0.0.1:1"}
            variables = {"LLMHUB_REMOTE_URL": url, "LLMHUB_DEBUG": "1", "LLMHUB_ARENA_SCRIPT": str(script.path)}
            run = llmhub(*words, **nowhere, **variables)
            if url != f"postgresql://{SECRET}@/:x:":
                said.append(run.stdout + run.stderr)
    assert any("Traceback" in each for each in said)
    assert [each for each in said if SECRET in each] == []
    assert files_with(home, SECRET) == []
    assert SECRET not in script.wait_for("environment")[0]
    assert SECRET not in postgres.shared_server().log()


def test_a_password_in_an_argument_is_refused_before_anybody_is_asked(llmhub: Llmhub, remote_url: str) -> None:
    for words in (("remote", "pull"), ("remote", "push"), ("remote", "status"), ("remote", "init")):
        line = error_line(llmhub(*words, remote_url), code=2)
        assert "the argument holds a password" in line
        assert SECRET not in line


def test_a_password_is_in_no_list_of_processes_while_a_command_waits(remote_url: str, tmp_path: Path) -> None:
    script = update_script(tmp_path, f"note('runs')\nwait_for('go')\n{LEAVES_GOOD_FILE}")
    told = {"LLMHUB_REMOTE_URL": remote_url, "LLMHUB_ARENA_SCRIPT": str(script.path)}
    told["LLMHUB_CONFIG_DIR"] = str(tmp_path / "home-of-it")
    job = Job.command("arena", "refresh", variables={**os.environ, **told}, folder=tmp_path)
    with shared_forks().start(job) as running:
        script.wait_for("runs")
        listed = [" ".join(each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"])]
        script.leave("go")
        running.communicate(60)
    assert running.returncode == 0
    assert any("postgres: " in each for each in listed)
    assert [each for each in listed if SECRET in each] == []


def test_what_libpq_is_told_elsewhere_counts(llmhub: Llmhub, remote_url: str, home: Path) -> None:
    server, name = postgres.shared_server(), remote_url.rpartition("/")[2]
    bare = f"postgresql://postgres@127.0.0.1:{server.port}/{name}"
    assert llmhub("remote", "status", bare, PGPASSWORD=SECRET).returncode == 0
    passes = home / ".pgpass"
    passes.write_text(f"127.0.0.1:{server.port}:*:postgres:{SECRET}\n")
    passes.chmod(0o600)
    assert llmhub("remote", "status", bare).returncode == 0
    service = home / "services.conf"
    service.write_text(f"[team]\nhost=127.0.0.1\nport={server.port}\ndbname={name}\nuser=postgres\n")
    shown = llmhub("remote", "status", "postgresql://?service=team", PGSERVICEFILE=str(service))
    assert shown.stdout.startswith("remote      postgresql://?service=team (can be read and written, format 1)")
    asked = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "postgres", "PGDATABASE": name}
    assert llmhub("remote", "status", "postgresql://", **asked).returncode == 0


@pytest.mark.parametrize(
    ("text", "shown", "secrets"),
    [
        (
            "postgresql://me:pw%40x@db/llmhub?sslmode=require",
            "postgresql://me@db/llmhub",
            {"pw%40x", "pw@x"},
        ),
        ("postgres://me@db:6543/x?password=pq", "postgresql://me@db:6543/x", {"pq"}),
        ("postgresql+psycopg://me:a?b%2Fc@db/x", "postgresql://me@db/x", {"a?b%2Fc", "a?b/c"}),
        ("https://me:pw@host/a/arena.db?token=t", "https://host/a/arena.db", {"pw"}),
        ("file:///srv/arena.db", "file:///srv/arena.db", set()),
        ("postgresql://", "postgresql://", set()),
    ],
)
def test_what_is_shown_of_an_address_has_no_secret(text: str, shown: str, secrets: set[str]) -> None:
    address = parse(text)
    assert address.shown == shown
    assert set(address.secrets) >= secrets


@pytest.mark.parametrize(
    "text", ["", "db", "mysql://me:pw@db/x", "file://host/x", "https://", "postgresql:/x", "file://"]
)
def test_what_is_no_address_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(
        SettingsError, match="LLMHUB_REMOTE_URL is not the address of a remote: expected postgresql://"
    ) as error:
        parse(text)
    assert str(error.value).endswith(EXPECTED)


def test_connecting_gives_up_after_the_time_that_was_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/x"
        with pytest.raises(RemoteUnreachableError, match=r"no answer within 0\.3 s"):
            Server.connect(parse(url), connect_seconds=0.3)
