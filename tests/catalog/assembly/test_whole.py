"""Every offer of models.dev, with ratings and what can be called of it; kept for as long as its catalog answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from llmhub import settings, whole_catalog
from llmhub.catalog.assembly import whole
from llmhub.catalog.assembly.whole import stored_briefs, stored_whole_catalog
from llmhub.catalog.cache import save_catalog, stored_catalog
from llmhub.catalog.choosing.keys import briefs_of
from llmhub.catalog.schema import ArenaProvenance, Catalog, Match
from tests.support import models as made
from tests.support.commands import ago, board, seed
from tests.support.stored_offers import store_offers

GPT, CLAUDE = "openai/gpt-4.1", "anthropic/claude-opus-4-1-20250805"


@pytest.fixture
def saved() -> Catalog:
    """Store two offers, a board, and a catalog in which one of the two can be called."""
    settings.arena_db().parent.mkdir(parents=True)
    dates = {"release_date": "2025-04-14", "last_updated": "2025-04-14"}
    offers = {key: made.offer(key, price_input_per_million=1.0, **dates) for key in (GPT, CLAUDE)}
    store_offers(settings.arena_db(), offers, taken_at=ago(hours=1))
    snapshot = seed(board({"gpt-4.1-2025-04-14": 1400.0, "made-up": 1300.0}), ago(hours=1))
    match = Match(kind="exact", target=GPT, reason="made up")
    provenance = ArenaProvenance(snapshot_id=snapshot.id, taken_at=snapshot.taken_at)
    catalog = made.catalog_of(made.line(GPT, modelsdev_match=match), arena_snapshot=provenance)
    save_catalog(catalog)
    return catalog


@pytest.mark.usefixtures("saved")
def test_every_offer_has_its_rating_and_says_whether_it_can_be_called() -> None:
    found = whole_catalog()
    assert [(model.canonical_id, model.callable_as, model.arena_score) for model in found.models] == [
        (CLAUDE, (), None),
        (GPT, (GPT,), 1400.0),
    ]
    assert found.models[1].quality_basis == "rated"
    assert found.pick(search="gpt") == found.models[1]


@pytest.mark.usefixtures("saved")
def test_what_was_built_once_is_kept_and_read_again_as_it_was() -> None:
    built = whole_catalog()
    file = settings.whole_catalog_file()
    first = file.stat().st_mtime_ns
    assert whole_catalog() == built
    read = stored_catalog()
    assert read is not None
    kept = stored_whole_catalog(read)
    assert [model.callable_as for model in kept.models] == [model.callable_as for model in built.models]
    assert file.stat().st_mtime_ns == first


def test_of_another_catalog_or_a_changed_file_it_is_built_anew(saved: Catalog) -> None:
    built = whole_catalog()
    file = settings.whole_catalog_file()
    file.write_bytes(file.read_bytes().replace(b'"arena_score":1400.0', b'"arena_score":1999.0'))
    assert whole_catalog() == built
    save_catalog(saved.model_copy(update={"models": (), "built_at": datetime.now(UTC)}))
    assert [model.callable_as for model in whole_catalog().models] == [(), ()]


@pytest.mark.usefixtures("saved")
def test_where_it_is_not_known_what_can_be_called_no_offer_says_that_it_cannot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.catalog_file().unlink()
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    found = whole_catalog()
    assert [(model.canonical_id, model.callable_as) for model in found.models] == [(CLAUDE, None), (GPT, None)]


@pytest.mark.usefixtures("saved")
def test_what_the_providers_offer_is_read_from_the_head_of_the_file_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = briefs_of(whole_catalog())
    read = stored_catalog()
    assert read is not None
    assert expected["openai"].brings.best_rating == 1400.0
    with monkeypatch.context() as patched:
        patched.setattr(whole, "stored_whole_catalog", lambda _: pytest.fail("it read the whole file"))
        assert stored_briefs(read) == expected
    file = settings.whole_catalog_file()
    kept = file.read_bytes()
    for damaged in (
        kept.replace(b"1400.0", b"1999.0", 1),
        kept.replace(b'"brief_bytes"', b'"other_bytes"'),
        kept[:400],
    ):
        file.write_bytes(damaged)
        assert stored_briefs(read) == expected, "it is read of the whole file, or built anew"
