"""The catalog of a moment is made of what was stored of that moment, by the matcher that makes today's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from llmhub import catalog_at, settings
from llmhub.catalog.assembly.joining import fused_models, lines_of
from llmhub.catalog.matching.overrides import load_overrides
from llmhub.catalog.schema import AnyLLMModel, Catalog
from llmhub.errors import InvalidReferenceError, SnapshotNotFound
from llmhub.offers.values import Offer
from tests.support.made_up import models as made
from tests.support.made_up.stored_offers import store_listings, store_offers
from tests.support.processes.commands import board, seed

MARCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = MARCH + 90 * DAY
GPT, MINI = "openai/gpt-4.1", "openai/gpt-4.1-mini"


def offer(key: str, price: float, **fields: object) -> Offer:
    prices = {"price_input_per_million": price, "price_output_per_million": 4 * price}
    return made.offer(key, release_date="2025-04-14", last_updated="2025-04-14", **prices, **fields)


@pytest.fixture
def past() -> None:
    """Store a cut of a price after 10 days, a new rating after 20, a new model after 30, and its listing after 40."""
    path = settings.arena_db()
    path.parent.mkdir(parents=True)
    cut = {GPT: offer(GPT, 2.0)}
    store_offers(path, {GPT: offer(GPT, 4.0)}, taken_at=MARCH)
    store_offers(path, cut, taken_at=MARCH + 10 * DAY)
    store_offers(path, cut | {MINI: offer(MINI, 0.5)}, taken_at=MARCH + 30 * DAY)
    store_listings(path, {"openai": ["gpt-4.1"]}, taken_at=MARCH + timedelta(seconds=9))
    store_listings(path, {"openai": ["gpt-4.1", "gpt-4.1-mini"]}, taken_at=MARCH + 40 * DAY)
    seed(board({"gpt-4.1-2025-04-14": 1400.0, "made-up": 1500.0}), MARCH)
    seed(board({"gpt-4.1-2025-04-14": 1410.0, "made-up": 1500.0}), MARCH + 20 * DAY)


def told(catalog: Catalog) -> dict[str, tuple[float | None, float | None]]:
    return {model.canonical_id: (model.price_input_per_million, model.arena_score) for model in catalog.models}


def states(catalog: Catalog) -> dict[str, str]:
    return {status.source: status.status for status in catalog.sources}


@pytest.mark.usefixtures("past")
@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("2026-03-01", {GPT: (4.0, 1400.0)}),
        ("2026-03-10", {GPT: (4.0, 1400.0)}),
        ("2026-03-11", {GPT: (2.0, 1400.0)}),
        ("2026-03-21T12:00:00Z", {GPT: (2.0, 1410.0)}),
        ("2026-03-21T11:59:59Z", {GPT: (2.0, 1400.0)}),
        ("60d", {GPT: (2.0, 1410.0)}),
        ("2026-04-11", {GPT: (2.0, 1410.0), MINI: (0.5, None)}),
        ("latest", {GPT: (2.0, 1410.0), MINI: (0.5, None)}),
        ("latest~1", {GPT: (4.0, 1400.0)}),
        ("previous", {GPT: (4.0, 1400.0)}),
    ],
)
def test_a_moments_catalog_has_the_listing_prices_and_ratings_of_then(
    reference: str, expected: dict[str, tuple[float | None, float | None]]
) -> None:
    found = catalog_at(reference, now=NOW)
    assert told(found) == expected
    assert set(states(found).values()) == {"ok"}


@pytest.mark.usefixtures("past")
def test_an_id_of_any_snapshot_means_its_moment_and_the_rest_of_its_refresh() -> None:
    # Of the first refresh the prices were stored first, and the listing some seconds later.
    assert told(catalog_at("1", now=NOW)) == {GPT: (4.0, 1400.0)}
    assert told(catalog_at("2", now=NOW)) == {GPT: (2.0, 1400.0)}
    with pytest.raises(SnapshotNotFound, match="there is no snapshot 99"):
        catalog_at("99", now=NOW)


@pytest.mark.usefixtures("past")
def test_lines_are_those_that_the_same_sources_would_give_today() -> None:
    offers = {GPT: offer(GPT, 2.0), MINI: offer(MINI, 0.5)}
    boards = {"overall": made.board({"made-up": 1500.0, "gpt-4.1-2025-04-14": 1410.0})}
    listed = [AnyLLMModel(provider="openai", model_id=name) for name in ("gpt-4.1", "gpt-4.1-mini")]
    overrides = load_overrides()
    today = lines_of(fused_models(listed, offers, boards, overrides), offers, boards, overrides, {})
    assert today[0].quality_basis == "rated"
    facts = [model.model_dump(exclude={"status"}) for model in catalog_at("latest", now=NOW).models]
    assert facts == [model.model_dump(exclude={"status"}) for model in today]


@pytest.mark.usefixtures("past")
def test_every_offer_of_then_is_there_whether_it_could_be_called_or_not() -> None:
    then = catalog_at("2026-04-01", whole=True, now=NOW)
    assert {model.canonical_id: model.callable_as for model in then.models} == {GPT: (GPT,), MINI: ()}
    before = catalog_at("2026-03-01T12:00:01Z", whole=True, now=NOW)
    assert [(model.canonical_id, model.callable_as) for model in before.models] == [(GPT, None)]


def test_what_was_not_stored_yet_is_said_in_words_and_the_rest_is_shown() -> None:
    path = settings.arena_db()
    path.parent.mkdir(parents=True)
    with pytest.raises(SnapshotNotFound, match=r"no listing is stored; no price list .* is stored; no board of text"):
        catalog_at("2026-03-01", now=NOW)
    store_listings(path, {"openai": ["gpt-4.1"]}, taken_at=MARCH)
    only_listed = catalog_at("2026-03-02", now=NOW)
    assert told(only_listed) == {GPT: (None, None)}
    assert states(only_listed) == {"anyllm": "ok", "modelsdev": "failed", "arena": "failed"}
    store_offers(path, {GPT: offer(GPT, 4.0)}, taken_at=MARCH - 10 * DAY)
    seed(board({"gpt-4.1-2025-04-14": 1400.0}), MARCH + DAY)
    before = catalog_at("2026-02-28", now=NOW)
    assert (before.models, states(before)["modelsdev"]) == ((), "ok")
    reasons = {status.source: status.reason for status in before.sources}
    assert reasons["anyllm"] == (
        "which models could be called then is unknown: no listing of 2026-02-28 or earlier is stored, "
        "the oldest is of 2026-03-01"
    )
    assert reasons["arena"] == (
        "no board of text / overall of 2026-02-28 or earlier is stored, the oldest is of 2026-03-02"
    )
    with pytest.raises(SnapshotNotFound, match=r"the oldest is of 2026-02-19; no board"):
        catalog_at("2026-01-01", now=NOW)


def test_what_is_no_reference_is_said() -> None:
    with pytest.raises(InvalidReferenceError):
        catalog_at("the day before")


def test_of_two_refreshes_in_a_minute_an_id_means_its_own_and_no_later_word_of_either_witness() -> None:
    path = settings.arena_db()
    path.parent.mkdir(parents=True)
    for seconds, price in ((0, 4.0), (30, 2.0)):
        store_listings(path, {"openai": ["gpt-4.1"]}, taken_at=MARCH + timedelta(seconds=seconds + 9))
        store_offers(path, {GPT: offer(GPT, price)}, taken_at=MARCH + timedelta(seconds=seconds))
        ends = offer(GPT, 4.0, retires_on="2026-09-01" if seconds else None)
        store_offers(path, {GPT: ends}, taken_at=MARCH + timedelta(seconds=seconds + 1), source="litellm")
    first, second = (4.0, False, None), (2.0, True, "2026-09-01")
    # Each refresh stored a listing, prices, and a second later the other witness.
    expected = dict(zip("12346", (first, first, first, second, second), strict=True)) | {"5": (2.0, True, None)}
    for number, told in expected.items():
        then = catalog_at(number, now=MARCH + timedelta(minutes=1))
        (model,) = then.models
        assert (model.price_input_per_million, model.disputed != (), model.retires_on) == told, number
        assert then.built_at <= MARCH + timedelta(minutes=1)


def test_what_came_later_on_the_same_day_is_told_by_its_time() -> None:
    path = settings.arena_db()
    path.parent.mkdir(parents=True)
    store_offers(path, {GPT: offer(GPT, 4.0)}, taken_at=MARCH)
    store_listings(path, {"openai": ["gpt-4.1"]}, taken_at=MARCH + timedelta(seconds=9))
    (listing,) = (each for each in catalog_at(MARCH.isoformat(), now=NOW).sources if each.source == "anyllm")
    assert listing.reason is not None
    by, oldest = "2026-03-01 12:00:00.999999 UTC", "2026-03-01 12:00:09.000000 UTC"
    assert listing.reason.endswith(f"no listing of {by} or earlier is stored, the oldest is of {oldest}")
