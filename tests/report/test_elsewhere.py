"""The report of a newcomer without a key: prices of what another key would bring."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmhub import settings
from llmhub.catalog.cache import last_catalog
from llmhub.catalog.schema import Match
from llmhub.report.elsewhere import read_elsewhere
from llmhub.report.make import make_report
from tests.report.support import offer, seed_without_a_key
from tests.support.checks.pages import broken_links, read, read_site

GPT, CLAUDE = "gpt-4.1-2025-04-14", "claude-opus-4-1-20250805"
TODAY = "2026-03-01"


def test_the_labs_own_offer_counts_before_equal_ones_then_resellers_then_free_ones_and_retired_ones_last() -> None:
    seed_without_a_key()
    found = read_elsewhere(last_catalog(), today=TODAY)
    assert [one.canonical_id for one in found.offers[GPT]] == [
        "openai/gpt-4.1",
        "azure/gpt-4.1",
        "cheap-tokens/gpt-4.1",
        "github-models/openai/gpt-4.1",
        "openrouter/openai/gpt-4.1",
    ]
    assert [one.canonical_id for one in found.offers[CLAUDE]] == ["anthropic/claude-opus-4-1-20250805"]
    assert set(found.offers) == {GPT, CLAUDE}
    assert "cheap-tokens" not in found.within_reach
    # any-llm's name of it is `github`.
    assert "github-models" in found.within_reach
    assert settings.whole_catalog_file().exists(), "it is kept for the next report"


def test_where_no_provider_within_reach_offers_a_model_its_labs_own_offer_counts_before_cheaper_resellers() -> None:
    seed_without_a_key(known=("anthropic",))
    assert [one.canonical_id for one in read_elsewhere(last_catalog(), today=TODAY).offers[GPT]][:3] == [
        "openai/gpt-4.1",
        "cheap-tokens/gpt-4.1",
        "azure/gpt-4.1",
    ]


def test_what_can_be_called_is_no_offer_elsewhere() -> None:
    match = Match(kind="exact", target="openai/gpt-4.1", reason="made up")
    seed_without_a_key(offer("openai/gpt-4.1", GPT, 2.0, 8.0).model_copy(update={"modelsdev_match": match}))
    assert "openai/gpt-4.1" not in [one.canonical_id for one in read_elsewhere(last_catalog(), today=TODAY).offers[GPT]]


def test_overrides_that_cannot_be_read_are_said_and_the_report_is_made(caplog: pytest.LogCaptureFixture) -> None:
    seed_without_a_key()
    settings.overrides_file().write_text("[]", encoding="utf-8")
    assert read_elsewhere(last_catalog(), today=TODAY).offers == {}
    assert "no prices of models that cannot be called" in caplog.text


def test_without_a_key_the_site_has_prices_a_picture_and_changes_and_says_that_none_can_be_called(
    tmp_path: Path,
) -> None:
    seed_without_a_key()
    site = make_report(tmp_path / "site").first_page.parent
    pages = read_site(site)
    assert {path.name: page.problems for path, page in pages.items() if page.problems} == {}
    assert broken_links(pages) == []
    said = {name: " ".join(read(site / name).text.split()) for name in ("index.html", "prices.html", "changes.html")}
    assert all("None of these can be called with the keys" in said[name] for name in ("index.html", "prices.html"))
    rows = read(site / "index.html").rows("board")
    assert [(row[1], *row[-3:]) for row in rows] == [
        (CLAUDE, "15.00", "75.00", "anthropic"),
        (GPT, "2.00", "8.00", "openai +4 free too"),
        ("made-up", "–unknown", "–unknown", "–unknown"),  # noqa: RUF001 -- a dash
    ]
    called = [one.attributes.get("data-call") for one in read(site / "index.html").all("tr")]
    assert called[-3:] == ["0", "0", None]
    prices = read(site / "prices.html")
    assert [(row[1], row[4], row[8]) for row in prices.rows("priced")] == [
        (CLAUDE, "30.00", "yes"),
        (GPT, "3.50", "yes"),
    ]
    assert "No offer of models.dev was matched to these names" in said["prices.html"]
    # All are of one kind: none is hollow.
    assert not [one for one in prices.all("a") if "away" in one.attributes.get("class", "")]
    assert "4.00" in said["changes.html"]
    assert "openai/gpt-4.1 input" in said["changes.html"].replace("gpt-4.1input", "gpt-4.1 input")
    # A reseller's offer counts nowhere, and stands on the model's page.
    assert "cheap-tokens" not in said["changes.html"]
    model = read(site / "models" / f"{GPT}.html")
    assert "It cannot be called with the keys of the machine" in " ".join(model.text.split())
    assert "cheap-tokens/gpt-4.1" in model.text
    assert "openai/gpt-4.1 its lab's own" in " ".join(model.text.split())


def test_beside_what_can_be_called_the_rest_is_hollow_and_has_a_frontier_of_its_own(tmp_path: Path) -> None:
    match = Match(kind="exact", target="anthropic/claude-opus-4-1-20250805", reason="made up")
    opus = offer("anthropic/claude-opus-4-1", CLAUDE, 15.0, 75.0).model_copy(update={"modelsdev_match": match})
    seed_without_a_key(opus)
    site = make_report(tmp_path / "site").first_page.parent
    prices = read(site / "prices.html")
    assert [(row[1], row[8], row[9]) for row in prices.rows("priced")] == [
        (CLAUDE, "yes", "yes"),
        (GPT, "no", "with a key"),
    ]
    points = {
        one.attributes["data-n"].split()[0]: {"on", "away"} & {*one.attributes["class"].split()}
        for one in prices.all("a")
        if "pt" in one.attributes.get("class", "").split()
    }
    assert points == {CLAUDE: {"on"}, GPT: {"away"}}
    assert len(prices.all("polyline", class_="beyond")) == 2
    index = " ".join(read(site / "index.html").text.split())
    assert "1 modelof 1 that you can call, with a price" in index
    assert "None of these can be called" not in index
    # What changed is told of the callable ones; the other's past stands on its own page.
    days = read(site / "changes.html").text.partition("Day by day")[2].partition("From ")[0]
    assert "anthropic/claude-opus-4-1" in days
    assert "gpt-4.1" not in days
    assert "Price over time" in read(site / "models" / f"{GPT}.html").text


def test_a_store_with_prices_and_no_catalog_has_the_same_prices_and_does_not_say_that_none_can_be_called(
    tmp_path: Path,
) -> None:
    seed_without_a_key()
    settings.catalog_file().unlink()
    made = make_report(tmp_path / "site")
    assert made.catalog_built_at is None
    rows = read(made.first_page).rows("board")
    assert [(row[1], *row[-3:]) for row in rows][:2] == [
        (CLAUDE, "15.00", "75.00", "anthropic"),
        (GPT, "2.00", "8.00", "openai +4 free too"),
    ]
    said = " ".join(read(made.first_page).text.split())
    assert "It is not known what can be called with the keys" in said
    assert "You can call" not in said
