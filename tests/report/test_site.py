"""The pages as they are written, without a browser."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from llmhub.arena import Score
from llmhub.catalog import save_catalog
from llmhub.charts.theme import THEMES, ThemeName
from llmhub.report.make import make_report
from llmhub.report.slugs import slug
from tests.offers.offers import offer as known_offer
from tests.report.support import IMAGE, NAMES, RATINGS, hostile_site, offer, save_offers, seed_boards, seed_prices
from tests.support.checks.pages import Page, broken_links, read, read_site
from tests.support.made_up.models import catalog_of
from tests.support.made_up.stored_offers import store_offers
from tests.support.processes.commands import ago, arena_db, board, seed

UNKNOWN = {"", "–unknown"}  # noqa: RUF001 -- a dash
CSS = (Path(__file__).parents[2] / "llmhub" / "report" / "templates" / "report.css").read_text(encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return the folder of a site with something of everything."""
    seed_boards()
    save_offers()
    return make_report(tmp_path / "site").first_page.parent


def sound(folder: Path) -> dict[Path, Page]:
    """Return the pages of a site after checking that each is well-formed, loads nothing, and leads somewhere."""
    pages = read_site(folder)
    assert {path.name: page.problems for path, page in pages.items() if page.problems} == {}
    assert broken_links(pages) == []
    return pages


def test_every_page_is_well_formed_and_every_link_leads_to_a_page(site: Path) -> None:
    pages = sound(site)
    models = {f"{slug(name)}.html" for name in (*RATINGS, "made-up-new", "made-up-later", "made-up-unsure")}
    assert {path.name for path in pages} == models | {
        *("index.html", "prices.html", "changes.html", "about.html", "board-vision.coding.html")
    }
    for page in pages.values():
        table = ["#rows"] if any(one.attributes.get("id") == "rows" for one in page.all("div")) else []
        assert [one.attributes["href"] for one in page.all("a", class_="skip")] == ["#main", *table]
        assert page.all("header")
        assert page.all("footer")
        assert len(page.all("nav", aria_label="Pages")) == 1


def test_names_from_outside_stay_text_on_every_page(tmp_path: Path) -> None:
    pages = sound(hostile_site(tmp_path / "site").parent)
    # One of them is another board.
    assert len(pages) == 5 + len(NAMES)
    for page in pages.values():
        assert not page.all("b")
        assert len(page.all("script")) == 1
        assert all(ord(c) >= 32 or c == "\n" for c in page.path.read_text(encoding="utf-8"))
        assert "\u202e" not in page.path.read_text(encoding="utf-8")
    board_page = pages[(tmp_path / "site" / "index.html").resolve()]
    shown = {row[1] for row in board_page.rows("board")}
    assert IMAGE in shown
    assert {"lab/model", "LAB/MODEL", "%", "日本語", "\\x1b[31mred\\x1b[0m"} <= shown


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else(site: Path) -> None:
    page = read(site / "index.html")
    policy = page.one("meta", http_equiv="Content-Security-Policy").attributes["content"]
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    for name in ("style", "script"):
        digest = b64encode(sha256(page.one(name).text.encode()).digest()).decode()
        assert rules.pop(f"{name}-src") == f"'sha256-{digest}'"
    assert rules == {"default-src": "'none'", "img-src": "data:", "base-uri": "'none'", "form-action": "'none'"}
    # A policy counts from where it stands.
    assert [one.tag for one in page.elements[:5]] == ["html", "head", "meta", "meta", "meta"]


