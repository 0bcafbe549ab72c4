"""A source that lost most of itself: models.dev's document keeps its copy, and a provider's list is told."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from llmhub.catalog.modelsdev_source import load_modelsdev
from llmhub.catalog.outcome import failed, require_usable
from llmhub.catalog.pipeline import build_catalog
from llmhub.catalog.schema import ProviderStatus, SourceStatus
from llmhub.catalog.shrinking import measure, shrunk, shrunken_list
from llmhub.errors import SourceError
from tests.catalog.conftest import NOON, Freeze, Log, UseScript
from tests.support.made_up.models import catalog_of
from tests.support.made_up.modelsdev_documents import SOUND, body
from tests.support.servers.http import LocalServer, Response
from tests.support.servers.sources import Sources, listed

Document = dict[str, Any]


def whole() -> Document:
    """Return a document of six providers with ten models each."""
    return {
        f"acme{number}": {"models": {f"m{place}": {**SOUND, "id": f"m{place}"} for place in range(10)}}
        for number in range(6)
    }


def one_provider_left(document: Document) -> None:
    for name in list(document)[1:]:
        del document[name]


def changed_in_all_but_a_few(**fields: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        for provider in list(document.values())[1:]:
            for model in provider["models"].values():
                model.update(copy.deepcopy(fields))

    return change


SHRUNKEN: dict[str, Callable[[Document], None]] = {
    "one provider left": one_provider_left,
    "prices as text": changed_in_all_but_a_few(cost={"input": "1.25", "output": "10"}),
    "prices gone": changed_in_all_but_a_few(cost=None),
    "limits of another type": changed_in_all_but_a_few(limit={"context": "400k", "output": [128]}),
    "entries that are none": changed_in_all_but_a_few(id="another"),
}


class Site:
    """models.dev, with a document that a test may change."""

    def __init__(self) -> None:
        self.document = whole()

    def answer(self, _: object) -> Response:
        return Response(headers={"Content-Type": "application/json"}, body=body(self.document))


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Be asked in place of models.dev."""
    made = Site()
    with LocalServer(made.answer) as server:
        monkeypatch.setenv("LLMHUB_MODELSDEV_URL", f"{server.url}/api.json")
        yield made


@pytest.mark.parametrize("change", SHRUNKEN.values(), ids=SHRUNKEN)
def test_a_document_that_lost_most_of_itself_does_not_replace_the_copy(
    site: Site, home: Path, log: Log, change: Callable[[Document], None]
) -> None:
    load_modelsdev()
    change(site.document)
    for _ in range(2):
        log.capture.clear()
        loaded = load_modelsdev()
        assert (loaded.status.status, len(loaded.models)) == ("stale", 60)
        assert all(model.price_input_per_million == 1.25 for model in loaded.models.values())
        assert json.loads((home / "llmhub" / "modelsdev.json").read_bytes())["document"] == whole()
        (said,) = [message for level, message in log.said() if level == "WARNING"]
        assert "lost more than a third of what can be used (60 models" in said
        assert "10 now" in said or "0 now" in said
        assert "; using the copy of " in said


@pytest.mark.parametrize("kept", [4, 5, 6, 12])
def test_a_document_that_kept_two_thirds_is_taken(site: Site, kept: int) -> None:
    load_modelsdev()
    site.document = {f"acme{number}": whole()["acme0"] for number in range(kept)}
    assert (load_modelsdev().status.status, len(load_modelsdev().models)) == ("ok", kept * 10)


def test_a_shrunken_document_is_taken_when_it_is_asked_for(site: Site) -> None:
    load_modelsdev()
    one_provider_left(site.document)
    assert len(load_modelsdev(accept_shrunken=True).models) == 10
    assert load_modelsdev().status.status == "ok"


def test_a_document_that_stays_small_for_a_week_is_taken_then(site: Site, freeze: Freeze, log: Log) -> None:
    def loaded(days: float) -> str:
        with freeze(NOON + timedelta(days=days)):
            found = load_modelsdev()
            return f"{found.status.status} {len(found.models)}"

    assert loaded(0) == "ok 60"
    one_provider_left(site.document)
    assert [loaded(1), loaded(2), loaded(7.9)] == ["stale 60"] * 3
    log.capture.clear()
    assert loaded(8) == "ok 10"
    assert "60 models before, 10 now: accepted, since it has been so for 7 days" in log.only("WARNING")
    assert loaded(8.1) == "ok 10"


