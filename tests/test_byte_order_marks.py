"""A byte order mark, which some editors and shells put before a text: no JSON that llmhub reads is worse for it."""

from __future__ import annotations

import codecs
from datetime import UTC, datetime
from pathlib import Path

from llmhub import load_arena_models, load_cached_catalog, settings
from llmhub.arena import SnapshotStore
from llmhub.arena.exchange.exporting import export
from llmhub.arena.exchange.importing import identify, import_publication
from llmhub.arena.exchange.json_files import parse_meta
from llmhub.catalog import save_catalog
from llmhub.catalog.completion import cached_names
from llmhub.catalog.matching.overrides import load_overrides
from llmhub.catalog.sources.last_copy import Copy, keep_copy, read_copy
from llmhub.offers.models_dev import parse_document
from tests.support.boards import board
from tests.support.models import catalog_of, line
from tests.support.modelsdev_documents import body, document

MARK = codecs.BOM_UTF8


def mark(path: Path) -> None:
    """Put the mark before a file."""
    path.write_bytes(MARK + path.read_bytes())


def test_a_leaderboard_and_what_lies_beside_it(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
    with SnapshotStore.open() as store:
        snapshot = store.add({"text": {"overall": board(made_up=1400.0)}}, taken_at=moment)
        export(store, snapshot, tmp_path / "out", format="json")
    file = tmp_path / "out" / "leaderboard-text.json"
    for path in (file, tmp_path / "out" / "leaderboard-meta.json"):
        mark(path)
    assert set(load_arena_models(file)) == {"made_up"}
    with SnapshotStore.open(tmp_path / "other.db") as store:
        assert import_publication(store, identify(file)).snapshot.taken_at == moment


def test_what_a_script_says_of_its_run() -> None:
    assert parse_meta(MARK + b'{"revision": "abc"}', "here").revision == "abc"


def test_models_devs_document_and_the_copy_of_it() -> None:
    whole = body(document())
    assert parse_document(MARK + whole) == parse_document(whole)
    copy = Copy(whole, "http://127.0.0.1", None, datetime(2026, 1, 1, tzinfo=UTC))
    keep_copy(settings.modelsdev_file(), copy, called="models.dev")
    mark(settings.modelsdev_file())
    assert read_copy(settings.modelsdev_file()) == copy


def test_the_overrides() -> None:
    path = settings.overrides_file()
    path.parent.mkdir()
    path.write_bytes(MARK + b'{"aliases": {}}')
    load_overrides()


def test_the_built_catalog() -> None:
    save_catalog(catalog_of(line("lab/made-up")))
    mark(settings.catalog_file())
    assert load_cached_catalog() is not None
    assert cached_names("models") == ["lab/made-up"]
