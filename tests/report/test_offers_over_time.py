"""A report of offers that changed: two refreshes from real servers, then the pages and the feed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Llmhub
from tests.support.checks.atom import entries, problems
from tests.support.checks.pages import read
from tests.support.processes.commands import output
from tests.support.servers.http import ok
from tests.support.servers.sources import SECRET, Sources, listed

pytestmark = pytest.mark.needs_shared

_MODEL = "openai/gpt-4.1-mini"


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Sources]:
    """Return servers that any-llm and models.dev are asked at; the update script brings nothing."""
    script = home / "script.py"
    script.write_text("raise SystemExit('no leaderboard today')")
    monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(script))
    with Sources() as sources:
        sources.use(monkeypatch)
        sources.answers["/openai/models"] = listed("gpt-4.1-mini", "gpt-4.1", "o3", "gpt-4o")
        yield sources


def test_two_refreshes_whose_real_documents_differ_in_one_price_show_exactly_that_in_diff_report_and_feed(
    llmhub: Llmhub, sources: Sources, shared_data: Path, tmp_path: Path
) -> None:
    board = shared_data / "arena-catalog" / "2025-12-11" / "leaderboard-text.json.gz"
    output(llmhub("arena", "import", board))
    packed = (shared_data / "modelsdev" / "api-2025-12-11-few-providers.json.gz").read_bytes()
    document = json.loads(gzip.decompress(packed))
    sources.answers["/api.json"] = ok(json.dumps(document).encode(), content_type="application/json")
    assert llmhub("catalog", "refresh").returncode == 0
    document["openai"]["models"]["gpt-4.1-mini"]["cost"]["output"] = 1.2
    sources.answers["/api.json"] = ok(json.dumps(document).encode(), content_type="application/json")
    assert llmhub("catalog", "refresh").returncode == 0

    (changed,) = json.loads(llmhub("catalog", "diff", "--json", "--all").stdout)["changed"]
    assert (changed["model"], changed["field"], changed["from"], changed["to"]) == (_MODEL, "output", 1.6, 1.2)

    site = tmp_path / "site"
    output(llmhub("report", "-o", site))
    written = {path.name: path for path in site.rglob("*.html")}
    # Parsing all of the pages would take long.
    texts = {name: path.read_text(encoding="utf-8").replace("<wbr>", "") for name, path in written.items()}
    with_change = [name for name, text in texts.items() if _MODEL in text and "−25 %" in text]  # noqa: RUF001 -- a minus
    assert sorted(with_change) == ["changes.html", "gpt-4.1-mini-2025-04-14.html"]
    pages = {name: read(written[name]) for name in with_change}
    assert pages["changes.html"].rows()[0][:5] == [_MODEL, "output", "1.60", "1.20", "−25 %"]  # noqa: RUF001 -- a minus
    drawn = pages["gpt-4.1-mini-2025-04-14.html"].all("text", class_="last output")
    assert {one.text for one in drawn} == {"out $1.20"}

    feed = (site / "changes.atom").read_text(encoding="utf-8")
    assert problems(feed) == []
    told = [entry for entry in entries(feed) if "offer" in entry["content"] or "Prices" in entry["content"]]
    (entry,) = told
    assert entry["title"].endswith(": 1 price changed")
    assert entry["content"].count("<li>") == 1
    assert f"<li>{_MODEL}: output from 1.60 to 1.20 (−25 %)</li>" in entry["content"]  # noqa: RUF001 -- a minus
    for path in site.rglob("*"):
        if path.is_file():
            assert SECRET not in path.read_text(encoding="utf-8")
