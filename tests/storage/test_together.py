"""Processes and threads at one store together: at first use, at an old file, while another repairs it.

One round of each runs by default. `LLMHUB_TEST_ROUNDS=25` runs as many as were run by hand: see CONTRIBUTING.md.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.upkeep.verify import verify
from tests.support.effort import by_profile
from tests.support.made_up.boards import DAY, NOW, many, sound
from tests.support.made_up.old_stores import make_old
from tests.support.processes.children import race_all

ROUNDS = int(os.environ.get("LLMHUB_TEST_ROUNDS") or by_profile(ci=1, nightly=25))
PROCESSES, THREADS, ADDS = 3, 6, 3

# Each thread adds snapshots of its own; in every other process the threads share one SnapshotStore.
_ADD = """
import json, logging, sys, threading
from datetime import timedelta
import llmhub.arena.sql.inserting
from llmhub.arena import SnapshotStore
from tests.support.made_up.boards import NOW, many

_, path, process, adds = sys.argv
process, ADDS = int(process), int(adds)
shared = SnapshotStore.open(path) if process % 2 else None
stored, raised = [], []
begin = threading.Barrier(6)

def add(thread):
    begin.wait()
    for number in range(ADDS):
        taken_at = NOW + timedelta(seconds=100 * process + 10 * thread + number)
        boards = many(30, shift=float(100 * process + 10 * thread + number))
        try:
            store = shared or SnapshotStore.open(path)
            try:
                store.add(boards, taken_at=taken_at)
                found = store.scores(taken_at.isoformat(), now=taken_at)
            finally:
                if shared is None:
                    store.close()
            if found != boards["text"]["overall"]:
                raise ValueError("another board was read")
        except Exception as error:
            raised.append([taken_at.isoformat(), repr(error)])
        else:
            stored.append(taken_at.isoformat())

threads = [threading.Thread(target=add, args=(number,)) for number in range(6)]
print("ready", flush=True)
sys.stdin.readline()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps([stored, raised, 0]))
if shared is not None:
    shared.close()
"""

# Damages one snapshot that was there before, and repairs the store, three times.
_REPAIR = """
import sqlite3, sys
from contextlib import closing
from pathlib import Path
import llmhub.arena.sql.inserting
from llmhub.arena.upkeep.repair import repair
print("ready", flush=True)
sys.stdin.readline()
lost = 0
for number in range(3):
    with closing(sqlite3.connect(sys.argv[1], timeout=60)) as connection, connection:
        connection.execute(
            "DELETE FROM score WHERE board_id = "
            "(SELECT board_id FROM snapshot s JOIN snapshot_board b ON b.snapshot_id = s.id "
            "WHERE s.source = 'dataset' ORDER BY s.id LIMIT 1)"
        )
    lost += len(repair(Path(sys.argv[1])).lost)
print(f"[[], [], {lost}]")
"""


def _first_use(_: Path) -> set[datetime]:
    """Leave no store."""
    return set()


def _an_old_file(path: Path) -> set[datetime]:
    make_old(path)
    return {NOW - 2 * DAY, NOW - DAY}


def _damaged_again_and_again(path: Path) -> set[datetime]:
    with SnapshotStore.open(path) as store:
        for number in range(4):
            store.add(many(200, shift=0.5 + number), taken_at=NOW - number * DAY, source="dataset")
    return set()


@pytest.mark.parametrize("number", range(ROUNDS))
@pytest.mark.parametrize(
    ("begin", "others"),
    [(_first_use, []), (_an_old_file, []), (_damaged_again_and_again, [_REPAIR])],
    ids=["first use", "an old file", "while another repairs"],
)
def test_three_processes_of_six_threads_add_without_an_error_and_what_was_added_is_there(
    path: Path, begin: Callable[[Path], set[datetime]], others: list[str], number: int
) -> None:
    before = begin(path)
    children = [(_ADD, (path, str(process), str(ADDS))) for process in range(PROCESSES)]
    told = [json.loads(said.splitlines()[-1]) for said in race_all(children + [(code, (path,)) for code in others])]
    assert [error for _, raised, _ in told for error in raised] == [], number
    stored = {datetime.fromisoformat(moment) for moments, _, _ in told for moment in moments}
    assert len(stored) == PROCESSES * THREADS * ADDS
    with SnapshotStore.open(path) as store:
        kept = {snapshot.taken_at for snapshot in store.snapshots() if snapshot.source == "script"}
    assert kept == stored | before
    assert sum(lost for _, _, lost in told) == 3 * len(others)
    assert verify(path, now=NOW + DAY).errors == 0
    assert sound(path)
