from __future__ import annotations

import pytest

from llmhub.web.proxies import Proxy, proxy_for, unusable_exception

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def test_without_variables_an_address_is_asked_directly() -> None:
    assert proxy_for("https://models.dev/api.json") is None


def test_the_schemes_own_variable_goes_before_that_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy.invalid:1080")
    monkeypatch.setenv("https_proxy", "http://user:secret@proxy.invalid:3128/?x")
    monkeypatch.setenv("HTTPS_PROXY", "http://other.invalid")
    assert proxy_for("http://a.invalid") == Proxy("socks5://proxy.invalid:1080", "ALL_PROXY")
    found = proxy_for("https://a.invalid")
    assert str(found) == "the proxy proxy.invalid:3128 (https_proxy)"


def test_a_proxy_without_a_scheme_speaks_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "proxy.invalid:3128")
    assert proxy_for("http://a.invalid") == Proxy("http://proxy.invalid:3128", "HTTP_PROXY")


@pytest.mark.parametrize(
    ("exceptions", "address", "direct"),
    [
        ("*", "http://a.invalid", True),
        ("a.invalid", "http://A.invalid/x", True),
        ("a.invalid", "http://b.a.invalid", True),
        ("a.invalid", "http://ba.invalid", False),
        (".a.invalid", "http://a.invalid", False),
        (".a.invalid", "http://b.a.invalid", True),
        ("a.invalid:81", "http://a.invalid", False),
        ("a.invalid:80", "http://a.invalid", True),
        ("https://a.invalid", "http://a.invalid", False),
        ("http://a.invalid", "http://a.invalid", True),
        ("http://a.invalid", "http://b.a.invalid", False),
        ("127.0.0.1", "http://127.0.0.1:8080", True),
        ("127.0.0.1:8080", "http://127.0.0.1:8080", True),
        ("127.0.0.1:8080", "http://127.0.0.1:8081", False),
        ("10.0.0.0/8", "http://10.1.2.3", True),
        ("10.0.0.0/8", "http://11.1.2.3", False),
        ("::1", "http://[::1]:8080", True),
        ("[::1]", "http://[::1]:8080", True),
        ("fd00::/8", "http://[fd12::3]", True),
        ("fd00::/8", "http://[fe80::1]", False),
        ("fd00::/8", "http://a.invalid", False),
        (" , x.invalid , a.invalid", "http://a.invalid", True),
        ("[oops", "http://a.invalid", False),
    ],
)
def test_exceptions_are_names_addresses_and_networks(
    monkeypatch: pytest.MonkeyPatch, exceptions: str, address: str, *, direct: bool
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:3128")
    monkeypatch.setenv("NO_PROXY", exceptions)
    assert (proxy_for(address) is None) is direct


@pytest.mark.parametrize(
    ("exceptions", "entry"),
    [("localhost,fd00::/8", "fd00::/8"), ("10.0.0.0/8,::1", None), ("http://a.invalid/x", None), ("", None)],
)
def test_the_exception_at_which_httpx_fails_is_named(
    monkeypatch: pytest.MonkeyPatch, exceptions: str, entry: str | None
) -> None:
    monkeypatch.setenv("NO_PROXY", exceptions)
    assert unusable_exception() == entry
