"""A refresh with LiteLLM beside the other sources, asked of real servers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from llmhub import settings
from llmhub.arena import SnapshotStore
from llmhub.catalog import build_catalog
from llmhub.catalog.schema import CanonicalModel, Catalog
from tests.conftest import Llmhub
from tests.support.made_up.litellm_maps import answer, priced
from tests.support.servers.http import Response, hanging, html, status
from tests.support.servers.sources import OFFERS, Sources

GPT, MINI, OPUS = "openai/gpt-4.1", "openai/gpt-4.1-mini", "anthropic/claude-opus-4-1-20250805"
ROWS = {
    "gpt-4.1": priced(deprecation_date="2036-10-23", deprecation_source="https://example.com", successor_model="gpt-5"),
    "gpt-4.1-mini": priced(input_cost_per_token=5e-07, output_cost_per_token=1.6e-06),
    "made-up-unheard-of": priced(input_cost_per_token=7e-07, output_cost_per_token=9e-07),
    "claude-opus-4-1-20250805": priced("anthropic", deprecation_date="2026-01-02"),
}


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Sources]:
    """Return servers for all sources of offers; the arena has no script that brings anything."""
    script = home / "script.py"
    script.write_text("raise SystemExit('no leaderboard today')")
    monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(script))
    with Sources() as sources:
        sources.use(monkeypatch)
        monkeypatch.setenv("LLMHUB_LITELLM_URL", f"{sources.url}/litellm.json")
        sources.answers["/litellm.json"] = answer(ROWS)
        yield sources


def overrides(**content: Any) -> None:
    settings.overrides_file().parent.mkdir(parents=True, exist_ok=True)
    settings.overrides_file().write_text(json.dumps(content))


def models(built: Catalog) -> dict[str, CanonicalModel]:
    return {model.canonical_id: model for model in built.models}


def test_a_refresh_stores_the_second_witness_and_tells_what_the_two_dispute_and_what_ends(sources: Sources) -> None:
    built = build_catalog(force_refresh=True)
    assert [(source.source, source.status) for source in built.sources][-1] == ("litellm", "ok")
    known = models(built)
    assert known[GPT].price_source == "models.dev"
    assert (known[GPT].retires_on, known[GPT].replacement, known[GPT].disputed) == ("2036-10-23", "gpt-5", ())
    assert (known[GPT].retires_source, known[GPT].retires_citation) == ("litellm", "https://example.com")
    assert known[GPT].status is None
    assert known[MINI].price_input_per_million == 0.4, "models.dev's price is shown, and none is averaged"
    assert known[MINI].disputed == ("input",)
    # It is listed after its day, by the provider itself.
    assert known[OPUS].status == "retired"
    assert known[OPUS].disputed == ("input", "output", "retires_on")
    unheard = known["openai/made-up-unheard-of"]
    assert (unheard.price_input_per_million, unheard.price_source) == (0.7, "litellm")
    with SnapshotStore.open() as store:
        assert store.offers("latest", source="litellm")[GPT].retires_on == "2036-10-23"
        (row,) = store.price_history(MINI, source="litellm")[MINI]
        assert row.input == 0.5


def test_overrides_say_whose_price_counts_and_own_prices_go_before_all(sources: Sources) -> None:
    overrides(
        prices_from={MINI: "litellm"},
        prices={
            "openai/gpt-4.1": {"input": 1.0, "output": 4.0, "reason": "our contract of May"},
            "anthropic": {"factor": 0.8, "reason": "20 % off"},
        },
    )
    known = models(build_catalog(force_refresh=True))
    assert (known[MINI].price_input_per_million, known[MINI].price_source) == (0.5, "litellm")
    own = known[GPT]
    assert (own.price_input_per_million, own.price_output_per_million) == (1, 4)
    assert (own.price_source, own.price_reason) == ("overrides.json", "our contract of May")
    assert (known[OPUS].price_input_per_million, known[OPUS].price_reason) == (12, "20 % off")
    assert known[GPT].cost_basis == "priced"


@pytest.mark.parametrize(
    "said",
    [status(500), html(), replace(hanging(), headers={"Content-Type": "text/plain"}), Response(body=b"")],
    ids=["dead", "lying", "slow", "empty"],
)
def test_a_refresh_beside_a_bad_second_witness_brings_the_same_as_without_it(said: Response, sources: Sources) -> None:
    settings.overrides_file().parent.mkdir(parents=True, exist_ok=True)
    sources.answers["/litellm.json"] = said
    built = build_catalog(force_refresh=True)
    (last,) = [source for source in built.sources if source.source == "litellm"]
    assert last.status == "failed"
    assert [source.status for source in built.sources if source.source != "litellm"] == ["ok", "ok", "failed"]
    assert models(built)[GPT].price_input_per_million == OFFERS["openai"]["gpt-4.1"]["cost"]["input"]
    if said.hang:
        assert last.reason == "did not answer while the other sources did; what is stored of it still counts"
    with SnapshotStore.open() as store:
        assert store.offers("latest")[GPT].price_input_per_million == 1.25


def test_a_catalog_is_fresh_for_its_whole_time_without_its_second_witness(sources: Sources, llmhub: Llmhub) -> None:
    sources.answers["/litellm.json"] = status(404)
    found = llmhub("catalog", "refresh")
    assert found.returncode == 0
    assert "LiteLLM" in found.stdout
    assert "failed" in found.stdout
    shown = llmhub("catalog", "show")
    assert "LiteLLM" not in shown.stderr


def test_show_marks_what_ends_and_what_is_disputed_and_filters_by_it(sources: Sources, llmhub: Llmhub) -> None:
    soon = f"{datetime.now(UTC) + timedelta(days=20):%Y-%m-%d}"
    rows = ROWS | {"gpt-4.1": priced(deprecation_date=soon)}
    sources.answers["/litellm.json"] = answer(rows)
    overrides(prices={"openai/made-up-unheard-of": {"input": 0.01, "output": 0.02, "reason": "ours"}})
    assert llmhub("catalog", "refresh").returncode == 0
    shown = llmhub("catalog", "show", "--kind", "all").stdout
    lines = {line.split()[0]: " ".join(line.split()) for line in shown.splitlines() if "/" in line.split(" ")[0]}
    assert f"ends {soon}" in lines[GPT]
    assert "0.40! 1.60 " in lines[MINI] or "$0.40! $1.60 " in lines[MINI]
    assert "retired 2026-01-02!" in lines[OPUS]
    assert "0.01=" in lines["openai/made-up-unheard-of"]
    settings.overrides_file().unlink()
    assert llmhub("catalog", "refresh").returncode == 0
    again = llmhub("catalog", "show", "--kind", "all").stdout
    assert "0.70^" in again
    assert "^ LiteLLM's" in again

    def ids(*options: str) -> set[str]:
        found = json.loads(llmhub("catalog", "show", *options, "--json").stdout)
        return {model["canonical_id"] for model in found["models"]}

    assert ids("--retiring", "30d") == {GPT}
    assert ids("--retiring", "10d") == set()
    assert OPUS not in ids("--no-retired")
    assert GPT in ids("--no-retired")
    assert ids("--retired") == {OPUS}
    picked = llmhub("catalog", "pick", "--search", "gpt-4.1", "--sort", "name")
    assert picked.stdout.strip() == MINI, "what ends within 30 days is passed over"
    told = json.loads(llmhub("catalog", "explain", MINI, "--json").stdout)
    assert told["disputed_prices"] == [{"field": "input", "models.dev": 0.4, "litellm": 0.5}]
    mine = json.loads(llmhub("catalog", "retirements", "--mine", "--json").stdout)
    assert [row["model"] for row in mine] == [GPT]


def test_what_is_imported_shows_in_the_catalog_at_once(sources: Sources, llmhub: Llmhub, tmp_path: Path) -> None:
    sources.answers["/litellm.json"] = status(404)
    assert llmhub("catalog", "refresh").returncode == 0
    notices = tmp_path / "notices-2026-11-01.json"
    row = {"provider": "openai", "model": "gpt-4.1", "status": "deprecated", "shutdown_on": "2036-01-02"}
    notices.write_text(json.dumps([row]))
    assert llmhub("catalog", "import", str(notices)).returncode == 0
    (found,) = json.loads(
        llmhub("catalog", "show", "--search", "gpt-4.1", "--sort", "name", "--top", "1", "--json").stdout
    )["models"]
    told = ("status", "retires_on", "retires_source")
    assert [found[name] for name in told] == ["deprecated", "2036-01-02", "modeldeprecations.dev"]
    later = tmp_path / "notices-2026-11-02.json"
    later.write_text(json.dumps([{"provider": "openai", "model": "gpt-4.1", "status": "active"}]))
    assert llmhub("catalog", "import", str(later)).returncode == 0
    (again,) = json.loads(
        llmhub("catalog", "show", "--search", "gpt-4.1", "--sort", "name", "--top", "1", "--json").stdout
    )["models"]
    assert [again[name] for name in told[:2]] == [None, None], "taken back"
