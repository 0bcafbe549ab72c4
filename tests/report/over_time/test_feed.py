"""The feed of a site, checked against RFC 4287."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from llmhub.arena.boards import Entry, Snapshot
from llmhub.arena.compare.diff import diff_boards
from llmhub.report.over_time.days import Day, ListingRow, OfferRow
from llmhub.report.over_time.feed import Feed, feed_text
from tests.report.support import NAMES
from tests.support.checks.atom import entries, problems

NOON = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
FEED = Feed("text", "overall", "Made-Up Labs", "0", NOON)


def day(number: int = 0, **changed: object) -> Day:
    moment = NOON - timedelta(days=number)
    return Day(moment.date(), moment, **changed)  # type: ignore[arg-type]


CUT = OfferRow("acme/a", "input", 2.0, 1.5)


def test_each_day_is_an_entry_that_says_what_changed_with_an_id_that_stays() -> None:
    days = (day(0, offers=(CUT, OfferRow("acme/b", "went"))), day(9, offers=(CUT._replace(note="from zero"),)))
    text = feed_text(FEED, days)
    assert problems(text) == []
    first, second = entries(text)
    assert first["id"] == "tag:llmhub.invalid,2026:changes/text/overall/2026-03-01"
    assert first["title"] == "2026-03-01: 1 price changed, 1 offer went"
    assert (first["updated"], first["link"]) == ("2026-03-01T12:30:15Z", "changes.html#day-2026-03-01")
    assert "<li>acme/a: input from 2.00 to 1.50 (−25 %)</li>" in first["content"]  # noqa: RUF001 -- a minus
    assert "<li>acme/b: went</li>" in first["content"]
    assert "likely a correction: from zero" in second["content"]
    later = feed_text(FEED._replace(version="1", rights="others"), (day(-1, offers=(CUT,)), *days))
    assert entries(later)[1:] == entries(text)


def test_ratings_and_listings_are_in_the_entry_of_their_day() -> None:
    one, other = (Snapshot(number, "script", NOON, {"text": None}, 1, 1) for number in (1, 2))
    ratings = diff_boards(
        [Entry("made-up-a", 1000.0, 995.0, 1005.0, 1, None), Entry("made-up-gone", 900.0, 895.0, 905.0, 1, None)],
        [Entry("made-up-a", 1040.0, 1035.0, 1045.0, 1, None), Entry("made-up-new", 1100.0, 1095.0, 1105.0, 1, None)],
        before=one,
        after=other,
        leaderboard="text",
        category="overall",
    )
    text = feed_text(FEED, (day(ratings=ratings, listings=(ListingRow("openai", ("gpt-x",), ("gpt-y",)),)),))
    assert problems(text) == []
    (entry,) = entries(text)
    assert entry["title"] == "2026-03-01: 1 newly listed, 1 no longer listed, ratings published: 1 came, 1 went"
    for said in (
        "openai lists gpt-x",
        "openai no longer lists gpt-y",
        "made-up-new: came at rank 1",
        "scale shift +40",
    ):
        assert said in entry["content"]


def test_whatever_things_are_called_the_feed_is_valid_and_nothing_in_it_is_markup() -> None:
    rows = tuple(OfferRow(f"acme/{name}", "status", None, name, note=name) for name in NAMES)
    listed = (ListingRow(NAMES[0], NAMES, NAMES),)
    for name in NAMES:
        feed = FEED._replace(leaderboard=name, category=name, rights=name)
        text = feed_text(feed, (day(offers=rows, listings=listed),))
        assert problems(text) == []
        assert "<img" not in text
        (entry,) = entries(text)
        assert "&lt;img src=x" in entry["content"]
        assert "<img" not in entry["content"]


def test_a_feed_without_a_day_is_valid_and_a_made_up_one_says_so() -> None:
    text = feed_text(FEED._replace(made_up=True), ())
    assert problems(text) == []
    assert "<updated>2026-03-01T12:30:15Z</updated>" in text
    assert "<title>MADE UP: llmhub" in text


def test_a_site_with_an_address_has_ids_and_links_of_its_own() -> None:
    text = feed_text(FEED._replace(url="https://example.org/models/"), (day(offers=(CUT,)),))
    assert problems(text) == []
    assert 'rel="self" type="application/atom+xml" href="https://example.org/models/changes.atom"' in text
    (entry,) = entries(text)
    assert entry["id"] == "tag:example.org,2026:models/changes/text/overall/2026-03-01"
    assert entry["link"] == "https://example.org/models/changes.html#day-2026-03-01"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("<updated>2026-03-01T12:30:15Z</updated>\n  <author>", "updated"),
        ("<name>llmhub</name>", "author"),
        ('rel="self"', "where it is"),
        ("tag:llmhub", "tag URI"),
    ],
)
def test_the_checks_find_what_is_missing(text: str, wrong: str) -> None:
    sound = feed_text(FEED, (day(offers=(CUT,)),))
    assert text in sound
    assert any(wrong in one for one in problems(sound.replace(text, "<author>" if "<author>" in text else "")))


def test_the_day_is_the_one_in_utc() -> None:
    assert day().day == date(2026, 3, 1)
