"""A publication that is imported, brought by runs and back-filled is one: real commands against a real server."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.charts.images import texts
from tests.conftest import Llmhub
from tests.support.checks.pages import read
from tests.support.made_up.publications import (
    FULL,
    MODELS,
    Row,
    board_rows,
    row,
    small_publication,
    write_publication,
)
from tests.support.processes.commands import document, output, upstream_json
from tests.support.servers.http import serve_folder

RISER = "made-up-comet"
OLD, NEW, AGAIN = "2026-01-05", "2026-01-09", "2026-01-10"
RATINGS = {model: rating for model, _, _, rating, _ in MODELS}
# With the last real change the one rose past the other, and another model came.
RISEN = RATINGS | {RISER: 1295.0, "made-up-dahlia": 1100.0}


def _rows(ratings: dict[str, float], day: str) -> list[Row]:
    if ratings is RATINGS:
        return board_rows("overall", published_on=day)
    return [row(model, rating, published_on=day) for model, rating in ratings.items()]


@pytest.fixture
def brought(llmhub: Llmhub, tmp_path: Path) -> None:
    """Do what the README says with three publications, of which the last says what the one before says."""
    folder = small_publication(tmp_path / "publication", published_on=AGAIN)
    write_publication(folder, "text", _rows(RISEN, AGAIN))
    days = ((RATINGS, OLD), (RISEN, NEW), (RISEN, AGAIN))
    write_publication(folder, "text", [one for ratings, day in days for one in _rows(ratings, day)], name=FULL)
    files = []
    for ratings, day in days:
        file = tmp_path / "files" / day / "leaderboard-text.json"
        file.parent.mkdir(parents=True)
        file.write_text(upstream_json(ratings))
        files.append(file)
    with serve_folder(folder) as server:
        source = {"LLMHUB_ARENA_SOURCE_URL": server.resolve_url}
        output(llmhub("arena", "import", *files))
        output(llmhub("arena", "refresh", **source))
        output(llmhub("arena", "backfill", **source))
        output(llmhub("arena", "refresh", "--force", **source))


@pytest.mark.usefixtures("brought")
def test_whatever_brings_a_publication_again_the_last_real_change_is_shown_everywhere(
    llmhub: Llmhub, here: Llmhub, tmp_path: Path
) -> None:
    listed = document(llmhub("arena", "history", "--json"))
    assert [(one["source"], one["published_on"]) for one in listed] == [
        ("script", AGAIN),
        ("script", AGAIN),
        *((source, day) for day in (AGAIN, NEW, OLD) for source in ("dataset", "arena-catalog")),
    ]
    found = document(llmhub("arena", "diff", "--json"))
    assert (found["from"]["published_on"], found["to"]["published_on"]) == (OLD, AGAIN)
    assert [one["model"] for one in found["added"]] == ["made-up-dahlia"]
    assert [(one["model"], one["delta"], one["rank_from"], one["rank_to"]) for one in found["changed"]] == [
        (RISER, 94.0, 5, 4)
    ]
    moved = document(llmhub("arena", "movers", "--json"))
    assert ([one["model"] for one in moved["risen"]], moved["fallen"]) == ([RISER], [])
    points = document(llmhub("arena", "history", RISER, "--json"))[RISER]
    assert [(one["published_on"], one["rating"], one["rank"]) for one in points] == [
        (OLD, 1201.0, 5),
        (NEW, 1295.0, 4),
        (AGAIN, 1295.0, 4),
    ]
    # Of each day the source that knows votes; of the last one the run that first brought it.
    assert [listed_one["source"] for one in points for listed_one in listed if listed_one["id"] == one["id"]] == [
        "dataset",
        "dataset",
        "script",
    ]
    every = document(llmhub("arena", "history", RISER, "--all", "--json"))[RISER]
    assert len(every) == 5
    said = output(llmhub("arena", "history", RISER))
    assert f"last seen  {AGAIN}: rating 1295.0, rank 4, in 3 of 3 publications" in said
    _charts_and_report_end_at_the_last_publication(here, tmp_path)


def _charts_and_report_end_at_the_last_publication(here: Llmhub, tmp_path: Path) -> None:
    chart, site = tmp_path / "chart.svg", tmp_path / "site"
    assert "drew 1 model at 3 publications" in output(here("arena", "plot", RISER, "-o", chart))
    words = texts(ET.fromstring(chart.read_bytes()))  # noqa: S314 -- our own file
    assert f"Ratings on text / overall, {OLD} to {AGAIN}" in words
    assert "drew 1 model at 5 snapshots" in output(here("arena", "plot", RISER, "--all", "--force", "-o", chart))
    output(here("report", "-o", site))
    changes = " ".join(read(site / "changes.html").text.split())
    assert "From 5 January 2026 to 10 January 2026, the last two publications that differ." in changes
    assert "Came1new on the board" in changes
    page = read(site / "models" / f"{RISER}.html")
    assert [(line[0], line[1]) for line in page.rows()] == [(AGAIN, "1295.0"), (NEW, "1295.0"), (OLD, "1201.0")]
    assert {one.text[:10] for one in page.all("title") if one.parents[-1] == "circle"} == {OLD, NEW, AGAIN}
