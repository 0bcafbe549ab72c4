"""Every offer of models.dev, with ratings and what can be called of it; kept for as long as its catalog answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from llmhub import settings, whole_catalog
from llmhub.catalog.assembly import whole
from llmhub.catalog.assembly.whole import stored_briefs, stored_whole_catalog
from llmhub.catalog.cache import save_catalog, stored_catalog
from llmhub.catalog.choosing.keys import briefs_of
from llmhub.catalog.offered.lives import refresh_lives
from llmhub.catalog.schema import ArenaProvenance, Catalog, Match
from llmhub.catalog.stored.record import as_json
from llmhub.errors import StoreBusyError
from llmhub.folders import make_private_folder
from llmhub.offers.fields import LITELLM
from tests.support.made_up import models as made
from tests.support.made_up.stored_offers import store_offers
from tests.support.processes.commands import ago, board, seed

GPT, CLAUDE = "openai/gpt-4.1", "anthropic/claude-opus-4-1-20250805"


@pytest.fixture
def saved() -> Catalog:
    """Store two offers, a board, and a catalog in which one of the two can be called."""
    make_private_folder(settings.config_dir())
    settings.arena_db().parent.mkdir()
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


def test_of_another_catalog_it_is_built_anew(saved: Catalog) -> None:
    assert [model.callable_as for model in whole_catalog().models] == [(), (GPT,)]
    save_catalog(saved.model_copy(update={"models": (), "built_at": datetime.now(UTC)}))
    assert [model.callable_as for model in whole_catalog().models] == [(), ()]


def test_no_cut_and_no_flipped_byte_is_an_error_or_another_answer(saved: Catalog) -> None:
    expected = whole_catalog().model_dump(mode="json")
    file, made = settings.whole_catalog_file(), whole._made_of(saved)
    kept = file.read_bytes()
    ends = [place for place, byte in enumerate(kept) if byte == ord("\n")]
    cuts = [kept[:place] for place in (0, *ends, len(kept) - 1)]
    flipped = [kept[:at] + bytes([kept[at] ^ 4]) + kept[at + 1 :] for at in range(0, len(kept), 11)]
    for damaged in (*cuts, *flipped):
        file.write_bytes(damaged)
        found = whole._kept(made)
        # The parts that are not read here may be damaged.
        assert found is None or as_json(found) == expected
    assert sum(1 for _ in cuts) > len(expected["models"])
    read = stored_catalog()
    assert read is not None
    for damaged in (*cuts[:: len(cuts) // 4], kept.replace(b"1400.0", b"1999.0")):
        file.write_bytes(damaged)
        assert as_json(stored_whole_catalog(read)) == expected
        assert file.read_bytes() == kept, "it is built and kept again"


@pytest.mark.parametrize("content", [b"", b"not mine", b'{"catalog_version":2,"made_of":"x","catalog":{}}'])
def test_a_file_of_another_kind_is_replaced_in_a_folder_of_llmhubs_own(saved: Catalog, content: bytes) -> None:
    file = settings.whole_catalog_file()
    file.write_bytes(content)
    built = whole_catalog()
    assert whole._kept(whole._made_of(saved)) is not None
    assert whole_catalog() == built


def test_the_file_of_an_early_version_goes_when_the_new_one_is_written(saved: Catalog) -> None:
    old = settings.catalog_file().with_name("offers.json")
    old.write_text('{"catalog_version":2,"made_of":"made up","catalog":{}}')
    assert len(whole_catalog().models) == 2
    assert not old.exists()
    assert saved.models[0].canonical_id == GPT


def test_days_that_were_imported_since_are_in_it(saved: Catalog) -> None:
    assert [model.retires_on for model in whole_catalog().models] == [None, None]
    ending = {CLAUDE: made.offer(CLAUDE, retires_on="2999-01-01", retires_source="made up")}
    store_offers(settings.arena_db(), ending, taken_at=ago(minutes=5), source=LITELLM)
    refresh_lives()
    assert stored_catalog() is not None
    assert [model.retires_on for model in whole_catalog().models] == ["2999-01-01", None]
    assert saved.models[0].canonical_id == GPT


@pytest.mark.usefixtures("saved")
def test_with_other_overrides_it_is_built_anew_though_the_catalog_stays_the_same() -> None:
    read = stored_catalog()
    assert read is not None
    prices = {CLAUDE: {"input": 99.0, "output": 100.0, "reason": "made up"}}
    settings.overrides_file().write_text(json.dumps({"prices": prices}))
    assert stored_whole_catalog(read).models[0].price_input_per_million == 99.0
    settings.overrides_file().unlink()
    assert stored_whole_catalog(read).models[0].price_input_per_million == 1.0


def test_while_litellm_is_off_its_stored_prices_do_not_count(saved: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = {CLAUDE: made.offer(CLAUDE, price_input_per_million=7.0)}
    store_offers(settings.arena_db(), theirs, taken_at=ago(minutes=5), source=LITELLM)
    store_offers(settings.arena_db(), {CLAUDE: made.offer(CLAUDE)}, taken_at=ago(minutes=4))
    for address, price in (("off", None), ("http://127.0.0.1:9/", 7.0), ("OFF", None)):
        monkeypatch.setenv("LLMHUB_LITELLM_URL", address)
        assert stored_whole_catalog(saved).models[0].price_input_per_million == price


def test_ratings_are_of_no_other_snapshot_that_has_the_same_id_in_a_restored_store(saved: Catalog) -> None:
    assert saved.arena_snapshot is not None
    other = saved.arena_snapshot.model_copy(update={"taken_at": ago(days=3)})
    found = stored_whole_catalog(saved.model_copy(update={"arena_snapshot": other}))
    assert [model.arena_score for model in found.models] == [None, None]


@pytest.mark.usefixtures("saved")
def test_what_could_not_be_read_whole_is_shown_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    settings.modelsdev_file().write_bytes(b"")
    for lacking in ("boards_of", "lifecycles"):
        where = {"boards_of": "llmhub.catalog.arena_source", "lifecycles": "llmhub.catalog.offered.lives"}[lacking]
        with monkeypatch.context() as patched:
            patched.setattr(f"{where}.{lacking}", refused)
            assert len(whole_catalog().models) == 2
        assert not settings.whole_catalog_file().exists()
    assert whole_catalog().models[1].arena_score == 1400.0
    assert settings.whole_catalog_file().exists()


def refused(*_: object, **__: object) -> None:
    raise StoreBusyError("made up")


@pytest.mark.usefixtures("saved")
def test_where_it_is_not_known_what_can_be_called_no_offer_says_that_it_cannot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.catalog_file().unlink()
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    found = whole_catalog()
    assert [(model.canonical_id, model.callable_as) for model in found.models] == [(CLAUDE, None), (GPT, None)]


@pytest.mark.usefixtures("saved")
def test_what_the_providers_offer_is_read_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = briefs_of(whole_catalog())
    read = stored_catalog()
    assert read is not None
    assert expected["openai"].brings.best_rating == 1400.0
    with monkeypatch.context() as patched:
        patched.setattr(whole, "stored_whole_catalog", lambda _: pytest.fail("it read the whole file"))
        assert stored_briefs(read) == expected
    file = settings.whole_catalog_file()
    kept = file.read_bytes()
    places = json.loads(kept.partition(b"\n")[0])["parts"]
    begin = kept.index(b"\n") + 1
    for name, (start, *_) in places.items():
        at = begin + start
        file.write_bytes(kept[:at] + b"#" + kept[at + 1 :])
        assert stored_briefs(read) == expected, f"{name} is damaged"
    file.write_bytes(kept[:400])
    assert stored_briefs(read) == expected
