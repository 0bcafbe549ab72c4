"""PgBouncer in front of a PostgreSQL of the tests, in each of its pool modes.

with pooled(server, "name_of_a_database") as addresses:
    addresses["transaction"]      # or "session", "statement"
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import psycopg

from tests.support.servers.postgres import PASSWORD, Postgres, as_nobody, free_port

PROGRAM = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
MODES = ("session", "transaction", "statement")
_MOST_TRIES = 3_000


@contextmanager
def pooled(server: Postgres, name: str, *, most: int = 2) -> Iterator[Mapping[str, str]]:
    """Start PgBouncer, and give the address of a database through it for each pool mode.

    Args:
        server: the PostgreSQL.
        name: the database's name.
        most: how many connections to the server each pool has.
    """
    folder = Path(tempfile.mkdtemp(prefix="llmhub-pgbouncer-"))
    folder.chmod(0o755)
    port = free_port()
    (folder / "users").write_text(f'"postgres" "{PASSWORD}"\n')
    lines = [
        "[databases]",
        *(f"{mode} = host=127.0.0.1 port={server.port} dbname={name} pool_mode={mode}" for mode in MODES),
        "[pgbouncer]",
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = scram-sha-256",
        f"auth_file = {folder / 'users'}\ndefault_pool_size = {most}\nmax_client_conn = 200",
    ]
    (folder / "ini").write_text("\n".join(lines) + "\n")
    process = subprocess.Popen(
        [PROGRAM, "-q", str(folder / "ini")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **as_nobody(),  # type: ignore[call-overload]
    )
    try:
        addresses = {mode: f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/{mode}" for mode in MODES}
        for _ in range(_MOST_TRIES):
            assert process.poll() is None, "PgBouncer did not start"
            try:
                psycopg.connect(addresses["session"]).close()
                break
            except psycopg.OperationalError:
                sleep(0.01)
        yield addresses
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


def is_installed() -> bool:
    """Return whether PgBouncer is installed."""
    return os.access(PROGRAM, os.X_OK)
