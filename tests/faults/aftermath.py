"""What must hold after any fault: one clear line, a whole store, nothing left behind, and a next run that succeeds."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil

from llmhub.arena import SnapshotStore
from llmhub.arena.upkeep.verify import verify
from llmhub.folders import MARK

STANDING = frozenset(
    {
        *("arena.db", "refresh.lock", "upgrade.lock", "refresh-failure.json", "backfill.lock"),
        *("arena.db.before-upgrade", MARK),
    }
)
"""What may stand in the store's folder when nothing runs; a lock is held by a process and not by its file."""

Run = subprocess.CompletedProcess[str]


class Board(NamedTuple):
    """A board of a snapshot: the digest of its lines, which `verify` has proved, and how many they are."""

    digest: bytes
    lines: int


Contents = dict[tuple[str, str, str, str], Board]
"""What a store holds, by source, moment, leaderboard and category."""

_BOARDS = """
    SELECT sb.snapshot_id, r.leaderboard, r.category, b.digest,
           (SELECT count(*) FROM score c WHERE c.board_id = b.id)
      FROM snapshot_board sb JOIN board b ON b.id = sb.board_id JOIN ranking r ON r.id = sb.ranking_id
"""


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
    """Return every board of every snapshot, after checking that the store is sound; none if absent."""
    if not path.exists():
        return {}
    found = verify(path)
    assert not found.errors, found.findings
    with SnapshotStore.open(path) as store:
        taken = {one.id: (one.source, one.taken_at.isoformat()) for one in store.snapshots()}
    with closing(sqlite3.connect(path)) as connection:
        return {
            (*taken[snapshot], name, category): Board(digest, lines)
            for snapshot, name, category, digest, lines in connection.execute(_BOARDS)
        }


def nothing_left_behind(folder: Path) -> None:
    """Check that no temporary file and no run's folder is left in the store's folder, and no child process at work."""
    left = {path.name for path in folder.iterdir()} - STANDING if folder.exists() else set()
    assert not left, left
    at_work = [process.cmdline() for process in psutil.process_iter() if _works_in(process, folder)]
    assert not at_work, at_work


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return Path(process.cwd()).is_relative_to(folder)
    except (psutil.Error, OSError):
        return False
