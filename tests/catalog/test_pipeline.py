"""The catalog as it is built: of three real sources, of what is left of them, and from the cache."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

import llmhub
from llmhub.arena import Score, SnapshotStore
from llmhub.catalog import anyllm_source, arena_source, build_catalog, load_cached_catalog, modelsdev_source, pipeline
from llmhub.catalog.schema import Catalog, SourceStatus
from llmhub.errors import OverridesError, SettingsError
from llmhub.settings import catalog_file, config_dir, overrides_file
from tests.catalog.conftest import Arena, Log, UseScript
from tests.support.made_up.models import catalog_of, line
from tests.support.servers.http import Response, hanging, html, status
from tests.support.servers.sources import OFFERS, SECRET, Sources, listed

BOARD = {"gpt-4.1-2025-04-14": Score(1400.0, 1395.0, 1405.0, 900), "made-up-other": Score(1300.0)}
CALLABLE = [
    *(f"openai/{name}" for name in OFFERS["openai"]),
    "openai/made-up-unheard-of",
    "anthropic/claude-opus-4-1-20250805",
]


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sources]:
    """Serve all sources, and make this process ask them."""
    with Sources() as server:
        server.use(monkeypatch)
        yield server


@pytest.fixture
def rated() -> None:
    """Store a fresh snapshot."""
    with SnapshotStore.open() as store:
        store.add({"text": {"overall": BOARD, "math": BOARD}}, taken_at=datetime.now(UTC) - timedelta(hours=1))


def ids(catalog: Catalog) -> list[str]:
    return [model.canonical_id for model in catalog.models]


def states(catalog: Catalog) -> dict[str, str]:
    return {source.source: source.status for source in catalog.sources}


def source(catalog: Catalog, name: str) -> SourceStatus:
    (found,) = (source for source in catalog.sources if source.source == name)
    return found


@pytest.mark.usefixtures("rated")
def test_a_catalog_is_what_the_three_sources_say(sources: Sources) -> None:
    begun = datetime.now(UTC)
    catalog = build_catalog()
    assert sorted(ids(catalog)) == sorted(CALLABLE)
    assert states(catalog) == {"anyllm": "ok", "modelsdev": "ok", "arena": "ok"}
    assert [source(catalog, name).count for name in ("anyllm", "modelsdev", "arena")] == [5, 4, 2]
    assert begun <= catalog.built_at <= datetime.now(UTC)
    by_id = {model.canonical_id: model for model in catalog.models}
    best = by_id["openai/gpt-4.1"]
    assert (best.arena_score, best.arena_ci_low, best.arena_ci_high) == (1400.0, 1395.0, 1405.0)
    assert (best.quality_tier, best.quality_basis, best.rated_on) == (1, "rated", ("overall", "math"))
    assert (best.price_input_per_million, best.price_output_per_million) == (1.25, 10.0)
    assert (best.context_tokens, best.max_output_tokens) == (400_000, 128_000)
    assert (by_id["openai/gpt-4.1-mini"].arena_score, by_id["openai/gpt-4.1-mini"].quality_basis) == (None, "unknown")
    assert by_id["openai/text-embedding-3-small"].cost_basis == "unknown"
    assert by_id["openai/made-up-unheard-of"].modelsdev_match is not None
    assert by_id["openai/made-up-unheard-of"].modelsdev_match.kind == "none"
    assert catalog.arena_snapshot is not None
    assert (catalog.arena_snapshot.snapshot_id, catalog.arena_snapshot.stale) == (1, False)


@pytest.mark.usefixtures("rated")
def test_ids_with_empty_folders_cost_a_catalog_none_of_its_models(sources: Sources) -> None:
    odd = ("/models/x.gguf", "//", "arn:aws:bedrock:us-east-1::foundation-model/anthropic.x-v1:0", "a//b", "gpt-4.1")
    sources.answers["/openai/models"] = listed(*odd)
    by_id = {model.canonical_id: model for model in build_catalog().models}
    assert {f"openai/{name}" for name in odd} <= by_id.keys()
    assert by_id["openai/gpt-4.1"].arena_score == 1400.0
    for name in odd[:-1]:
        match = by_id[f"openai/{name}"].arena_match
        assert match is not None
        assert match.target is None
        assert "internal" not in match.reason


@pytest.mark.usefixtures("rated")
def test_names_of_keys_are_kept_and_never_their_values(sources: Sources) -> None:
    sources.answers["/openai/models"] = Response(status=401, body=f"no such key: {SECRET}".encode())
    catalog = build_catalog()
    assert {"OPENAI_API_KEY", "ANTHROPIC_API_KEY"} <= set(catalog.key_variables)
    assert SECRET not in catalog_file().read_text(encoding="utf-8")
    (failed,) = (provider for provider in catalog.providers if provider.failed)
    assert (failed.provider, failed.reason) == ("openai", "HTTP 401 (AuthenticationError)")


@pytest.mark.usefixtures("rated")
def test_the_cached_catalog_answers_until_it_is_asked_to_be_new(sources: Sources) -> None:
    first = build_catalog()
    asked = len(sources.requests)
    assert build_catalog() == first == load_cached_catalog()
    assert len(sources.requests) == asked
    sources.answers["/openai/models"] = listed("gpt-4.1")
    assert len(build_catalog(force_refresh=True).models) == 2
    asked = len(sources.requests)
    assert len(build_catalog(ttl_hours=0).models) == 2
    assert len(sources.requests) > asked


@pytest.mark.usefixtures("rated")
def test_the_sources_are_asked_side_by_side(sources: Sources) -> None:
    together = threading.Barrier(2, timeout=8)
    models, document = sources.answers["/openai/models"], sources.answers["/api.json"]

    def meeting(answer: object) -> Response:
        # Breaks, and so makes a 500, unless the other source is being asked at this moment.
        together.wait()
        assert isinstance(answer, Response)
        return answer

    sources.answers["/openai/models"] = lambda: meeting(models)
    sources.answers["/api.json"] = lambda: meeting(document)
    assert states(build_catalog()) == {"anyllm": "ok", "modelsdev": "ok", "arena": "ok"}


@pytest.mark.usefixtures("rated")
@pytest.mark.parametrize("answer", [status(500), html(), Response(body=b'{"openai": "made-up"}')])
def test_without_modelsdev_models_are_rated_by_nothing_and_priced_by_nothing(
    sources: Sources, answer: Response, log: Log
) -> None:
    sources.answers["/api.json"] = answer
    catalog = build_catalog()
    assert sorted(ids(catalog)) == sorted(CALLABLE)
    assert states(catalog) == {"anyllm": "ok", "modelsdev": "failed", "arena": "ok"}
    assert {model.cost_basis for model in catalog.models} == {"unknown"}
    reason = source(catalog, "modelsdev").reason
    assert reason
    assert any(reason in message for _, message in log.said())


@pytest.mark.usefixtures("rated")
def test_without_one_provider_the_others_models_are_there(sources: Sources) -> None:
    sources.answers["/openai/models"] = html()
    catalog = build_catalog()
    assert ids(catalog) == ["anthropic/claude-opus-4-1-20250805"]
    assert states(catalog) == {"anyllm": "partial", "modelsdev": "ok", "arena": "ok"}
    assert "openai" in (source(catalog, "anyllm").reason or "")


def test_without_ratings_prices_are_there(sources: Sources, use_script: UseScript) -> None:
    use_script("raise SystemExit('made-up trouble')")
    catalog = build_catalog()
    assert sorted(ids(catalog)) == sorted(CALLABLE)
    assert states(catalog) == {"anyllm": "ok", "modelsdev": "ok", "arena": "failed"}
    assert "made-up trouble" in (source(catalog, "arena").reason or "")
    assert catalog.arena_snapshot is None
    assert {model.quality_basis for model in catalog.models} == {"unknown"}
    assert {model.cost_basis for model in catalog.models} == {"priced", "unknown"}


def test_stale_ratings_are_used_and_said_to_be_stale(sources: Sources, arena: Arena, use_script: UseScript) -> None:
    use_script("raise SystemExit('made-up trouble')")
    arena.seed(days=3, board=BOARD)
    catalog = build_catalog()
    assert states(catalog)["arena"] == "stale"
    assert catalog.arena_snapshot is not None
    assert catalog.arena_snapshot.stale
    assert [model.arena_score for model in catalog.models if model.model_id == "gpt-4.1"] == [1400.0]


@pytest.mark.usefixtures("rated")
def test_a_source_that_never_answers_stops_none_of_the_others(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_SECONDS_PER_SOURCE", 0.5)
    # Later than the deadline of the pipeline, which is what ends the waiting; the provider's own would come later yet.
    sources.answers["/openai/models"] = hanging()
    catalog = build_catalog()
    assert (ids(catalog), catalog.providers) == ([], ())
    assert states(catalog)["anyllm"] == "failed"
    assert source(catalog, "anyllm").reason == "did not answer within 0.5 s"
    assert source(catalog, "arena").count == 2


@pytest.mark.usefixtures("rated")
def test_a_provider_that_never_answers_costs_no_other_its_list_however_little_time_is_left(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    anyllm_source.list_providers(deadline=10.0)  # imports what any-llm needs: only a wait of a known length is left
    # What is left to the source is shorter than a provider's own deadline.
    monkeypatch.setattr(pipeline, "_SECONDS_PER_SOURCE", 7.0)
    sources.answers["/openai/models"] = hanging()
    catalog = build_catalog()
    assert ids(catalog) == ["anthropic/claude-opus-4-1-20250805"]
    assert {each.provider: each.failed for each in catalog.providers} == {"openai": True, "anthropic": False}


@pytest.mark.usefixtures("rated")
@pytest.mark.parametrize("name", ["anyllm", "modelsdev", "arena"])
def test_a_source_that_raises_anything_stops_none_of_the_others_and_its_words_are_not_told(
    sources: Sources, monkeypatch: pytest.MonkeyPatch, log: Log, name: str
) -> None:
    def broken(*_: object, **__: object) -> object:
        raise RuntimeError(f"the key is {SECRET}")

    owner = {"anyllm": anyllm_source, "modelsdev": modelsdev_source, "arena": arena_source}[name]
    asks = {"anyllm": "list_providers", "modelsdev": "load_modelsdev", "arena": "load_arena_boards"}[name]
    monkeypatch.setattr(owner, asks, broken)
    catalog = build_catalog()
    others = {"anyllm", "modelsdev", "arena"} - {name}
    assert states(catalog) == {name: "failed"} | dict.fromkeys(others, "ok")
    assert source(catalog, name).reason == "internal error (RuntimeError)"
    assert SECRET not in str(log.said()) + catalog.model_dump_json()


def test_with_nothing_at_all_a_catalog_is_built_and_says_why(sources: Sources, use_script: UseScript) -> None:
    use_script("raise SystemExit('made-up trouble')")
    for path in sources.answers:
        sources.answers[path] = status(500)
    catalog = build_catalog()
    assert catalog.models == ()
    assert states(catalog) == dict.fromkeys(("anyllm", "modelsdev", "arena"), "failed")
    assert all(each.reason for each in catalog.sources)


@pytest.mark.usefixtures("rated")
def test_no_provider_configured_is_an_empty_catalog_and_no_failure(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name)
    catalog = build_catalog()
    assert catalog.models == ()
    assert states(catalog) == dict.fromkeys(("anyllm", "modelsdev", "arena"), "ok")
    assert [provider.reason for provider in catalog.providers if provider.provider == "openai"] == [
        "no key: set OPENAI_API_KEY"
    ]


@pytest.mark.usefixtures("rated")
def test_a_setting_that_makes_no_sense_raises(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_PROVIDERS", "opnai")
    with pytest.raises(SettingsError, match=r"'opnai'.*openai"):
        build_catalog()
    assert not catalog_file().exists()


def test_malformed_overrides_raise_before_anybody_is_asked(sources: Sources) -> None:
    config_dir().mkdir(parents=True)
    overrides_file().write_text('{"aliases": 1}', encoding="utf-8")
    with pytest.raises(OverridesError, match="aliases"):
        build_catalog()
    assert sources.requests == []


@pytest.mark.usefixtures("rated")
def test_a_catalog_that_cannot_be_kept_is_returned_all_the_same(sources: Sources, log: Log) -> None:
    # A folder stands where the file should be: for root, too, that cannot be written over.
    (catalog_file() / "in-the-way").mkdir(parents=True)
    assert len(build_catalog().models) == 5
    assert any(level == "WARNING" and "not saved" in message for level, message in log.said())


def test_offline_the_cached_catalog_answers_whatever_its_age(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    old = catalog_of(line("lab/made-up"), built_at=datetime(2025, 1, 1, tzinfo=UTC))
    llmhub.catalog.save_catalog(old)
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    assert build_catalog() == build_catalog(force_refresh=True) == old
    assert sources.requests == []


@pytest.mark.usefixtures("rated")
def test_offline_without_one_the_catalog_is_built_of_what_is_stored_and_not_kept(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_catalog()
    asked = len(sources.requests)
    catalog_file().unlink()
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    catalog = build_catalog()
    assert (catalog.models, states(catalog)) == ((), {"anyllm": "skipped", "modelsdev": "skipped", "arena": "ok"})
    assert source(catalog, "modelsdev").count == 4
    assert len(sources.requests) == asked
    assert not catalog_file().exists()


@pytest.mark.usefixtures("rated")
def test_the_kept_document_is_the_catalog_with_moments_in_utc(sources: Sources) -> None:
    catalog = build_catalog()
    document = json.loads(catalog_file().read_text(encoding="utf-8"))
    assert len(document.pop("seal")) == 2 * sha256().digest_size
    assert document == catalog.model_dump(mode="json")
    moments = [document["built_at"], document["arena_snapshot"]["taken_at"]]
    moments += [each["as_of"] for each in document["sources"]]
    assert all(moment.endswith("Z") for moment in moments)


def test_the_public_names_are_there_and_lead_to_the_same(tmp_path: Path) -> None:
    for name in (
        "build_catalog",
        "load_cached_catalog",
        "load_arena_models",
        "Catalog",
        "CanonicalModel",
        "ArenaModel",
    ):
        assert getattr(llmhub, name) is getattr(llmhub.catalog, name)
        assert name in dir(llmhub)
    assert "open_store" in llmhub.__all__
    with pytest.raises(AttributeError, match="nonsense"):
        _ = llmhub.catalog.nonsense  # type: ignore[attr-defined]
