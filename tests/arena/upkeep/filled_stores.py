"""Stores with some days of made-up boards, to be damaged: made, changed behind their back, and compared."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

from llmhub.arena import SnapshotStore
from llmhub.arena.boards import Leaderboard, ModelFacts
from tests.support.made_up.boards import DAY, NOW, score

Content = dict[tuple[int, str], tuple[object, ...]]
"""What stands under a snapshot's id and a leaderboard's name: moment, source, boards and day of publication."""


def fill(path: Path, *, days: int = 8, models: int = 60) -> None:
    """Store a snapshot a day, of two sources, with one leaderboard or two; every other day brings the same boards.

    What was stored once into a new file is copied from then on.
    """
    if path.exists():
        _fill(path, days, models)
        return
    if (days, models) not in _FILLED:
        _fill(path, days, models)
        _FILLED[days, models] = path.read_bytes()
    path.write_bytes(_FILLED[days, models])


_FILLED: dict[tuple[int, int], bytes] = {}


def _fill(path: Path, days: int, models: int) -> None:
    with SnapshotStore.open(path) as store:
        for day in range(days):
            overall = {
                f"made-up-{number:03}": score(1000.0 + number + day // 2)
                for number in range(day // 2, models + day // 2)
            }
            coding = {name: score(line.rating + 7.0, votes=None) for name, line in overall.items()}
            facts = {name: ModelFacts(f"Made up by {name[-1]}", "MIT") for name in overall}
            leaderboards = {"text": Leaderboard({"overall": overall, "coding": coding}, facts, date(2026, 1, 1))}
            if day % 3 == 0:
                leaderboards["vision"] = Leaderboard({"overall": dict(list(overall.items())[:20])})
            store.add(leaderboards, taken_at=NOW - (days - day) * DAY, source="dataset" if day % 2 else "script")


def content(path: Path) -> Content:
    """Return all that a store says of each leaderboard of each snapshot."""
    with SnapshotStore.open(path) as store:
        return {
            (snapshot.id, name): (snapshot.taken_at, snapshot.source, leaderboard.boards, leaderboard.published_on)
            for snapshot in store.snapshots()
            for name, leaderboard in store.publication(snapshot).items()
        }


def names(path: Path) -> set[str]:
    """Return what lies beside a store and the store itself, without its locks and the tests' home folder."""
    return {one.name for one in path.parent.iterdir()} - {"home", "refresh.lock", "upgrade.lock"}


def changed(path: Path, *statements: str) -> bytes:
    """Change a store behind its back, and return what its file is then."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        for statement in statements:
            connection.execute(statement)
    return path.read_bytes()
