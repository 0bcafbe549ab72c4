"""The chart in Vega-Lite's language: which rows and encodings it has."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from llmhub.arena import Score
from llmhub.charts.frame import NARROW
from llmhub.charts.series import Picture, picture
from llmhub.charts.spec import chart
from llmhub.charts.theme import DARK, DASHES, LIGHT, THEMES, Theme
from tests.charts.pictures import history, timeline


def _layers(spec: dict[str, Any], mark: str, table: str) -> list[dict[str, Any]]:
    return [one for one in spec["layer"] if one["mark"]["type"] == mark and one["data"] == {"name": table}]


@pytest.fixture
def drawn() -> Picture:
    """Return two models, one of which left and came back, on a board that was re-anchored."""
    return picture(
        [history("made-up-a", {0: 1000.0, 1: 1001.0, 3: 1002.0}), history("made-up-b", {1: 1010.0, 2: 1070.0})],
        timeline(range(4), {2: 60.0}),
    )


def test_the_lines_have_a_stretch_a_run_and_a_colour_a_model(drawn: Picture) -> None:
    spec = chart(drawn, LIGHT)
    (line,) = _layers(spec, "line", "dots")
    encoding = line["encoding"]
    assert encoding["detail"]["field"] == "run"
    assert encoding["color"]["field"] == encoding["strokeDash"]["field"] == "series"
    assert encoding["color"]["scale"] == {"domain": [0, 1], "range": list(LIGHT.colours[:2])}
    assert (encoding["color"]["legend"], encoding["strokeDash"]["legend"]) == (None, None)
    assert encoding["x"]["scale"]["type"] == "utc"
    assert [(row["series"], row["run"]) for row in spec["datasets"]["dots"]] == [(0, 0), (0, 0), (0, 1), (1, 0), (1, 1)]


def test_a_moment_alone_has_a_dot_and_a_bar(drawn: Picture) -> None:
    spec = chart(drawn, LIGHT)
    alone = spec["datasets"]["dots"][2]
    assert (alone["run"], alone["dotted"], alone["bounds"]) == (1, True, "bar")
    (bars,) = (one for one in _layers(spec, "rule", "dots"))
    assert bars["transform"] == [{"filter": {"field": "bounds", "equal": "bar"}}]
    (dots,) = _layers(spec, "circle", "dots")
    assert dots["transform"] == [{"filter": {"field": "dotted", "equal": True}}]


def test_bands_go_from_the_lower_to_the_upper_bound_where_both_are_known() -> None:
    scores: dict[int, float | Score] = {0: Score(1000.0), 1: 1001.0, 2: 1002.0, 3: Score(1000.0, None, 1001.0)}
    spec = chart(picture([history("a", scores)], timeline(range(4))), LIGHT)
    (band,) = _layers(spec, "area", "dots")
    encoding = band["encoding"]
    assert (encoding["y"]["field"], encoding["y2"]["field"], encoding["detail"]["field"]) == ("lower", "upper", "band")
    assert band["mark"]["opacity"] < 0.2
    assert [row["bounds"] for row in spec["datasets"]["dots"]] == [None, "band", "band", None]
    unknown = chart(picture([history("a", {0: Score(1000.0)})], timeline([0])), LIGHT)
    assert not _layers(unknown, "area", "dots")
    assert not _layers(unknown, "rule", "dots")


def test_more_than_four_lines_have_no_bands_and_their_last_interval_beside_the_plot_in_columns_of_their_own() -> None:
    four = [history(f"a{n}", {0: 1000.0 + n, 1: 1001.0 + n}) for n in range(4)]
    assert _layers(chart(picture(four, timeline(range(2))), LIGHT), "area", "dots")
    assert not chart(picture(four, timeline(range(2))), LIGHT)["datasets"]["whiskers"]
    many = [*four, history("far", {0: 1200.0, 1: 1201.0}), history("unknown", {1: Score(1000.0)})]
    spec = chart(picture(many, timeline(range(2))), LIGHT)
    assert not _layers(spec, "area", "dots")
    assert {row["bounds"] for row in spec["datasets"]["dots"]} == {None}
    (bars,) = _layers(spec, "rule", "whiskers")
    assert bars["encoding"]["x"]["scale"] is None
    rows = spec["datasets"]["whiskers"]
    assert [row["series"] for row in rows] == [0, 1, 2, 3, 4]
    # The far one covers none of the others, and stands in the first column again.
    assert len({row["pixel"] for row in rows[:4]}) == 4
    assert rows[4]["pixel"] == rows[0]["pixel"]
    assert (rows[4]["lower"], rows[4]["upper"]) == (1196.0, 1206.0)
    (names,) = _layers(spec, "text", "labels")
    assert names["encoding"]["x"]["value"] > max(row["pixel"] for row in rows) + 10


def test_scale_breaks_are_rules_with_their_shift(drawn: Picture) -> None:
    spec = chart(drawn, LIGHT)
    assert [(row["moment"][:10], row["text"]) for row in spec["datasets"]["breaks"]] == [("2026-01-06", "+60.0")]
    assert len(_layers(spec, "rule", "breaks")) == len(_layers(spec, "text", "breaks")) == 1
    assert not _layers(chart(picture([history("a", {0: 1.0})], timeline([0])), LIGHT), "rule", "breaks")


def test_each_line_has_its_name_and_last_rating_beside_the_plot_and_one_that_ended_its_date(drawn: Picture) -> None:
    spec = chart(drawn, LIGHT)
    (names,) = _layers(spec, "text", "labels")
    assert names["encoding"]["text"]["field"] == "text"
    assert [(row["text"].replace("\N{EN SPACE}", "  "), row["early"]) for row in spec["datasets"]["labels"]] == [
        ("made-up-a  1002", False),
        ("made-up-b  1070 on 2026-01-07", True),
    ]


def test_labels_of_lines_that_end_together_do_not_overlap() -> None:
    spec = chart(picture([history(f"a{n}", {0: 900.0, 1: 1000.0}) for n in range(24)], timeline(range(2))), LIGHT)
    (line,) = _layers(spec, "line", "dots")
    low, high = line["encoding"]["y"]["scale"]["domain"]
    pixels = sorted((row["place"] - low) / (high - low) * spec["height"] for row in spec["datasets"]["labels"])
    assert all(upper - lower >= 16 for lower, upper in pairwise(pixels))
    assert (pixels[0] >= 0, pixels[-1] <= spec["height"]) == (True, True)


def test_from_the_ninth_model_on_the_colours_come_again_with_other_dashes() -> None:
    spec = chart(picture([history(f"a{n}", {0: 1.0 * n}) for n in range(24)], timeline([0])), DARK)
    (line,) = _layers(spec, "line", "dots")
    colours = line["encoding"]["color"]["scale"]["range"]
    dashes = [tuple(dash) for dash in line["encoding"]["strokeDash"]["scale"]["range"]]
    assert colours == [*DARK.colours] * 3
    assert dashes == [dash for dash in DASHES for _ in DARK.colours]
    assert len(set(zip(colours, dashes, strict=True))) == 24


def test_hundreds_of_dates_are_marked_only_where_a_line_ends() -> None:
    long = {number: 1000.0 + number for number in range(300)}
    spec = chart(picture([history(f"a{n}", long) for n in range(24)], timeline(range(300))), LIGHT)
    assert len(spec["datasets"]["dots"]) == 24 * 300
    assert sum(row["dotted"] for row in spec["datasets"]["dots"]) == 24


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_title_notes_and_attribution_are_in_the_chart_in_the_colours_of_its_theme(drawn: Picture, theme: Theme) -> None:
    spec = chart(drawn, theme)
    assert (spec["background"], spec["title"]["color"]) == (theme.ground, theme.ink)
    assert spec["title"]["text"] == [drawn.title]
    said = [line.replace("\N{NO-BREAK SPACE}", " ") for line in spec["title"]["subtitle"]]
    assert said[0] == drawn.finding
    assert " ".join(said[1:]) == drawn.notes
    assert spec["datasets"]["foot"] == [{"text": drawn.attribution}]
    assert drawn.title in spec["description"]


def test_on_a_phone_the_chart_is_narrow_and_its_lines_have_numbers_in_place_of_names() -> None:
    """A key below it has the names; whiskers take their room from the plot."""
    few = picture([history("made-up-a", {0: 1000.0}), history("made-up-b", {1: 1010.0})], timeline(range(2)))
    many = picture([history(f"made-up-{n}", {0: 1000.0 + n, 1: 1001.0 + n}) for n in range(6)], timeline(range(2)))
    for drawn, columns in ((few, 0), (many, 6)):
        spec = chart(drawn, LIGHT, shape=NARROW)
        texts = [row["text"] for row in spec["datasets"]["labels"]]
        assert texts[:2] == [
            f"{number + 1}\N{EN SPACE}{one.last.rating:.0f}" for number, one in enumerate(drawn.series[:2])
        ]
        (names,) = _layers(spec, "text", "labels")
        # About 120 pixels are left for the axis and the numbers beside the plot.
        assert names["encoding"]["x"]["value"] <= 275
        assert spec["width"] == NARROW.width - NARROW.whisker * columns
        assert all(len(line) <= 50 for line in (*spec["title"]["text"], *spec["title"]["subtitle"]))
        assert all(len(line) <= 50 for line in spec["datasets"]["foot"][0]["text"].split("\n") if "://" not in line)
        assert spec["datasets"]["dots"] == chart(drawn, LIGHT)["datasets"]["dots"]


def test_only_a_page_says_what_a_point_is_when_it_is_pointed_at(drawn: Picture) -> None:
    assert "tooltip" not in str(chart(drawn, LIGHT))
    spec = chart(drawn, LIGHT, hover=True)
    said = [one["field"] for one in spec["layer"][-1]["encoding"]["tooltip"]]
    assert said == ["model", "listed_as", "day", "rating", "interval", "rank", "votes"]
    row = spec["datasets"]["dots"][0]
    assert [row[field] for field in said] == [
        "made-up-a",
        "made-up-a",
        "2026-01-05",
        1000.0,
        "995.0 to 1005.0",
        1,
        "1,000",
    ]
