"""LiteLLM's price map, asked for at real servers: ETag, limits, the last good copy, and every bad answer."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from llmhub import settings
from llmhub.catalog.sources.litellm_source import load_litellm
from llmhub.web import document
from tests.support.made_up.litellm_maps import answer, map_of, priced
from tests.support.servers.http import LocalServer, Request, Response, hanging, html, ok, redirect, status, truncated

ROWS = {"gpt-x": priced(deprecation_date="2026-10-23"), "gemini/g": priced("gemini")}

WORD = "cheap"


class Site(LocalServer):
    """Serves one answer, which a test may change, and notes what was asked."""

    def __init__(self, said: Response | Callable[[Request], Response]) -> None:
        super().__init__(self._answer)
        self.said = said
        self.asked: list[Request] = []

    def _answer(self, request: Request) -> Response:
        self.asked.append(request)
        return self.said if isinstance(self.said, Response) else self.said(request)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with Site(answer(ROWS)) as server:
        monkeypatch.setenv("LLMHUB_LITELLM_URL", f"{server.url}/map.json")
        yield server


def test_a_plain_file_of_a_repository_is_read_and_its_copy_answers_when_the_site_fails(site: Site) -> None:
    first = load_litellm()
    assert first.status is not None
    assert (first.status.status, first.status.count, sorted(first.offers)) == ("ok", 2, ["google/g", "openai/gpt-x"])
    assert first.offers["openai/gpt-x"].retires_on == "2026-10-23"
    assert settings.litellm_file().stat().st_mode & 0o777 == 0o600
    site.said = status(500)
    second = load_litellm(seconds=0.5)
    assert second.status is not None
    assert (second.status.status, second.offers, second.revision) == ("stale", first.offers, first.revision)
    assert second.status.reason is not None
    assert "using the copy of" in second.status.reason


def test_an_unchanged_map_is_asked_for_by_its_etag_and_not_sent_again(site: Site) -> None:
    def with_etag(request: Request) -> Response:
        if request.headers.get("if-none-match") == '"one"':
            return Response(status=304)
        whole = answer(ROWS)
        return Response(headers=dict(whole.headers) | {"ETag": '"one"'}, body=whole.body)

    site.said = with_etag
    first, second = load_litellm(), load_litellm()
    assert first.offers == second.offers
    assert second.status is not None
    assert second.status.status == "ok"
    assert [request.headers.get("if-none-match") for request in site.asked] == [None, '"one"']


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (html(), "text/html"),
        (ok(b"[]", content_type="text/plain"), "found a list"),
        (ok(b'{"gpt-x": {"litellm_pro', content_type="text/plain"), "not JSON"),
        (truncated(json.dumps(map_of(**ROWS)).encode(), 50), "answer"),
        (ok(b"{}", content_type="application/json"), "no offer with a price"),
        (answer({"gpt-x": priced(input_cost_per_token=WORD)}), "no offer with a price"),
        (status(404), "HTTP 404"),
        (redirect("file:///etc/passwd"), "file"),
    ],
    ids=["page", "list", "half", "cut off", "empty", "no number", "missing", "other scheme"],
)
def test_a_bad_answer_is_a_warning_with_its_reason_and_the_copy_stays(
    said: Response, why: str, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    load_litellm()
    copy = settings.litellm_file().read_bytes()
    site.said = said
    with caplog.at_level(logging.WARNING):
        found = load_litellm(seconds=1)
    assert found.status is not None
    assert found.status.status == "stale"
    assert why in (found.status.reason or "")
    assert sorted(found.offers) == ["google/g", "openai/gpt-x"]
    assert settings.litellm_file().read_bytes() == copy
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_huge_and_an_endless_map_are_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_BYTES", 1_000_000)
    body = Response(headers={"Content-Type": "text/plain"}, body=b" " * 65_536, with_length=False, endless=True)
    site.said = body
    found = load_litellm()
    assert found.status is not None
    assert (found.status.status, dict(found.offers)) == ("failed", {})
    assert "larger than" in (found.status.reason or "")
    site.said = replace(hanging(), headers={"Content-Type": "text/plain"})
    late = load_litellm(seconds=0.2)
    assert late.status is not None
    assert "0.2 s" in (late.status.reason or "")


def test_a_map_that_lost_a_third_is_refused_until_it_is_forced(site: Site) -> None:
    many = {f"gpt-{number}": priced() for number in range(30)}
    site.said = answer(many)
    load_litellm()
    site.said = answer({"gpt-1": priced()})
    refused = load_litellm()
    assert refused.status is not None
    assert (refused.status.status, len(refused.offers)) == ("stale", 30)
    forced = load_litellm(accept_shrunken=True)
    assert forced.status is not None
    assert (forced.status.status, len(forced.offers)) == ("ok", 1)


def test_it_is_not_asked_where_it_is_off_or_offline(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    load_litellm()
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    offline = load_litellm()
    assert offline.status is not None
    assert (offline.status.status, len(offline.offers)) == ("skipped", 2)
    monkeypatch.delenv("LLMHUB_OFFLINE")
    monkeypatch.setenv("LLMHUB_LITELLM_URL", "OFF")
    assert load_litellm().status is None
    assert len(site.asked) == 1
    monkeypatch.setenv("LLMHUB_LITELLM_URL", "ftp://x")
    caplog.clear()
    odd = load_litellm()
    assert odd.status is not None
    assert odd.status.status == "stale"
    assert "LLMHUB_LITELLM_URL is not an http or https address" in (odd.status.reason or "")


def test_what_nobody_waits_for_any_more_writes_nothing_and_warns_of_nothing(
    site: Site, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    given_up = Event()
    given_up.set()
    with caplog.at_level(logging.WARNING):
        load_litellm(given_up=given_up)
        site.said = status(500)
        load_litellm(seconds=0.3, given_up=given_up)
    assert not settings.litellm_file().exists()
    assert not caplog.records
