"""The days on which something changed, and what is shown of a model's prices, from a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from llmhub.arena import SnapshotStore
from llmhub.offers.answers import changes_at
from llmhub.offers.sql.price_timelines import changes_of_many, listing_changes, recorded_span
from llmhub.offers.sql.storing import offer_writer
from llmhub.report.collect import collect
from llmhub.report.data import Report
from llmhub.report.drawing.pictures import Size
from llmhub.report.over_time.days import MOST_DAYS, MOST_ROWS, ListingRow, OfferRow, days_of
from llmhub.report.over_time.model_prices import model_prices
from tests.offers.offers import offers
from tests.report.support import offer as callable_offer
from tests.report.support import save_offers, seed_boards, seed_prices
from tests.support.made_up.models import catalog_of
from tests.support.made_up.stored_offers import store_listings, store_offers
from tests.support.processes.commands import ago, arena_db, board, seed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SIZE = Size(width=1000, height=300, left=40, right=60, top=20, bottom=30, across=10, up=6)


def report(now: datetime | None = None) -> Report:
    from llmhub.catalog.cache import last_catalog

    with SnapshotStore.open() as store:
        moment = now or datetime.now(UTC)
        return collect(store, last_catalog(), leaderboard="text", category="overall", now=moment, version="0")


def test_each_day_has_what_changed_of_callable_models_on_it_newest_first() -> None:
    seed_boards()
    seed_prices()
    save_offers()
    newest, older = report().days
    assert newest.offers == (
        OfferRow("alpha/made-up-1", "input", 40.0, 20.0, newest.offers[0].note),
        OfferRow("beta/made-up-5", "went"),
    )
    assert newest.offers[0].note is not None
    assert newest.offers[0].note.startswith("takes back the change of")
    assert [(row.model, row.field, row.ratio) for row in older.offers[:3]] == [
        ("alpha/made-up-0", "input", pytest.approx(-2 / 3)),
        ("alpha/made-up-0", "output", pytest.approx(-2 / 3)),
        ("alpha/made-up-1", "input", 1.0),
    ]
    assert older.offers[3] == OfferRow("beta/made-up-4", "came")
    assert newest.ratings is not None
    assert [one.model for one in newest.ratings.removed] == ["made-up-gone"]
    assert newest.headline == (
        "1 price changed, 1 offer went, ratings published: 2 came, 1 went, 1 renamed, 1 moved significantly"
    )
    assert older.ratings is not None


def test_many_offers_are_read_as_each_of_them_alone() -> None:
    seed_prices()
    store_offers(arena_db(), offers("acme/x", "acme/y"), taken_at=ago(hours=5))
    now = datetime.now(UTC)
    keys = ["alpha/made-up-0", "alpha/made-up-1", "beta/made-up-4", "beta/made-up-5", "acme/x", "nobody/knows", "x"]
    with SnapshotStore.open() as store, store.reading() as connection:
        many = changes_of_many(connection, keys, until=now)
        assert many.keys() == set(keys[:-2])
        for key, found in many.items():
            assert found == changes_at(connection, key, now=now), key
        before = now - timedelta(days=5)
        assert len(changes_of_many(connection, keys, until=before)["alpha/made-up-1"]) == 2
        assert recorded_span(connection, until=before) == (
            many["alpha/made-up-0"][0].recorded.taken_at,
            many["alpha/made-up-0"][1].recorded.taken_at,
        )
        assert changes_of_many(None, keys, until=now) == {}
        assert recorded_span(None, until=now) is None


def test_listings_say_what_came_and_went_and_a_provider_that_did_not_answer_says_nothing() -> None:
    told = ({"openai": ["a", "b"], "groq": ["x"]}, {"openai": ["a", "b"]}, {"openai": ["b", "c"], "groq": ["x", "y"]})
    for days, listings in zip((9, 8, 7), told, strict=True):
        store_listings(arena_db(), listings, taken_at=NOW - timedelta(days=days))
    with SnapshotStore.open() as store, store.reading() as connection:
        found = listing_changes(connection, until=NOW)
        assert [(one.provider, one.came, one.went) for one in found] == [
            ("groq", ("y",), ()),
            ("openai", ("c",), ("a",)),
        ]
        assert {one.recorded.taken_at for one in found} == {NOW - timedelta(days=7)}
        assert listing_changes(connection, until=NOW - timedelta(days=8)) == []


def test_without_a_callable_model_the_last_change_of_all_offers_is_shown() -> None:
    seed(board({"made-up-a": 1000.0}), ago(days=2))
    seed_prices()
    (day,) = report().days
    assert {row.model for row in day.offers} == {"alpha/made-up-1", "beta/made-up-5"}


def test_an_offer_that_was_once_rated_is_followed_when_it_can_no_longer_be_called() -> None:
    seed_boards()
    seed_prices()
    with offer_writer(arena_db()) as writer, writer.transaction():
        writer.add_matches({("beta", "made-up-5"): "made-up-5"})
    found = report()
    assert found.offers.rated == {"beta/made-up-5": "made-up-5"}
    assert OfferRow("beta/made-up-5", "went") in found.days[0].offers


def test_a_day_holds_so_many_changes_and_says_how_many_more_there_were() -> None:
    rows = [(NOW, OfferRow(f"acme/{number}", "came")) for number in range(MOST_ROWS + 5)]
    (day,) = days_of(rows, [(NOW, ListingRow("openai", ("a",), ()))], [])
    assert (len(day.offers), day.more) == (MOST_ROWS, 5)
    assert day.headline == f"{MOST_ROWS} offers came, 5 further changes of offers, 1 newly listed"
    many = [(NOW + timedelta(days=number), OfferRow("acme/a", "status")) for number in range(MOST_DAYS + 3)]
    found = days_of(many, [], [])
    assert len(found) == MOST_DAYS
    assert found[0].moment == NOW + timedelta(days=MOST_DAYS + 2)


def test_a_models_prices_are_drawn_as_steps_with_corrections_marked() -> None:
    seed_boards()
    seed_prices()
    save_offers()
    found = report()
    (line,) = (one for one in found.lines if one.score.model == "made-up-1")
    prices = model_prices(line.offers, found.offers, (SIZE, SIZE))
    assert prices is not None
    assert prices.marked
    assert [row.new for _, row in prices.events] == [20.0, 40.0]
    picture = prices.pictures[0]
    into, out = sorted(picture.lines, key=lambda one: one.name)
    assert (into.label, out.label) == ("in $20.00", "out $80.00")
    assert [mark.correction for mark in into.marks] == [True, True]
    assert out.marks == ()
    heights = [float(point.split(",")[1]) for point in into.runs[0].split()]
    # Up on the second day, and down again on the third.
    assert heights[0] == heights[1] > heights[2] == heights[3] < heights[4] == heights[5] == heights[0]
    ends = [float(point.split(",")[0]) for point in into.runs[0].split()]
    assert ends == sorted(ends)
    assert ends[-1] == SIZE.width - SIZE.right


def test_a_price_that_never_moved_has_no_picture_and_one_that_went_ends() -> None:
    seed_prices()
    seed(board({"made-up-5": 1000.0}), ago(days=1))
    found = report()
    assert model_prices((callable_offer("beta/made-up-9", "made-up-9", 1.0, 2.0),), found.offers, (SIZE,)) is None
    from llmhub.catalog import save_catalog

    save_catalog(catalog_of(callable_offer("beta/made-up-5", "made-up-5", 1.0, 2.0)))
    found = report()
    prices = model_prices(found.lines[0].offers, found.offers, (SIZE,))
    assert prices is not None
    assert prices.pictures == ()
    assert [row.field for _, row in prices.events] == ["went"]
