"""A chart of prices: what it shows, and its rows and encodings in Vega-Lite's language."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import log
from typing import Any

import pytest

from llmhub.charts.limits import PRICES
from llmhub.charts.price_spec import chart
from llmhub.charts.prices import PricePicture, dollars, price_picture
from llmhub.charts.theme import DARK, LIGHT, THEMES, Theme
from llmhub.offers.fields import Recorded
from llmhub.offers.history import Change
from tests.offers.offers import offer

FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def on(day: int) -> datetime:
    return FIRST + timedelta(days=day)


def changes(*prices: tuple[int, float | None, str | None], key: str = "acme/a", output: float = 4.0) -> list[Change]:
    """Return an offer's changes of its input price: the day, the price, and why it is likely a correction."""
    return [
        Change(
            Recorded(number, "models.dev", on(day)),
            None if price is None else offer(key, price_input_per_million=price, price_output_per_million=output),
            ("input",) if number else (),
            {"input": note} if note else {},
        )
        for number, (day, price, note) in enumerate(prices)
    ]


def drawn(*prices: tuple[int, float | None, str | None], **options: Any) -> PricePicture:
    return price_picture({"acme/a": changes(*prices)}, on(100), **{"price": "input", **options})


def corners(picture: PricePicture) -> list[tuple[int, float, int, bool]]:
    (series,) = picture.series
    return [((dot.moment - FIRST).days, dot.price, dot.run, dot.changed) for dot in series.dots]


def test_a_price_holds_until_the_next_recorded_one_and_the_last_until_the_last_snapshot() -> None:
    picture = drawn((0, 2.0, None), (30, 1.0, None))
    assert corners(picture) == [(0, 2.0, 0, True), (30, 1.0, 0, True), (100, 1.0, 0, False)]
    assert picture.changes == 1
    assert picture.title == "Prices of input, 2026-01-01 to 2026-04-11"
    assert "correction" not in picture.notes
    assert picture.attribution == "Data: models.dev, https://models.dev, MIT"
    assert "made up" in drawn((0, 2.0, None), made_up=True).attribution


def test_the_finding_says_which_price_moved_most_and_leaves_out_likely_corrections() -> None:
    given = {
        "acme/a": changes((0, 2.0, None), (30, 1.0, None)),
        "acme/b": changes((0, 2.0, None), (30, 2.2, None), key="acme/b"),
        "acme/c": changes((0, 2.0, None), (30, 20.0, "tenfold or more"), key="acme/c"),
    }
    picture = price_picture(given, on(100), price="input")
    assert picture.finding == (
        "Moved most, likely corrections aside: acme/a, from $2.00 to $1.00 since 2026-01-01 (\N{MINUS SIGN}50 %)."
    )
    assert drawn((0, 2.0, None), (30, 3.0, None)).finding == "acme/a, from $2.00 to $3.00 since 2026-01-01 (+50 %)."
    assert drawn((0, 2.0, None)).finding == "No price moved."
    assert drawn((0, 2.0, None), (30, 20.0, "tenfold or more")).finding == ""


def test_the_finding_holds_for_prices_that_became_free_came_back_or_moved_by_as_much_as_others() -> None:
    def finding(**prices: list[float]) -> str:
        given = {}
        for name, each in prices.items():
            monthly = [(30 * number, price, None) for number, price in enumerate(each)]
            given[f"acme/{name}"] = changes(*monthly, key=f"acme/{name}")
        return price_picture(given, on(100), price="input").finding

    since = "since 2026-01-01"
    assert finding(a=[2.0], b=[2.0, 1.9], c=[4.0, 0.0]) == f"Moved most: acme/c, from $4.00 to free {since}."
    assert finding(a=[2.0], b=[0.0, 5.0]) == f"Moved most: acme/b, from free to $5.00 {since}."
    assert finding(a=[2.0, 4.0, 2.0]) == ""
    halved = "(\N{MINUS SIGN}50 %)"
    assert finding(a=[2.0, 1.0], b=[4.0, 2.0], c=[3.0]) == (
        f"Moved most, as 1 other did: acme/a, from $2.00 to $1.00 {since} {halved}."
    )
    assert finding(a=[2.0, 2.01]) == f"acme/a, from $2.00 to $2.01 {since} (+0.5 %)."


def test_a_price_of_whole_cents_has_two_decimals_however_it_was_computed() -> None:
    assert dollars((3 * 0.4 + 1.6) / 4 + 1e-16) == "$0.70"
    assert dollars(0.7000000000000001) == "$0.70"
    assert [dollars(price) for price in (0.305, 0.0475, 12.345, 0.0, None)] == [
        *("$0.305", "$0.0475", "$12.35", "free", "unknown")
    ]


def test_an_offer_that_went_ends_and_one_that_came_back_begins_anew() -> None:
    picture = drawn((0, 2.0, None), (10, None, None), (20, 3.0, None), (50, None, None))
    assert corners(picture) == [(0, 2.0, 0, True), (10, 2.0, 0, False), (20, 3.0, 1, True), (50, 3.0, 1, False)]
    assert picture.series[0].went
    assert "ends where its offer went" in picture.notes


