"""One SnapshotStore in several threads: it reads, adds and closes in each, and no answer is another one's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from llmhub.arena import SnapshotStore
from tests.support.made_up.boards import DAY, HOUR, NOW, many, sound


def test_threads_that_share_a_store_read_add_and_close_it_and_each_reads_what_it_asked_for(path: Path) -> None:
    boards = {NOW - number * DAY: many(50, shift=float(number)) for number in range(6)}
    with SnapshotStore.open(path) as store, ThreadPoolExecutor(6) as threads:
        for moment, board in boards.items():
            store.add(board, taken_at=moment)

        def work(number: int) -> None:
            own = NOW - number * DAY
            for turn in range(20):
                assert store.scores(own.isoformat(), now=NOW) == boards[own]["text"]["overall"]
                if turn == number:
                    store.add(many(50, shift=50.0 + number), taken_at=own - HOUR)
                if turn % 7 == number:
                    store.close()

        list(threads.map(work, range(6)))
        assert len(store.snapshots()) == 12
    assert sound(path)
