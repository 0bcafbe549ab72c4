"""The site of real leaderboards."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.conftest import Llmhub
from tests.support.checks.pages import broken_links, read_site
from tests.support.effort import by_profile
from tests.support.processes.commands import output

pytestmark = pytest.mark.needs_shared


def test_the_site_of_real_boards_is_sound_and_its_first_page_small(
    llmhub: Llmhub, shared_data: Path, tmp_path: Path
) -> None:
    files = sorted((shared_data / "arena-catalog").glob("2025-1*/leaderboard-*.json.gz"))
    output(llmhub("arena", "import", *files))
    found = json.loads(output(llmhub("report", "-o", tmp_path / "site", "--json")))
    newest = json.loads(
        gzip.decompress((shared_data / "arena-catalog/2025-12-11/leaderboard-text.json.gz").read_bytes())
    )
    assert found["models"] == len(newest["full"]) == 282
    # The other boards have a page each: 28 more of text, and those of four other leaderboards.
    boards = sorted((tmp_path / "site").glob("board-*.html"))
    assert len(boards) > 60
    assert found["pages"] == 282 + 4 + len(boards)
    assert max(path.stat().st_size for path in boards) < 500_000
    assert (tmp_path / "site" / "index.html").stat().st_size < 1_500_000
    pages = read_site(tmp_path / "site", every=by_profile(ci=40, nightly=1))
    assert {path.name: page.problems for path, page in pages.items() if page.problems} == {}
    assert broken_links(pages) == []
    rows = pages[(tmp_path / "site" / "index.html").resolve()].rows("board")
    assert {row[1]: row[2] for row in rows} == {name: f"{row['rating']:.1f}" for name, row in newest["full"].items()}