def test_the_week_begins_anew_where_the_document_recovers_or_shrinks_further(site: Site, freeze: Freeze) -> None:
    def loaded(days: float, providers: int) -> str:
        site.document = dict(list(whole().items())[:providers])
        with freeze(NOON + timedelta(days=days)):
            return load_modelsdev().status.status

    assert loaded(0, 6) == "ok"
    assert loaded(1, 3) == "stale"
    assert loaded(2, 6) == "ok"
    assert loaded(8.5, 3) == "stale"
    assert loaded(9, 1) == "stale"
    assert loaded(15.6, 1) == "stale"
    assert loaded(16, 1) == "ok"


def test_another_address_is_another_source(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    load_modelsdev()
    one_provider_left(site.document)
    with LocalServer(site.answer) as elsewhere:
        monkeypatch.setenv("LLMHUB_MODELSDEV_URL", f"{elsewhere.url}/api.json")
        assert (load_modelsdev().status.status, len(load_modelsdev().models)) == ("ok", 10)


def test_the_worst_loss_is_told_and_fields_that_few_have_are_not_looked_at() -> None:
    before = {"models": 90, "models with a release date": 9, "models with an input price": 30}
    assert shrunk(before, before) is None
    assert shrunk(before, before | {"models": 60}) is None
    assert shrunk(before, before | {"models": 59}) == "90 models before, 59 now"
    assert shrunk(before, before | {"models": 59, "models with an input price": 1}) == (
        "30 models with an input price before, 1 now"
    )
    assert shrunk(before, before | {"models with a release date": 0}) is None
    assert shrunk({}, before) is None
    assert measure([])["models"] == 0


def test_a_list_shrank_where_it_lost_more_than_a_third() -> None:
    assert [shrunken_list(9, now) for now in (9, 6, 5, 0)] == [False, False, True, True]
    assert not shrunken_list(2, 0)
    assert not shrunken_list(0, 0)


def test_a_provider_that_suddenly_lists_a_third_says_so_once_and_is_believed(
    use_script: UseScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_script("sys.exit('no leaderboard today')")
    with Sources() as sources:
        sources.use(monkeypatch)
        sources.answers["/openai/models"] = listed(*(f"made-up-{number}" for number in range(9)))
        before = build_catalog(force_refresh=True)
        sources.answers["/openai/models"] = listed("made-up-0", "made-up-1", "made-up-2")
        fewer, later = (build_catalog(force_refresh=True) for _ in range(2))
    reasons = [
        status.reason for made in (before, fewer, later) for status in made.providers if status.provider == "openai"
    ]
    assert reasons == [None, f"lists 3 models, and listed 9 on {before.built_at:%Y-%m-%d}", None]
    assert len([model for model in fewer.models if model.provider == "openai"]) == 3


def outcome(*, statuses: tuple[str, str, str], counts: tuple[int, int, int], models: int = 0) -> Any:
    names = ("anyllm", "modelsdev", "arena")
    sources = tuple(
        SourceStatus.model_validate({"source": name, "status": state, "count": count})
        for name, state, count in zip(names, statuses, counts, strict=True)
    )
    providers = tuple(ProviderStatus(provider=f"p{number}", callable=False, failed=True) for number in range(7))
    made = catalog_of().model_copy(update={"sources": sources, "providers": providers})
    return made.model_copy(update={"models": made.models[:0] if not models else (None,) * models})


def test_a_refresh_that_brought_nothing_is_no_success() -> None:
    with pytest.raises(SourceError, match="nothing usable came of any source"):
        require_usable(outcome(statuses=("ok", "failed", "failed"), counts=(0, 0, 0)))
    with pytest.raises(SourceError, match="no model can be called, since every provider"):
        require_usable(outcome(statuses=("failed", "ok", "ok"), counts=(0, 9, 9)))
    require_usable(outcome(statuses=("ok", "ok", "failed"), counts=(0, 9, 0)))
    require_usable(outcome(statuses=("failed", "ok", "failed"), counts=(0, 9, 0), models=1))
    require_usable(outcome(statuses=("partial", "failed", "failed"), counts=(3, 0, 0), models=3))


def test_what_failed_is_named_up_to_a_few() -> None:
    found = failed(outcome(statuses=("partial", "stale", "failed"), counts=(3, 3, 0)))
    assert found == ["models.dev", "the arena", "p0", "p1", "p2", "4 more"]
