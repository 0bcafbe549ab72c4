"""Files that begin with a byte order mark, which some editors and shells write, are read as if it were not there.

The parsers themselves are held to this by `tests/hostile/test_json.py`; here are the files around them.
"""

from __future__ import annotations

import codecs
from datetime import UTC, datetime
from pathlib import Path

from llmhub import load_arena_models, settings
from llmhub.arena import SnapshotStore
from llmhub.arena.exchange.exporting import export
from llmhub.arena.exchange.importing import identify, import_publication
from llmhub.catalog import save_catalog
from llmhub.catalog.completion import cached_names
from llmhub.catalog.sources.last_copy import Copy, keep_copy, read_copy
from tests.support.made_up.boards import board
from tests.support.made_up.models import catalog_of, line
from tests.support.made_up.modelsdev_documents import body, document


def put_mark_before(path: Path) -> None:
    path.write_bytes(codecs.BOM_UTF8 + path.read_bytes())


def test_an_exported_leaderboard_with_marks_is_read_and_imported_with_its_moment(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
    with SnapshotStore.open() as store:
        snapshot = store.add({"text": {"overall": board(made_up=1400.0)}}, taken_at=moment)
        export(store, snapshot, tmp_path / "out", format="json")
    file = tmp_path / "out" / "leaderboard-text.json"
    for path in (file, tmp_path / "out" / "leaderboard-meta.json"):
        put_mark_before(path)
    assert set(load_arena_models(file)) == {"made_up"}
    with SnapshotStore.open(tmp_path / "other.db") as store:
        assert import_publication(store, identify(file)).snapshot.taken_at == moment


def test_the_kept_copy_of_models_devs_document_with_a_mark_is_the_copy_that_was_kept() -> None:
    copy = Copy(body(document()), "http://127.0.0.1", None, datetime(2026, 1, 1, tzinfo=UTC))
    keep_copy(settings.modelsdev_file(), copy, called="models.dev")
    put_mark_before(settings.modelsdev_file())
    assert read_copy(settings.modelsdev_file()) == copy


def test_ids_are_completed_from_a_catalog_with_a_mark() -> None:
    save_catalog(catalog_of(line("lab/made-up")))
    put_mark_before(settings.catalog_file())
    assert cached_names("models") == ["lab/made-up"]
