"""The names of boards' pages, the links between them, and what a row can be filtered by."""

from __future__ import annotations

from datetime import UTC, datetime

from llmhub.arena.boards import Snapshot
from llmhub.report.boards import filters_of, free_offers, links_from, paths_of
from llmhub.report.data import Board
from llmhub.report.folder import _PAGE
from llmhub.report.over_time.days import OffersOverTime
from tests.report.support import NAMES, offer
from tests.support.made_up.models import line

SNAPSHOT = Snapshot(1, "script", datetime(2026, 1, 1, tzinfo=UTC), {"text": None}, 1, 1)


def test_each_board_has_a_page_of_its_own_whatever_it_is_called_and_the_first_the_first_page() -> None:
    names = [("text", "overall"), ("text", "a_b"), ("text", "a-b"), *((name, name) for name in NAMES)]
    paths = paths_of(names)
    assert paths["text", "overall"] == "index.html"
    assert paths["text", "a_b"] == "board-text.a-b.html"
    assert len(set(paths.values())) == len(names)
    assert all(_PAGE.fullmatch(path) for path in paths.values())


def test_a_board_links_to_the_same_category_of_other_leaderboards_and_to_all_of_its_own() -> None:
    names = [("text", "overall"), ("text", "coding"), ("vision", "overall"), ("vision", "coding"), ("image", "ocr")]
    boards = [Board(*name, f"{number}.html", SNAPSHOT, ()) for number, name in enumerate(names)]
    links = links_from(boards[1], boards)
    assert [(one.text, one.path, one.here) for one in links.leaderboards] == [
        ("image", "4.html", False),
        ("text", "1.html", True),
        ("vision", "3.html", False),
    ]
    assert [(one.text, one.path, one.here) for one in links.categories] == [
        ("overall", "0.html", False),
        ("coding", "1.html", True),
    ]


def test_a_row_says_what_is_known_of_its_model_and_nothing_else() -> None:
    recorded = OffersOverTime(lives={"made-up": ("retired", "retired"), "half": ("retired", "active")})
    assert filters_of((), None, "half", recorded) == {}
    assert filters_of((), "Labs", "made-up", recorded) == {"lab": "Labs", "life": "retired"}
    assert filters_of((line("a/x"),), None, "z", recorded, can_be_called=False) == {"call": "0"}
    known = line("a/x", lab="x-labs", open_weights=True, tags=("vision", "audio"))
    assert filters_of((known,), "x-labs", "x", recorded) == {"call": "1", "lab": "x-labs", "open": "1", "can": "vision"}
    free, dear = offer("a/y:free", "y", 0.0, 0.0), offer("a/y", "y", 1.0, 3.0)
    assert filters_of((dear, free), None, "y", recorded) == {
        "call": "1",
        "can": "tools vision",
        "price": "1.5",
        "free": "1",
    }
    assert free_offers((dear, free)) == [free]
    assert filters_of((free,), None, "y", recorded)["price"] == "0"
    deprecated = OffersOverTime(lives={"y": ("deprecated", "retired")})
    assert filters_of((), None, "y", deprecated) == {"life": "deprecated"}