def test_the_board_says_rank_rating_interval_changes_tiers_and_prices_with_their_units(site: Path) -> None:
    page = read(site / "index.html")
    heads = [" ".join(one.text.split()) for one in page.all("th", scope="col")]
    expected = ["Rank", "Model", "Organization", "Rating points", "95 % interval points", "Change points, in 7 days"]
    expected += ["Change points, in 30 days", "Votes battles"]
    expected += [f"{name} tier of 5" for name in ("Quality", "Reasoning", "Creative", "Cost")]
    assert [re.sub(r"(\d{4})+$", "", head) for head in heads] == [
        *expected,
        "In $ / M tokens",
        "Out $ / M tokens",
        "At provider",
    ]
    rows = {row[1]: row for row in page.rows("board")}
    first = rows["made-up-0"]
    assert first[1:4] == ["made-up-0", "Made-Up Labs", "1410.0"]
    # The intervals of the first two touch; that of the model without one says nothing.
    assert [rows[name][0].split() for name in ("made-up-0", "made-up-unsure")] == [
        ["1", "possibly", "1\N{EN DASH}2"],
        ["11"],
    ]
    assert first[4] == "1405.0 to 1415.0"
    # In 7 days nothing, in 30 the shift of the scale alone.
    assert first[5:7] == ["0.0", "0.0as published +10.0"]
    assert first[7:] == ["1,000", "3", "3", "3", "4", "8.00", "24.00", "beta +1"]
    assert rows["made-up-3"][5:7] == ["+30.0 ▲ significant", "+30.0 ▲ significantas published +40.0"]
    assert rows["made-up-new"][5:7] == ["–unknown", "–unknown"]  # noqa: RUF001 -- a dash
    # Followed through its new name.
    assert rows["made-up-later"][6] == "0.0as published +10.0"
    assert rows["made-up-4"][12:14] == ["free", "free"]
    assert rows["made-up-5"][11:14] == ["–unknown"] * 3  # noqa: RUF001 -- a dash


def test_no_table_has_a_column_in_which_nothing_is_known(tmp_path: Path) -> None:
    """Votes, organizations, notes and ratios take room that a phone does not have."""
    names = [f"made-up-{number}" for number in range(4)]
    scores = {name: Score(1360.0 - number, 1300.0, 1410.0) for number, name in enumerate(names)}
    for days in (40, 1):
        scores = {name: score._replace(rating=score.rating - days) for name, score in scores.items()}
        seed(scores, ago(days=days))
        seed(scores, ago(days=days), category="coding")
    limits = {"max_output_tokens": 8_000}
    priced = [
        offer(f"alpha/{name}", name, 2.0 + number, 4.0).model_copy(update=limits) for number, name in enumerate(names)
    ]
    for days in (40, 1):
        came = {one.canonical_id: known_offer(one.canonical_id) for one in priced[: 2 if days == 40 else 4]}
        store_offers(arena_db(), came, taken_at=ago(days=days))
    save_catalog(catalog_of(*priced))
    folder = make_report(tmp_path / "site").first_page.parent
    heads = {}
    for path, page in sound(folder).items():
        for number, table in enumerate(page.all("table")):
            columns = zip(*page.rows_of(table), strict=True)
            known = [any(cell.strip() not in UNKNOWN for cell in column) for column in columns]
            assert all(known), (path.name, number, known)
        heads[path.name] = {" ".join(one.text.split()) for one in page.all("th", scope="col")}
    assert "Unknown here: organizations, votes." in read(folder / "board-text.coding.html").text
    assert {"From", "To", "Note", "Votes battles", "Change percent"}.isdisjoint(heads["made-up-3.html"])
    assert "Votes battles" not in heads["board-text.coding.html"]
    # What is known of any row stays.
    seed(scores | {names[0]: Score(1400.0, 1300.0, 1410.0, 7)}, ago(hours=1), organizations={names[0]: "Invented"})
    page = read(make_report(tmp_path / "site").first_page)
    assert {"Organization", "Votes battles"} <= {" ".join(one.text.split()) for one in page.all("th", scope="col")}


