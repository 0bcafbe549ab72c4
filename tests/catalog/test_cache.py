"""The last built catalog: read back as it was written, and for how long it answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.catalog.cache import (
    load_cached_catalog,
    save_catalog,
    set_variables,
    settings_digest,
    why_not_fresh,
)
from llmhub.catalog.schema import CanonicalModel, Catalog, Match, ProviderStatus, SourceName, SourceState, SourceStatus
from llmhub.catalog.stored.format import CATALOG_VERSION
from llmhub.errors import CacheError
from tests.catalog.conftest import NOON, Freeze, Log
from tests.support.processes.children import start_python

SOURCES: tuple[SourceName, ...] = ("anyllm", "modelsdev", "arena")
KNOWN = ("MADE_UP_API_KEY", "OTHER_API_KEY")


def catalog(built_at: datetime = NOON, **changes: Any) -> Catalog:
    """Return a catalog of one model, of which everything came."""
    model = CanonicalModel(
        canonical_id="made-up/model-1",
        provider="made-up",
        model_id="model-1",
        display_name="Möbius\x1b 1",
        price_input_per_million=0.1,
        context_tokens=128_000,
        quality_tier=1,
        quality_basis="rated",
        reasoning_tier=2,
        reasoning_basis="family",
        creative_tier=3,
        creative_basis="unknown",
        cost_tier=4,
        cost_basis="priced",
        arena_match=Match(kind="none", reason="nothing like it", candidates=("model-2",)),
    )
    sources = tuple(SourceStatus(source=source, status="ok", as_of=NOON, count=1) for source in SOURCES)
    providers = (
        ProviderStatus(provider="made-up", callable=True, models=1),
        ProviderStatus(provider="other", callable=False, reason="no key: set OTHER_API_KEY"),
    )
    whole: dict[str, Any] = {
        "catalog_version": CATALOG_VERSION,
        "built_at": built_at,
        "models": (model,),
        "sources": sources,
        "providers": providers,
        "known_key_variables": KNOWN,
    }
    return Catalog(**whole | changes)


def source(name: SourceName, state: SourceState) -> tuple[SourceStatus, ...]:
    return tuple(SourceStatus(source=each, status=state if each == name else "ok") for each in SOURCES)


@pytest.fixture
def file(home: Path) -> Path:
    """Return the path of catalog.json."""
    return home / "llmhub" / "catalog.json"


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*KNOWN, "MADE_UP_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_a_catalog_is_read_back_as_it_was_saved(file: Path, freeze: Freeze) -> None:
    with freeze(NOON):
        save_catalog(catalog())
        assert load_cached_catalog(24) == catalog()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert json.loads(file.read_bytes())["catalog_version"] == CATALOG_VERSION


def test_a_later_catalog_replaces_it(freeze: Freeze) -> None:
    with freeze(NOON):
        save_catalog(catalog())
        save_catalog(catalog(models=()))
        assert load_cached_catalog(24) == catalog(models=())


def test_without_a_catalog_there_is_none_and_nothing_is_said_or_made(home: Path, log: Log) -> None:
    assert load_cached_catalog(24) is None
    assert log.said() == []
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("ttl_hours", "age", "fresh"),
    [
        (24, timedelta(0), True),
        (24, timedelta(hours=24), True),
        (24, timedelta(hours=24, seconds=1), False),
        (24, timedelta(seconds=-1), False),
        (0.5, timedelta(minutes=31), False),
        (1000, timedelta(days=40), True),
        (0, timedelta(seconds=1), False),
        (-1, timedelta(0), False),
        (float("inf"), timedelta(days=9999), True),
        (float("nan"), timedelta(0), False),
    ],
)
def test_a_catalog_without_failures_is_fresh_for_as_long_as_is_asked_for(
    freeze: Freeze, ttl_hours: float, age: timedelta, *, fresh: bool
) -> None:
    with freeze(NOON):
        save_catalog(catalog(NOON - age))
        assert (load_cached_catalog(ttl_hours) is not None) == fresh


@pytest.mark.parametrize(
    "changes",
    [
        *({"sources": source(name, "failed")} for name in SOURCES),
        {"sources": source("modelsdev", "stale")},
        {"sources": source("arena", "skipped")},
        {"sources": source("anyllm", "partial")},
        {"providers": (ProviderStatus(provider="made-up", callable=False, failed=True, reason="HTTP 401"),)},
    ],
)
@pytest.mark.parametrize(
    ("ttl_hours", "minutes", "fresh"), [(24, 15, True), (24, 15.1, False), (0.1, 5.9, True), (0.1, 6.1, False)]
)
def test_a_degraded_catalog_is_fresh_for_fifteen_minutes_or_the_time_asked_for_if_less(
    freeze: Freeze, changes: dict[str, Any], ttl_hours: float, minutes: float, *, fresh: bool
) -> None:
    with freeze(NOON):
        save_catalog(catalog(NOON - timedelta(minutes=minutes), **changes))
        assert (load_cached_catalog(ttl_hours) is not None) == fresh


def test_a_provider_that_cannot_be_called_does_not_degrade_a_catalog() -> None:
    without_key = (ProviderStatus(provider="other", callable=False, reason="no key: set OTHER_API_KEY"),)
    assert why_not_fresh(catalog(providers=without_key), now=NOON + timedelta(hours=1)) is None


def test_a_catalog_counts_while_the_same_key_variables_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADE_UP_API_KEY", "s3cret")
    built = catalog(key_variables=("MADE_UP_API_KEY",))
    assert why_not_fresh(built, now=NOON) is None
    monkeypatch.setenv("MADE_UP_API_KEY", "another")
    monkeypatch.setenv("OTHER_API_KEY", "")
    monkeypatch.setenv("UNKNOWN_API_KEY", "x")
    assert why_not_fresh(built, now=NOON) is None
    monkeypatch.setenv("OTHER_API_KEY", "s3cret")
    assert why_not_fresh(built, now=NOON) == "since then set: OTHER_API_KEY"
    monkeypatch.delenv("OTHER_API_KEY")
    monkeypatch.setenv("MADE_UP_API_KEY", "")
    assert why_not_fresh(built, now=NOON) == "no longer set: MADE_UP_API_KEY"


def test_a_catalog_counts_while_the_settings_say_the_same(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = ("MADE_UP_BASE_URL",)
    overrides = home / "llmhub" / "overrides.json"
    overrides.parent.mkdir()
    digests = [settings_digest(addresses)]
    for name in ("LLMHUB_PROVIDERS", "LLMHUB_MODELSDEV_URL", "LLMHUB_LITELLM_URL", "MADE_UP_BASE_URL"):
        for value in ("http://127.0.0.1:1/one", "http://127.0.0.1:1/two"):
            monkeypatch.setenv(name, value)
            digests.append(settings_digest(addresses))
    for content in ("", "{}", '{"aliases": {}}'):
        overrides.write_text(content)
        digests.append(settings_digest(addresses))
    # An empty overrides.json says as little as none.
    assert len(set(digests)) == len(digests) - 1
    built = catalog(settings_digest=digests[-1], address_variables=addresses)
    assert why_not_fresh(built, now=NOON) is None
    monkeypatch.setenv("MADE_UP_BASE_URL", "http://127.0.0.1:2/two")
    reason = why_not_fresh(built, now=NOON)
    settings = "LLMHUB_PROVIDERS, LLMHUB_MODELSDEV_URL, LLMHUB_LITELLM_URL"
    assert reason == f"{settings}, a provider's address or {overrides} changed"
    assert why_not_fresh(catalog(), now=NOON) is None, "nobody recorded it"


def test_no_password_gets_into_the_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    digests = set()
    for secret in ("me:one@", "you:t/w@o@"):
        for name in ("LLMHUB_MODELSDEV_URL", "MADE_UP_BASE_URL"):
            monkeypatch.setenv(name, f"https://{secret}h/x?token={secret}")
        digests.add(settings_digest(["MADE_UP_BASE_URL"]))
    assert len(digests) == 1


def test_which_variables_are_set_is_told_in_the_order_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER_API_KEY", "x")
    monkeypatch.setenv("MADE_UP_API_KEY", "y")
    monkeypatch.setenv("EMPTY_API_KEY", "")
    assert set_variables(["OTHER_API_KEY", "EMPTY_API_KEY", "NO_API_KEY", "MADE_UP_API_KEY"]) == (
        "OTHER_API_KEY",
        "MADE_UP_API_KEY",
    )


def test_offline_the_catalog_answers_whatever_its_age_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    old = catalog(NOON - timedelta(days=3000), sources=source("anyllm", "failed"), settings_digest="another")
    save_catalog(old)
    monkeypatch.setenv("OTHER_API_KEY", "x")
    assert load_cached_catalog(24) is None
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    assert load_cached_catalog(24) == old


def test_why_a_catalog_is_built_anew_is_logged(freeze: Freeze, log: Log) -> None:
    failed = (ProviderStatus(provider="groq", callable=False, failed=True),)
    reasons = []
    for built in (
        catalog(NOON - timedelta(hours=25)),
        catalog(NOON + timedelta(hours=1)),
        catalog(NOON - timedelta(hours=1), sources=source("arena", "stale"), providers=failed),
    ):
        with freeze(NOON):
            save_catalog(built)
            assert load_cached_catalog(24) is None
        reasons.append(log.said("INFO")[-1])
    assert reasons == [
        ("INFO", "the catalog is built anew: it is over 24 h old"),
        ("INFO", "the catalog is built anew: it is dated in the future"),
        ("INFO", "the catalog is built anew: it is over 15 min old, and then failed: arena, groq"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b'{"catalog_version": 3}',
        b'{"catalog_version": 0, "models": "elsewhere"}',
        catalog().model_dump_json().replace(f'"catalog_version":{CATALOG_VERSION}', '"catalog_version":7').encode(),
    ],
)
def test_a_catalog_of_another_version_is_none(file: Path, log: Log, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    assert load_cached_catalog(24) is None
    assert f"not {CATALOG_VERSION}: the catalog is built anew" in log.only("INFO")
    save_catalog(catalog(datetime.now(UTC)))
    assert load_cached_catalog(24) is not None


def test_a_catalog_of_the_first_version_answers_only_where_none_can_be_built(
    file: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = json.loads(catalog(datetime.now(UTC)).model_dump_json()) | {"catalog_version": 1}
    new = ("type", "status", "price_tiers", "arena_setting", "predecessor_id", "price_cache_read_per_million")
    for model in document["models"]:
        for name in new:
            del model[name]
    file.parent.mkdir()
    file.write_text(json.dumps(document), encoding="utf-8")
    assert load_cached_catalog(24) is None
    assert log.only("INFO") == "the catalog is built anew: it is of version 1, and this llmhub writes 2"
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    read = load_cached_catalog(24)
    assert read is not None
    assert read.models == catalog().models


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"soon",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        f'{{"catalog_version": {CATALOG_VERSION}}}'.encode(),
        b'{"catalog_version": true}',
        catalog().model_dump_json().encode()[:-30],
        catalog().model_dump_json().replace('"quality_tier":1', '"quality_tier":6').encode(),
        catalog().model_dump_json().replace('"price_input_per_million":0.1', '"price_input_per_million":NaN').encode(),
        catalog().model_dump_json().replace('"2026-03-01T12:00:00Z"', '"0001-01-01T00:00:00+14:00"').encode(),
    ],
)
def test_a_malformed_catalog_is_none_with_a_warning_and_the_next_save_mends_it(
    file: Path, log: Log, content: bytes
) -> None:
    # Only in a folder that llmhub made is a file its own, whatever stands in it.
    save_catalog(catalog())
    file.write_bytes(content)
    assert load_cached_catalog(24) is None
    said = log.only("WARNING")
    assert said.startswith(f"{file} is malformed (")
    assert said.endswith("): the catalog is built anew")
    assert len(said) < 500
    save_catalog(catalog(datetime.now(UTC)))
    assert load_cached_catalog(24) is not None


def test_a_catalog_that_cannot_be_read_is_none_with_a_warning_and_cannot_be_saved(file: Path, log: Log) -> None:
    file.mkdir(parents=True)
    assert load_cached_catalog(24) is None
    assert log.only("WARNING").startswith(f"{file} cannot be read (Is a directory)")
    with pytest.raises(CacheError, match="is there and llmhub did not write it"):
        save_catalog(catalog())


def test_a_catalog_larger_than_any_is_none_with_a_warning(file: Path, log: Log) -> None:
    file.parent.mkdir()
    with file.open("wb") as sparse:
        sparse.truncate((256 << 20) + 1)
    assert load_cached_catalog(24) is None
    assert log.only("WARNING") == f"{file} cannot be read (it is larger than 256 MiB): the catalog is built anew"


@given(st.binary())
def test_any_bytes_are_no_catalog_and_raise_nothing(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("config")
    (folder / "catalog.json").write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LLMHUB_CONFIG_DIR", str(folder))
        assert load_cached_catalog(24) is None


_FROZEN = """
import freezegun, llmhub
with freezegun.freeze_time("2026-03-01 12:00:00", ignore=["filelock", "subprocess"]):
    from datetime import UTC, datetime
    from llmhub.catalog.cache import load_cached_catalog, save_catalog
    from llmhub.catalog.modelsdev_source import load_modelsdev
    from llmhub.catalog.schema import Catalog
    from llmhub.catalog.stored.format import CATALOG_VERSION
    loaded = load_modelsdev(seconds=5)
    now = datetime.now(UTC)
    save_catalog(Catalog(catalog_version=CATALOG_VERSION, built_at=now, models=(), sources=(loaded.status,)))
    catalog = load_cached_catalog(24)
print(catalog.built_at.isoformat(), catalog.sources[0].status)
"""


def test_a_process_that_froze_time_before_it_imported_the_catalog_can_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_MODELSDEV_URL", "http://127.0.0.1:9/nobody")
    assert start_python(_FROZEN) == "2026-03-01T12:00:00+00:00 failed"


def test_reading_a_catalog_imports_neither_any_llm_nor_what_only_writers_need(freeze: Freeze) -> None:
    save_catalog(catalog(datetime.now(UTC)))
    code = (
        "import sys; from llmhub.catalog.cache import load_cached_catalog as load; print(bool(load(24)), *sys.modules)"
    )
    fresh, *modules = start_python(code).split()
    assert fresh == "True"
    assert {"any_llm", "httpx", "filelock", "sqlite3", "sqlmodel", "platformdirs"}.isdisjoint(modules)
