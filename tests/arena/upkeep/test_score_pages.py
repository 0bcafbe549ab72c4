from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from llmhub.arena import Score, SnapshotStore
from llmhub.arena.sql import statements
from llmhub.arena.upkeep.score_pages import ScorePages, _scores
from tests.support.made_up.boards import DAY, NOW, many, score

_ODD = {
    "whole": Score(1400.0, 1390.0, 1410.0, 0),
    "negative": Score(-0.5, None, None, 1),
    "unknown": Score(1e300),
    "huge": Score(1.25, -1e-300, 2.0**53, (1 << 63) - 1),
}


def test_the_pages_hold_the_same_lines_as_the_table(store: SnapshotStore, path: Path) -> None:
    store.add(
        {"text": {"overall": _ODD, "coding": {f"m{number}": score(float(number)) for number in range(300)}}},
        taken_at=NOW,
    )
    store.add(many(900, shift=0.25), taken_at=NOW + DAY)
    pages = ScorePages(path.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        for board in (1, 2, 3):
            table = connection.execute(statements.SCORES_OF_BOARD, {"board": board}).fetchall()
            found = sorted(pages.lines(board))
            assert found == sorted(table)
            assert [list(map(type, line)) for line in found] == [list(map(type, line)) for line in sorted(table)]
    assert pages.lines(4) == []


@given(st.sampled_from([b"\x0a", b"\x02"]), st.binary(max_size=512))
def test_whatever_bytes_a_page_holds_reading_it_comes_to_an_end(kind: bytes, content: bytes) -> None:
    for line in _scores(kind + content):
        assert len(line) == 6
        assert isinstance(line[0], int)


def test_a_file_that_is_no_database_has_no_lines() -> None:
    for content in (b"", b"rubbish", b"\x0a" * 20_000):
        assert ScorePages(content).lines(1) == []