def test_the_page_of_prices_begins_with_what_it_finds_and_a_models_page_with_its_lab(tmp_path: Path) -> None:
    seed(board({"made-up-0": 1400.0, "made-up-1": 1385.5}), ago(days=1))
    lab = {"lab": "acme"}
    save_catalog(
        catalog_of(
            offer("alpha/made-up-0", "made-up-0", 10.0, 30.0).model_copy(update=lab),
            offer("alpha/made-up-1", "made-up-1", 1.0, 3.0),
        )
    )
    folder = make_report(tmp_path / "site").first_page.parent
    found = read(folder / "prices.html").one("p", class_="finding").text
    assert found == (
        "made-up-0 is the best rated with a price: 1400.0 points at $15.00. "
        "made-up-1 is 14.5 points behind for 10 % of the price."
    )
    leads = [read(folder / "models" / f"made-up-{number}.html").one("p", class_="lead").text for number in range(2)]
    assert leads == ["acme, as its offers say", "Organization unknown"]


def test_models_of_the_same_rating_and_price_are_said_to_be_level(tmp_path: Path) -> None:
    ratings = {"made-up-0": 1400.0, "made-up-1": 1400.0, "made-up-2": 1300.0}
    seed(board(ratings), ago(days=1))
    save_catalog(catalog_of(*(offer(f"alpha/{name}", name, rating - 1299.0, 80.0) for name, rating in ratings.items())))
    page = read(make_report(tmp_path / "site").first_page.parent / "prices.html")
    assert page.one("p", class_="finding").text == (
        "made-up-1 is the best rated with a price, level with 1 other: 1400.0 points at $95.75. "
        "made-up-2 is 100.0 points behind for 22 % of the price."
    )


def test_a_models_page_shows_history_boards_prices_and_how_it_was_matched(site: Path) -> None:
    page = read(site / "models" / "made-up-1.html")
    assert page.one("h1").text == "made-up-1"
    assert "scale re-anchored by +10.0" in page.text
    assert "vision / coding" in page.text
    assert "alpha/made-up-1" in page.text
    assert "made-up-1 (exact): the ids say the same" in page.text
    assert "measured: its rating of 1400.0 among all models of text / overall" in page.text
    assert [one.attributes["href"] for one in page.all("a") if one.attributes.get("rel") in {"prev", "next"}] == [
        "made-up-0.html",
        "made-up-3.html",
    ]
    renamed = read(site / "models" / "made-up-later.html")
    assert "listed as made-up-former" in renamed.text


def test_a_models_page_shows_its_prices_over_time_and_the_page_of_changes_has_them_by_day(tmp_path: Path) -> None:
    seed_boards()
    seed_prices()
    save_offers()
    folder = make_report(tmp_path / "site").first_page.parent
    sound(folder)
    page = read(folder / "models" / "made-up-1.html")
    assert [one.text for one in page.all("h2")][:2] == ["Rating over time", "Price over time"]
    titles = [one.text for one in page.all("title")]
    assert sum("likely a correction: taken back on" in one for one in titles) == 2
    assert [row[1:6] for row in page.rows("price-changes")] == [
        ["alpha/made-up-1", "input", "40.00", "20.00", "−50 %"],  # noqa: RUF001 -- a minus
        ["alpha/made-up-1", "input", "20.00", "40.00", "+100 %"],
    ]
    still = read(folder / "models" / "made-up-2.html")
    assert "No change of alpha/made-up-2's prices was recorded since" in still.text
    changes = read(folder / "changes.html")
    days = [one.text for one in changes.all("summary")]
    assert len(days) == 2
    assert "1 price changed, 1 offer went" in days[0]
    assert "3 prices changed, 1 offer came" in days[1]
    assert changes.one("a", type="application/atom+xml").attributes["href"] == "changes.atom"
    prices = read(folder / "prices.html")
    assert "How the frontier moved" in prices.text
    assert len(prices.all("polyline", class_="before")) == 1