def test_a_likely_correction_is_marked_with_its_reason() -> None:
    picture = drawn((0, 2.0, None), (30, 20.0, "tenfold or more"))
    assert [dot.note for dot in picture.series[0].dots] == [None, "tenfold or more", None]
    assert "hollow" in picture.notes
    kinds = [row["kind"] for row in chart(picture, LIGHT)["datasets"]["dots"]]
    assert kinds == ["change", "correction", "end"]


def test_a_span_cuts_the_lines_and_a_price_that_holds_then_is_drawn_from_there() -> None:
    three = ((0, 2.0, None), (30, 1.0, None), (60, 3.0, None))
    assert corners(drawn(*three, since=on(40))) == [(40, 1.0, 0, False), (60, 3.0, 0, True), (100, 3.0, 0, False)]
    assert corners(drawn(*three, until=on(45))) == [(0, 2.0, 0, True), (30, 1.0, 0, True), (45, 1.0, 0, False)]
    gone = drawn((0, 2.0, None), (10, None, None), since=on(40))
    assert gone.series == ()


def test_the_blended_price_is_three_parts_of_input_and_one_of_output_and_unknown_without_one() -> None:
    picture = drawn((0, 2.0, None), (30, 1.0, "to zero"), price="blended")
    assert [dot.price for dot in picture.series[0].dots] == [2.5, 1.75, 1.75]
    assert picture.series[0].dots[1].note == "to zero"
    assert picture.title.startswith("Blended prices (3 x input + output) / 4")
    unknown = Change(Recorded(0, "models.dev", on(0)), offer(price_output_per_million=None), (), {})
    assert price_picture({"acme/a": [unknown]}, on(9), price="blended").series == ()
    assert set(PRICES) == {
        *("blended", "input", "output", "reasoning", "cache_read", "cache_write", "input_audio", "output_audio")
    }


def test_the_axis_is_logarithmic_where_prices_are_far_apart_and_none_is_free() -> None:
    assert not drawn((0, 2.0, None), (9, 1.0, None)).logarithmic
    far = drawn((0, 20.0, None), (9, 1.0, None))
    assert far.logarithmic
    spec = chart(far, LIGHT)
    line = next(one for one in spec["layer"] if one["mark"]["type"] == "line")
    assert line["mark"]["interpolate"] == "step-after"
    assert line["encoding"]["y"]["scale"]["type"] == "log"
    assert line["encoding"]["y"]["axis"]["values"] == [1.0, 2.0, 5.0, 10.0, 20.0]
    free = drawn((0, 20.0, None), (9, 0.0, None))
    assert not free.logarithmic
    assert free.prices[0] == 0.0
    assert chart(free, LIGHT)["datasets"]["labels"][0]["text"].endswith("free")


@pytest.mark.parametrize("most", [1.0, 40.0])
def test_labels_of_lines_that_end_together_do_not_overlap(most: float) -> None:
    given = {f"acme/{n}": changes((0, most, None), (9, 1.0, None), key=f"acme/{n}") for n in range(24)}
    spec = chart(price_picture(given, on(20), price="input"), DARK)
    axis = next(one for one in spec["layer"] if one["mark"]["type"] == "line")["encoding"]["y"]["scale"]
    low, high = axis["domain"]
    places = sorted(row["place"] for row in spec["datasets"]["labels"])
    shares = [
        log(place / low) / log(high / low) if axis["type"] == "log" else (place - low) / (high - low)
        for place in places
    ]
    assert axis["type"] == ("log" if most > 1 else "linear")
    assert all((upper - lower) * spec["height"] >= 16 for lower, upper in pairwise(shares))
    assert (shares[0] >= -1e-9, shares[-1] <= 1 + 1e-9) == (True, True)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_words_are_in_the_chart_in_the_colours_of_its_theme_and_only_a_page_has_tooltips(theme: Theme) -> None:
    picture = drawn((0, 2.0, None), (30, 1.0, "to zero"))
    spec = chart(picture, theme)
    assert (spec["background"], spec["title"]["text"]) == (theme.ground, [picture.title])
    assert " ".join(spec["title"]["subtitle"]) == picture.notes
    assert "tooltip" not in str(spec)
    said = [one["field"] for one in chart(picture, theme, hover=True)["layer"][-1]["encoding"]["tooltip"]]
    row = spec["datasets"]["dots"][1]
    assert [row[name] for name in said] == ["acme/a", "2026-01-31", "$1.00", "$2.00", "$1.00", "$4.00", "to zero"]


@pytest.mark.parametrize(
    ("prices", "said"),
    [
        ((0.05, 2.0), {"$0.05", "$0.10", "$0.20", "$0.50", "$1", "$2"}),
        ((0.0, 4.0), {"$0", "$1", "$2", "$3", "$4"}),
        ((0.0, 0.004), {"$0", "$0.001", "$0.002"}),
    ],
)
def test_the_axis_has_whole_dollars_or_cents_or_as_many_digits_as_it_takes(
    prices: tuple[float, float], said: set[str]
) -> None:
    convert = pytest.importorskip("vl_convert")
    spec = chart(drawn(*((10 * number, price, None) for number, price in enumerate(prices))), LIGHT)
    texts = set(re.findall(r">(\$[0-9.]+)</text>", convert.vegalite_to_svg(spec)))
    assert said <= texts
