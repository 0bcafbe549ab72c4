"""Dataset files in folders whose names are no UTF-8: Linux allows them, and DuckDB cannot be told of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.exchange.exporting import export
from llmhub.arena.exchange.importing import import_dataset
from llmhub.arena.exchange.parquet_files import open_dataset
from llmhub.demo.publications import FIRST, FIRST_MOMENT, write_past
from tests.support.made_up.boards import NOW, board, text

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such names")


@pytest.fixture
def latin(tmp_path: Path) -> Path:
    """Return a folder whose name is in Latin-1, and has what DuckDB takes for a wildcard and a quote."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 [x]'*"))
    folder.mkdir()
    return folder


def test_an_export_there_is_read_back_from_there(latin: Path) -> None:
    with SnapshotStore.open(latin / "arena.db") as store:
        store.add(text(a=1400.0), taken_at=NOW)
        latest = store.latest(now=NOW)
        assert latest is not None
        (file,) = export(store, latest, latin, format="parquet").files
    with SnapshotStore.open(latin / "other.db") as store:
        assert import_dataset(store, file.path, leaderboard="text").rows == 1
        assert store.scores("latest") == board(a=1400.0)


def test_the_demonstrations_publications_can_lie_there(latin: Path) -> None:
    write_past(latin, [(FIRST_MOMENT, FIRST)])
    with open_dataset(latin / "text" / "full-00000-of-00001.parquet") as file:
        assert list(file.rows) == [FIRST_MOMENT.date()]
