from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from llmhub.arena.boards import Entry, Score
from llmhub.arena.compare.history import HistoryPoint
from llmhub.arena.compare.ranks import ranked
from llmhub.report.drawing.pictures import Size, history_picture, intervals, price_picture
from llmhub.report.frontier import Priced

SIZE = Size(width=400, height=200, left=40, right=40, top=20, bottom=20, across=4, up=4)
START = datetime(2026, 1, 1, tzinfo=UTC)


def point(number: int, rating: float, half_width: float | None = 5.0, scale_break: float | None = None) -> HistoryPoint:
    bounds = (None, None) if half_width is None else (rating - half_width, rating + half_width)
    score = Score(rating, *bounds)
    moment = START + timedelta(days=10 * number)
    # A run brings it five days later: what is drawn lies where it was published.
    taken_at = moment + timedelta(days=5)
    return HistoryPoint(number, taken_at, "made-up", score, 1, number, moment, moment.date(), scale_break)


def entries(*ratings: float, half_width: float | None = 5.0) -> list[Entry]:
    bounds: list[tuple[float | None, float | None]] = [
        (None, None) if half_width is None else (one - half_width, one + half_width) for one in ratings
    ]
    lines = enumerate(zip(ratings, bounds, strict=True))
    return [Entry(f"made-up-{number}", rating, low, high, None, None) for number, (rating, (low, high)) in lines]


def test_every_interval_is_on_one_scale_from_the_lowest_bound_to_the_highest() -> None:
    found = intervals(ranked(entries(1010, 1050, 1090)), width=108, margin=4)
    low, middle, high = (found.of[f"made-up-{number}"] for number in range(3))
    assert (low.low, low.high, low.middle) == pytest.approx((4, 14.0, 9), abs=2)
    assert middle.middle == pytest.approx(54)
    assert high.high == pytest.approx(104)
    assert not found.cut
    assert all(4 <= tick.at <= 104 for tick in found.ticks)


def test_the_last_quarter_of_many_models_does_not_squeeze_the_others() -> None:
    ratings = [1400.0 - number for number in range(39)] + [200.0]
    found = intervals(ranked(entries(*ratings)), width=100, margin=0)
    assert found.cut
    assert found.of["made-up-39"].middle is None
    assert found.of["made-up-0"].high == pytest.approx(100)
    assert found.of["made-up-0"].high - found.of["made-up-0"].low > 10


def test_an_unknown_bound_is_drawn_as_none() -> None:
    found = intervals(ranked(entries(1000, 1100, half_width=None)))
    assert all(one.low == one.high == one.middle for one in found.of.values())


def test_boards_of_one_model_and_of_equal_ratings_are_drawn() -> None:
    assert intervals(ranked(entries(1000, half_width=None))).ticks == ()
    assert intervals([]).of == {}


def test_a_history_is_broken_where_the_scale_was() -> None:
    points = [point(0, 1000), point(1, 1010), point(2, 1050, scale_break=40.0), point(3, 1060)]
    found = history_picture(points, SIZE)
    assert len(found.lines) == len(found.bands) == 2
    (broken,) = found.breaks
    assert found.dots[1].x < broken.x < found.dots[2].x
    assert broken.text == "scale +40.0"
    assert found.last == found.dots[-1]


def test_a_history_stays_inside_its_picture_and_rises_upwards() -> None:
    found = history_picture([point(0, 1000), point(1, 1010)], SIZE)
    first, last = found.dots
    assert first.x == 40
    assert last.x == 360
    assert last.y < first.y
    assert all(20 <= y <= 180 for dot in found.dots for y in (dot.y, dot.low, dot.high) if y is not None)


def test_a_history_of_one_point_is_a_dot_in_the_middle() -> None:
    found = history_picture([point(0, 1000)], SIZE)
    assert (found.lines, found.bands) == ((), ())
    assert found.last.x == 200
    assert found.x_ticks


def test_where_bounds_are_unknown_there_is_a_line_and_no_band() -> None:
    found = history_picture([point(0, 1000, None), point(1, 1010, None), point(2, 1020), point(3, 1030)], SIZE)
    assert len(found.lines) == 1
    assert len(found.bands) == 1
    assert found.bands[0].count(",") == 4
    assert found.alone == ()


def test_an_interval_without_a_neighbour_to_make_a_band_with_is_drawn_alone() -> None:
    points = [point(0, 1000), point(1, 1010, None), point(2, 1050), point(3, 1060), point(4, 1090, scale_break=30.0)]
    found = history_picture(points, SIZE)
    assert [dot.text[:10] for dot in found.alone] == ["2026-01-01", "2026-02-10"]
    assert len(found.bands) == 1


def test_breaks_that_are_close_together_are_all_drawn_and_written_where_there_is_room() -> None:
    found = history_picture([point(n, 1000, scale_break=5.0 if n else None) for n in range(40)], SIZE)
    assert len(found.breaks) == 39
    written = [one.x for one in found.breaks if one.text]
    assert 1 < len(written) < 39
    assert all(b - a >= 60 for a, b in pairwise(written))


def test_the_frontier_is_a_staircase_with_every_name_and_the_others_are_dots() -> None:
    models = [Priced("cheap", 0.1, 1200), Priced("beaten", 5.0, 1190), Priced("good", 10.0, 1400)]
    found = price_picture(models, SIZE)
    assert [dot.text for dot in found.points if not dot.best] == ["beaten: 1190.0 at $5"]
    assert (found.beyond, {dot.away for dot in found.points}) == (None, {False})
    assert {label.name for label in found.labels} == {"cheap", "good"}
    corners = [tuple(map(float, pair.split(","))) for pair in found.stairs.split()]
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(corners))
    assert corners[-1][0] == 360
    assert [tick.text for tick in found.x_ticks] == ["$0.10", "$1", "$10"]


def test_a_narrow_picture_has_numbers_for_the_names() -> None:
    found = price_picture([Priced("cheap", 0.1, 1200), Priced("good", 10.0, 1400)], SIZE, numbered=True)
    assert [(label.name, label.text) for label in found.labels] == [("cheap", "1"), ("good", "2")]


def test_what_cannot_be_called_does_not_move_the_frontier_and_has_one_of_its_own() -> None:
    mine, better = Priced("mine", 2.0, 1200), Priced("better", 1.0, 1300, callable=False)
    worse = Priced("worse", 3.0, 1100, callable=False)
    found = price_picture([mine, better, worse], SIZE)
    assert {dot.name: (dot.best, dot.away) for dot in found.points} == {
        "mine": (True, False),
        "better": (False, True),
        "worse": (False, True),
    }
    assert found.beyond is not None
    assert found.beyond != found.stairs
    assert {label.name for label in found.labels} == {"mine", "better"}
    assert price_picture([mine, worse], SIZE).beyond is None
    alone = price_picture([better, worse], SIZE)
    assert {dot.name: (dot.best, dot.away) for dot in alone.points} == {
        "better": (True, False),
        "worse": (False, False),
    }


def test_a_single_priced_model_is_drawn() -> None:
    assert [dot.best for dot in price_picture([Priced("only", 1.0, 1200)], SIZE).points] == [True]
