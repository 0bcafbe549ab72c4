"""How the frontier moved, on a few dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from llmhub.arena.boards import Score
from llmhub.arena.compare.history import BoardPoint, HistoryPoint, ModelHistory
from llmhub.offers.fields import Recorded
from llmhub.offers.history import Change
from llmhub.report.drawing.pictures import Size
from llmhub.report.over_time.frontiers import MOST_DATES, Frontier, frontier_pictures, frontiers
from tests.offers.offers import offer

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
SIZE = Size(width=300, height=230, left=36, right=8, top=10, bottom=24, across=4, up=4)


def on(day: int) -> datetime:
    return FIRST + timedelta(days=day)


def point(number: int, day: int, scale_break: float | None = None) -> BoardPoint:
    return BoardPoint(on(day), number, on(day), "script", number, number, None, None, scale_break)


def rated(model: str, *ratings: tuple[int, int, float]) -> ModelHistory:
    points = tuple(
        HistoryPoint(number, on(day), model, Score(value), 1, number, on(day)) for number, day, value in ratings
    )
    return ModelHistory(model, "text", "overall", points, len(points))


def priced(key: str, *prices: tuple[int, float | None]) -> list[Change]:
    return [
        Change(
            Recorded(number, "models.dev", on(day)),
            None if price is None else offer(key, price_input_per_million=price, price_output_per_million=price),
            (),
            {},
        )
        for number, (day, price) in enumerate(prices)
    ]


TIMELINE = (point(1, 0), point(2, 60, 20.0))
HISTORIES = {"a": rated("a", (1, 0, 1000.0), (2, 60, 1030.0)), "b": rated("b", (1, 0, 1100.0), (2, 60, 1120.0))}
CHANGES = {
    "acme/a": priced("acme/a", (0, 1.0)),
    "acme/b": priced("acme/b", (0, 5.0), (40, 0.5)),
    "other/b": priced("other/b", (30, 0.2), (80, None)),
    "free/a": priced("free/a", (0, 0.0)),
}
RATED = {"acme/a": "a", "acme/b": "b", "other/b": "b", "free/a": "a", "acme/gone": "gone"}


def found(**changed: object) -> tuple[Frontier, ...]:
    given: dict[str, object] = {"histories": HISTORIES, "timeline": TIMELINE, "changes": CHANGES, "rated": RATED}
    return frontiers(**{**given, "span": (on(0), on(90)), **changed})  # type: ignore[arg-type]


def test_each_date_has_the_ratings_and_prices_that_were_known_then_on_the_newest_scale() -> None:
    dates = found()
    assert [(one.moment - FIRST).days for one in dates] == [0, 30, 60, 90]
    assert [[model[:3] for model in one.models] for one in dates] == [
        [("a", 1.0, 1020.0), ("b", 5.0, 1120.0)],
        [("a", 1.0, 1020.0), ("b", 0.2, 1120.0)],
        [("a", 1.0, 1030.0), ("b", 0.2, 1120.0)],
        [("a", 1.0, 1030.0), ("b", 0.5, 1120.0)],
    ]
    assert [[model.name for model in one.best] for one in dates] == [["a", "b"], ["b"], ["b"], ["b"]]


def test_a_budget_buys_the_best_model_within_it_and_none_if_none_is() -> None:
    first, *_, last = (one.best_for() for one in found())
    assert [best.model and best.model.name for best in first] == [None, None, "a", "b"]
    assert [best.model and best.model.name for best in last] == [None, "b", "b", "b"]


def test_dates_on_which_nothing_differs_are_one_and_without_two_there_is_nothing_to_compare() -> None:
    still = {"acme/a": priced("acme/a", (0, 1.0))}
    assert found(changes=still, timeline=TIMELINE[:1]) == ()
    assert found(span=None) == ()
    assert found(timeline=()) == ()
    assert found(span=(on(0), on(5)), timeline=TIMELINE[:1]) == ()
    assert len(found(changes=still)) == 2


def test_pictures_share_their_axes_and_each_has_the_line_of_the_one_before() -> None:
    pictures = frontier_pictures(found(), SIZE)
    assert len(pictures) == MOST_DATES
    assert len({one.x_ticks for one in pictures}) == len({one.y_ticks for one in pictures}) == 1
    assert [one.before for one in pictures] == [None, *(one.line for one in pictures[:-1])]
    assert [len(one.dots) + len(one.best) for one in pictures] == [2] * 4
    (x, y, text), *_ = pictures[1].best
    assert text == "b: 1120.0 at $0.2"
    assert 0 < x < SIZE.width
    assert y == pytest.approx(pictures[2].best[0][1])
