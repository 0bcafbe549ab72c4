"""What a chart shows, before anything is drawn."""

from __future__ import annotations

from llmhub.arena import Score
from llmhub.charts.series import distinct, picture, short
from tests.charts.pictures import history, moment, timeline
from tests.support.processes.commands import HOSTILE


def test_a_model_that_left_the_board_and_came_back_is_in_two_runs() -> None:
    (series,) = picture([history("a", {0: 1000.0, 1: 1001.0, 4: 1002.0})], timeline(range(5))).series
    assert [(dot.moment, dot.run) for dot in series.dots] == [(moment(0), 0), (moment(1), 0), (moment(4), 1)]


def test_a_long_time_without_any_board_is_no_gap() -> None:
    drawn = picture([history("a", {0: 1000.0, 300: 1001.0})], timeline([0, 300]))
    assert [dot.run for dot in drawn.series[0].dots] == [0, 0]
    assert "broken" not in drawn.notes


def test_unknown_bounds_end_a_band_and_not_the_line() -> None:
    unknown = Score(1000.0)
    scores: dict[int, float | Score] = {0: unknown, 1: 1001.0, 2: 1002.0, 3: Score(1002.0, 990.0, None), 4: 1003.0}
    drawn = picture([history("a", scores)], timeline(range(5)))
    (series,) = drawn.series
    assert [dot.band for dot in series.dots] == [None, 0, 0, None, 1]
    assert {dot.run for dot in series.dots} == {0}
    assert "where it is known" in drawn.notes
    assert "unknown" in picture([history("a", {0: unknown})], timeline([0])).notes


def test_a_band_ends_where_the_line_is_broken() -> None:
    (series,) = picture([history("a", {0: 1000.0, 2: 1001.0})], timeline(range(3))).series
    assert [dot.band for dot in series.dots] == [0, 1]


def test_scale_breaks_are_those_between_the_moments_shown() -> None:
    breaks = {0: 1.5, 1: -3.0, 2: 60.0, 4: 5.0}
    drawn = picture([history("a", {1: 1000.0, 3: 1060.0})], timeline(range(5), breaks))
    assert [(one.moment, one.shift) for one in drawn.breaks] == [(moment(1) + (moment(2) - moment(1)) / 2, 60.0)]
    assert "re-anchored" in drawn.notes
    assert "re-anchored" not in picture([history("a", {3: 1000.0})], timeline(range(5), breaks)).notes


def test_a_line_is_broken_where_the_scale_was_re_anchored_and_that_is_no_absence() -> None:
    drawn = picture([history("a", {0: 1000.0, 1: 1001.0, 2: 1060.0})], timeline(range(3), {2: 60.0}))
    (series,) = drawn.series
    assert [(dot.run, dot.band) for dot in series.dots] == [(0, 0), (0, 0), (1, 1)]
    assert "not listed" not in drawn.notes


def test_aligned_lines_connect_across_scale_breaks_on_the_newest_scale_and_the_notes_say_so() -> None:
    breaks = {2: 60.0, 4: -10.0, 5: 99.0}
    past = history("a", {0: 1000.0, 1: 1001.0, 3: Score(1060.0, None, 1065.0), 4: 1051.0})
    drawn = picture([past], timeline(range(6), breaks), aligned=True)
    (series,) = drawn.series
    assert [dot.rating for dot in series.dots] == [1050.0, 1051.0, 1050.0, 1051.0]
    assert [(dot.lower, dot.upper) for dot in series.dots[1:3]] == [(1046.0, 1056.0), (None, 1055.0)]
    # It was not on the board of the third publication; nothing else breaks the line.
    assert [dot.run for dot in series.dots] == [0, 0, 1, 1]
    assert drawn.breaks == ()
    assert "moved by up to +50.0 points" in drawn.notes
    assert "Vertical" not in drawn.notes
    still = picture([history("a", {0: 1000.0, 1: 1001.0})], timeline(range(2)), aligned=True)
    assert "taken out" not in still.notes


