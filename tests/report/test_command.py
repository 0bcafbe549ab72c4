"""`llmhub report` as a child process."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from llmhub.catalog import save_catalog
from tests.conftest import Llmhub
from tests.report.support import offer, save_offers, seed_boards
from tests.support.checks.atom import problems
from tests.support.checks.pages import broken_links, read_site
from tests.support.made_up.models import catalog_of
from tests.support.processes.commands import ago, board, document, error_line, files_in, output, seed


def test_a_site_is_written_and_its_first_page_named(llmhub: Llmhub, tmp_path: Path) -> None:
    seed_boards()
    save_offers()
    run = llmhub("report", "-o", "site")
    first = tmp_path / "elsewhere" / "site" / "index.html"
    said = output(run)
    assert run.stderr == ""
    assert "text / overall: 11 models, snapshot 3" in said
    assert "5 of them can be called" in said
    assert "16 pages" in said
    assert f"first page: {first}\n" in said
    assert first.as_uri() in said
    pages = read_site(first.parent)
    assert [page.problems for page in pages.values() if page.problems] == []
    assert broken_links(pages) == []


def test_json_says_the_same(llmhub: Llmhub, tmp_path: Path) -> None:
    seed_boards()
    save_offers()
    found = document(llmhub("report", "-o", "a folder", "--json"))
    folder = tmp_path / "elsewhere" / "a folder"
    assert found["url"] == (folder / "index.html").as_uri()
    assert (found["folder"], found["first_page"]) == (str(folder), str(folder / "index.html"))
    assert (found["pages"], found["models"], found["removed"]) == (16, 11, 0)
    assert (found["callable"], found["priced"]) == (5, 3)
    assert found["bytes"] == sum(
        path.stat().st_size for pattern in ("*.html", "*.atom") for path in folder.rglob(pattern)
    )
    assert found["feed"] == str(folder / "changes.atom")
    assert (found["leaderboard"], found["category"], found["snapshot"]["id"]) == ("text", "overall", 3)
    assert found["catalog_built_at"].endswith("Z")


def test_without_a_catalog_the_site_is_written_and_the_command_that_builds_one_named(llmhub: Llmhub) -> None:
    seed_boards()
    run = llmhub("report", "-o", "site")
    output(run)
    assert (
        run.stderr
        == "no catalog: prices and tiers are missing; `llmhub catalog refresh` builds one, without a key too\n"
    )
    assert document_of(llmhub("report", "-o", "site", "--json").stdout)["catalog_built_at"] is None


def document_of(text: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(text)
    return found


def test_another_board_can_be_chosen(llmhub: Llmhub, tmp_path: Path) -> None:
    seed_boards()
    output(llmhub("report", "-o", "site", "--leaderboard", "vision", "--category", "coding"))
    models = tmp_path / "elsewhere" / "site" / "models"
    assert files_in(models) == {"made-up-1.html", "made-up-elsewhere.html"}


def test_a_later_report_removes_the_pages_of_models_that_went(llmhub: Llmhub, tmp_path: Path) -> None:
    seed(board({"made-up-a": 1000.0, "made-up-b": 900.0}), ago(days=2))
    output(llmhub("report", "-o", "site"))
    seed(board({"made-up-a": 1000.0}), ago(days=1))
    assert "removed 1 file of the earlier report" in output(llmhub("report", "-o", "site"))
    assert files_in(tmp_path / "elsewhere" / "site" / "models") == {"made-up-a.html"}


@pytest.mark.parametrize(
    ("options", "said"),
    [((), "llmhub arena refresh"), (("--leaderboard", "nowhere"), "nowhere"), (("--category", "no\x1b"), "no\\x1b")],
)
def test_an_empty_store_and_an_unknown_board_are_wrong_usage_and_nothing_is_written(
    llmhub: Llmhub, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    if options:
        seed_boards()
    assert said in error_line(llmhub("report", "-o", "site", *options), 2)
    assert files_in(tmp_path / "elsewhere") == set()


def test_the_feed_has_the_address_that_the_site_will_have_and_another_one_is_refused(
    llmhub: Llmhub, tmp_path: Path
) -> None:
    seed_boards()
    output(llmhub("report", "-o", "site", "--url", "https://example.org/models"))
    feed = (tmp_path / "elsewhere" / "site" / "changes.atom").read_text(encoding="utf-8")
    assert problems(feed) == []
    assert "<id>tag:example.org,2026:models/changes/text/overall</id>" in feed
    for address in (
        "example.org",
        "ftp://example.org/",
        "https://user:secret@example.org/",
        "https://a/?b",
        "https://[",
    ):
        assert "address" in error_line(llmhub("report", "-o", "site", "--url", address), 2)


def test_a_folder_of_others_is_refused(llmhub: Llmhub, tmp_path: Path) -> None:
    seed_boards()
    (tmp_path / "elsewhere" / "notes.txt").write_text("the user's")
    assert "--force" in error_line(llmhub("report", "-o", "."))
    assert files_in(tmp_path / "elsewhere") == {"notes.txt"}


def test_a_folder_has_to_be_named(llmhub: Llmhub) -> None:
    assert "--output" in error_line(llmhub("report"), 2)


def test_a_malformed_catalog_is_told_of_and_left_out(llmhub: Llmhub, home: Path) -> None:
    seed_boards()
    (home / "llmhub" / "catalog.json").write_text('{"catalog_version": 1}')
    run = llmhub("report", "-o", "site")
    output(run)
    assert "catalog.json is malformed" in run.stderr
    assert "prices and tiers are missing" in run.stderr


def test_the_last_catalog_counts_however_old_it_is_and_nothing_is_asked_for(llmhub: Llmhub) -> None:
    seed_boards()
    built_at = datetime(2026, 1, 1, tzinfo=UTC)
    save_catalog(catalog_of(offer("alpha/made-up-0", "made-up-0", 1.0, 5.0), built_at=built_at))
    run = llmhub(
        "report", "-o", "site", "--json", LLMHUB_MODELSDEV_URL="http://127.0.0.1:9/", LLMHUB_ARENA_SCRIPT="/no"
    )
    assert document(run)["catalog_built_at"] == "2026-01-01T00:00:00Z"
