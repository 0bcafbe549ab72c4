"""What must hold after any fault: one clear line, a whole store, nothing left behind, and a next run that succeeds."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from llmhub.arena import SnapshotStore
from llmhub.arena.upkeep.verify import verify
from llmhub.folders import MARK
from llmhub.offers.fields import OFFER_SOURCES
from llmhub.offers.sql.reading import listings_of, offers_of
from llmhub.storage.moments import from_sql

STANDING = frozenset(
    {
        *("arena.db", "refresh.lock", "upgrade.lock", "refresh-failure.json", "backfill.lock"),
        *("arena.db.before-upgrade", MARK),
    }
)
"""What may stand in the store's folder when nothing runs; a lock is held by a process and not by its file."""

Run = subprocess.CompletedProcess[str]

_PROC = Path("/proc/self")


class Held(NamedTuple):
    """A board, or a provider's list of offers: what its lines are known by, and how many they are."""

    known_by: str | bytes
    lines: int


Contents = dict[tuple[str, str, str, str], Held]
"""By source, moment, leaderboard and category: a board. Of a source of offers, by `offers` and provider: its list."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was: what stands in it, and when it was last written."""

    content: bytes
    written_at: int

    @classmethod
    def at(cls, path: Path) -> File:
        """Look at the file."""
        return cls(path.read_bytes(), path.stat().st_mtime_ns)


def complaint(run: Run, code: int = 1) -> str:
    """Return the one line that a run failed with, after checking that it is one and harmless."""
    assert run.returncode == code, (run.returncode, run.stdout, run.stderr)
    lines = [line for line in run.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, run.stderr
    no_traceback(run)
    return lines[0].removeprefix("error: ")


def no_traceback(run: Run) -> None:
    """Check that what a run wrote is lines for people."""
    said = run.stdout + run.stderr
    assert "Traceback" not in said, said
    assert "internal error" not in said, said
    assert all(line.isprintable() for line in run.stderr.splitlines()), run.stderr


def contents(path: Path) -> Contents:
    """Return every board and list of every snapshot, after checking that the store is sound.

    Of a store that is absent, nothing. A board is known by its digest, which the check has proved.
    """
    if not path.exists():
        return {}
    found = verify(path)
    assert not found.errors, found.findings
    with SnapshotStore.open(path) as store:
        taken = {one.id: (one.source, one.taken_at.isoformat()) for one in store.snapshots()}
        with store.reading() as connection:
            if connection is None:
                return {}
            boards = {
                (*taken[snapshot], name, category): Held(digest, lines)
                for snapshot, name, category, digest, lines in connection.execute(_BOARDS)
            }
            return boards | _offers(connection)


_BOARDS = """
    SELECT sb.snapshot_id, r.leaderboard, r.category, b.digest,
           (SELECT count(*) FROM score c WHERE c.board_id = b.id)
      FROM snapshot_board sb JOIN board b ON b.id = sb.board_id JOIN ranking r ON r.id = sb.ranking_id
"""


def _offers(connection: sqlite3.Connection) -> Contents:
    found: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    marks = ", ".join("?" * len(OFFER_SOURCES))
    statement = f"SELECT id, source, taken_at FROM snapshot WHERE source IN ({marks})"
    rows = connection.execute(statement, OFFER_SOURCES)
    for number, source, moment in rows.fetchall():
        at = from_sql(moment).isoformat()
        for offer in offers_of(connection, number).values():
            listed = found.setdefault((source, at, "offers", offer.provider), {})
            listed[offer.model_id] = offer.model_dump_json()
        for provider, ids in listings_of(connection, number).items():
            found[source, at, "offers", provider] = dict.fromkeys(ids)
    return {key: Held(json.dumps(listed), len(listed)) for key, listed in found.items()}


def nothing_left_behind(folder: Path) -> None:
    """Check that no temporary file and no run's folder is left in the store's folder, and no child process at work."""
    left = {path.name for path in folder.iterdir()} - STANDING if folder.exists() else set()
    assert not left, left
    at_work = [number for number in psutil.pids() if _works_in(number, folder)]
    assert not at_work, [psutil.Process(number).cmdline() for number in at_work]


def _works_in(number: int, folder: Path) -> bool:
    """Say whether the process with that number works in a folder. Hundreds of them are asked after each fault."""
    try:
        if not _PROC.is_dir():
            return Path(psutil.Process(number).cwd()).is_relative_to(folder)
        at = os.readlink(f"/proc/{number}/cwd")  # noqa: PTH115 -- a text is compared sooner
    except (psutil.Error, OSError):
        return False
    return f"{at}/".startswith(f"{folder}/")