def test_only_moves_of_the_scale_that_are_shown_are_in_the_notes() -> None:
    breaks = {1: 60.0, 3: -4.3}
    board = timeline(range(4), breaks)
    drawn = picture([history("a", {2: 1000.0, 3: 996.0})], board, aligned=True)
    assert "moved by up to \N{MINUS SIGN}4.3 points" in drawn.notes
    assert "taken out" not in picture([history("a", {3: 996.0})], board, aligned=True).notes


def test_the_finding_says_which_model_is_highest_and_whether_that_is_sure() -> None:
    def finding(*ratings: float | Score, last: int = 1) -> str:
        given = [history("abcd"[number], {0: 1000.0, last: rating}) for number, rating in enumerate(ratings)]
        return picture(given, timeline(range(2))).finding

    assert finding(1000.0, 1020.0) == "Highest of these: b, 20.0 points above a, beyond their 95 % intervals."
    assert finding(1000.0, 1004.0) == "Highest of these: b, 4.0 points above a: their 95 % intervals overlap."
    assert finding(Score(1000.0), 1004.0) == "Highest of these: b, 4.0 points above a."
    assert finding(1000.0, 1000.04) == "Highest of these: b, level with a at 1000.0 points."
    assert finding(*[1000.0] * 3, 990.0) == "Highest of these: a, level with 2 others at 1000.0 points."
    assert finding(1000.0) == "a: 1000.0 points, rank 1."
    gone = [history("a", {0: 1000.0}), history("b", {0: 1000.0, 1: 1001.0})]
    assert picture(gone, timeline(range(2))).finding == "Only b is on the last board shown: 1001.0 points."


def test_the_title_says_board_and_dates() -> None:
    board = timeline(range(5))
    assert picture([history("a", {1: 1.0}), history("b", {3: 1.0})], board).title == (
        "Ratings on text / overall, 2026-01-06 to 2026-01-08"
    )
    assert picture([history("a", {1: 1.0})], board).title == "Ratings on text / overall, 2026-01-06"


def test_the_attribution_names_the_dataset_and_its_licence_where_the_ratings_are_of_it() -> None:
    of_dataset = picture([history("a", {0: 1.0})], timeline([0])).attribution
    assert of_dataset.startswith("Data: LMArena leaderboard dataset, ")
    assert of_dataset.endswith("CC-BY-4.0")
    assert "no licence" in picture([history("a", {0: 1.0})], timeline([0], source="arena-catalog")).attribution


def test_what_is_drawn_holds_every_bound_and_a_single_moment_has_room() -> None:
    drawn = picture([history("a", {0: Score(1000.0, 900.0, 1100.0), 1: 1000.0})], timeline(range(2)))
    low, high = drawn.ratings
    assert low < 900.0
    assert high > 1100.0
    assert drawn.span == (moment(0), moment(1))
    alone = picture([history("a", {1: Score(1000.0)})], timeline(range(2)))
    low, high = alone.ratings
    assert high - low >= 10.0
    assert alone.span == (moment(0), moment(2))


def test_a_model_under_two_names_is_drawn_once() -> None:
    old, new = (history(name, {0: 1.0, 1: 2.0}, listed_as="new") for name in ("old", "new"))
    other = history("other", {0: 1.0})
    assert distinct([old, other, new]) == ([old, other], [("new", "old")])


def test_names_from_outside_are_harmless_and_short_labels_keep_both_ends() -> None:
    drawn = picture([history(name, {0: 1.0}) for name in HOSTILE], timeline([0]))
    for series in drawn.series:
        assert series.model.isprintable()
        assert series.label.isprintable()
        assert len(series.label) <= 44
    assert short("made-up-" + "x" * 60 + "-2025-01-01") != short("made-up-" + "x" * 60 + "-2026-01-01")
    assert short("made-up") == "made-up"


def test_nobody_is_named_for_what_the_demonstration_made_up() -> None:
    foot = picture([history("a", {0: 1.0})], timeline([0]), made_up=True).attribution
    assert "made up" in foot
    assert "LMArena" not in foot