def test_the_page_of_prices_has_the_frontier_as_picture_and_table_and_the_others_apart(site: Path) -> None:
    page = read(site / "prices.html")
    rows = page.rows()
    assert [(row[1], row[4], row[8]) for row in rows] == [
        ("made-up-0", "12.00", "yes"),
        ("made-up-1", "35.00", "no"),
        ("made-up-2", "0.175", "yes"),
    ]
    named = [one.text for one in page.all("text") if one.attributes.get("class") in {"label", "end label"}]
    assert named[:2] == ["made-up-2", "made-up-0"]
    points = [one.attributes["data-n"] for one in page.all("a") if "pt" in one.attributes.get("class", "").split()]
    assert sorted(points) == sorted(2 * [f"made-up-{number} made-up labs" for number in range(3)])
    # A bar for each model of the frontier, in the wide picture and in the narrow one.
    assert len(page.all("path", class_="whisker")) == 2 * 2
    assert "Made-Up Labs 3" in [" ".join(one.text.split()) for one in page.all("li")]
    assert "Free 1" in " ".join(page.text.split())
    assert "With an unknown price 1" in " ".join(page.text.split())


def test_the_other_boards_are_one_click_away_and_have_the_prices_and_filters_of_the_first(site: Path) -> None:
    first, other = read(site / "index.html"), read(site / "board-vision.coding.html")
    for page in (first, other):
        links = [
            (one.text, one.attributes["href"]) for one in page.all("a") if one.attributes["href"].startswith(("b", "i"))
        ]
        assert ("text", "index.html") in links
        assert ("vision", "board-vision.coding.html") in links
    assert [row[:4] for row in other.rows("board")] == [
        ["1", "made-up-1", "Made-Up Labs", "1300.0"],
        ["2", "made-up-elsewhere", "–unknown", "1200.0"],  # noqa: RUF001 -- a dash
    ]
    assert other.rows("board")[0][6:] == ["20.00", "80.00"]
    (row,) = (one for one in other.all("tr") if one.attributes.get("data-call"))
    assert {name: value for name, value in row.attributes.items() if name.startswith("data-")} == {
        "data-call": "1",
        "data-lab": "Made-Up Labs",
        "data-can": "tools vision",
        "data-price": "35",
    }
    assert [
        one.attributes["href"].rpartition("/")[2] for one in other.all("a") if "models/" in one.attributes["href"]
    ] == ["made-up-1.html"]


def test_what_is_free_is_said(site: Path) -> None:
    save_catalog(
        catalog_of(
            offer("alpha/made-up-0", "made-up-0", 10.0, 30.0),
            offer("beta/made-up-0:free", "made-up-0", 0.0, 0.0),
            offer("beta/made-up-1:free", "made-up-1", 0.0, 0.0),
        )
    )
    make_report(site)
    prices = " ".join(read(site / "prices.html").text.split())
    assert "1 of them can also be had for free" in prices
    assert "beta/made-up-0:free" in prices
    assert "beta/made-up-1:free" in prices
    rows = {row[1]: row for row in read(site / "index.html").rows("board")}
    assert rows["made-up-0"][-1] == "alpha +1 free too"
    assert rows["made-up-0"][12:14] == ["10.00", "30.00"]
    free = {one.attributes.get("data-free") for one in read(site / "index.html").all("tr")}
    assert free == {None, "1"}


def test_the_life_of_an_offer_and_what_sources_dispute_are_said(site: Path) -> None:
    ending = offer("alpha/made-up-0", "made-up-0", 10.0, 30.0).model_copy(
        update={
            "status": "deprecated",
            "retires_on": "2027-01-31",
            "retires_source": "litellm",
            "replacement": "made-up-1",
            "disputed": ("input", "cache_read"),
        }
    )
    save_catalog(catalog_of(ending, offer("alpha/made-up-1", "made-up-1", 1.0, 3.0)))
    make_report(site)
    text = " ".join(read(site / "models" / "made-up-0.html").text.split())
    assert "deprecated, ends on 2027-01-31; its successor is made-up-1 (says litellm)" in text
    assert "two sources differ on input, cache read" in text
    other = read(site / "models" / "made-up-1.html").text
    assert "Life" not in other
    assert "differ" not in other


