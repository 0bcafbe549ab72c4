from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from llmhub.doctor import network
from llmhub.doctor.findings import Finding
from tests.support.servers.http import LocalServer, Request, Response, html, ok, redirect, status

SECRET = "sk-made-up-CANARY"  # noqa: S105 -- made up
PATIENCE = 60.0


class Both(LocalServer):
    """Answers for the dataset and for models.dev; `answers` maps a path to what is said instead."""

    def __init__(self) -> None:
        super().__init__(lambda request: self.answers.get(request.path) or self._usual(request))
        self.answers: dict[str, Response] = {}

    def _usual(self, request: Request) -> Response:
        known = {"/main/text/latest-00000-of-00001.parquet", "/api.json"}
        return ok(b"{}", content_type="application/json") if request.path in known else status(404)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    """Serve both sources on this machine."""
    with Both() as both:
        monkeypatch.setenv("LLMHUB_ARENA_SOURCE_URL", f"{both.url}/main")
        monkeypatch.setenv("LLMHUB_MODELSDEV_URL", f"{both.url}/api.json")
        yield both


def look(seconds: float = PATIENCE) -> dict[str, Finding]:
    return {found.check: found for found in network.look(offline=False, seconds=seconds)}


def test_servers_that_answer_are_well_and_say_how_fast(server: Both) -> None:
    found = look()
    assert [one.level for one in found.values()] == ["ok", "ok"]
    assert found["models.dev"].message.startswith(f"{server.url}/api.json answered HTTP 200 in ")
    assert found["models.dev"].message.endswith(" ms")
    assert sorted(request.path for request in server.received) == [
        "/api.json",
        "/main/text/latest-00000-of-00001.parquet",
    ]


def test_an_address_where_nothing_listens_is_an_error_with_the_setting_to_check(
    server: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("LLMHUB_MODELSDEV_URL", f"http://127.0.0.1:{taken.getsockname()[1]}/api.json")
        found = look()
    assert (found["dataset"].level, found["models.dev"].level) == ("ok", "error")
    assert "/api.json: " in found["models.dev"].message
    assert "LLMHUB_MODELSDEV_URL" in str(found["models.dev"].remedy)


def test_a_server_that_hangs_is_given_up(server: Both) -> None:
    server.answers["/api.json"] = Response(delay=600.0)
    found = look(seconds=0.5)
    assert (found["dataset"].level, found["models.dev"].level) == ("ok", "error")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (status(404), "answered HTTP 404"),
        (status(503), "answered HTTP 503"),
        (html(), "answered with a web page: another server may be answering"),
        (redirect("/api.json"), "more than 5 redirects"),
        (redirect("ftp://example.invalid/x"), "redirects to ftp, which is not followed"),
        (redirect("/nowhere"), "answered HTTP 404, redirected to "),
    ],
)
def test_an_answer_that_is_not_what_would_be_downloaded_is_an_error(server: Both, answer: Response, said: str) -> None:
    server.answers["/api.json"] = answer
    found = look()["models.dev"]
    assert found.level == "error"
    assert said in found.message


def test_a_redirect_is_followed_and_told(server: Both) -> None:
    server.answers["/api.json"] = redirect("/elsewhere.json?token=" + SECRET)
    server.answers["/elsewhere.json"] = ok(b"{}", content_type="application/json")
    found = look()["models.dev"]
    assert found.level == "ok"
    assert found.message.endswith(f", redirected to {server.url}/elsewhere.json")


def test_no_password_of_an_address_or_a_proxy_is_shown(server: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    place = server.url.removeprefix("http://")
    monkeypatch.setenv("LLMHUB_MODELSDEV_URL", f"http://user:{SECRET}@{place}/api.json?key={SECRET}")
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"user:{SECRET}@proxy.invalid:3128")
    found = [*look().values(), *network.look_at_environment()]
    assert SECRET not in str(found)
    assert "is set: proxy.invalid:3128" in [one.message for one in found if one.check == "HTTPS_PROXY"]


def test_certificates_that_are_not_there_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/certificates.pem")
    found = {one.check: one for one in network.look_at_environment()}
    assert (found["SSL_CERT_FILE"].level, found["SSL_CERT_FILE"].remedy) == ("error", "correct or unset SSL_CERT_FILE")


def test_an_exception_from_the_proxies_at_which_sdks_fail_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,fd00::/8")
    (found,) = [one for one in network.look_at_environment() if one.level == "error"]
    assert (found.check, found.message.partition(":")[0]) == ("NO_PROXY", "fd00")
    assert "SDKs fail" in found.message


@pytest.mark.parametrize("by_setting", [False, True])
def test_offline_nobody_is_asked(server: Both, monkeypatch: pytest.MonkeyPatch, *, by_setting: bool) -> None:
    if by_setting:
        monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    (found,) = network.look(offline=not by_setting)
    assert (found.level, found.message.partition(":")[0]) == ("ok", "not asked")
    assert server.received == []