def test_what_changed_is_told_with_the_shift(site: Path) -> None:
    page = read(site / "changes.html")
    text = " ".join(page.text.split())
    assert "Came2new" in text
    assert "Went1no longer" in text
    assert "Renamed1same" in text
    assert "Moved significantly1of 8 on both boards; 7 did not move at all" in text
    assert {"made-up-gone", "made-up-former", "made-up-later", "made-up-new"} <= {
        one.text for one in page.all("th", scope="row") + page.all("td")
    }


def test_without_a_catalog_every_page_works_and_says_which_command_brings_what_is_missing(tmp_path: Path) -> None:
    seed_boards()
    pages = sound(make_report(tmp_path / "site").first_page.parent)
    for name in ("index.html", "prices.html", "about.html", "models/made-up-0.html"):
        assert "llmhub catalog refresh" in pages[(tmp_path / "site" / name).resolve()].text
    heads = [one.text for one in pages[(tmp_path / "site" / "index.html").resolve()].all("th", scope="col")]
    assert not any("tier" in head or "$" in head for head in heads)


def test_a_board_alone_says_that_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    seed(board({"made-up-only": 1000.0}), ago(days=1))
    pages = sound(make_report(tmp_path / "site").first_page.parent)
    first, changes = (pages[(tmp_path / "site" / name).resolve()] for name in ("index.html", "changes.html"))
    assert "Change in 7 days and 30 days, since the store has no board that old." in first.text
    assert "Organizations, since no source has named any." in first.text
    assert "has no previous board" in changes.text


def test_an_old_board_is_compared_with_the_one_before_it(tmp_path: Path) -> None:
    seed(board({"made-up-a": 1000.0}), ago(days=400))
    seed(board({"made-up-a": 1007.0}), ago(days=300))
    first = read(make_report(tmp_path / "site").first_page)
    assert "Change in 7 days and 30 days, since the store has no board of about that time." in first.text
    (change,) = (one.text for one in first.all("th", scope="col") if "Change" in one.text)
    assert "since" in change


def test_what_is_made_up_says_so_on_every_page(tmp_path: Path, home: Path) -> None:
    seed(board({"made-up-a": 1000.0}), ago(days=1))
    (home / "llmhub" / "made-up.txt").write_text("made up")
    for page in sound(make_report(tmp_path / "site").first_page.parent).values():
        assert "All of this is made up." in page.text
        assert "lmarena.ai" not in page.one("footer").text


def test_no_path_or_reason_of_the_machine_gets_onto_a_page(site: Path, home: Path) -> None:
    for path in site.rglob("*"):
        if path.is_file():
            assert str(home) not in path.read_text(encoding="utf-8")


# -- colours


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def variables(scheme: ThemeName) -> dict[str, str]:
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    light = dict(re.findall(r"--(\w+): (#\w{6});", blocks[0]))
    return light if scheme == "light" else light | dict(re.findall(r"--(\w+): (#\w{6});", blocks[1]))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_of_wcag_aa(scheme: ThemeName) -> None:
    colours = variables(scheme)
    assert len(colours) == 23
    # The labs' colours are those of the charts: told apart whatever the kind of colour-blindness.
    assert tuple(colours[f"l{number}"] for number in range(8)) == THEMES[scheme].colours
    grounds = [colours[name] for name in ("paper", "raised")]
    for name in ("ink", "muted", "accent", "up", "down", "best"):
        assert all(contrast(colours[name], ground) >= 4.5 for ground in grounds), name
    for name in ("ink", "muted", "accent", "up", "down"):
        assert contrast(colours[name], colours["soft"]) >= 4.5, name
    for number in range(1, 6):
        assert contrast(colours["ink"], colours[f"t{number}"]) >= 4.5, number


def test_the_contrast_is_computed_as_wcag_has_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
